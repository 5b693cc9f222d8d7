import { OptionError } from "../core/errors.ts";
import { nonNegative, onlyOptions } from "../core/options.ts";

/**
 * A network in the LogGOPS model (Hoefler, Schneider, Lumsdaine, "LogGOPSim", HPDC 2010). A message of s bytes takes
 * L + 2o + (s − 1)G from an idle sender to an idle receiver.
 *
 * @example
 * ```ts
 * import { seaStar, type Network } from "veelab/hpc-overhead";
 * const twiceAsFar: Network = { ...seaStar, label: "far", latencyNs: 2 * seaStar.latencyNs };
 * console.log(twiceAsFar.latencyNs); // 8000
 * ```
 */
export interface Network {
  /** Name in tables and charts. */
  readonly label: string;
  /** L: from the sender's interface to the receiver's, ns. */
  readonly latencyNs: number;
  /** o: the processor's time for a message, at the sender and again at the receiver, ns. */
  readonly overheadNs: number;
  /** g: between the beginnings of two messages at one interface, ns. */
  readonly gapNs: number;
  /** G: time a byte on the wire, ns. */
  readonly byteGapNs: number;
  /** O: the processor's time a byte, ns. */
  readonly byteOverheadNs: number;
  /** S: the largest message that is sent before its receive is posted, bytes; Infinity where there is no rendezvous. */
  readonly eagerBytes: number;
}

/**
 * A network like Red Storm's SeaStar: derived from the machine's requirement (latency 2 to 5 µs, 2.0 GB/s a link), not
 * measured. Its interface matches messages itself, so none waits for a rendezvous (assumption).
 *
 * @example
 * ```ts
 * import { seaStar } from "veelab/hpc-overhead";
 * console.log(1 / seaStar.byteGapNs); // 2 GB/s
 * ```
 */
export const seaStar: Network = {
  label: "SeaStar-like, 2009",
  latencyNs: 4000, // derived, approximate: of 5 to 7 µs from one program to another (recalled, medium)
  overheadNs: 1000, // derived, approximate
  gapNs: 1000, // assumption: as the overhead
  byteGapNs: 0.5, // found: 2.0 GB/s sustained by SeaStar 2.1
  byteOverheadNs: 0, // assumption: the interface moves the data
  eagerBytes: Infinity,
};

/**
 * A network of today, like Slingshot or NDR InfiniBand.
 *
 * @example
 * ```ts
 * import { seaStar, slingshot } from "veelab/hpc-overhead";
 * console.log(seaStar.byteGapNs / slingshot.byteGapNs); // 12.5
 * ```
 */
export const slingshot: Network = {
  label: "Slingshot-like, today",
  latencyNs: 1500, // recalled, medium: 1 to 2 µs
  overheadNs: 250, // assumption: a few hundred ns of library and doorbell
  gapNs: 50, // assumption: some 20 million messages a second from one process
  byteGapNs: 0.04, // recalled, medium: 25 GB/s
  byteOverheadNs: 0,
  eagerBytes: Infinity,
};

/**
 * The parameters that LogGOPSim takes unless it is told others.
 *
 * @example
 * ```ts
 * import { logGopSim } from "veelab/hpc-overhead";
 * console.log(logGopSim.latencyNs + 2 * logGopSim.overheadNs); // 5500
 * ```
 */
export const logGopSim: Network = {
  label: "LogGOPSim's defaults",
  // found: the defaults of LogGOPSim's command line.
  latencyNs: 2500,
  overheadNs: 1500,
  gapNs: 1000,
  byteGapNs: 6,
  byteOverheadNs: 0,
  eagerBytes: 65_535,
};

const numbers = ["latencyNs", "overheadNs", "gapNs", "byteGapNs", "byteOverheadNs"] as const;

/** Throws an OptionError unless every parameter is in range. */
export function checkNetwork(network: Network): void {
  onlyOptions(network, ["label", "eagerBytes", ...numbers], "network");
  for (const name of numbers) nonNegative(`network.${name}`, network[name]);
  const { eagerBytes } = network;
  if (typeof eagerBytes !== "number" || !(eagerBytes >= 0))
    throw new OptionError("network.eagerBytes", "a number of bytes >= 0, or Infinity", eagerBytes);
}
