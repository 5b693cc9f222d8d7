import { OptionError } from "../core/errors.ts";
import { nonNegative, positive } from "../core/options.ts";

/**
 * A network link between two hosts.
 *
 * @example
 * ```ts
 * import type { Link } from "veelab/hardware";
 *
 * const lan: Link = { label: "LAN", bandwidthMbps: 1000, rttMs: 0.2 };
 * console.log(lan.label);
 * ```
 */
export interface Link {
  /** Name in tables and charts. */
  readonly label: string;
  /** Bandwidth, Mbps (10^6 bits a second). */
  readonly bandwidthMbps: number;
  /** Round-trip time, ms. */
  readonly rttMs: number;
  /** The TCP window of one connection, bytes; without one, the window does not limit. */
  readonly windowBytes?: number;
}

/**
 * A wide-area link of 2011.
 *
 * @example
 * ```ts
 * import { linkBytesPerS, wan2011 } from "veelab/hardware";
 *
 * console.log(linkBytesPerS(wan2011)); // 12500000
 * ```
 */
export const wan2011: Link = {
  label: "WAN, 2011",
  bandwidthMbps: 100, // 10 to 100 Mbps: recalled, high
  rttMs: 50, // 20 to 150 ms: recalled, high
  windowBytes: 1e6, // assumption: a window of 1 MB, so that the bandwidth limits and not the window
};

/**
 * A link between two regions of today.
 *
 * @example
 * ```ts
 * import { linkBytesPerS, wanToday } from "veelab/hardware";
 *
 * console.log(linkBytesPerS(wanToday) / 1e6); // 625
 * ```
 */
export const wanToday: Link = {
  label: "WAN, today",
  bandwidthMbps: 5000, // 1 to 25 Gbps: recalled, high
  rttMs: 30, // 1 to 150 ms: recalled, high
  windowBytes: 64e6, // assumption: tuned buffers
};

/**
 * What each of some connections that share a link fairly gets: min(bandwidth / connections, window / RTT), bytes a second.
 * Constant time.
 *
 * @throws OptionError for a link out of range
 *
 * @example
 * ```ts
 * import { linkBytesPerS } from "veelab/hardware";
 *
 * const long = { label: "64 KiB over 100 ms", bandwidthMbps: 100, rttMs: 100, windowBytes: 65_536 };
 * console.log(Math.round(linkBytesPerS(long))); // 655360: the window limits, not the bandwidth
 * ```
 */
export function linkBytesPerS(link: Link, connections = 1): number {
  checkLink("link", link);
  const share = (link.bandwidthMbps * 1e6) / 8 / positive("connections", connections);
  const { windowBytes, rttMs } = link;
  return windowBytes === undefined || rttMs === 0 ? share : Math.min(share, windowBytes / (rttMs / 1000));
}

/** Checks a link at the edge. Constant time. */
export function checkLink(name: string, link: Link): void {
  const given: unknown = link;
  if (typeof given !== "object" || given === null) throw new OptionError(name, "a link, as wan2011", given);
  positive(`${name}.bandwidthMbps`, link.bandwidthMbps);
  nonNegative(`${name}.rttMs`, link.rttMs);
  if (link.windowBytes !== undefined) positive(`${name}.windowBytes`, link.windowBytes);
}
