import { finite, nonNegative, onlyOptions, positive } from "../core/options.ts";
import { OptionError } from "../core/errors.ts";
import { goldenCove, nehalem } from "../hardware/index.ts";

/**
 * The prices of what a program, a binary translator and a software transactional memory (STM) do, in cycles.
 *
 * @example
 * ```ts
 * import { costs2011, type Costs } from "veelab/hybrid-rewriting";
 * const slowLocks: Costs = { ...costs2011, label: "slow locks", lockCycles: 400 };
 * console.log(slowLocks.label);
 * ```
 */
export interface Costs {
  /** Name in tables and charts. */
  readonly label: string;
  /** The processor's clock, Hz. */
  readonly clockHz: number;
  /** Of an instruction of the program, its accesses included. */
  readonly instructionCycles: number;
  /** Taking a free lock. */
  readonly lockCycles: number;
  /** Releasing one. */
  readonly unlockCycles: number;
  /** By how much a program that a binary translator runs is slower, without translation: 1.3 for 30 %. */
  readonly dispatchFactor: number;
  /** Translating an instruction, once. */
  readonly translationCycles: number;
  /** Following an access of an active run to its location's thread. */
  readonly trackingCycles: number;
  /** Beginning a transaction. */
  readonly beginCycles: number;
  /** A read barrier, log included. */
  readonly readBarrierCycles: number;
  /** A write barrier, log included. */
  readonly writeBarrierCycles: number;
  /** Committing, without what each write costs. */
  readonly commitCycles: number;
  /** Writing a granule back. */
  readonly writeBackCycles: number;
  /** Undoing an aborted transaction. */
  readonly abortCycles: number;
  /** Leaving the instrumentation cache for the original code: the state is handed over and the block is noted. The lock comes on top. */
  readonly missCycles: number;
}

/**
 * Prices of 2011.
 *
 * @example
 * ```ts
 * import { costs2011 } from "veelab/hybrid-rewriting";
 * console.log(costs2011.dispatchFactor); // 1.3
 * ```
 */
export const costs2011: Costs = {
  label: "2011",
  clockHz: nehalem.clockHz,
  instructionCycles: 1, // assumption
  lockCycles: 40, // a compare-and-swap of 20 to 40 cycles: recalled, medium; the call is an assumption
  unlockCycles: 30, // assumption: likewise, without the compare
  dispatchFactor: 1.3, // Pin without a tool, June 2010, about 30 % on average: found, in a copy of Wikipedia
  translationCycles: 3000, // 1000 to 5000: recalled, low
  trackingCycles: 20, // assumption: a look-up in shadow memory
  beginCycles: 60, // assumption: registers are saved, the clock is read
  readBarrierCycles: 25, // 10 to 40: recalled, medium; the middle
  writeBarrierCycles: 40, // 20 to 60: recalled, medium; the middle
  commitCycles: 80, // assumption: two compare-and-swaps
  writeBackCycles: 10, // assumption: a store and the version's
  abortCycles: 200, // assumption: a mispredicted jump, registers restored, logs dropped
  missCycles: 2000, // assumption: as a context switch of the translator
};

/**
 * Prices of today.
 *
 * @example
 * ```ts
 * import { costsToday } from "veelab/hybrid-rewriting";
 * console.log(costsToday.readBarrierCycles < 25); // true
 * ```
 */
export const costsToday: Costs = {
  label: "today",
  clockHz: goldenCove.clockHz,
  instructionCycles: 0.5, // assumption
  lockCycles: 25, // assumption: a compare-and-swap of about 20 cycles
  unlockCycles: 20, // assumption
  dispatchFactor: 1.2, // 1.1 to 1.3: recalled, medium; the middle
  translationCycles: 3000, // same order as in 2011: recalled, low
  trackingCycles: 15, // assumption
  beginCycles: 40, // assumption
  readBarrierCycles: 12, // of 5 to 30 for both barriers: recalled, medium
  writeBarrierCycles: 22, // likewise
  commitCycles: 50, // assumption
  writeBackCycles: 6, // assumption
  abortCycles: 150, // assumption
  missCycles: 2000, // assumption
};

const prices = [
  ...(["instructionCycles", "lockCycles", "unlockCycles", "translationCycles", "trackingCycles"] as const),
  ...(["beginCycles", "readBarrierCycles", "writeBarrierCycles", "commitCycles", "writeBackCycles"] as const),
  ...(["abortCycles", "missCycles"] as const),
];

/** Throws an OptionError unless every price is in range. */
export function checkCosts(costs: Costs): void {
  const given: unknown = costs;
  if (typeof given !== "object" || given === null)
    throw new OptionError("costs", "prices, such as costs2011 or costsToday", given);
  onlyOptions(costs, ["label", "clockHz", "dispatchFactor", ...prices], "costs");
  if (typeof costs.label !== "string") throw new OptionError("costs.label", "a text", costs.label);
  positive("costs.clockHz", costs.clockHz);
  if (finite("costs.dispatchFactor", costs.dispatchFactor) < 1)
    throw new OptionError("costs.dispatchFactor", "a finite number >= 1", costs.dispatchFactor);
  for (const name of prices) nonNegative(`costs.${name}`, costs[name]);
}
