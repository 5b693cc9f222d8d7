import { OptionError } from "../core/errors.ts";
import { finite, integer, onlyOptions, positive } from "../core/options.ts";

/**
 * UDP traffic of one direction.
 *
 * @example
 * ```ts
 * import { saturated, type Traffic } from "veelab/virtual-wifi";
 * const traffic: Traffic = saturated({ packetBytes: 1500 });
 * console.log(traffic.packetsPerS); // Infinity
 * ```
 */
export interface Traffic {
  /** Name in tables and charts. */
  readonly label: string;
  /** Bytes of a packet, its IP and UDP headers among them. */
  readonly packetBytes: number;
  /** Packets a second on average, at random times; Infinity where there is always one more. */
  readonly packetsPerS: number;
}

/**
 * There is always one more packet.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { saturated } from "veelab/virtual-wifi";
 * console.log(saturated({ packetBytes: 1500 }).label); // saturated
 * ```
 */
export function saturated(options: { readonly packetBytes: number }): Traffic {
  onlyOptions(options, ["packetBytes"]);
  return {
    label: "saturated",
    packetBytes: integer("packetBytes", options.packetBytes, { min: 1 }),
    packetsPerS: Infinity,
  };
}

/**
 * Packets of one size at random times: a Poisson process.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { poisson } from "veelab/virtual-wifi";
 * console.log(poisson({ packetBytes: 200, packetsPerS: 50 }).label); // Poisson
 * ```
 */
export function poisson(options: { readonly packetBytes: number; readonly packetsPerS: number }): Traffic {
  onlyOptions(options, ["packetBytes", "packetsPerS"]);
  return {
    label: "Poisson",
    packetBytes: integer("packetBytes", options.packetBytes, { min: 1 }),
    packetsPerS: positive("packetsPerS", options.packetsPerS),
  };
}

/** Checks traffic at the edge; its packets' size is checked with the rate. */
export function checkTraffic(name: string, traffic: Traffic): void {
  const given: unknown = traffic;
  if (typeof given !== "object" || given === null)
    throw new OptionError(name, "traffic, as saturated(…) or poisson(…) gives", given);
  const rate: unknown = traffic.packetsPerS;
  if (rate === Infinity) return;
  if (finite(`${name}.packetsPerS`, rate) < 1e-6 || traffic.packetsPerS > 1e7)
    throw new OptionError(`${name}.packetsPerS`, "Infinity, or from 1e-6 to 1e7", rate);
}
