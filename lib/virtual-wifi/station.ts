import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { exchange, type Exchange, maxPacketBytes } from "./exchange.ts";
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
  /** What it sends to the access point. */
  readonly up?: Traffic;
  /** What the access point sends to it. */
  readonly down?: Traffic;
}

/** Traffic of one direction, with its times. */
export interface Flow {
  /** The station's number, from 0. */
  readonly station: number;
  readonly direction: "up" | "down";
  readonly rateMbps: number;
  readonly traffic: Traffic;
  readonly times: Exchange;
}

/** An access point gives out so many association identifiers (IEEE 802.11; recalled, high). */
const maxStations = 2007;

/** The flows of stations, checked: those up in the order of the stations, then those down. */
export function flowsOf(stations: readonly Station[], phy: Phy, ackRateMbps: number | undefined): Flow[] {
  const list: unknown = stations;
  if (!Array.isArray(list) || list.length === 0 || list.length > maxStations)
    throw new OptionError("stations", `a list of 1 to ${maxStations} stations`, list);
  const flowOf = (given: Station, station: number, direction: "up" | "down"): Flow[] => {
    const traffic = given[direction];
    if (traffic === undefined) return [];
    const where = `stations[${station}].${direction}`;
    checkTraffic(where, traffic);
    const { rateMbps } = given;
    const { packetBytes } = traffic;
    integer(`${where}.packetBytes`, packetBytes, { min: 1, max: maxPacketBytes });
    const times = exchange({ phy, rateMbps, packetBytes, ...(ackRateMbps === undefined ? {} : { ackRateMbps }) });
    return [{ station, direction, rateMbps, traffic, times }];
  };
  stations.forEach((station, at) => {
    onlyOptions(station, ["rateMbps", "up", "down"], `stations[${at}]`);
    oneOf(`stations[${at}].rateMbps`, station.rateMbps, phy.ratesMbps);
    if (station.up === undefined && station.down === undefined)
      throw new OptionError(`stations[${at}]`, "traffic, up or down", station);
  });
  return (["up", "down"] as const).flatMap((direction) =>
    stations.flatMap((station, at) => flowOf(station, at, direction)),
  );
}
