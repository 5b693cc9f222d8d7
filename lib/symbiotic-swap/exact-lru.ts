import { FrameList } from "./frame-list.ts";
import type { Reclaim, ReclaimPolicy } from "./reclaim.ts";

/**
 * The page untouched for longest goes. Constant time a reference, unlike `lru` of `veelab/hardware`, whose sets are small.
 *
 * @example
 * ```ts
 * import { exactLru } from "veelab/symbiotic-swap";
 * const order = exactLru().create(2);
 * order.fill(0);
 * order.fill(1);
 * order.touch(0);
 * console.log(order.victim()); // 1
 * ```
 */
export function exactLru(): ReclaimPolicy {
  return { label: "LRU", params: {}, create: (frames) => new ExactLru(frames) };
}

class ExactLru implements Reclaim {
  readonly #list: FrameList;

  constructor(frames: number) {
    this.#list = new FrameList(frames);
  }

  fill(frame: number): void {
    this.#list.push(frame);
  }

  touch(frame: number): void {
    if (this.#list.newest === frame) return;
    this.#list.remove(frame);
    this.#list.push(frame);
  }

  victim(): number {
    const frame = this.#list.oldest;
    this.#list.remove(frame);
    return frame;
  }
}
