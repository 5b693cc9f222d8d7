import type { ComparisonInput } from "../core/compare.ts";

/**
 * A row for a quantity that the paper evaluates and whose value is not known here: "published: not available". Only the abstract was at hand,
 * and no table, figure or percentage is filled in.
 *
 * @example
 * ```ts
 * import { compare } from "veelab";
 * import { unpublished } from "veelab/storage-migration";
 *
 * const rows = [unpublished("extra traffic saved", "%", 38)];
 * console.log(compare({ title: "extra traffic" }, rows).counts.notPublished); // 1
 * ```
 */
export function unpublished(
  quantity: string,
  unit: string,
  reproduced: number | null,
  analytic: number | null = null,
): ComparisonInput {
  return { quantity, unit, published: null, source: "not available", relation: "about", reproduced, analytic };
}
