import type { Flat } from "./graph.ts";
import type { Elements } from "./value.ts";

/** A graph that was made for a device, with what its edges hold: all that a run remembers. */
export interface Loaded {
  /**
   * Runs so many iterations, at most as many as it was loaded for. `input` and `output` have the elements of these iterations exactly.
   */
  readonly run: (input: Elements, output: Elements, iterations: number) => void;
}

/** Where graphs run. A device makes its program from the checked code of the tasks, and computes what the language defines. */
export interface Device {
  /** Name in messages. */
  readonly label: string;
  /** Makes a graph's program for batches of so many iterations, or throws an OptionError that says what the device cannot run. */
  readonly load: (flat: Flat, iterations: number) => Loaded;
}
