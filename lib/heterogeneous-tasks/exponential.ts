/**
 * e^x as every device computes it, in single precision: at most 1 unit in the last place from the exact one; for results below 2^-126, where numbers are denser than their digits, 1 of
 * 2^-149. In a task it is written `Math.exp`. Constant time.
 *
 * Every operation is rounded: the function is TypeScript and a text of the task language at once. x = n·ln 2 + r, the larger part of n·ln 2 exact (Cody and Waite);
 * e^r = 1 + high + rest, the sum's rounding kept in `lost`, with a minimax polynomial on ±0.347 (Remez's exchange; 2^-28.2 of e^r). In units of the last place, where r is below 0 and
 * they count double: 0.5 by the last addition, 0.06 each by the one before and by the difference in `rest`, 0.05 by the smaller part of n·ln 2, 0.09 by r's rounding in r², 0.06 by the polynomial, 0.17 by
 * its roundings, which is less than 1. Then 2^n in two exact factors; where the result is below 2^-126 the last product rounds.
 *
 * @param given - rounded to single precision first
 *
 * @example
 * ```ts
 * import { exponential } from "veelab/heterogeneous-tasks";
 * console.log(exponential(0), exponential(100), exponential(-200)); // 1 Infinity 0
 * ```
 */
export function exponential(given: number): number {
  const x = Math.fround(given);
  const bounded = x > 89 ? 89 : x < -104 ? -104 : x;
  const turns = Math.floor(Math.fround(Math.fround(bounded * Math.fround(1.4426950216293335)) + 0.5));
  const high = Math.fround(bounded - Math.fround(turns * 0.693359375));
  const low = Math.fround(turns * Math.fround(-0.00021219444170128554));
  const r = Math.fround(high - low);
  const p3 = Math.fround(Math.fround(0.008368797) + Math.fround(r * Math.fround(0.0013814433)));
  const p2 = Math.fround(Math.fround(0.041668396) + Math.fround(r * p3));
  const p1 = Math.fround(Math.fround(0.1666652) + Math.fround(r * p2));
  const p0 = Math.fround(Math.fround(0.49999994) + Math.fround(r * p1));
  const rest = Math.fround(Math.fround(Math.fround(r * r) * p0) - low);
  const near = Math.fround(1 + high);
  const lost = Math.fround(high - Math.fround(near - 1));
  const size = Math.fround(near + Math.fround(lost + rest));
  // 2^half, from 2^-75 to 2^64, by the bits of half + 75.
  const n = Math.trunc(turns);
  const half = n >> 1;
  const bits = half + 75;
  const ends = Math.fround(
    Math.fround(1 << (bits & 15)) * ((bits & 128) !== 0 ? 9007199254740992 : 2.6469779601696886e-23),
  );
  const some = (bits & 16) !== 0 ? Math.fround(ends * 65536) : ends;
  const more = (bits & 32) !== 0 ? Math.fround(some * 4294967296) : some;
  const scale = (bits & 64) !== 0 ? Math.fround(more * 18446744073709552000) : more;
  return Math.fround(Math.fround(size * scale) * ((n & 1) !== 0 ? Math.fround(scale * 2) : scale));
}
