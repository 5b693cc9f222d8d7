import { OptionError } from "../core/errors.ts";
import { fraction, nonNegative, positive } from "../core/options.ts";

/**
 * The share of a full checkpoint's time that does not depend on the image's size, from the two ratios that were published:
 * `T/T₀ = a + (1 − a)·S`, so `a = (T/T₀ − S)/(1 − S)`. Constant time. As averages of ratios, the published pairs give an
 * indication only.
 *
 * @param timeRatio - T/T₀
 * @param sizeRatio - S, below 1
 * @throws OptionError for a ratio outside [0, 1], or a size ratio of 1
 *
 * @example
 * ```ts
 * import { fixedShare } from "veelab/checkpointing";
 * console.log(fixedShare(0.26, 0.19).toFixed(3), fixedShare(0.38, 0.36).toFixed(3)); // 0.086 0.031
 * ```
 */
export function fixedShare(timeRatio: number, sizeRatio: number): number {
  fraction("timeRatio", timeRatio);
  if (fraction("sizeRatio", sizeRatio) === 1) throw new OptionError("sizeRatio", "a share below 1", 1);
  return (timeRatio - sizeRatio) / (1 - sizeRatio);
}

/**
 * The time ratio that a fixed share and a size ratio give: {@link fixedShare} the other way. Constant time.
 *
 * @example
 * ```ts
 * import { timeRatio } from "veelab/checkpointing";
 * console.log(timeRatio(0, 0.19)); // 0.19
 * ```
 */
export function timeRatio(fixed: number, sizeRatio: number): number {
  return fixed + (1 - fixed) * sizeRatio;
}

/**
 * The probability that an entry of the map lives for `seconds` when its page is written to as a Poisson process:
 * `exp(−w·t)`. Constant time.
 *
 * @param writesPerS - w, writes to the page a second
 *
 * @example
 * ```ts
 * import { survival } from "veelab/checkpointing";
 * console.log(survival(0.1, 10).toFixed(3)); // 0.368
 * ```
 */
export function survival(writesPerS: number, seconds: number): number {
  return Math.exp(-nonNegative("writesPerS", writesPerS) * nonNegative("seconds", seconds));
}

/**
 * The mean number of entries of a map in steady state, by Little's law: entries made a second times their mean life,
 * `1/(w + e)`, when each ends by writes at rate `w` or by its page's use for something else at rate `e`. Constant time.
 *
 * @param rates - `madePerS`: pages a second that get an entry and had none
 *
 * @example
 * ```ts
 * import { steadyEntries } from "veelab/checkpointing";
 * console.log(steadyEntries({ madePerS: 100, writesPerS: 0.05, evictionsPerS: 0.05 })); // 1000
 * ```
 */
export function steadyEntries(rates: {
  readonly madePerS: number;
  readonly writesPerS: number;
  readonly evictionsPerS: number;
}): number {
  const ends = nonNegative("writesPerS", rates.writesPerS) + nonNegative("evictionsPerS", rates.evictionsPerS);
  return nonNegative("madePerS", rates.madePerS) / positive("writesPerS + evictionsPerS", ends);
}
