import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { exchange, type Exchange, maxPacketBytes, mostFrames } from "./exchange.ts";
import type { Phy } from "./phy.ts";
import { checkTraffic, type Traffic } from "./traffic.ts";

/**
 * A station of an access point, and its traffic.
 *
 * @example
 * ```ts
 * import { poisson, saturated, type Station } from "veelab/virtual-wifi";
 * const station: Station = {
 *   rateMbps: 54, up: saturated({ packetBytes: 1500 }), down: poisson({ packetBytes: 200, packetsPerS: 50 }),
 * };
 * console.log(station.rateMbps);
 * ```
 */
export interface Station {
  /** The rate of data in either direction, Mbps. */
  readonly rateMbps: number;
  /**
   * Frames in an aggregate, in either direction, at most: as many as wait, and as the layer's limits let it. They are sent again as they are. 1 when not
   * given.
   */
  readonly aggregate?: number;
  /** What it sends to the access point; a list where it has several addresses: one contender, which serves them in turn. */
  readonly up?: Traffic | readonly Traffic[];
  /** What the access point sends to it; a list where it has several addresses. */
  readonly down?: Traffic | readonly Traffic[];
  /**
   * When it is not on the channel (its radio sleeps, or is on another one), ascending. It begins no exchange then, its backoff stops, and the
   * access point keeps what comes for it; one that is under way is completed. Back again it waits for DIFS first.
   */
  readonly away?: readonly Interval[];
}

/**
 * A time from one instant on and before another, whole ns.
 *
 * @example
 * ```ts
 * import { contend, phy11a, saturated, type Interval } from "veelab/virtual-wifi";
 * // 50 ms here, 50 ms away.
 * const away = Array.from({ length: 10 }, (_, at): Interval => ({ fromNs: (100 * at + 50) * 1e6, untilNs: (100 * at + 100) * 1e6 }));
 * const up = saturated({ packetBytes: 1500 });
 * const { row } = contend([{ rateMbps: 54, up, away }], { phy: phy11a, seconds: 1 });
 * console.log(Math.round(row.throughputMbps)); // 15
 * ```
 */
export interface Interval {
  /** The first ns of it. */
  readonly fromNs: number;
  /** The first ns after it. */
  readonly untilNs: number;
}

/** Traffic of one direction, with its times. */
export interface Flow {
  /** The station's number, from 0. */
  readonly station: number;
  readonly direction: "up" | "down";
  /** Which of the station's addresses, from 0. */
  readonly address: number;
  readonly rateMbps: number;
  readonly traffic: Traffic;
  /** Whether it is the acknowledgements of that traffic, which goes the other way. */
  readonly isAcks: boolean;
  readonly packetBytes: number;
  readonly times: Exchange;
  /** Of one frame, of two in an aggregate, and so on; of recorded packets, one by one. */
  readonly exchanges: readonly Exchange[];
  readonly away: readonly Interval[];
}

/** An access point gives out so many association identifiers (IEEE 802.11; recalled, high). */
const maxStations = 2007;

/** So many addresses a station has at most: a limit of memory. */
const maxAddresses = 256;

