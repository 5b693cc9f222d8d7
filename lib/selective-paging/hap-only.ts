import type { Policy } from "./policy.ts";

/**
 * Hardware-assisted paging from start to end, one of the paper's two baselines.
 *
 * @example
 * ```ts
 * import { hapOnly } from "veelab/selective-paging";
 * console.log(hapOnly().label); // HAP
 * ```
 */
export function hapOnly(): Policy {
  return { label: "HAP", params: {}, create: () => ({ start: "HAP", periodS: Infinity, next: () => "HAP" }) };
}
