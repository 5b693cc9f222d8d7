import { fraction, integer, nonNegative } from "../core/options.ts";
import type { Costs } from "./costs.ts";

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
 * What single events take, s, beside the disk.
 *
 * @example
 * ```ts
 * import { costs2011, eventCosts, type EventCosts } from "veelab/symbiotic-swap";
 * const costs: EventCosts = eventCosts(costs2011);
 * console.log(costs.swapInS > costs.bypassS); // true
 * ```
 */
export interface EventCosts {
  /** A fault that is bypassed: two round trips, the shadow's walk, symcall, look-up, note. */
  readonly bypassS: number;
  /** A swap-in of the guest, with the eviction and the page-out that make room. */
  readonly swapInS: number;
  /** Shadowing a resident page again after a load of CR3. */
  readonly refillS: number;
}

/**
 * The event costs that prices give, x being an exit's round trip. A bypass: 2x + walk + symcall + look-up + note. A swap-in: the reflected fault
 * and its handler; reclaim and INVLPG; two requests of so many exits with a copy each; the new shadow entry. Constant time.
 *
 * @example
 * ```ts
 * import { costsToday, eventCosts } from "veelab/symbiotic-swap";
 * console.log((eventCosts(costsToday).bypassS * 1e6).toFixed(1)); // 3.3 µs
 * ```
 */
export function eventCosts(costs: Costs): EventCosts {
  const { exits, clockHz } = costs;
  const x = exits.roundTripCycles;
  const refill = x + exits.handlingCycles.hiddenFault;
  const request = costs.requestExits * (x + costs.requestExitCycles) + costs.copyCycles;
  const handled = x + exits.handlingCycles.guestFault + costs.majorFaultCycles;
  const evicted = costs.reclaimCycles + x + costs.invalidateCycles;
  const lookUp = x * (1 + costs.lookUpExits) + costs.symcallCycles + costs.lookUpCycles + costs.noteCycles;
  return {
    bypassS: (refill + lookUp) / clockHz,
    swapInS: (handled + evicted + 2 * request + refill) / clockHz,
    refillS: refill / clockHz,
  };
}

/**
 * The intervals between loads of CR3 from which on bypassing is slower, for swapped-out pages that are used in each: bypassed, they fault in
 * each interval; swapped in once, they are only shadowed again: n·bypass = swapIn + d + (n − 1)·refill. Infinite where a bypass takes no longer than
 * that. Constant time.
 *
 * @param diskS - d, what the disk takes for a swap-in and its page-out; 0 where a cache answers
 *
 * @example
 * ```ts
 * import { breakEvenIntervals } from "veelab/symbiotic-swap";
 * console.log(breakEvenIntervals({ bypassS: 3, swapInS: 30, refillS: 1 }, 0)); // 14.5
 * ```
 */
export function breakEvenIntervals({ bypassS, swapInS, refillS }: EventCosts, diskS: number): number {
  nonNegative("diskS", diskS);
  return bypassS <= refillS ? Infinity : (swapInS + diskS - refillS) / (bypassS - refillS);
}

/**
 * {@link breakEvenIntervals} solved for the disk: its time for a swap-in and its page-out from which on bypassing is faster over n intervals; 0
 * where it always is. Constant time.
 *
 * @example
 * ```ts
 * import { breakEvenDiskS } from "veelab/symbiotic-swap";
 * console.log(breakEvenDiskS({ bypassS: 3, swapInS: 30, refillS: 1 }, 20)); // 11
 * ```
 */
export function breakEvenDiskS({ bypassS, swapInS, refillS }: EventCosts, intervals: number): number {
  return Math.max(0, nonNegative("intervals", intervals) * (bypassS - refillS) + refillS - swapInS);
}
