import { logAverage, mean as meanOf, sampleStandardDeviation } from "simple-statistics";
import { normalQuantile, studentQuantile } from "./distributions.ts";
import { OptionError } from "./errors.ts";
import { integer } from "./options.ts";
import { sortedQuantile } from "./quantile.ts";
import { finiteSample } from "./sample.ts";

export { normalQuantile, studentQuantile } from "./distributions.ts";
export { quantile, type QuantileType } from "./quantile.ts";

/** A closed interval, in the unit of what it is about. */
export interface Interval {
  /** Its lower end. */
  readonly low: number;
  /** Its upper end. */
  readonly high: number;
}

/**
 * The arithmetic mean, summed with Kahan and Babuška's correction (simple-statistics). Linear time.
 *
 * @param values - at least one finite number, in an array or a typed array
 * @throws OptionError when there is none, or one is not finite
 *
 * @example
 * ```ts
 * import { mean } from "veelab";
 *
 * console.log(mean(new Float64Array([1, 2, 6]))); // 3
 * ```
 */
export function mean(values: ArrayLike<number>): number {
  return meanOf(finiteSample("values", values, 1));
}

/**
 * The standard deviation of a sample (divided by n − 1, Bessel's correction), in the values' unit. Linear time.
 *
 * @param values - at least two finite numbers
 *
 * @example
 * ```ts
 * import { standardDeviation } from "veelab";
 *
 * console.log(standardDeviation([2, 4, 6])); // 2
 * ```
 */
export function standardDeviation(values: ArrayLike<number>): number {
  return sampleStandardDeviation(finiteSample("values", values, 2));
}

/**
 * The median: the middle value, or the mean of the two middle ones. O(n log n).
 *
 * @param values - at least one finite number
 *
 * @example
 * ```ts
 * import { median } from "veelab";
 *
 * console.log(median([9, 1, 4])); // 4
 * ```
 */
export function median(values: ArrayLike<number>): number {
  return sortedQuantile(Float64Array.from(finiteSample("values", values, 1)).sort(), 0.5);
}

/**
 * The geometric mean, computed through logarithms so that no product overflows: the mean for ratios such as
 * normalised run times (Fleming and Wallace, CACM 29(3), 1986). Linear time.
 *
 * @param values - at least one number, all above 0
 *
 * @example
 * ```ts
 * import { geometricMean } from "veelab";
 *
 * console.log(geometricMean([0.5, 2])); // 1
 * ```
 */
export function geometricMean(values: ArrayLike<number>): number {
  const sample = finiteSample("values", values, 1);
  for (let i = 0; i < sample.length; i += 1) {
    if (!(sample[i]! > 0)) throw new OptionError(`values[${i}]`, "a number > 0", sample[i]);
  }
  return logAverage(sample);
}

/**
 * The confidence interval of the mean of independent, roughly normal values: mean ± t·s/√n with Student's t for n − 1
 * degrees of freedom. Linear time.
 *
 * @param values - at least two finite numbers
 * @param confidence - in (0, 1)
 *
 * @example
 * ```ts
 * import { meanInterval } from "veelab";
 *
 * const runsS = [383.1, 381.9, 384.2, 382.5, 383.3, 382.8];
 * const { low, high } = meanInterval(runsS, 0.95);
 * console.log(low.toFixed(1), high.toFixed(1)); // 382.1 383.8
 * ```
 */
export function meanInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  const sample = finiteSample("values", values, 2);
  const tail = upperTail(confidence);
  const half = (studentQuantile(tail, sample.length - 1) * sampleStandardDeviation(sample)) / Math.sqrt(sample.length);
  const centre = meanOf(sample);
  return { low: centre - half, high: centre + half };
}

/**
 * Wilson's interval of a proportion (JASA 22, 1927): right for few trials and for proportions near 0 and 1, where the
 * textbook's normal interval is not (Brown, Cai and DasGupta, Statistical Science 16(2), 2001). Constant time.
 *
 * @param successes - a whole number, at most `trials`
 * @param trials - a whole number >= 1
 * @param confidence - in (0, 1)
 *
 * @example
 * ```ts
 * import { wilsonInterval } from "veelab";
 *
 * const { low, high } = wilsonInterval(8, 10);
 * console.log(low.toFixed(3), high.toFixed(3)); // 0.490 0.943
 * ```
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval {
  integer("trials", trials, { min: 1 });
  integer("successes", successes, { min: 0, max: trials });
  const z = normalQuantile(upperTail(confidence));
  const share = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // At 0 and at `trials` successes the bound is exactly 0 or 1; the subtraction leaves a rounding error.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

/** What {@link summary} says of a sample, in the sample's unit; a row of a table. */
export type Summary = {
  /** How many values there are. */
  readonly count: number;
  /** The arithmetic mean. */
  readonly mean: number;
  /** Of the sample, divided by n − 1; null for a single value. */
  readonly standardDeviation: number | null;
  /** The smallest value. */
  readonly min: number;
  /** A quarter of the values lies below. */
  readonly quartile1: number;
  /** Half of the values lies below. */
  readonly median: number;
  /** Three quarters of the values lie below. */
  readonly quartile3: number;
  /** 95 % of the values lie below. */
  readonly quantile95: number;
  /** The largest value. */
  readonly max: number;
};

/**
 * A sample in one row: count, mean, standard deviation, extremes, quartiles and the 95 % quantile (all of type 7, see
 * {@link quantile}). O(n log n); copies the values once.
 *
 * @param values - at least one finite number
 *
 * @example
 * ```ts
 * import { summary } from "veelab";
 *
 * const { count, median, max } = summary(Float64Array.from([3, 1, 2]));
 * console.log(count, median, max); // 3 2 3
 * ```
 */
export function summary(values: ArrayLike<number>): Summary {
  const sample = finiteSample("values", values, 1);
  const sorted = Float64Array.from(sample).sort();
  return {
    count: sorted.length,
    mean: meanOf(sample),
    standardDeviation: sorted.length > 1 ? sampleStandardDeviation(sample) : null,
    min: sorted[0]!,
    quartile1: sortedQuantile(sorted, 0.25),
    median: sortedQuantile(sorted, 0.5),
    quartile3: sortedQuantile(sorted, 0.75),
    quantile95: sortedQuantile(sorted, 0.95),
    max: sorted[sorted.length - 1]!,
  };
}

/** The p of the upper end of a two-sided interval. */
function upperTail(confidence: number): number {
  if (!(confidence > 0 && confidence < 1)) {
    throw new OptionError("confidence", "a number between 0 and 1, both excluded", confidence);
  }
  return 1 - (1 - confidence) / 2;
}
