import { OptionError } from "../core/errors.ts";
import type { Frequencies, History } from "./decide.ts";

/**
 * The historic values of the policy from the samples kept, oldest first: HTLB is the mean of FTLB, HPT the mean of
 * FPF over the mean of FTLB. Linear in the number of samples.
 *
 * The paper says "running average of the 3 most recent samples" and guards HPT by `HTLB == 0`, which is a guard only
 * if HPT is a quotient with HTLB below the line; hence the ratio of the two averages, not an average of ratios.
 * Before three samples exist the average is over those there are (the paper does not say).
 *
 * @param samples - the samples of the window, at least one
 * @throws OptionError when there is no sample
 *
 * @example
 * ```ts
 * import { recent } from "veelab/selective-paging";
 * const { htlb, hpt } = recent([
 *   { fpf: 3e-5, ftlb: 1 },
 *   { fpf: 0, ftlb: 2 },
 *   { fpf: 0, ftlb: 3 },
 * ]);
 * console.log(htlb, hpt); // 2 and 5e-6
 * ```
 */
export function recent(samples: readonly Frequencies[]): History {
  if (samples.length === 0) throw new OptionError("samples", "at least one sample", samples);
  let fpf = 0;
  let ftlb = 0;
  for (const sample of samples) {
    fpf += sample.fpf;
    ftlb += sample.ftlb;
  }
  return { htlb: ftlb / samples.length, hpt: ftlb === 0 ? 0 : fpf / ftlb };
}
