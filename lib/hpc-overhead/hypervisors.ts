import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, onlyOptions, positive } from "../core/options.ts";
import { checkExitCosts, type ExitCosts, exits2011, exitsToday, type Processor, zen4 } from "../hardware/index.ts";
import { timerHz } from "./overlay.ts";
import { opteron } from "./processors.ts";

/**
 * How a guest reaches the network: exits of a message and bytes that are copied.
 *
 * @example
 * ```ts
 * import { passthrough, type Device } from "veelab/hpc-overhead";
 * const coalesced: Device = { ...passthrough, label: "an interrupt for two messages", exitsPerReceive: 0.5 };
 * console.log(coalesced.label);
 * ```
 */
export interface Device {
  /** Name in tables and charts. */
  readonly label: string;
  /** Exits of a send. */
  readonly exitsPerSend: number;
  /** Exits of a receive. */
  readonly exitsPerReceive: number;
  /** What copying adds at each end, ns a byte: before a message leaves, and once it has come. */
  readonly copyNsPerByte: number;
}

/**
 * The guest owns the interface; its interrupts alone come through the hypervisor, one a message (recalled, high).
 *
 * @example
 * ```ts
 * import { passthrough } from "veelab/hpc-overhead";
 * console.log(passthrough.exitsPerSend); // 0
 * ```
 */
export const passthrough: Device = { label: "passthrough", exitsPerSend: 0, exitsPerReceive: 1, copyNsPerByte: 0 };

/**
 * The hypervisor emulates the interface's registers and copies messages. Assumptions: three accesses a send, an interrupt and three
 * accesses a receive, copies at 2 GB/s.
 *
 * @example
 * ```ts
 * import { emulated } from "veelab/hpc-overhead";
 * console.log(emulated.exitsPerReceive); // 4
 * ```
 */
export const emulated: Device = { label: "emulated", exitsPerSend: 3, exitsPerReceive: 4, copyNsPerByte: 0.5 };

/**
 * A hypervisor on a processor: what its interventions cost and how often it takes the processor.
 *
 * @example
 * ```ts
 * import { palacios2009, type Hypervisor } from "veelab/hpc-overhead";
 * const eager: Hypervisor = { ...palacios2009, label: "1000 slices a second", sliceHz: 1000 };
 * console.log(eager.label);
 * ```
 */
export interface Hypervisor {
  /** Name in tables and charts. */
  readonly label: string;
  /** The processor that walks page tables. */
  readonly processor: Processor;
  /** What exits cost. */
  readonly exits: ExitCosts;
  /** Handling an interrupt's exit and giving it to the guest, without the round trip, cycles. */
  readonly interruptCycles: number;
  /** The network. */
  readonly device: Device;
  /** The host's timer interrupts a second; whole, 0 for none. */
  readonly tickHz: number;
  /** How long the host handles one, with the exit, cycles. */
  readonly tickCycles: number;
  /** Time slices a second, after each of which the hypervisor yields; whole, 0 for none. */
  readonly sliceHz: number;
  /** How long that takes where nothing else wants the processor, cycles. */
  readonly sliceCycles: number;
}

/**
 * Like Palacios in Kitten on Red Storm's nodes, 2009.
 *
 * @example
 * ```ts
 * import { palacios2009 } from "veelab/hpc-overhead";
 * console.log(palacios2009.sliceHz); // 100
 * ```
 */
export const palacios2009: Hypervisor = {
  label: "Palacios-like, 2009",
  processor: opteron,
  exits: exits2011, // of an Intel processor of the time: assumed to hold for the Opteron
  interruptCycles: 2000, // assumption: the event is injected and its end acknowledged
  device: passthrough,
  tickHz: 10, // recalled, low: Kitten's tick in 2009; 1 Hz in its present source (found)
  tickCycles: 6000, // assumption: an exit and a timer's handler with empty queues
  sliceHz: 100, // found: Palacios's schedule_hz unless configured
  sliceCycles: 2000, // assumption: a call into the host's scheduler, which finds nothing else
};

/**
 * The same design on a processor of today, with a message's interrupt coming to the guest without an exit (posted interrupts).
 *
 * @example
 * ```ts
 * import { lightweightToday } from "veelab/hpc-overhead";
 * console.log(lightweightToday.device.exitsPerReceive); // 0
 * ```
 */
export const lightweightToday: Hypervisor = {
  label: "light-weight, today",
  processor: zen4,
  exits: exitsToday,
  interruptCycles: 1300, // assumption, as exitsToday's other handling
  device: { ...passthrough, label: "passthrough, posted interrupts", exitsPerReceive: 0 },
  tickHz: 1, // assumption: a host whose tick is stopped on isolated processors (nohz_full) keeps one a second
  tickCycles: 6000, // assumption, as in 2009
  sliceHz: 0, // assumption: nothing else runs on an isolated processor, and the hypervisor knows
  sliceCycles: 0,
};

const numbers = ["interruptCycles", "tickHz", "tickCycles", "sliceHz", "sliceCycles"] as const;

/** Throws an OptionError unless every number is in range. */
export function checkHypervisor(hypervisor: Hypervisor): void {
  onlyOptions(hypervisor, ["label", "processor", "exits", "device", ...numbers], "hypervisor");
  for (const name of numbers) nonNegative(`hypervisor.${name}`, hypervisor[name]);
  for (const name of ["tickHz", "sliceHz"] as const) integer(`hypervisor.${name}`, hypervisor[name], timerHz);
  const processor: unknown = hypervisor.processor;
  if (typeof processor !== "object" || processor === null || !("clockHz" in processor))
    throw new OptionError("hypervisor.processor", "a processor, as opteron", processor);
  positive("hypervisor.processor.clockHz", hypervisor.processor.clockHz);
  checkExitCosts("hypervisor.exits", hypervisor.exits);
  const { device } = hypervisor;
  onlyOptions(device, ["label", "exitsPerSend", "exitsPerReceive", "copyNsPerByte"], "hypervisor.device");
  for (const name of ["exitsPerSend", "exitsPerReceive", "copyNsPerByte"] as const)
    nonNegative(`hypervisor.device.${name}`, device[name]);
}
