import { nonNegative } from "../core/options.ts";
import { exits2011, exitsToday, goldenCove, nehalem } from "../hardware/index.ts";
import type { Mode } from "./mode.ts";
import type { Phase } from "./phase.ts";

/**
 * The prices of the counter model `T = T0 + a·misses·[HAP] + b·faults·[SP] + s·switches`.
 *
 * @example
 * ```ts
 * import { wang2011, type Costs } from "veelab/selective-paging";
 * const slowSwitch: Costs = { ...wang2011, toShadowMs: 65.9 };
 * ```
 */
export interface Costs {
  /** a: what one TLB miss costs more under HAP than under SP, ns. */
  readonly missNs: number;
  /** b: what one guest page fault costs more under SP than under HAP, µs. */
  readonly faultUs: number;
  /**
   * What a switch from HAP to SP costs, ms: the shadow table starts empty and is filled again by faults. A constant: it
   * holds for stays under SP that are long enough to fill it, of about a second and more.
   */
  readonly toShadowMs: number;
  /** What a switch from SP to HAP costs, ms: one root pointer and one bit. */
  readonly toNestedMs: number;
  /** TLB misses that one guest page fault adds under SP, because its exits empty the TLB. Their time is part of `faultUs`. */
  readonly extraMissesPerFault: number;
  /** What one TLB miss costs without nesting, ns: part of T0; only a policy that measures walk cycles sees it. */
  readonly walkNs: number;
}

/**
 * The prices of 2011: a Core i7-860 (Nehalem, 2.8 GHz) under Xen 3.3.1.
 *
 * @example
 * ```ts
 * import { wang2011 } from "veelab/selective-paging";
 * console.log((wang2011.missNs * 2.8).toFixed(1)); // 12.8 cycles
 * ```
 */
export const wang2011: Costs = {
  // Table 3 solved jointly (solveTable3): calculated from the paper's numbers, not printed in it.
  missNs: 4.588707063324869,
  faultUs: 10.220815748818547,
  // Table 5, calculated (roundTripMs); this is the median of its 29 values, to be replaced by the benchmark's own.
  toShadowMs: 7.816979051819219,
  // Table 4: a round trip from HAP each second changes the run time by -0.72..+0.95 %, mostly downwards and in half of
  // the benchmarks by more than the printed confidence intervals explain. At most 1 %, of either sign: taken as 0.
  toNestedMs: 0,
  // Table 3: gcc's 2.117e9 more misses under SP over its 13 302 782 faults.
  extraMissesPerFault: 159.10783759367027,
  // Assumption: 30 cycles, more than a walk whose leaf entry comes from the second-level cache (level B: 10) and less
  // than one whose entry comes from memory. RPMS alone reads it, and the notebook varies it.
  walkNs: 30 / 2.8,
};

const cycles2011 = nehalem.clockHz * 1e-9; // per ns
const cyclesToday = goldenCove.clockHz * 1e-9;
const exitGrowth =
  (exitsToday.roundTripCycles + exitsToday.handlingCycles.guestFault) /
  (exits2011.roundTripCycles + exits2011.handlingCycles.guestFault);

/**
 * The prices of a server of today (Golden Cove), each scaled from 2011 by the change of what causes it, with a miss at the dear end; exits and
 * clock frequencies are those of `veelab/hardware`, with their sources. They ask whether the paper's conclusion would
 * still hold; they are no measurement.
 *
 * @example
 * ```ts
 * import { breakEvenRatio, today, wang2011 } from "veelab/selective-paging";
 * console.log((breakEvenRatio(today) / breakEvenRatio(wang2011)).toFixed(1)); // 1.3: break-even has hardly moved
 * ```
 */
export const today: Costs = {
  // An upper end: 2011's 12.8 cycles times the growth of the extra references of a cold nested walk, (5+1)(5+1)-1-5 = 30
  // at five levels, (4+1)(4+1)-1-4 = 20 at four. In level B the paging-structure caches absorb the two levels more, and
  // the extra cycles of a walk stay about what they were: the notebook shows the conclusion under both.
  missNs: (wang2011.missNs * cycles2011 * (30 / 20)) / cyclesToday,
  // 2011's 28 618 cycles times the growth of a guest fault's exit with its handling. Assumption: the same number of them.
  faultUs: (wang2011.faultUs * cycles2011 * exitGrowth) / cyclesToday,
  // The refill is made of shadow faults: scaled as they are.
  toShadowMs: (wang2011.toShadowMs * cycles2011 * exitGrowth) / cyclesToday,
  toNestedMs: 0,
  // Assumption: entries are tagged by virtual processor (VPID), so an exit empties no TLB.
  extraMissesPerFault: 0,
  // 2011's 30 cycles times five levels over four.
  walkNs: (30 * (5 / 4)) / cyclesToday,
};

/** Checks prices at the edge: each a finite number ≥ 0. Constant time. */
export function checkCosts(costs: Costs): void {
  const { missNs, faultUs, toShadowMs, toNestedMs, extraMissesPerFault, walkNs } = costs;
  const prices = { missNs, faultUs, toShadowMs, toNestedMs, extraMissesPerFault, walkNs };
  for (const [name, price] of Object.entries(prices)) nonNegative(`costs.${name}`, price);
}

/**
 * Time of one phase spent wholly in one mode, s, without switches: T0 plus a per miss under HAP or b per fault
 * under SP. Constant time.
 *
 * @example
 * ```ts
 * import { phaseTime, wang2011 } from "veelab/selective-paging";
 * const work = { baseS: 10, instructions: 2e10, tlbMisses: 1e9, pageFaults: 0 };
 * console.log(phaseTime(work, "HAP", wang2011).toFixed(2)); // 14.59
 * ```
 */
export function phaseTime(phase: Phase, mode: Mode, costs: Costs): number {
  return mode === "HAP"
    ? phase.baseS + costs.missNs * 1e-9 * phase.tlbMisses
    : phase.baseS + costs.faultUs * 1e-6 * phase.pageFaults;
}
