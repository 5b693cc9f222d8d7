import { DirtyBitmap } from "./dirty-bitmap.ts";
import type { DirtyOrder } from "./dirty-order.ts";

/**
 * Round after round over the disk: the next dirty block after the one sent last, as an iterator over a bitmap gives it. What becomes dirty behind it waits
 * for the next round, so that a block that is written again and again is sent once a round.
 *
 * @example
 * ```ts
 * import { cyclic } from "veelab/storage-migration";
 *
 * const dirty = cyclic().create(10);
 * for (const block of [7, 3]) dirty.mark(block);
 * console.log(dirty.take()); // 3
 * dirty.mark(1);
 * console.log(dirty.take(), dirty.take()); // 7, then 1
 * ```
 */
export function cyclic(): DirtyOrder {
  return {
    label: "cyclic",
    params: {},
    create: (blocks) => {
      const bits = new DirtyBitmap(blocks);
      let from = 0;
      return {
        get size() {
          return bits.size;
        },
        has: (block) => bits.has(block),
        mark: (block) => {
          bits.mark(block);
        },
        take: () => {
          const ahead = bits.next(from);
          const block = ahead < 0 ? bits.next(0) : ahead;
          bits.clear(block);
          from = block + 1;
          return block;
        },
      };
    },
  };
}
