import { OptionError } from "../../core/errors.ts";
import { integer } from "../../core/options.ts";
import { checkCommand, type CommandClass, commandClasses, type GuestCommand } from "./commands.ts";

/**
 * What a command came to.
 *
 * @example
 * ```ts
 * import { hostDriver, type CommandReply } from "veelab/virtual-wifi";
 * const reply: CommandReply = hostDriver(2).command(0, { kind: "EEPROM" });
 * console.log(reply.class, reply.forwarded); // local false
 * ```
 */
export interface CommandReply {
  /** Whose matter it was. */
  readonly class: CommandClass;
  /** Whether it went past the device model; if so, the reply comes by an interrupt. */
  readonly forwarded: boolean;
  /** Whether the radio does anything else from now on. */
  readonly changesRadio: boolean;
}

/**
 * What the radio does for all virtual MACs together.
 *
 * @example
 * ```ts
 * import { hostDriver, type RadioPlan } from "veelab/virtual-wifi";
 * const plan: RadioPlan = hostDriver(1).radio();
 * console.log(plan.channels.length, plan.wakeMs, plan.scanning); // 0 null false
 * ```
 */
export interface RadioPlan {
  /** The channels in the order of their first virtual MAC, each with its virtual MACs; more than one take turns. */
  readonly channels: readonly {
    /** Its number. */
    readonly channel: number;
    /** Numbers of virtual MACs. */
    readonly vmacs: readonly number[];
  }[];
  /** The radio may sleep for so long at a time, ms; null: it stays awake. */
  readonly wakeMs: number | null;
  /** Whether it scans. */
  readonly scanning: boolean;
}

/**
 * Who gets a scan's results, and whether another begins.
 *
 * @example
 * ```ts
 * import { hostDriver, type ScanEnd } from "veelab/virtual-wifi";
 * const driver = hostDriver(2);
 * driver.command(1, { kind: "scan" });
 * const end: ScanEnd = driver.endScan();
 * console.log(end.asked, end.told, end.another); // [ 1 ] [ 0, 1 ] false
 * ```
 */
export interface ScanEnd {
  /** Whose request it answers. */
  readonly asked: readonly number[];
  /** Who gets the one set of results: all. */
  readonly told: readonly number[];
  /** Whether requests that came meanwhile begin another. */
  readonly another: boolean;
}

/**
 * The host's driver, augmented for several guests on one radio.
 *
 * @example
 * ```ts
 * import { hostDriver, type HostDriver } from "veelab/virtual-wifi";
 * const driver: HostDriver = hostDriver(2);
 * console.log(driver.rateMbps(0, "ap")); // null
 * ```
 */
export interface HostDriver {
  /** A guest's driver gives a command. O(virtual MACs). */
  readonly command: (vm: number, command: GuestCommand) => CommandReply;
  /** The radio's scan is over. */
  readonly endScan: () => ScanEnd;
  /** What the radio does now. O(virtual MACs · channels). */
  readonly radio: () => RadioPlan;
  /** The rate that a guest set for a peer, Mbps; null where it set none. */
  readonly rateMbps: (vm: number, peer: string) => number | null;
}

interface VirtualMac {
  /** Its peers with their rates. */
  readonly peers: Map<string, number | null>;
  channel: number | null;
  wakeMs: number | null;
  asksForScan: boolean;
}

/**
 * The host's driver, augmented: commands for the device model and for a virtual MAC leave the radio alone; of those for the radio, equal channels
 * are one, different ones take turns; one scan runs at a time, requests that come meanwhile share the next, and all get each scan's
 * results; the radio sleeps only while all allow it, for the shortest of their intervals; rates are kept by virtual MAC and peer. How requests
 * are merged is the model's choice, as the paper's text was not available.
 *
 * @param vmacs - virtual MACs, one a guest: 1 to 64
 * @throws OptionError for a number or command out of range, a guest that is not there, or a peer that it is not associated with
 *
 * @example
 * ```ts
 * import { hostDriver } from "veelab/virtual-wifi";
 * const driver = hostDriver(2);
 * driver.command(0, { kind: "channel", channel: 1 });
 * driver.command(1, { kind: "channel", channel: 6 });
 * console.log(driver.radio().channels.map(({ channel }) => channel)); // [ 1, 6 ]: they take turns
 * ```
 */
export function hostDriver(vmacs: number): HostDriver {
  integer("vmacs", vmacs, { min: 1, max: 64 });
  const macs = Array.from({ length: vmacs }, (): VirtualMac => ({
    ...{ peers: new Map<string, number | null>(), channel: null, wakeMs: null, asksForScan: false },
  }));
  let scanning: readonly number[] | null = null;
  const asking = (): number[] => macs.flatMap(({ asksForScan }, vm) => (asksForScan ? [vm] : []));
  const startScan = (): boolean => {
    const asked = asking();
    if (scanning !== null || asked.length === 0) return false;
    for (const vm of asked) macs[vm]!.asksForScan = false;
    scanning = asked;
    return true;
  };
  const radio = (): RadioPlan => {
    const channels: { channel: number; vmacs: number[] }[] = [];
    for (const [vm, { channel }] of macs.entries()) {
      if (channel === null) continue;
      const shared = channels.find((other) => other.channel === channel);
      if (shared === undefined) channels.push({ channel, vmacs: [vm] });
      else shared.vmacs.push(vm);
    }
    const awake = macs.some(({ wakeMs }) => wakeMs === null);
    return {
      channels,
      wakeMs: awake ? null : Math.min(...macs.map(({ wakeMs }) => wakeMs!)),
      scanning: scanning !== null,
    };
  };
  const known = (mac: VirtualMac, peer: string): void => {
    if (!mac.peers.has(peer)) throw new OptionError("command.peer", "a peer that the guest is associated with", peer);
  };
  const carryOut = (mac: VirtualMac, command: GuestCommand): void => {
    switch (command.kind) {
      case "associate":
        mac.peers.clear();
        mac.peers.set(command.peer, null);
        break;
      case "key":
        known(mac, command.peer);
        break;
      case "rate":
        known(mac, command.peer);
        mac.peers.set(command.peer, command.rateMbps);
        break;
      case "channel":
        mac.channel = command.channel;
        break;
      case "power":
        mac.wakeMs = command.wakeMs;
        break;
      case "scan":
        mac.asksForScan = true;
        startScan();
        break;
    }
  };
  return {
    radio,
    command(vm, command) {
      const mac = macs[integer("vm", vm, { min: 0, max: vmacs - 1 })]!;
      checkCommand("command", command);
      const before = JSON.stringify(radio());
      carryOut(mac, command);
      const of = commandClasses[command.kind];
      return { class: of, forwarded: of !== "local", changesRadio: JSON.stringify(radio()) !== before };
    },
    endScan() {
      if (scanning === null) throw new OptionError("endScan", "a scan that runs", "none");
      const asked = scanning;
      scanning = null;
      return { asked, told: macs.map((_, vm) => vm), another: startScan() };
    },
    rateMbps: (vm, peer) => macs[integer("vm", vm, { min: 0, max: vmacs - 1 })]!.peers.get(peer) ?? null,
  };
}
