import { OptionError } from "../core/errors.ts";
import type { Flat } from "./graph.ts";
import type { Elements } from "./value.ts";

/** A graph that was made for a device, with what its edges hold: all that a run remembers. One call at a time. */
export interface Loaded {
  /** Runs so many iterations, at most as many as it was loaded for. `input` and `output` have the elements of these iterations exactly. */
  readonly run: (input: Elements, output: Elements, iterations: number) => Promise<void>;
  /** A copy of what each edge holds between iterations, as many elements as at the start: what a move to another device carries. */
  readonly state: () => Promise<readonly Elements[]>;
  /** Gives back what the device holds for it. */
  readonly close: () => Promise<void>;
}

/**
 * Where graphs run. A device makes its program from the checked code of the tasks, and computes what the language defines.
 *
 * @example
 * ```ts
 * import { type Device, javascript } from "veelab/heterogeneous-tasks";
 * const device: Device = javascript;
 * console.log(device.label); // javascript
 * ```
 */
export interface Device {
  /** Name in messages. */
  readonly label: string;
  /** How many elements the largest queue has in a batch, unless a caller says otherwise: where waking it costs more, batches are larger. */
  readonly batchElements: number;
  /**
   * What of the graph it cannot run, as a clause ("the task sum, whose output has more than 2^27 elements"); undefined where it can run all.
   *
   * @internal
   */
  readonly refusal: (flat: Flat) => string | undefined;
  /**
   * Of a device whose programs can be kept in a store: what they depend on besides the graph and the size of a batch, and the program.
   *
   * @internal
   */
  readonly programs?: {
    readonly settings: string;
    readonly generate: (flat: Flat, iterations: number) => Uint8Array;
  };
  /**
   * Makes a graph's program for batches of at most so many iterations, or takes the one that `programs` made of the same. It goes on from `state`, or begins with the
   * edges' own elements.
   *
   * @internal
   */
  readonly load: (flat: Flat, iterations: number, state?: readonly Elements[], program?: Uint8Array) => Promise<Loaded>;
}

/** A device, or an OptionError. */
export function checkDevice(name: string, device: Device | undefined): Device {
  if (typeof device?.load !== "function")
    throw new OptionError(name, "a device, such as javascript or what webGpu() promises", device);
  return device;
}

/** Devices are named by their labels. */
export function checkLabels(devices: readonly Device[]): void {
  for (const [at, device] of devices.entries()) checkDevice(`devices[${at}]`, device);
  const labels = devices.map(({ label }) => label);
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  if (twice !== undefined) throw new OptionError("devices", "labels that differ", [twice, twice]);
}
