import { ascending, type Order } from "./order.ts";

/**
 * From the disk's beginning to its end, as a migration without knowledge of the workload does: the baseline.
 *
 * @example
 * ```ts
 * import { linear } from "veelab/storage-migration";
 *
 * console.log(linear().create({ blocks: 3 }).order()); // 0, 1, 2
 * ```
 */
export function linear(): Order {
  return { label: "linear", params: {}, create: ({ blocks }) => ({ order: () => ascending(blocks) }) };
}
