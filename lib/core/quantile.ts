import { quantileSorted } from "simple-statistics";
import { fraction, integer } from "./options.ts";
import { finiteSample } from "./sample.ts";

/** An estimator of quantiles by its number in Hyndman and Fan (1996), as in R's `quantile(type = …)`. */
export type QuantileType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

// Hyndman and Fan's types 4 to 9 place the sample's k-th value at (k − alpha) / (n + 1 − alpha − beta).
const PLACES: Readonly<Record<number, readonly [alpha: number, beta: number]>> = {
  4: [0, 1],
  5: [0.5, 0.5],
  6: [0, 0],
  7: [1, 1],
  8: [1 / 3, 1 / 3],
  9: [3 / 8, 3 / 8],
};

/**
 * The p-quantile of a sample, by one of the nine estimators of Hyndman and Fan, "Sample quantiles in statistical
 * packages", The American Statistician 50(4), 1996. Type 7 unless asked: the default of R, NumPy and Excel, and what
 * this version of simple-statistics computes (older ones computed type 2). O(n log n), the input is not changed.
 *
 * @param values - at least one finite number
 * @param p - from 0 to 1
 * @param type - 1 inverse of the empirical distribution, 2 the same averaged at steps, 3 nearest even, 4 to 9 linear
 *   between values: 5 Hazen, 6 Weibull, 7 the default, 8 median-unbiased, 9 unbiased for the normal distribution
 *
 * @example
 * ```ts
 * import { quantile } from "veelab";
 *
 * const latenciesMs = [1, 2, 3, 4, 100];
 * console.log(quantile(latenciesMs, 0.9), quantile(latenciesMs, 0.9, 1)); // 61.6 100
 * ```
 */
export function quantile(values: ArrayLike<number>, p: number, type: QuantileType = 7): number {
  fraction("p", p);
  integer("type", type, { min: 1, max: 9 });
  const sorted = Float64Array.from(finiteSample("values", values, 1)).sort();
  return sortedQuantile(sorted, p, type);
}

/** The quantile of an ascending sample that was checked already. Constant time. */
export function sortedQuantile(sorted: Float64Array, p: number, type: QuantileType = 7): number {
  const n = sorted.length;
  const at = (rank: number): number => sorted[Math.min(Math.max(rank, 1), n) - 1]!;
  // simple-statistics only indexes and reads the length: a typed array serves.
  if (type === 7) return quantileSorted(sorted as unknown as readonly number[], p);
  if (type <= 3) {
    const place = type === 3 ? n * p - 0.5 : n * p;
    const rank = Math.floor(place + 4 * Number.EPSILON * Math.max(1, place));
    const onStep = Math.abs(place - rank) <= 4 * Number.EPSILON * Math.max(1, place);
    if (!onStep) return at(rank + 1);
    if (type === 1) return at(rank);
    if (type === 2) return (at(rank) + at(rank + 1)) / 2;
    return at(rank % 2 === 0 ? rank : rank + 1);
  }
  const [alpha, beta] = PLACES[type]!;
  const place = alpha + p * (n + 1 - alpha - beta);
  const rank = Math.floor(place + 4 * Number.EPSILON * Math.max(1, place));
  const weight = Math.max(0, place - rank);
  return at(rank) + weight * (at(rank + 1) - at(rank));
}
