import { OptionError } from "../core/errors.ts";
import { fraction, integer, nonNegative, onlyOptions } from "../core/options.ts";
import { checkCosts, type Costs } from "./costs.ts";

/**
 * What happens in a passive run of one thread.
 *
 * @example
 * ```ts
 * import type { PassiveEvents } from "veelab/hybrid-rewriting";
 * const nothing: PassiveEvents = {
 *   instructions: 0, transactions: 0, readBarriers: 0, writeBarriers: 0, writtenGranules: 0, misses: 0, locks: 0,
 * };
 * console.log(nothing.misses);
 * ```
 */
export interface PassiveEvents {
  /** Instructions. */
  readonly instructions: number;
  /** Transactions that begin; each commits. */
  readonly transactions: number;
  /** Reads with a barrier. */
  readonly readBarriers: number;
  /** Writes with a barrier. */
  readonly writeBarriers: number;
  /** Different granules written, summed over the transactions. */
  readonly writtenGranules: number;
  /** Sections that leave the cache. */
  readonly misses: number;
  /** Locks that are taken, not elided. */
  readonly locks: number;
}

const eventNames = [
  ...(["instructions", "transactions", "readBarriers", "writeBarriers", "writtenGranules"] as const),
  ...(["misses", "locks"] as const),
] as const;

/**
 * Cycles of a passive run of one thread, in which nothing conflicts: the program without its locks + transactions · (begin + commit) + barriers + write-backs + misses · miss
 * + what is locked all the same. With whole prices exact. Constant time.
 *
 * @example
 * ```ts
 * import { costs2011, passiveCycles } from "veelab/hybrid-rewriting";
 * const events = { instructions: 100, transactions: 1, readBarriers: 2, writeBarriers: 1, writtenGranules: 1, misses: 0, locks: 0 };
 * console.log(passiveCycles(events, costs2011)); // 340
 * ```
 */
export function passiveCycles(events: PassiveEvents, costs: Costs): number {
  onlyOptions(events, eventNames, "events");
  for (const name of eventNames) nonNegative(`events.${name}`, events[name]);
  checkCosts(costs);
  return (
    events.instructions * costs.instructionCycles +
    events.transactions * (costs.beginCycles + costs.commitCycles) +
    events.readBarriers * costs.readBarrierCycles +
    events.writeBarriers * costs.writeBarrierCycles +
    events.writtenGranules * costs.writeBackCycles +
    events.misses * costs.missCycles +
    events.locks * (costs.lockCycles + costs.unlockCycles)
  );
}

/**
 * Cycles of a program under a dynamic translator, without what is done for critical sections: d · instructions + new instructions · translation. Constant
 * time.
 *
 * @example
 * ```ts
 * import { costs2011, translatedCycles } from "veelab/hybrid-rewriting";
 * console.log(translatedCycles({ instructions: 1e6, newInstructions: 100 }, costs2011)); // 1600000
 * ```
 */
export function translatedCycles(
  run: {
    /** Instructions that the program executes. */
    readonly instructions: number;
    /** Instructions of different blocks. */
    readonly newInstructions: number;
  },
  costs: Costs,
): number {
  onlyOptions(run, ["instructions", "newInstructions"], "run");
  checkCosts(costs);
  const program = nonNegative("instructions", run.instructions) * costs.instructionCycles * costs.dispatchFactor;
  return program + nonNegative("newInstructions", run.newInstructions) * costs.translationCycles;
}

/**
 * The share of a translator's overhead that is translation, and so goes when translations are kept from run to run: it falls as 1 / run length. Constant time.
 *
 * @param executions - how often an instruction that is translated is executed, on average: the run's length by the code's
 *
 * @example
 * ```ts
 * import { costs2011, translationShare } from "veelab/hybrid-rewriting";
 * console.log(translationShare(10_000, costs2011).toFixed(2)); // 0.50
 * ```
 */
export function translationShare(executions: number, costs: Costs): number {
  nonNegative("executions", executions);
  checkCosts(costs);
  const dispatch = executions * costs.instructionCycles * (costs.dispatchFactor - 1);
  return costs.translationCycles / (costs.translationCycles + dispatch);
}

/**
 * {@link translationShare} solved for the executions of an instruction. Constant time.
 *
 * @throws OptionError for a share of 0
 *
 * @example
 * ```ts
 * import { costs2011, executionsOfShare } from "veelab/hybrid-rewriting";
 * console.log(Math.round(executionsOfShare(0.25, costs2011))); // 30000
 * ```
 */
export function executionsOfShare(share: number, costs: Costs): number {
  checkCosts(costs);
  if (fraction("share", share) === 0) throw new OptionError("share", "a number above 0", share);
  return (costs.translationCycles * (1 - share)) / (share * costs.instructionCycles * (costs.dispatchFactor - 1));
}

