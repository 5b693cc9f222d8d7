import { nonNegative, positive } from "../core/options.ts";

/**
 * What a switch to SP costs because its shadow table starts empty, ms: `c0 + c1·pages`, where the pages are those the
 * guest touches while it stays, at most its working set. Constant time.
 *
 * Only the sum is published (Table 5), not c0, c1 or the pages. A stay too short to touch anything costs c0 alone,
 * which Table 4 shows to be nil within its noise.
 *
 * @throws OptionError when an option is negative or not finite
 *
 * @example
 * ```ts
 * import { refillMs } from "veelab/selective-paging";
 * console.log(refillMs({ baseMs: 0, perPageUs: 10, pagesTouched: 5000, workingSetPages: 4000 })); // 40
 * ```
 */
export function refillMs(options: {
  /** c0, ms. */
  readonly baseMs: number;
  /** c1, µs: one shadow fault that fills one entry. */
  readonly perPageUs: number;
  readonly pagesTouched: number;
  readonly workingSetPages: number;
}): number {
  const { baseMs, perPageUs, pagesTouched, workingSetPages } = options;
  nonNegative("baseMs", baseMs);
  nonNegative("perPageUs", perPageUs);
  nonNegative("pagesTouched", pagesTouched);
  nonNegative("workingSetPages", workingSetPages);
  return baseMs + (perPageUs * Math.min(pagesTouched, workingSetPages)) / 1000;
}

/**
 * The price of one round trip that an experiment of n round trips shows, ms: what the run took more, over n. Negative
 * where the difference is within the noise. Constant time.
 *
 * @throws OptionError when a time is not finite or there is no round trip
 *
 * @example
 * ```ts
 * import { roundTripMs } from "veelab/selective-paging";
 * // Table 5, mcf: 329.11 s under SP, 345.03 s with 345 round trips SP-HAP-SP
 * console.log(roundTripMs({ withoutS: 329.11, withS: 345.03, roundTrips: 345 }).toFixed(1)); // 46.1
 * ```
 */
export function roundTripMs(options: {
  readonly withoutS: number;
  readonly withS: number;
  readonly roundTrips: number;
}): number {
  const { withoutS, withS, roundTrips } = options;
  positive("withoutS", withoutS);
  positive("withS", withS);
  positive("roundTrips", roundTrips);
  return ((withS - withoutS) / roundTrips) * 1000;
}
