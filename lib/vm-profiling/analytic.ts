import { normalQuantile } from "../core/stats.ts";
import type { ProfilingCosts } from "./costs.ts";

/**
 * Standard error of a function's share among N independent samples, √(p(1 − p)/N). Constant time.
 *
 * @example
 * ```ts
 * import { shareError } from "veelab/vm-profiling";
 *
 * console.log(shareError(0.5, 100)); // 0.05
 * ```
 */
export const shareError = (share: number, samples: number): number => Math.sqrt((share * (1 - share)) / samples);

/**
 * Pearson's χ² of counted samples against true shares, over functions with a share above 0: the sum of (n − Np)²/(Np). Linear.
 *
 * @example
 * ```ts
 * import { chiSquare } from "veelab/vm-profiling";
 *
 * console.log(chiSquare([60, 40], [0.5, 0.5])); // 4
 * ```
 */
export function chiSquare(samples: readonly number[], shares: readonly number[]): number {
  const total = samples.reduce((all, count) => all + count, 0);
  let sum = 0;
  for (let i = 0; i < shares.length; i += 1) {
    const expected = total * shares[i]!;
    if (expected > 0) sum += (samples[i]! - expected) ** 2 / expected;
  }
  return sum;
}

/**
 * Quantile of the χ² distribution by Wilson and Hilferty (PNAS 17, 1931): within 1 % for three degrees of freedom or more. Constant time.
 *
 * @example
 * ```ts
 * import { chiSquareQuantile } from "veelab/vm-profiling";
 *
 * console.log(chiSquareQuantile(0.95, 10).toFixed(1)); // 18.3
 * ```
 */
export function chiSquareQuantile(probability: number, degrees: number): number {
  const ninth = 2 / (9 * degrees);
  return degrees * (1 - ninth + normalQuantile(probability) * Math.sqrt(ninth)) ** 3;
}

/**
 * By how much a domain switch counts more than a CPU switch when the VMM has the share x of the virtual CPU's time: 1/(1 − x). Constant time.
 *
 * @example
 * ```ts
 * import { inflation } from "veelab/vm-profiling";
 *
 * console.log(inflation(0.2)); // 1.25
 * ```
 */
export const inflation = (vmmShare: number): number => 1 / (1 - vmmShare);

/**
 * Cycles to exchange n counters: n + 1 registers saved (counters, the control that stops them), 2n + 1 loaded (counters, selectors, control).
 *
 * @example
 * ```ts
 * import { costs2011, exchangeCycles } from "veelab/vm-profiling";
 *
 * console.log(exchangeCycles(4, costs2011)); // 14 registers of 150 cycles
 * ```
 */
export const exchangeCycles = (counters: number, costs: ProfilingCosts): number =>
  (3 * counters + 2) * costs.registerCycles;

/**
 * Overhead of guest-wide profiling as a share of the work: exchanges × their cycles + samples × (exit + injection + handler + register accesses),
 * all a second, over the clock. Under a CPU switch a sample's own exit has an exchange, too. Constant time.
 *
 * @param given - `exchangesPerS`: exits (CPU switch) or switches of virtual CPUs (domain switch)
 *
 * @example
 * ```ts
 * import { costs2011, guestOverhead } from "veelab/vm-profiling";
 *
 * const given = { accounting: "domain switch", registers: "direct", counters: 1, costs: costs2011 } as const;
 * const [one, two] = [1000, 2000].map((samplesPerS) => guestOverhead({ ...given, samplesPerS, exchangesPerS: 0 }));
 * console.log(two! / one!); // 2
 * ```
 */
export function guestOverhead(given: {
  readonly accounting: "CPU switch" | "domain switch";
  readonly registers: "direct" | "trapped";
  readonly samplesPerS: number;
  readonly exchangesPerS: number;
  readonly counters: number;
  readonly costs: ProfilingCosts;
}): number {
  const { accounting, registers, samplesPerS, exchangesPerS, counters, costs } = given;
  const exchange = exchangeCycles(counters, costs);
  const access = registers === "direct" ? costs.registerCycles : costs.roundTripCycles + costs.trapCycles;
  const handling = costs.injectCycles + costs.handlerCycles + costs.accessesPerSample * access;
  const sample = costs.roundTripCycles + (accounting === "CPU switch" ? exchange : 0) + handling;
  return (exchangesPerS * exchange + samplesPerS * sample) / costs.clockHz;
}

/**
 * Shares of samples that a fixed period P gives in a loop of segments: overflows fall on multiples of g = gcd(P, L) within the loop of L
 * cycles, evenly, so a segment (a, b] has as many of L/g as it has multiples of g. The bias is gone when g = 1. Linear.
 *
 * @param cycles - length of each segment, the whole loop
 *
 * @example
 * ```ts
 * import { aliasedShares } from "veelab/vm-profiling";
 *
 * console.log(aliasedShares([999, 1], 1000).join()); // 0,1: all samples in a function with a thousandth of the time
 * ```
 */
export function aliasedShares(cycles: readonly number[], period: number): number[] {
  const loop = cycles.reduce((sum, length) => sum + length, 0);
  let [step, rest] = [period, loop];
  while (rest > 0) [step, rest] = [rest, step % rest];
  let end = 0;
  return cycles.map((length) => {
    const before = Math.floor(end / step);
    end += length;
    return ((Math.floor(end / step) - before) * step) / loop;
  });
}
