import type { Table } from "apache-arrow";
import { fromRows } from "../../core/table.ts";
import { type Air, channelOf } from "./air.ts";
import type { InterfaceCosts } from "./costs.ts";
import type { DevicePath } from "./device-path.ts";
import type { WirelessGuest } from "./guest.ts";
import type { Host, Stream } from "./host.ts";
import { work } from "./processor-queue.ts";
import type { RadioInterval } from "./radio-schedule.ts";
import type { Phy } from "../phy.ts";

/**
 * A machine with its guests in a row.
 *
 * @example
 * ```ts
 * import type { MultiplexRow } from "veelab/virtual-wifi";
 * const overheadShare = ({ vmmShare, hostShare }: MultiplexRow): number => vmmShare + hostShare;
 * console.log(overheadShare);
 * ```
 */
export type MultiplexRow = {
  /** The path's label. */
  readonly path: string;
  /** The costs' label. */
  readonly costs: string;
  /** The physical layer's label. */
  readonly phy: string;
  /** How many guests. */
  readonly guests: number;
  /** How long it was simulated, ns. */
  readonly timeNs: number;
  /** Bytes of delivered packets, with their IP headers, over the time, both directions, echoes included. */
  readonly throughputMbps: number;
  /** The share of the time that the processor spent on guests' work (natively, on the system's). */
  readonly guestShare: number;
  /** On the hypervisor's: exits, emulation, copies. */
  readonly vmmShare: number;
  /** On the host's driver. */
  readonly hostShare: number;
  /** All three. */
  readonly processorShare: number;
  /** Processor time a delivered packet, ns; null without one. */
  readonly packetNs: number | null;
  /** Parts of work at the processor on average, the one that is served among them. */
  readonly meanWaiting: number;
  /** Exits of all guests: commands, kicks, interrupts. */
  readonly exits: number;
  /** How often guests said that there are frames in a ring. */
  readonly kicks: number;
  /** Interrupts that guests took. */
  readonly interrupts: number;
  /** Frames of the guests and their access points that were on the air, and of these, those in collisions. */
  readonly attempts: number;
  /** See above. */
  readonly collided: number;
  /** The share of the time that the radio neither sent nor heard: null frames, switching, scans, sleep. */
  readonly awayShare: number;
};

/**
 * What {@link multiplex} gives.
 *
 * @example
 * ```ts
 * import type { MultiplexTables } from "veelab/virtual-wifi";
 * const guests = ({ guests: table }: MultiplexTables): number => table.numRows;
 * console.log(guests);
 * ```
 */
export interface MultiplexTables {
  /** The machine in a row. */
  readonly row: MultiplexRow;
  /** A row for each guest: `guest` (from 0), `channel`, `throughputMbps`, `guestNs`, `vmmNs`, `hostNs` (processor time), `kicks`, `interrupts`. */
  readonly guests: Table;
  /**
   * A row for each guest's traffic: `guest`, `direction`, `kind` ("data"; "acknowledgements" of TCP-like data that go the other way; "echo": up the requests, down the answers, whose delay is the round
   * trip's), `traffic`, `packetBytes`; `offered`, and what became of it: `delivered`, `socketDrops` (no room at the socket), `airDrops`
   * (at the access point), `retryDrops`, `ringDrops` (no room in the radio's ring), `waiting`; `throughputMbps`; `meanDelayNs`,
   * `medianDelayNs`, `p99DelayNs`, `maxDelayNs`, from a packet's arrival at socket or access point to its acknowledgement or, down, the guest; `timeouts` of a window.
   */
  readonly streams: Table;
  /** What the radio did: `fromNs`, `untilNs`, `state` ("on", "power save", "switch", "scan", "asleep", "off"), `channel`. */
  readonly radio: Table;
  /** Delays by quantile: `guest`, `direction`, `kind`, `share`, `delayNs`, for shares from 0.01 to 0.99 and 0.999. */
  readonly delays: Table;
}

const shares = [0.01, 0.05, ...Array.from({ length: 9 }, (_, tenth) => (tenth + 1) / 10), 0.95, 0.99, 0.999];

/** What a run has come to. */
export interface MultiplexRun {
  readonly host: Host;
  readonly streams: readonly Stream[];
  readonly air: Air;
  readonly radio: readonly RadioInterval[];
  readonly timeNs: number;
}

