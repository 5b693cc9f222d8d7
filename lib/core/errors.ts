import { VeelabError } from "../../datasets/errors.ts";

export { isVeelabError, OptionError, TraceFormatError, VeelabError, type TracePlace } from "../../datasets/errors.ts";

/**
 * A simulation that needs more trace than there is. A run never quietly reports zero for the part it did not see.
 *
 * @example
 * ```ts
 * import { TraceExhaustedError } from "veelab";
 *
 * const error = new TraceExhaustedError("storage-migration", "the trace ends at 120 s, the migration needs 300 s");
 * console.log(error.message); // storage-migration: the trace ends at 120 s, the migration needs 300 s
 * ```
 */
export class TraceExhaustedError extends VeelabError {
  /** What tells the class from other errors. */
  override readonly name = "TraceExhaustedError";

  /** Who says it, and the rest of the sentence. */
  constructor(simulator: string, problem: string, options?: ErrorOptions) {
    super(`${simulator}: ${problem}`, options);
  }
}

/**
 * A simulation that cannot go on or cannot converge with these inputs.
 *
 * @example
 * ```ts
 * import { SimulationError } from "veelab";
 *
 * const error = new SimulationError("selective-paging", "two equations with the same coefficients have no single solution");
 * console.log(error.name); // SimulationError
 * ```
 */
export class SimulationError extends VeelabError {
  /** What tells the class from other errors. */
  override readonly name = "SimulationError";

  /** Who says it, and the rest of the sentence. */
  constructor(simulator: string, problem: string, options?: ErrorOptions) {
    super(`${simulator}: ${problem}`, options);
  }
}
