import type { ComparisonInput } from "../core/compare.ts";

/**
 * What the paper claims and where its numbers stand. The full text was not available to the authors of this library: no table,
 * no figure and no headline percentage of it is known here, and none is filled in.
 *
 * @example
 * ```ts
 * import { marks } from "veelab/storage-migration";
 *
 * console.log(marks.abstract); // abstract
 * ```
 */
export const marks = {
  /** Said in the abstract, without a number. */
  abstract: "abstract",
  /** Constants of the scheduler that its authors released in 2014, a successor of the paper's. */
  release: "authors' 2014 code release",
} as const;

/**
 * A row for a quantity that the paper evaluates and whose value is not known here: "published: not available".
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
