import { integer, positive } from "../../core/options.ts";
import type { RandomStream } from "../../core/random.ts";

/**
 * Draws ranks 0, 1, …, n − 1 with probabilities proportional to (rank + 1)^−exponent, by rejection-inversion (W. Hörmann and
 * G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6(3), 1996). Constant
 * time and memory, whatever n.
 */
export function zipf(stream: RandomStream, n: number, exponent: number): () => number {
  integer("n", n, { min: 1 });
  positive("exponent", exponent);
  // The integral of x^-exponent and its inverse; near 1 the quotients lose their digits, so a series stands in.
  const integral = (x: number) => expm1Ratio(Math.log(x) * (1 - exponent)) * Math.log(x);
  const inverse = (y: number) => {
    const t = Math.max(-1, y * (1 - exponent));
    return Math.exp(log1pRatio(t) * y);
  };
  const density = (x: number) => Math.exp(-exponent * Math.log(x));
  const first = integral(1.5) - 1;
  const last = integral(n + 0.5);
  const squeeze = 2 - inverse(integral(2.5) - density(2));
  return () => {
    for (;;) {
      const u = last + stream.float() * (first - last);
      const x = inverse(u);
      const rank = Math.min(n, Math.max(1, Math.round(x)));
      if (rank - x <= squeeze || u >= integral(rank + 0.5) - density(rank)) return rank - 1;
    }
  };
}

const expm1Ratio = (x: number): number => (Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2);
const log1pRatio = (x: number): number => (Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2);
