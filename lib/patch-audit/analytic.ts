import { SimulationError } from "../core/errors.ts";
import { fraction, integer, nonNegative, positive } from "../core/options.ts";

/**
 * First executions (and refreshes) a second that an overhead allows, when each takes so long. Constant time.
 *
 * @throws OptionError for a price that is not above 0
 *
 * @example
 * ```ts
 * import { boundEventsPerS } from "veelab/patch-audit";
 * console.log(Math.round(boundEventsPerS(4, 25))); // 1600: what P2's 4 % allows at 25 µs
 * ```
 */
export function boundEventsPerS(overheadPct: number, eventUs: number): number {
  return (nonNegative("overheadPct", overheadPct) / 100) * (1e6 / positive("eventUs", eventUs));
}

/**
 * The probability that a binary is identified after k distinct pages, when each tells it apart with probability u,
 * independently: 1 - (1-u)^k. Constant time.
 *
 * @example
 * ```ts
 * import { identifiedAfter } from "veelab/patch-audit";
 * console.log(identifiedAfter(2, 0.9).toFixed(2)); // 0.99
 * ```
 */
export function identifiedAfter(k: number, uniqueShare: number): number {
  return 1 - (1 - fraction("uniqueShare", uniqueShare)) ** integer("k", k, { min: 0 });
}

/**
 * The same for pages drawn without replacement from a binary's n, of which `unique` tell it apart (hypergeometric):
 * 1 - C(n-unique, k) / C(n, k). Linear in k.
 *
 * @throws OptionError when the binary has fewer pages than are drawn, or fewer than are unique
 *
 * @example
 * ```ts
 * import { identifiedWithoutReplacement } from "veelab/patch-audit";
 * console.log(identifiedWithoutReplacement(2, 4, 3)); // 1: at most one of two pages is not unique
 * ```
 */
export function identifiedWithoutReplacement(k: number, pages: number, unique: number): number {
  integer("pages", pages, { min: 1 });
  integer("unique", unique, { min: 0, max: pages });
  integer("k", k, { min: 0, max: pages });
  let missed = 1;
  for (let drawn = 0; drawn < k; drawn += 1) missed *= Math.max(0, pages - unique - drawn) / (pages - drawn);
  return 1 - missed;
}

/**
 * Pages until a binary is identified, on average, when each tells it apart with probability u: 1/u. Constant time.
 *
 * @throws SimulationError for u = 0, with which it never is
 *
 * @example
 * ```ts
 * import { expectedPages } from "veelab/patch-audit";
 * console.log(expectedPages(0.5)); // 2
 * ```
 */
export function expectedPages(uniqueShare: number): number {
  if (fraction("uniqueShare", uniqueShare) === 0)
    throw new SimulationError("patch-audit", "a binary without a page of its own is never identified");
  return 1 / uniqueShare;
}

/**
 * The same without replacement: (n+1) / (unique+1), the mean of the negative hypergeometric distribution. Constant time.
 *
 * @throws SimulationError for a binary without a page of its own
 *
 * @example
 * ```ts
 * import { expectedPagesWithoutReplacement } from "veelab/patch-audit";
 * console.log(expectedPagesWithoutReplacement(3, 1)); // 2
 * ```
 */
export function expectedPagesWithoutReplacement(pages: number, unique: number): number {
  integer("pages", pages, { min: 1 });
  if (integer("unique", unique, { min: 0, max: pages }) === 0)
    throw new SimulationError("patch-audit", "a binary without a page of its own is never identified");
  return (pages + 1) / (unique + 1);
}

/**
 * What refreshing adds, %: each period, every page of the working set faults once. Constant time.
 *
 * @param faultUs - the exit and what else a page takes that executes again
 *
 * @example
 * ```ts
 * import { refreshOverheadPct } from "veelab/patch-audit";
 * console.log(refreshOverheadPct(4000, 2, 1).toFixed(1)); // 0.8
 * ```
 */
export function refreshOverheadPct(workingSetPages: number, faultUs: number, periodS: number): number {
  return (
    (100 * nonNegative("workingSetPages", workingSetPages) * nonNegative("faultUs", faultUs) * 1e-6) /
    positive("periodS", periodS)
  );
}
