import { DirtyBitmap } from "./dirty-bitmap.ts";
import type { DirtyOrder } from "./dirty-order.ts";

/**
 * Always the dirty block with the lowest number. Marking is of constant time; taking skips clean blocks, 32 at a time, from the
 * lowest that may be dirty.
 *
 * @example
 * ```ts
 * import { lowestFirst } from "veelab/storage-migration";
 *
 * const dirty = lowestFirst().create(10);
 * for (const block of [7, 3]) dirty.mark(block);
 * console.log(dirty.take()); // 3
 * dirty.mark(1);
 * console.log(dirty.take()); // 1, though sending had come to 3
 * ```
 */
export function lowestFirst(): DirtyOrder {
  return {
    label: "lowest first",
    params: {},
    create: (blocks) => {
      const bits = new DirtyBitmap(blocks);
      let lowest = 0;
      return {
        get size() {
          return bits.size;
        },
        has: (block) => bits.has(block),
        mark: (block) => {
          bits.mark(block);
          if (block < lowest) lowest = block;
        },
        take: () => {
          lowest = bits.next(lowest);
          bits.clear(lowest);
          return lowest;
        },
      };
    },
  };
}
