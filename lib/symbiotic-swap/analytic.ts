import { OptionError } from "../core/errors.ts";
import { fraction, integer, nonNegative } from "../core/options.ts";

/**
 * Faults a round of a cyclic sweep over W pages with M frames under LRU: W where they do not fit, since each page is gone when its
 * turn comes; else 0. Constant time.
 *
 * @example
 * ```ts
 * import { sweepFaults } from "veelab/symbiotic-swap";
 * console.log(sweepFaults(100, 64), sweepFaults(64, 64)); // 100 0
 * ```
 */
export function sweepFaults(pages: number, frames: number): number {
  integer("pages", pages, { min: 1 });
  return pages > integer("frames", frames, { min: 1 }) ? pages : 0;
}

/**
 * Pages that are swapped out, and so can be bypassed, when W pages have M frames: B = W − M, at least 0. Constant time.
 *
 * @example
 * ```ts
 * import { bypassable } from "veelab/symbiotic-swap";
 * console.log(bypassable(100, 64)); // 36
 * ```
 */
export function bypassable(pages: number, frames: number): number {
  return Math.max(0, integer("pages", pages, { min: 1 }) - integer("frames", frames, { min: 1 }));
}

/**
 * The expected number of different ones among B of W pages that k references to random pages meet: B·(1 − (1 − 1/W)^k). With
 * SwapBypass, the symcalls between two loads of CR3. Constant time.
 *
 * @example
 * ```ts
 * import { symcallsPerInterval } from "veelab/symbiotic-swap";
 * console.log(symcallsPerInterval({ pages: 2, bypassable: 1, references: 1 })); // 0.5
 * ```
 */
export function symcallsPerInterval(given: {
  readonly pages: number;
  readonly bypassable: number;
  readonly references: number;
}): number {
  const pages = integer("pages", given.pages, { min: 1 });
  integer("bypassable", given.bypassable, { min: 0, max: pages });
  return given.bypassable * (1 - (1 - 1 / pages) ** nonNegative("references", given.references));
}

/**
 * The share of references to random pages that fault when W pages have M frames, whatever page goes: 1 − M/W. Constant time.
 *
 * @example
 * ```ts
 * import { uniformFaultRate } from "veelab/symbiotic-swap";
 * console.log(uniformFaultRate(100, 75)); // 0.25
 * ```
 */
export function uniformFaultRate(pages: number, frames: number): number {
  return bypassable(pages, frames) / pages;
}

/**
 * The share of reads of random slots that a cache of C of S slots answers: C/S. Constant time.
 *
 * @example
 * ```ts
 * import { cacheHitRatio } from "veelab/symbiotic-swap";
 * console.log(cacheHitRatio(16, 64)); // 0.25
 * ```
 */
export function cacheHitRatio(cachePages: number, slots: number): number {
  return fraction("cachePages / slots", cachePages / slots);
}

/**
 * What a bypass costs and what a swap-in costs without it, s.
 *
 * @example
 * ```ts
 * import type { EventCosts } from "veelab/symbiotic-swap";
 * const costs: EventCosts = { bypassS: 3e-6, swapInS: 30e-6, missShare: 0.5 };
 * console.log(costs.swapInS > costs.bypassS);
 * ```
 */
export interface EventCosts {
  /** A fault that is bypassed: two round trips, handlers, the note. */
  readonly bypassS: number;
  /** A swap-in, all but the disk; the page-out that it makes room by included. */
  readonly swapInS: number;
  /** How many pages the disk reads or writes a swap-in. */
  readonly missShare: number;
}

/**
 * The disk time of a page from which on bypassing is faster: the time d where r·bypass = s·(swapIn + miss·d), for r bypassed faults
 * and s swap-ins instead. 0 where it always is; infinite where the disk plays no part and it never is. Constant time.
 *
 * @throws OptionError for a number out of range, or no swap-ins
 *
 * @example
 * ```ts
 * import { breakEvenDiskS } from "veelab/symbiotic-swap";
 * console.log(breakEvenDiskS(40, 1, { bypassS: 3, swapInS: 30, missShare: 0.5 })); // 180
 * ```
 */
export function breakEvenDiskS(bypassedFaults: number, swapIns: number, costs: EventCosts): number {
  if (!(swapIns > 0)) throw new OptionError("swapIns", "a number above 0", swapIns);
  const saved = nonNegative("bypassedFaults", bypassedFaults) * costs.bypassS - swapIns * costs.swapInS;
  return saved <= 0 ? 0 : saved / (swapIns * costs.missShare);
}

/**
 * The loads of CR3 a round of a cyclic sweep up to which bypassing is faster, where each makes all B bypassed pages fault again:
 * W·swapIn/(B·bypass), for W swap-ins a round without it. An upper bound: pages that an interval does not meet are not
 * mapped again. Constant time.
 *
 * @example
 * ```ts
 * import { breakEvenRootLoads } from "veelab/symbiotic-swap";
 * console.log(breakEvenRootLoads(100, 50, { bypassS: 3, swapInS: 30, missShare: 0 }, 0)); // 20
 * ```
 */
export function breakEvenRootLoads(swapIns: number, bypassed: number, costs: EventCosts, diskS: number): number {
  if (!(bypassed > 0)) throw new OptionError("bypassed", "a number above 0", bypassed);
  return (swapIns * (costs.swapInS + costs.missShare * diskS)) / (bypassed * costs.bypassS);
}