/** The run as tables. */
export function tablesOf(
  guests: readonly WirelessGuest[],
  { path, costs, phy }: { readonly path: DevicePath; readonly costs: InterfaceCosts; readonly phy: Phy },
  { host, streams, air, radio, timeNs }: MultiplexRun,
): MultiplexTables {
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, number) => all + number, 0);
  const mbps = (stream: number): number =>
    (8000 * host.delivered[stream]! * streams[stream]!.traffic.packetBytes) / timeNs;
  const spent = (kind: number): number => sum(guests.map((_, machine) => host.spentNs(machine, kind)));
  const [guestNs, vmmNs, hostNs] = [spent(work.guest), spent(work.vmm), spent(work.host)];
  const delivered = sum(host.delivered);
  const onAir = [...air.channels.values()].map((channel) => channel.counts());
  const exits = (machine: number): number =>
    (path.deviceModel === "none" ? 0 : host.commands[machine]!) +
    path.exitsPerKick * host.kicks[machine]! +
    path.exitsPerInterrupt * host.interrupts[machine]!;
  const away = radio.filter(({ state }) => state !== "on" && state !== "off");
  return {
    row: {
      ...{ path: path.label, costs: costs.label, phy: phy.label, guests: guests.length, timeNs },
      throughputMbps: sum(streams.map((_, stream) => mbps(stream))),
      ...{ guestShare: guestNs / timeNs, vmmShare: vmmNs / timeNs, hostShare: hostNs / timeNs },
      processorShare: (guestNs + vmmNs + hostNs) / timeNs,
      packetNs: delivered === 0 ? null : (guestNs + vmmNs + hostNs) / delivered,
      meanWaiting: host.processor.waitedNs / timeNs,
      exits: sum(guests.map((_, machine) => exits(machine))),
      ...{ kicks: sum(host.kicks), interrupts: sum(host.interrupts) },
      attempts: sum(onAir.map(({ attempts }) => attempts)),
      collided: sum(onAir.map(({ collided }) => collided)),
      awayShare: sum(away.map(({ fromNs, untilNs }) => Math.min(untilNs, timeNs) - fromNs)) / timeNs,
    },
    guests: fromRows(
      guests.map((guest, machine) => ({
        ...{ guest: machine, channel: channelOf(guest) },
        throughputMbps: sum(streams.map((stream, number) => (stream.machine === machine ? mbps(number) : 0))),
        ...{ guestNs: host.spentNs(machine, work.guest), vmmNs: host.spentNs(machine, work.vmm) },
        ...{ hostNs: host.spentNs(machine, work.host), exits: exits(machine) },
        ...{ kicks: host.kicks[machine]!, interrupts: host.interrupts[machine]! },
      })),
    ),
    streams: fromRows(
      streams.map(({ machine, direction, kind, traffic }, stream) => ({
        ...{ guest: machine, direction, kind, traffic: traffic.label, packetBytes: traffic.packetBytes },
        ...{ offered: host.offered[stream]!, delivered: host.delivered[stream]! },
        ...{ socketDrops: host.socketDrops[stream]!, airDrops: host.airDrops[stream]! },
        ...{ retryDrops: host.retryDrops[stream]!, ringDrops: host.ringDrops[stream]!, waiting: host.waiting(stream) },
        throughputMbps: mbps(stream),
        meanDelayNs: host.delivered[stream] === 0 ? null : host.delaySumNs[stream]! / host.delivered[stream]!,
        ...{ medianDelayNs: host.delays.quantile(0.5, stream, stream + 1) },
        ...{ p99DelayNs: host.delays.quantile(0.99, stream, stream + 1) },
        maxDelayNs: host.delivered[stream] === 0 ? null : host.delayMaxNs[stream]!,
        timeouts: host.connections.timeouts[stream]!,
      })),
    ),
    radio: fromRows(radio.map((interval) => ({ ...interval }))),
    delays: fromRows(
      streams.flatMap(({ machine, direction, kind }, stream) =>
        shares.map((share) => ({
          ...{ guest: machine, direction, kind, share },
          delayNs: host.delays.quantile(share, stream, stream + 1),
        })),
      ),
    ),
  };
}
