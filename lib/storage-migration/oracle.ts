import { ascending, type Order } from "./order.ts";

/**
 * Blocks by the time of their last write during the bulk pass, those not written first: an order that knows the future. No
 * order has fewer dirty blocks at the end of the bulk pass (an exchange of two neighbours that are out of this order never
 * makes it worse). The bulk pass is taken to last as long as the disk takes at its fair share of the link. The trace is read
 * twice: give a table or a list of batches, not a stream. O(blocks log blocks).
 *
 * @example
 * ```ts
 * import { oracle } from "veelab/storage-migration";
 *
 * const order = oracle().create({ blocks: 3, lastWriteNs: Float64Array.of(9, -1, 5) }).order();
 * console.log(order.join()); // 1,2,0
 * ```
 */
export function oracle(): Order {
  return {
    label: "oracle",
    params: {},
    future: true,
    create: ({ blocks, lastWriteNs }) => ({
      // Typed arrays' sort is stable: ties stay in ascending order.
      order: () => ascending(blocks).sort((a, b) => lastWriteNs[a]! - lastWriteNs[b]!),
    }),
  };
}
