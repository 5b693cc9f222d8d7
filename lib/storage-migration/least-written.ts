import type { DirtyOrder } from "./dirty-order.ts";

const NONE = 0xffff_ffff;
/** Blocks written more often than this since they were sent share one list, so that the lists stay small. */
const MOST = 2 ** 16;

/**
 * Always a dirty block with the fewest writes since it was sent last, of several the one counted last. Lists by count: marking is of constant
 * time, taking too but for the search of the first list that is not empty.
 *
 * @example
 * ```ts
 * import { leastWritten } from "veelab/storage-migration";
 *
 * const dirty = leastWritten().create(10);
 * for (const block of [3, 7, 3]) dirty.mark(block);
 * console.log(dirty.take()); // 7: written once, 3 twice
 * ```
 */
export function leastWritten(): DirtyOrder {
  return {
    label: "least written",
    params: {},
    create: (blocks) => {
      const count = new Uint32Array(blocks);
      const before = new Uint32Array(blocks).fill(NONE);
      const after = new Uint32Array(blocks).fill(NONE);
      const head = new Uint32Array(MOST + 1).fill(NONE);
      let least = MOST;
      let size = 0;
      const unlink = (block: number): void => {
        const left = before[block]!;
        const right = after[block]!;
        if (left === NONE) head[count[block]!] = right;
        else after[left] = right;
        if (right !== NONE) before[right] = left;
      };
      return {
        get size() {
          return size;
        },
        has: (block) => count[block] !== 0,
        mark: (block) => {
          const writes = count[block]!;
          if (writes === MOST) return;
          if (writes === 0) size++;
          else unlink(block);
          const next = writes + 1;
          count[block] = next;
          const first = head[next]!;
          before[block] = NONE;
          after[block] = first;
          if (first !== NONE) before[first] = block;
          head[next] = block;
          if (next < least) least = next;
        },
        take: () => {
          while (head[least] === NONE) least++;
          const block = head[least]!;
          unlink(block);
          count[block] = 0;
          size--;
          return block;
        },
      };
    },
  };
}