function blockProbabilities(given: readonly number[]): readonly number[] {
  if (given.length === 0) throw new OptionError("probabilities", "at least one", given);
  given.forEach((probability, at) => fraction(`probabilities[${at}]`, probability));
  return given;
}

/**
 * The share of a passive run's block executions that are in the cache after k active runs, when block b is in a run with probability f_b, independently, and
 * has the weight w_b: Σ w_b (1 − (1 − f_b)^k) / Σ w_b (the coupon collector's problem). Linear.
 *
 * @param weights - of each block; its probability when not given
 *
 * @example
 * ```ts
 * import { expectedCoverage } from "veelab/hybrid-rewriting";
 * console.log(expectedCoverage([1, 0.5], 2, [3, 1])); // 0.9375
 * ```
 */
export function expectedCoverage(
  probabilities: readonly number[],
  runs: number,
  weights: readonly number[] = probabilities,
): number {
  blockProbabilities(probabilities);
  integer("runs", runs, { min: 0 });
  if (weights.length !== probabilities.length)
    throw new OptionError("weights", `${probabilities.length} numbers`, weights.length);
  let [covered, all] = [0, 0];
  for (const [block, probability] of probabilities.entries()) {
    const weight = nonNegative(`weights[${block}]`, weights[block]);
    covered += weight * (1 - (1 - probability) ** runs);
    all += weight;
  }
  if (all === 0) throw new OptionError("weights", "at least one above 0", weights);
  return covered / all;
}

/**
 * The expected number of a run's different blocks that are not in the cache after k active runs: Σ f_b (1 − f_b)^k. Linear.
 *
 * @example
 * ```ts
 * import { expectedMisses } from "veelab/hybrid-rewriting";
 * console.log(expectedMisses([1, 0.5], 2)); // 0.125
 * ```
 */
export function expectedMisses(probabilities: readonly number[], runs: number): number {
  integer("runs", runs, { min: 0 });
  return blockProbabilities(probabilities).reduce((sum, f) => sum + f * (1 - f) ** runs, 0);
}

/**
 * Good and Turing's estimate of the blocks of a run that the others have not, from the blocks that exactly one of k runs has: singletons / k. It needs
 * no probabilities; its expectation is `expectedMisses` after k − 1 runs. Constant time.
 *
 * @example
 * ```ts
 * import { unseenBlocks } from "veelab/hybrid-rewriting";
 * console.log(unseenBlocks({ singletons: 6, runs: 4 })); // 1.5
 * ```
 */
export function unseenBlocks(seen: {
  /** Blocks that exactly one run has. */
  readonly singletons: number;
  /** Runs. */
  readonly runs: number;
}): number {
  onlyOptions(seen, ["singletons", "runs"], "seen");
  return integer("singletons", seen.singletons, { min: 0 }) / integer("runs", seen.runs, { min: 1 });
}

/**
 * With which probability a transaction of F different accesses meets what another writes in W of N places, all at random (the birthday bound): 1 − (1 − W/N)^F. N are the
 * words that a lock protects, or the ownership records: false conflicts fall as 1 / N. Constant time.
 *
 * @example
 * ```ts
 * import { conflictProbability } from "veelab/hybrid-rewriting";
 * console.log(conflictProbability({ places: 4, writes: 1, footprint: 2 })); // 0.4375
 * ```
 */
export function conflictProbability(given: {
  /** N. */
  readonly places: number;
  /** W, at most N. */
  readonly writes: number;
  /** F. */
  readonly footprint: number;
}): number {
  onlyOptions(given, ["places", "writes", "footprint"], "given");
  const places = integer("places", given.places, { min: 1 });
  const writes = integer("writes", given.writes, { min: 0, max: places });
  return 1 - (1 - writes / places) ** integer("footprint", given.footprint, { min: 0 });
}

/**
 * The bound on what eliding locks can gain (Amdahl): 1 / ((1 − c) + c/p), c being the share of the locked run's time in which some thread is in a critical section. Constant
 * time.
 *
 * @example
 * ```ts
 * import { elisionSpeedup } from "veelab/hybrid-rewriting";
 * console.log(elisionSpeedup({ sectionShare: 0.5, threads: 2 }).toFixed(2)); // 1.33
 * ```
 */
export function elisionSpeedup(given: {
  /** C. */
  readonly sectionShare: number;
  /** P. */
  readonly threads: number;
}): number {
  onlyOptions(given, ["sectionShare", "threads"], "given");
  const share = fraction("sectionShare", given.sectionShare);
  return 1 / (1 - share + share / integer("threads", given.threads, { min: 1 }));
}
