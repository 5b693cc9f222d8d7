/**
 * sin(x + quarters · π/2) in single precision, every operation rounded: both as TypeScript and as a text of the task language, in which
 * `Math.fround` of an `f32` does nothing. Cody and Waite's reduction ("Software Manual for the Elementary Functions", 1980): π/2 as three
 * parts of 11 bits, so that their multiples are exact below 2^13, and the rest; the first two differences are exact, what rounding takes from the others
 * is kept in `error`. Then minimax polynomials on ±π/4 (Remez's exchange, in x²; relative errors 2^-28.0 and 2^-33.0 before their coefficients are rounded).
 *
 * The bound of 1 ulp: half of one by the last addition; of the rest of the sine, at most 0.08 beside 0.71, four roundings, 0.2; of the cosine's r²/2, at most 0.31
 * beside 0.71, one, 0.25, and of the rest, 0.016, less than 0.1. Beyond 8192 the root of a negative number.
 */
export function wave(x: number, quarters: number): number {
  const turns = Math.floor(Math.fround(Math.fround(x * Math.fround(0.6366197466850281)) + 0.5));
  const high = Math.fround(x - Math.fround(turns * 1.5703125));
  const middle = Math.fround(high - Math.fround(turns * 0.0004837512969970703));
  const third = Math.fround(turns * Math.fround(7.549533620476723e-8));
  const fourth = Math.fround(turns * Math.fround(2.5633440682570896e-12));
  const low = Math.fround(middle - third);
  const r = Math.fround(low - fourth);
  const lost = Math.fround(Math.fround(middle - low) - third);
  const error = Math.fround(lost + Math.fround(Math.fround(low - r) - fourth));
  const r2 = Math.fround(r * r);
  const half = Math.fround(r2 * 0.5);
  const near = Math.fround(1 - half);
  const s2 = Math.fround(Math.fround(0.00833216) + Math.fround(r2 * Math.fround(-0.00019515284)));
  const s1 = Math.fround(Math.fround(-0.16666655) + Math.fround(r2 * s2));
  const sineRest = Math.fround(Math.fround(Math.fround(r * r2) * s1) + Math.fround(error * near));
  const c2 = Math.fround(Math.fround(-0.0013887316) + Math.fround(r2 * Math.fround(0.000024433157)));
  const c1 = Math.fround(Math.fround(0.041666646) + Math.fround(r2 * c2));
  const cosineRest = Math.fround(Math.fround(Math.fround(r2 * r2) * c1) - Math.fround(r * error));
  const sine = Math.fround(r + sineRest);
  const cosine = Math.fround(near + Math.fround(Math.fround(Math.fround(1 - near) - half) + cosineRest));
  const place = Math.fround(turns + quarters);
  const quarter = Math.fround(place - Math.fround(4 * Math.floor(Math.fround(place * 0.25))));
  const size = quarter === 0 || quarter === 2 ? sine : cosine;
  const signed = quarter >= 2 ? -size : size;
  return Math.abs(x) <= 8192 ? signed : Math.fround(Math.sqrt(Math.fround(8192 - Math.abs(x))));
}

/**
 * The sine that every device computes, in single precision: at most 1 unit in the last place from the exact one for |x| ≤ 8192, where it is defined; NaN
 * beyond. In a task it is written `Math.sin`. Constant time.
 *
 * @param x - radians; rounded to single precision first
 *
 * @example
 * ```ts
 * import { sine } from "veelab/heterogeneous-tasks";
 * console.log(sine(0), sine(1e4)); // 0 NaN
 * ```
 */
export function sine(x: number): number {
  return wave(Math.fround(x), 0);
}

/**
 * The cosine that every device computes, with the bound of {@link sine}. In a task it is written `Math.cos`. Constant time.
 *
 * @param x - radians; rounded to single precision first
 *
 * @example
 * ```ts
 * import { cosine } from "veelab/heterogeneous-tasks";
 * console.log(cosine(0)); // 1
 * ```
 */
export function cosine(x: number): number {
  return wave(Math.fround(x), 1);
}
