/**
 * A quantity that the paper's evaluation must have, and whose number is not known.
 *
 * @example
 * ```ts
 * import { publishedQuantities, type PublishedQuantity } from "veelab/symbiotic-swap";
 * const known = (rows: readonly PublishedQuantity[]): number => rows.filter(({ value }) => value !== null).length;
 * console.log(known(publishedQuantities)); // 0
 * ```
 */
export interface PublishedQuantity {
  /** What. */
  readonly quantity: string;
  /** In which unit. */
  readonly unit: string;
  /** The paper's number: none is known. */
  readonly value: null;
  /** Where a number would stand. */
  readonly source: string;
}

const source = "only the abstract and the VMM's source were at hand; the abstract has no number";

/**
 * What would be compared: the abstract promises an evaluation of SymCall and of SwapBypass, and says no number of it.
 *
 * @example
 * ```ts
 * import { publishedQuantities } from "veelab/symbiotic-swap";
 * console.log(publishedQuantities.every(({ value }) => value === null)); // true
 * ```
 */
export const publishedQuantities: readonly PublishedQuantity[] = [
  { quantity: "latency of a symcall", unit: "µs", value: null, source },
  { quantity: "speed-up by SwapBypass under memory pressure", unit: "", value: null, source },
];
