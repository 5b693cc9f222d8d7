import { SimulationError } from "../core/errors.ts";

/**
 * One line of Table 3: what a whole run counted and took.
 *
 * @example
 * ```ts
 * import type { RunTotals } from "veelab/selective-paging";
 * const mcfUnderHap: RunTotals = { tlbMisses: 12_539_673_680, pageFaults: 243_491, timeS: 383 };
 * ```
 */
export interface RunTotals {
  /** TLB misses. */
  readonly tlbMisses: number;
  /** Guest page faults. */
  readonly pageFaults: number;
  /** Run time, s. */
  readonly timeS: number;
}

/**
 * A program under both modes.
 *
 * @example
 * ```ts
 * import type { ModePair } from "veelab/selective-paging";
 * const gcc: ModePair = {
 *   hap: { tlbMisses: 1_082_065_972, pageFaults: 13_320_141, timeS: 403 },
 *   sp: { tlbMisses: 3_198_642_850, pageFaults: 13_302_782, timeS: 534 },
 * };
 * ```
 */
export interface ModePair {
  /** The run under HAP only. */
  readonly hap: RunTotals;
  /** The run under SP only. */
  readonly sp: RunTotals;
}

/**
 * The two prices and the two base times that Table 3 implies.
 *
 * @example
 * ```ts
 * import type { SolvedCosts } from "veelab/selective-paging";
 * const breakEven = ({ missNs, faultUs }: SolvedCosts): number => missNs / (faultUs * 1000);
 * ```
 */
export interface SolvedCosts {
  /** a, ns per TLB miss under HAP. */
  readonly missNs: number;
  /** b, µs per guest page fault under SP. */
  readonly faultUs: number;
  /** T0 of the two programs, s. */
  readonly baseS: readonly [number, number];
}

/**
 * Solves `T = T0 + a·misses` (HAP) and `T = T0 + b·faults` (SP) for two programs jointly: four equations, four
 * unknowns, so the result reproduces its inputs exactly and proves nothing by doing so. HAP's misses are priced from
 * the HAP run, SP's faults from the SP run. Constant time.
 *
 * @throws SimulationError when the two programs have the same proportion of faults to misses
 *
 * @example
 * ```ts
 * import { solveCosts } from "veelab/selective-paging";
 * const mcf = {
 *   hap: { tlbMisses: 12_539_673_680, pageFaults: 243_491, timeS: 383 },
 *   sp: { tlbMisses: 12_752_691_972, pageFaults: 346_439, timeS: 329 },
 * };
 * const gcc = {
 *   hap: { tlbMisses: 1_082_065_972, pageFaults: 13_320_141, timeS: 403 },
 *   sp: { tlbMisses: 3_198_642_850, pageFaults: 13_302_782, timeS: 534 },
 * };
 * const { missNs, faultUs } = solveCosts(mcf, gcc);
 * console.log(missNs.toFixed(2), faultUs.toFixed(1)); // 4.59 10.2
 * ```
 */
export function solveCosts(first: ModePair, second: ModePair): SolvedCosts {
  // HAP - SP of each program: a·misses - b·faults = difference of the times
  const [m1, f1, d1] = [first.hap.tlbMisses, first.sp.pageFaults, first.hap.timeS - first.sp.timeS];
  const [m2, f2, d2] = [second.hap.tlbMisses, second.sp.pageFaults, second.hap.timeS - second.sp.timeS];
  const determinant = m2 * f1 - m1 * f2;
  if (determinant === 0)
    throw new SimulationError(
      "selective-paging",
      "two programs with the same faults per TLB miss have no single solution",
    );
  const a = (d2 * f1 - d1 * f2) / determinant;
  const b = (m1 * d2 - m2 * d1) / determinant;
  return { missNs: a * 1e9, faultUs: b * 1e6, baseS: [first.hap.timeS - a * m1, second.hap.timeS - a * m2] };
}

/**
 * TLB misses that a guest page fault adds under SP: the difference of the misses over the faults of the SP run. It is
 * a whole program's average; meaningful only where faults are many. Constant time.
 *
 * @throws SimulationError when the SP run has no fault
 *
 * @example
 * ```ts
 * import { extraMisses } from "veelab/selective-paging";
 * const gcc = {
 *   hap: { tlbMisses: 1_082_065_972, pageFaults: 13_320_141, timeS: 403 },
 *   sp: { tlbMisses: 3_198_642_850, pageFaults: 13_302_782, timeS: 534 },
 * };
 * console.log(Math.round(extraMisses(gcc))); // 159
 * ```
 */
export function extraMisses({ hap, sp }: ModePair): number {
  if (sp.pageFaults === 0)
    throw new SimulationError("selective-paging", "a program without faults has no misses per fault");
  return (sp.tlbMisses - hap.tlbMisses) / sp.pageFaults;
}
