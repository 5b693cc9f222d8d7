import type { Mode } from "./mode.ts";
import { table2, type Thresholds } from "./thresholds.ts";

/**
 * What one sampling interval showed, per 1000 retired instructions.
 *
 * @example
 * ```ts
 * import type { Frequencies } from "veelab/selective-paging";
 * const row7: Frequencies = { fpf: 1600e-7, ftlb: 16 }; // Table 1, row 7
 * ```
 */
export interface Frequencies {
  /** FPF: guest page faults per 1000 retired instructions. */
  readonly fpf: number;
  /** FTLB: TLB misses per 1000 retired instructions. */
  readonly ftlb: number;
}

/**
 * What the most recent samples showed together; {@link recent} computes it.
 *
 * @example
 * ```ts
 * import type { History } from "veelab/selective-paging";
 * const steady: History = { htlb: 16, hpt: 100e-7 };
 * ```
 */
export interface History {
  /** HTLB: running average of FTLB. */
  readonly htlb: number;
  /** HPT: recent page faults per TLB miss; not read when `htlb` is 0. */
  readonly hpt: number;
}

/**
 * A decision together with the line of Fig. 5 that made it (1 to 6; 7 where no line before it applies).
 *
 * @example
 * ```ts
 * import type { Decision } from "veelab/selective-paging";
 * const stay: Decision = { rule: 7, mode: "HAP" };
 * ```
 */
export interface Decision {
  /** The line that decided; 7 where the mode is kept because no line before applies. */
  readonly rule: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** The mode for the next interval. */
  readonly mode: Mode;
}

/** A fault or miss rate below this share of its upper threshold does not contradict the other rate (Fig. 5). */
const clearlyBelow = 0.8;

/**
 * The policy of Fig. 5 (Wang et al., VEE'11), with the line that decided. Pure; constant time. The first line that
 * applies wins; every comparison is strict, as printed.
 *
 * @param mode - the mode the guest is in
 * @param counters - the interval just ended, per 1000 instructions
 * @param history - the last samples, see {@link recent}
 * @param thresholds - {@link table2} unless given
 *
 * @example
 * ```ts
 * import { decideBy } from "veelab/selective-paging";
 * const { rule, mode } = decideBy("HAP", { fpf: 1600e-7, ftlb: 16 }, { htlb: 16, hpt: 100e-7 });
 * console.log(rule, mode); // 1 SP
 * ```
 */
export function decideBy(
  mode: Mode,
  counters: Frequencies,
  history: History,
  thresholds: Thresholds = table2,
): Decision {
  const { fpf, ftlb } = counters;
  const { htlb, hpt } = history;
  const { faultsUpper, faultsLower, missesUpper, missesLower, ratioUpper, ratioLower } = thresholds;
  if (ftlb > missesUpper && fpf < clearlyBelow * faultsUpper) return { rule: 1, mode: "SP" };
  if (fpf > faultsUpper && ftlb < clearlyBelow * missesUpper) return { rule: 2, mode: "HAP" };
  if (ftlb < missesLower && fpf < faultsLower) return { rule: 3, mode };
  if (ftlb === 0 || htlb === 0) return { rule: 4, mode: "HAP" };
  const cpt = fpf / ftlb;
  if (hpt > ratioUpper && cpt > ratioUpper) return { rule: 5, mode: "HAP" };
  if (hpt < ratioLower && cpt < ratioLower) return { rule: 6, mode: "SP" };
  return { rule: 7, mode };
}

/**
 * The mode for the next interval by the policy of Fig. 5 (Wang et al., VEE'11). Pure; constant time.
 *
 * @param mode - the mode the guest is in
 * @param counters - the interval just ended, per 1000 instructions
 * @param history - the last samples, see {@link recent}
 * @param thresholds - {@link table2} unless given
 *
 * @example
 * ```ts
 * import { decide, recent } from "veelab/selective-paging";
 * const row2 = { fpf: 125e-7, ftlb: 0.5 }; // Table 1, row 2
 * console.log(decide("SP", row2, recent([row2, row2, row2]))); // HAP
 * ```
 */
export function decide(mode: Mode, counters: Frequencies, history: History, thresholds: Thresholds = table2): Mode {
  return decideBy(mode, counters, history, thresholds).mode;
}
