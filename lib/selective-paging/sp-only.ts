import type { Policy } from "./policy.ts";

/**
 * Shadow paging from start to end, one of the paper's two baselines.
 *
 * @example
 * ```ts
 * import { spOnly } from "veelab/selective-paging";
 * console.log(spOnly().label); // SP
 * ```
 */
export function spOnly(): Policy {
  return { label: "SP", params: {}, create: () => ({ start: "SP", periodS: Infinity, next: () => "SP" }) };
}
