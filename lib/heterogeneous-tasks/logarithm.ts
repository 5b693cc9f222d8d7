/**
 * The natural logarithm as every device computes it, in single precision: at most 1 unit in the last place from the exact one; of 0 it is −∞, of a negative number NaN. In a task it is
 * written `Math.log`. Constant time.
 *
 * Every operation is rounded: the function is TypeScript and a text of the task language at once. x = 2^k·(1 + f) with 1 + f from √½ to √2 by comparisons, as the
 * language has no way to the bits of a number; log x = k·ln 2 + f − f²/2 + f³·P(f), the larger part of k·ln 2 exact, P minimax (Remez's exchange; 2^-30.3 of log(1 + f)). In units of the last
 * place, where k is 0: 0.5 by the last difference, 0.13 each by those of f²/2 and of `rest` at most, less than 0.1 by P. Else the last difference is exact where its result is below ½ and the one before has 0.5 at most,
 * or it has 0.5, and the one before 0.25: less than 1.
 *
 * @param given - rounded to single precision first
 *
 * @example
 * ```ts
 * import { logarithm } from "veelab/heterogeneous-tasks";
 * console.log(logarithm(1), logarithm(0), logarithm(-1)); // 0 -Infinity NaN
 * ```
 */
export function logarithm(given: number): number {
  const x = Math.fround(given);
  // From 2^-149…2^127 to 1…2^127, then to 1…2, then to √½…√2; k counts what was taken.
  const m1 = x < 2.6469779601696886e-23 ? Math.fround(x * 37778931862957160000000) : x;
  const k1 = x < 2.6469779601696886e-23 ? -75 : 0;
  const m2 = m1 < 1 ? Math.fround(m1 * 37778931862957160000000) : m1;
  const k2 = m1 < 1 ? k1 - 75 : k1;
  const m3 = m2 >= 18446744073709551616 ? Math.fround(m2 * 5.421010862427522e-20) : m2;
  const k3 = m2 >= 18446744073709551616 ? k2 + 64 : k2;
  const m4 = m3 >= 4294967296 ? Math.fround(m3 * 2.3283064365386963e-10) : m3;
  const k4 = m3 >= 4294967296 ? k3 + 32 : k3;
  const m5 = m4 >= 65536 ? Math.fround(m4 * 1.52587890625e-5) : m4;
  const k5 = m4 >= 65536 ? k4 + 16 : k4;
  const m6 = m5 >= 256 ? Math.fround(m5 * 0.00390625) : m5;
  const k6 = m5 >= 256 ? k5 + 8 : k5;
  const m7 = m6 >= 16 ? Math.fround(m6 * 0.0625) : m6;
  const k7 = m6 >= 16 ? k6 + 4 : k6;
  const m8 = m7 >= 4 ? Math.fround(m7 * 0.25) : m7;
  const k8 = m7 >= 4 ? k7 + 2 : k7;
  const m9 = m8 >= 2 ? Math.fround(m8 * 0.5) : m8;
  const k9 = m8 >= 2 ? k8 + 1 : k8;
  const f = Math.fround((m9 >= 1.4142135381698608 ? Math.fround(m9 * 0.5) : m9) - 1);
  const k = Math.fround(m9 >= 1.4142135381698608 ? k9 + 1 : k9);
  const p7 = Math.fround(Math.fround(-0.1167567) + Math.fround(f * Math.fround(0.06746653)));
  const p6 = Math.fround(Math.fround(0.11888167) + Math.fround(f * p7));
  const p5 = Math.fround(Math.fround(-0.12405586) + Math.fround(f * p6));
  const p4 = Math.fround(Math.fround(0.14219551) + Math.fround(f * p5));
  const p3 = Math.fround(Math.fround(-0.16667996) + Math.fround(f * p4));
  const p2 = Math.fround(Math.fround(0.20002119) + Math.fround(f * p3));
  const p1 = Math.fround(Math.fround(-0.2500001) + Math.fround(f * p2));
  const p0 = Math.fround(Math.fround(0.33333313) + Math.fround(f * p1));
  const f2 = Math.fround(f * f);
  const cubic = Math.fround(Math.fround(f2 * f) * p0);
  const low = Math.fround(k * Math.fround(-0.00021219444170128554));
  const rest = Math.fround(Math.fround(f2 * 0.5) - Math.fround(cubic + low));
  const size = Math.fround(Math.fround(k * 0.693359375) - Math.fround(rest - f));
  const edge = x === 0 ? Math.fround(-1 / Math.fround(x * x)) : Math.fround(Math.sqrt(x));
  return x > 0 && x <= 3.4028234663852886e38 ? size : edge;
}
