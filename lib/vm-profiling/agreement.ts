import { OptionError } from "../core/errors.ts";

/**
 * How far two profiles are apart: the sum over functions of the differences of their shares (L1), from 0 for equal ones to 2 for
 * profiles without a function in common. Linear.
 *
 * @param found - weights by function, in the same order as `truth`; at least one above 0
 * @param truth - likewise
 * @throws OptionError for lists of different lengths or a profile without weight
 *
 * @example
 * ```ts
 * import { profileDistance } from "veelab/vm-profiling";
 *
 * console.log(profileDistance([60, 40], [0.5, 0.5]).toFixed(1)); // 0.2
 * ```
 */
export function profileDistance(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  const [foundSum, trueSum] = sumsOf(found, truth);
  let distance = 0;
  for (let i = 0; i < truth.length; i += 1) distance += Math.abs(found[i]! / foundSum - truth[i]! / trueSum);
  return distance;
}

/**
 * How well two profiles agree on the order of functions: Kendall's rank correlation tau-b, 1 for the same order, −1 for the opposite: pairs in
 * the same order less pairs in the opposite one, over the geometric mean of the pairs that are not tied in each. O(functions²).
 *
 * @returns null where all of a profile's functions are equal, so that it has no order
 * @throws OptionError as {@link profileDistance}
 *
 * @example
 * ```ts
 * import { rankAgreement } from "veelab/vm-profiling";
 *
 * console.log(rankAgreement([5, 3, 1], [90, 7, 3])); // 1
 * ```
 */
export function rankAgreement(found: ArrayLike<number>, truth: ArrayLike<number>): number | null {
  sumsOf(found, truth);
  let [balance, foundPairs, truePairs] = [0, 0, 0];
  for (let i = 1; i < truth.length; i += 1)
    for (let j = 0; j < i; j += 1) {
      const a = Math.sign(found[i]! - found[j]!);
      const b = Math.sign(truth[i]! - truth[j]!);
      balance += a * b;
      foundPairs += a * a;
      truePairs += b * b;
    }
  return foundPairs === 0 || truePairs === 0 ? null : balance / Math.sqrt(foundPairs * truePairs);
}

function sumsOf(found: ArrayLike<number>, truth: ArrayLike<number>): [number, number] {
  if (found.length !== truth.length) throw new OptionError("found", `${truth.length} weights`, found.length);
  let [foundSum, trueSum] = [0, 0];
  for (let i = 0; i < truth.length; i += 1) {
    foundSum += found[i]!;
    trueSum += truth[i]!;
  }
  if (!(foundSum > 0)) throw new OptionError("found", "a profile with weight", foundSum);
  if (!(trueSum > 0)) throw new OptionError("truth", "a profile with weight", trueSum);
  return [foundSum, trueSum];
}
