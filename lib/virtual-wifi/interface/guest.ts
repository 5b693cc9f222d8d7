import { OptionError } from "../../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions } from "../../core/options.ts";
import { maxPacketBytes } from "../exchange.ts";
import type { Phy } from "../phy.ts";
import { checkTraffic, type Traffic } from "../traffic.ts";
import { checkCommand } from "./commands.ts";
import type { TimedCommand } from "./radio-schedule.ts";

/**
 * A virtual machine with a virtual MAC of its own, or the system of a machine without a hypervisor.
 *
 * @example
 * ```ts
 * import { poisson, saturated, type WirelessGuest } from "veelab/virtual-wifi";
 * const guest: WirelessGuest = {
 *   rateMbps: 54, up: saturated({ packetBytes: 1500 }), echo: poisson({ packetBytes: 84, packetsPerS: 1 }),
 * };
 * console.log(guest.channel ?? 1); // 1
 * ```
 */
export interface WirelessGuest {
  /** The rate of data in either direction, Mbps. */
  readonly rateMbps: number;
  /** Frames in an aggregate, in either direction, at most: as many as wait, and as the layer's limits let it. 1 when not given. */
  readonly aggregate?: number;
  /** Its access point's channel; 1 when not given. */
  readonly channel?: number;
  /** What it sends. Of TCP-like traffic the acknowledgements go the other way, as packets. */
  readonly up?: Traffic;
  /** What its access point sends to it. */
  readonly down?: Traffic;
  /** Requests that the access point answers at once, with as many bytes (ping). */
  readonly echo?: Traffic;
  /** It wakes but so often, ms, 1 or more; when not given, it stays awake. */
  readonly wakeMs?: number;
  /** When it asks for scans, s, ascending. */
  readonly scansAtS?: readonly number[];
}

/** Checks a list of guests at the edge. */
export function checkGuests(guests: readonly WirelessGuest[], phy: Phy): void {
  const list: unknown = guests;
  if (!Array.isArray(list) || list.length === 0 || list.length > 64)
    throw new OptionError("guests", "a list of 1 to 64 guests", list);
  guests.forEach((guest, machine) => {
    const where = `guests[${machine}]`;
    onlyOptions(guest, ["rateMbps", "aggregate", "channel", "up", "down", "echo", "wakeMs", "scansAtS"], where);
    oneOf(`${where}.rateMbps`, guest.rateMbps, phy.ratesMbps);
    if (guest.aggregate !== undefined) integer(`${where}.aggregate`, guest.aggregate, { min: 1 });
    for (const name of ["up", "down", "echo"] as const) {
      const traffic = guest[name];
      if (traffic === undefined) continue;
      if (Array.isArray(traffic))
        throw new OptionError(`${where}.${name}`, "one traffic: a guest has one address", traffic);
      checkTraffic(`${where}.${name}`, traffic);
      if (traffic.recorded !== undefined || name === "echo") checkPlain(`${where}.${name}`, traffic);
      integer(`${where}.${name}.packetBytes`, traffic.packetBytes, { min: 1, max: maxPacketBytes });
      if (traffic.window !== undefined)
        integer(`${where}.${name}.window.ackBytes`, traffic.window.ackBytes, { min: 1, max: maxPacketBytes });
    }
    if (guest.echo?.packetsPerS === Infinity)
      throw new OptionError(`${where}.echo`, "requests at random times", guest.echo.label);
    if (guest.up === undefined && guest.down === undefined && guest.echo === undefined)
      throw new OptionError(where, "traffic: up, down or echo", guest);
    let before = 0;
    (guest.scansAtS ?? []).forEach((atS, at) => {
      if (nonNegative(`${where}.scansAtS[${at}]`, atS) < before)
        throw new OptionError(`${where}.scansAtS[${at}]`, `at least ${before}, the one before`, atS);
      before = atS;
    });
    commandsOf(guest, machine).forEach(({ command }) => {
      checkCommand(where, command);
    });
  });
}

/** Pings, and other stations beside guests, have no window; recorded packets do not go through processor and air together. */
export function checkPlain(name: string, { label, window, recorded }: Traffic): void {
  if (window !== undefined || recorded !== undefined)
    throw new OptionError(name, "traffic as saturated(…) or poisson(…) gives", label);
}

/** What a guest's driver does: it sets the interface up, joins its network, and scans when it is asked to. */
export function commandsOf(guest: WirelessGuest, machine: number): TimedCommand[] {
  const peer = "access point";
  const first: readonly TimedCommand["command"][] = [
    ...([{ kind: "register" }, { kind: "EEPROM" }, { kind: "initialise" }] as const),
    ...([
      { kind: "associate", peer },
      { kind: "key", peer },
      { kind: "rate", peer, rateMbps: guest.rateMbps },
    ] as const),
    { kind: "channel", channel: guest.channel ?? 1 },
    { kind: "power", wakeMs: guest.wakeMs ?? null },
  ];
  return [
    ...first.map((command) => ({ atNs: 0, machine, command })),
    ...(guest.scansAtS ?? []).map((atS) => ({
      ...{ atNs: Math.round(1e9 * atS), machine },
      command: { kind: "scan" } as const,
    })),
  ];
}
