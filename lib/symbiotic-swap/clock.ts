import type { Reclaim, ReclaimPolicy } from "./reclaim.ts";

/**
 * Second chance (Corbató's clock): a hand goes round the frames; a page that was referenced since the hand's last visit stays
 * once more. Constant time a reference, O(frames) at worst a victim.
 *
 * @example
 * ```ts
 * import { clock } from "veelab/symbiotic-swap";
 * const order = clock().create(2);
 * order.fill(0);
 * order.fill(1);
 * order.touch(0);
 * console.log(order.victim()); // 1
 * ```
 */
export function clock(): ReclaimPolicy {
  return { label: "clock", params: {}, create: (frames) => new Clock(frames) };
}

class Clock implements Reclaim {
  readonly #referenced: Uint8Array;
  #hand = 0;

  constructor(frames: number) {
    this.#referenced = new Uint8Array(frames);
  }

  fill(frame: number): void {
    this.#referenced[frame] = 0;
  }

  touch(frame: number): void {
    this.#referenced[frame] = 1;
  }

  victim(): number {
    const referenced = this.#referenced;
    for (;;) {
      const frame = this.#hand;
      this.#hand = frame + 1 === referenced.length ? 0 : frame + 1;
      if (referenced[frame] === 0) return frame;
      referenced[frame] = 0;
    }
  }
}
