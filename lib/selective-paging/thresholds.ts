import { OptionError } from "../core/errors.ts";
import { nonNegative } from "../core/options.ts";

/**
 * The thresholds of the policy. Frequencies are per 1000 retired instructions, as the paper counts them.
 *
 * @example
 * ```ts
 * import { table2, type Thresholds } from "veelab/selective-paging";
 * const eager: Thresholds = { ...table2, ratioUpper: 4.5e-4, ratioLower: 4e-4 };
 * ```
 */
export interface Thresholds {
  /** Guest page faults per 1000 instructions above which faults alone speak for HAP (PFU). */
  readonly faultsUpper: number;
  /** Guest page faults per 1000 instructions below which faults do not matter (PFL). */
  readonly faultsLower: number;
  /** TLB misses per 1000 instructions above which misses alone speak for SP (TLBU). */
  readonly missesUpper: number;
  /** TLB misses per 1000 instructions below which misses do not matter (TLBL). */
  readonly missesLower: number;
  /** Page faults per TLB miss above which HAP wins (PTU). */
  readonly ratioUpper: number;
  /** Page faults per TLB miss below which SP wins (PTL). */
  readonly ratioLower: number;
}

/**
 * Table 2 of Wang et al., VEE'11, as printed: page faults 5000e-7 and 100e-7 and TLB misses 10 and 0.1 per 1000
 * retired instructions, page faults per TLB miss 200e-7 and 150e-7.
 *
 * @example
 * ```ts
 * import { table2 } from "veelab/selective-paging";
 * console.log(table2.ratioUpper); // 0.00002
 * ```
 */
export const table2: Thresholds = {
  faultsUpper: 5000e-7,
  faultsLower: 100e-7,
  missesUpper: 10,
  missesLower: 0.1,
  ratioUpper: 200e-7,
  ratioLower: 150e-7,
};

/** Checks thresholds at the edge: every one a finite number ≥ 0, no lower one above its upper one. Constant time. */
export function checkThresholds(option: string, thresholds: Thresholds): Thresholds {
  const { faultsUpper, faultsLower, missesUpper, missesLower, ratioUpper, ratioLower } = thresholds;
  const pairs = [
    ["faults", faultsLower, faultsUpper],
    ["misses", missesLower, missesUpper],
    ["ratio", ratioLower, ratioUpper],
  ] as const;
  for (const [name, lower, upper] of pairs) {
    nonNegative(`${option}.${name}Lower`, lower);
    nonNegative(`${option}.${name}Upper`, upper);
    if (lower > upper)
      throw new OptionError(`${option}.${name}Lower`, `at most ${option}.${name}Upper (${upper})`, lower);
  }
  return thresholds;
}
