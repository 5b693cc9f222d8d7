import { FrameList } from "./frame-list.ts";
import type { Reclaim, ReclaimPolicy } from "./reclaim.ts";

/**
 * Linux's two lists of anonymous pages (since 5.9; the rules as of `mm/vmscan.c`, without the activation of refaults and in
 * single pages instead of batches of 32). A page comes in on the inactive list. At its end, one that was referenced goes round once, and to
 * the active list if it was referenced again; another goes. The active list's end moves over while it is the longer one.
 * Constant time a reference, O(frames) at worst a victim.
 *
 * @example
 * ```ts
 * import { twoLists } from "veelab/symbiotic-swap";
 * const order = twoLists().create(2);
 * order.fill(0);
 * order.fill(1);
 * order.touch(0);
 * console.log(order.victim()); // 1: 0 is older, but was referenced
 * ```
 */
export function twoLists(): ReclaimPolicy {
  return { label: "two lists", params: {}, create: (frames) => new TwoLists(frames) };
}

class TwoLists implements Reclaim {
  readonly #active: FrameList;
  readonly #inactive: FrameList;
  /** The processor's accessed bits, and whether the end of the inactive list has seen one before. */
  readonly #accessed: Uint8Array;
  readonly #seen: Uint8Array;

  constructor(frames: number) {
    this.#active = new FrameList(frames);
    this.#inactive = new FrameList(frames);
    this.#accessed = new Uint8Array(frames);
    this.#seen = new Uint8Array(frames);
  }

  fill(frame: number): void {
    this.#accessed[frame] = 0;
    this.#seen[frame] = 0;
    this.#inactive.push(frame);
  }

  touch(frame: number): void {
    this.#accessed[frame] = 1;
  }

  victim(): number {
    const [active, inactive] = [this.#active, this.#inactive];
    for (;;) {
      while (active.size > inactive.size) {
        const frame = active.oldest;
        active.remove(frame);
        this.#accessed[frame] = 0;
        this.#seen[frame] = 0;
        inactive.push(frame);
      }
      const frame = inactive.oldest;
      inactive.remove(frame);
      if (this.#accessed[frame] === 0) return frame;
      this.#accessed[frame] = 0;
      if (this.#seen[frame] === 1) active.push(frame);
      else inactive.push(frame);
      this.#seen[frame] = 1 - this.#seen[frame]!;
    }
  }
}