/** The flows of stations, checked: those up in the order of the stations and their addresses, a station's acknowledgements after its own; then those down. `nameOf` is a station's name in errors. */
export function flowsOf(
  stations: readonly Station[],
  phy: Phy,
  ackRateMbps: number | undefined,
  nameOf = (station: number): string => `stations[${station}]`,
): Flow[] {
  const list: unknown = stations;
  if (!Array.isArray(list) || list.length === 0 || list.length > maxStations)
    throw new OptionError("stations", `a list of 1 to ${maxStations} stations`, list);
  const acks = ackRateMbps === undefined ? {} : { ackRateMbps };
  const known = new Map<string, readonly Exchange[]>();
  const exchangesOf = (rateMbps: number, packetBytes: number, wanted: number): readonly Exchange[] => {
    const key = `${rateMbps} ${packetBytes} ${wanted}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const most = mostFrames(phy, rateMbps, packetBytes, wanted);
    const exchanges = Array.from({ length: most }, (_, at) =>
      exchange({ phy, rateMbps, packetBytes, aggregate: at + 1, ...acks }),
    );
    known.set(key, exchanges);
    return exchanges;
  };
  const flowOf = (given: Station, station: number, direction: "up" | "down", isAcks: boolean): Flow[] => {
    const way = isAcks === (direction === "up") ? "down" : "up";
    const of = given[way];
    if (of === undefined) return [];
    const where = `${nameOf(station)}.${way}`;
    const { rateMbps, away = [], aggregate = 1 } = given;
    return listOf(where, of).flatMap((traffic, address) => {
      const name = Array.isArray(of) ? `${where}[${address}]` : where;
      const { window, recorded } = traffic;
      if (isAcks && window === undefined) return [];
      const packetBytes = isAcks ? window!.ackBytes : traffic.packetBytes;
      const one = exchangesOf(rateMbps, packetBytes, 1)[0]!;
      const exchanges =
        recorded?.map((packet, at) => {
          const own = `${name}.recorded[${at}]`;
          const rate = oneOf(`${own}.rateMbps`, packet.rateMbps ?? rateMbps, phy.ratesMbps);
          integer(`${own}.packetBytes`, packet.packetBytes, { min: 1, max: packetBytes });
          return exchangesOf(rate, packet.packetBytes, 1)[0]!;
        }) ?? exchangesOf(rateMbps, packetBytes, aggregate);
      return [{ station, direction, address, rateMbps, traffic, isAcks, packetBytes, times: one, exchanges, away }];
    });
  };
  stations.forEach((station, at) => {
    const own = nameOf(at);
    onlyOptions(station, ["rateMbps", "aggregate", "up", "down", "away"], own);
    oneOf(`${own}.rateMbps`, station.rateMbps, phy.ratesMbps);
    if (station.up === undefined && station.down === undefined)
      throw new OptionError(own, "traffic, up or down", station);
    for (const way of ["up", "down"] as const) {
      const of = station[way];
      if (of === undefined) continue;
      const where = `${own}.${way}`;
      listOf(where, of).forEach((traffic, address) => {
        const name = Array.isArray(of) ? `${where}[${address}]` : where;
        checkTraffic(name, traffic);
        integer(`${name}.packetBytes`, traffic.packetBytes, { min: 1, max: maxPacketBytes });
        if (traffic.window !== undefined)
          integer(`${name}.window.ackBytes`, traffic.window.ackBytes, { min: 1, max: maxPacketBytes });
      });
    }
    if (station.aggregate !== undefined) integer(`${own}.aggregate`, station.aggregate, { min: 1 });
    if (station.away !== undefined) checkIntervals(`${own}.away`, station.away);
  });
  return (["up", "down"] as const).flatMap((direction) =>
    stations.flatMap((station, at) => [false, true].flatMap((isAcks) => flowOf(station, at, direction, isAcks))),
  );
}

function listOf(where: string, given: Traffic | readonly Traffic[]): readonly Traffic[] {
  if (!Array.isArray(given)) return [given as Traffic];
  if (given.length === 0 || given.length > maxAddresses)
    throw new OptionError(where, `traffic, or a list of 1 to ${maxAddresses}`, given);
  return given as readonly Traffic[];
}

function checkIntervals(name: string, intervals: readonly Interval[]): void {
  const given: unknown = intervals;
  if (!Array.isArray(given)) throw new OptionError(name, "a list of intervals", given);
  let before = -1;
  intervals.forEach(({ fromNs, untilNs }, at) => {
    integer(`${name}[${at}].fromNs`, fromNs, { min: before + 1 });
    before = integer(`${name}[${at}].untilNs`, untilNs, { min: fromNs + 1 });
  });
}
