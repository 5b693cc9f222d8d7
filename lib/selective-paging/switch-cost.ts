import { positive } from "../core/options.ts";

/**
 * The price of one round trip that an experiment of n round trips shows, ms: what the run took more, over n. Negative
 * where the round trips made the run no slower. Constant time.
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
  /** Run time without round trips, s. */
  readonly withoutS: number;
  /** Run time with them, s. */
  readonly withS: number;
  /** How many there were. */
  readonly roundTrips: number;
}): number {
  const { withoutS, withS, roundTrips } = options;
  positive("withoutS", withoutS);
  positive("withS", withS);
  positive("roundTrips", roundTrips);
  return ((withS - withoutS) / roundTrips) * 1000;
}
