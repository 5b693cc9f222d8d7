import { SimulationError } from "../core/errors.ts";
import { phaseTime, type Costs } from "./costs.ts";
import type { Phase } from "./phase.ts";
import type { ModePair, RunTotals } from "./solve.ts";

/**
 * The page faults per TLB miss at which both modes take the same time: HAP wins above `a/b`, SP below. Constant time.
 *
 * @throws SimulationError when faults cost nothing
 *
 * @example
 * ```ts
 * import { breakEvenRatio, table2, wang2011 } from "veelab/selective-paging";
 * console.log((breakEvenRatio(wang2011) / table2.ratioUpper).toFixed(0)); // 22: Table 2 favours HAP
 * ```
 */
export function breakEvenRatio({ missNs, faultUs }: Pick<Costs, "missNs" | "faultUs">): number {
  if (faultUs === 0) throw new SimulationError("selective-paging", "faults that cost nothing have no break-even ratio");
  return missNs / (faultUs * 1000);
}

/**
 * The paper's own estimate of a and b, each from one program alone: all of mcf's difference is laid to its misses, all
 * of gcc's to its faults (counts of the HAP runs). Constant time.
 *
 * @example
 * ```ts
 * import { oneAtATime } from "veelab/selective-paging";
 * const mcf = {
 *   hap: { tlbMisses: 12_539_673_680, pageFaults: 243_491, timeS: 383 },
 *   sp: { tlbMisses: 12_752_691_972, pageFaults: 346_439, timeS: 329 },
 * };
 * const gcc = {
 *   hap: { tlbMisses: 1_082_065_972, pageFaults: 13_320_141, timeS: 403 },
 *   sp: { tlbMisses: 3_198_642_850, pageFaults: 13_302_782, timeS: 534 },
 * };
 * const { missNs, faultUs } = oneAtATime(mcf, gcc);
 * console.log(missNs.toFixed(2), faultUs.toFixed(2)); // 4.31 9.83
 * ```
 */
export function oneAtATime(missHeavy: ModePair, faultHeavy: ModePair): Pick<Costs, "missNs" | "faultUs"> {
  return {
    missNs: ((missHeavy.hap.timeS - missHeavy.sp.timeS) / missHeavy.hap.tlbMisses) * 1e9,
    faultUs: ((faultHeavy.sp.timeS - faultHeavy.hap.timeS) / faultHeavy.hap.pageFaults) * 1e6,
  };
}

/**
 * A program's times under both modes.
 *
 * @example
 * ```ts
 * import type { ModeTimes } from "veelab/selective-paging";
 * const better = ({ hapS, spS }: ModeTimes): number => Math.min(hapS, spS);
 * ```
 */
export interface ModeTimes {
  /** Under HAP only, s. */
  readonly hapS: number;
  /** Under SP only, s. */
  readonly spS: number;
}

/**
 * The times that prices and base time give back for a program's totals, s. Constant time.
 *
 * @example
 * ```ts
 * import { backSubstitute, wang2011 } from "veelab/selective-paging";
 * const run = { tlbMisses: 12_539_673_680, pageFaults: 243_491, timeS: 383 };
 * console.log(backSubstitute(325.46, { hap: run, sp: run }, wang2011).hapS.toFixed(0)); // 383
 * ```
 */
export function backSubstitute(
  baseS: number,
  { hap, sp }: { readonly hap: Omit<RunTotals, "timeS">; readonly sp: Omit<RunTotals, "timeS"> },
  { missNs, faultUs }: Pick<Costs, "missNs" | "faultUs">,
): ModeTimes {
  return { hapS: baseS + missNs * 1e-9 * hap.tlbMisses, spS: baseS + faultUs * 1e-6 * sp.pageFaults };
}

/**
 * What {@link bounds} gives.
 *
 * @example
 * ```ts
 * import type { TimeBounds } from "veelab/selective-paging";
 * const width = ({ leastS, mostS }: TimeBounds): number => mostS - leastS;
 * ```
 */
export interface TimeBounds {
  /** No policy is faster, s. */
  readonly leastS: number;
  /** No policy with so many switches is slower, s. */
  readonly mostS: number;
}

/**
 * Bounds that every policy's time obeys, s: at least each phase in its better mode, at most each phase in its worse
 * mode plus the switches made. Linear in the number of phases.
 *
 * @param switches - switches from HAP to SP plus switches from SP to HAP; each is priced at the dearer of the two
 *
 * @example
 * ```ts
 * import { bounds, dsp, simulate, wang2011 } from "veelab/selective-paging";
 * const work = [{ baseS: 100, instructions: 2e11, tlbMisses: 3e9, pageFaults: 100 }];
 * const { row } = simulate(work, { policy: dsp(), costs: wang2011 });
 * const { leastS, mostS } = bounds(work, wang2011, row.switches);
 * console.log(leastS <= row.policyS && row.policyS <= mostS); // true
 * ```
 */
export function bounds(phases: readonly Phase[], costs: Costs, switches: number): TimeBounds {
  let leastS = 0;
  let mostS = (switches * Math.max(costs.toShadowMs, costs.toNestedMs)) / 1000;
  for (const phase of phases) {
    const hap = phaseTime(phase, "HAP", costs);
    const sp = phaseTime(phase, "SP", costs);
    leastS += Math.min(hap, sp);
    mostS += Math.max(hap, sp);
  }
  return { leastS, mostS };
}
