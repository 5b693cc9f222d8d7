/**
 * A hypervisor's write-back cache in front of a swap disk: first in, first out by the slots' first writes. Made by {@link swapCache}.
 *
 * @example
 * ```ts
 * import { swapCache, type SwapCache } from "veelab/symbiotic-swap";
 * const cache: SwapCache = swapCache(1, 8);
 * console.log(cache.write(5), cache.write(6), cache.has(5)); // -1 5 false
 * ```
 */
export interface SwapCache {
  /** How many slots are in it. */
  readonly size: number;
  /** Whether a slot is in it. Constant time. */
  has(slot: number): boolean;
  /**
   * A page is written to a slot. Gives the slot that went to the disk for it, or -1. Constant time.
   */
  write(slot: number): number;
}

class FifoCache implements SwapCache {
  size = 0;
  readonly #present: Uint8Array;
  readonly #order: Int32Array;
  #oldest = 0;

  constructor(pages: number, slots: number) {
    this.#present = new Uint8Array(slots);
    this.#order = new Int32Array(pages);
  }

  has(slot: number): boolean {
    return this.#present[slot] === 1;
  }

  write(slot: number): number {
    const order = this.#order;
    let out = -1;
    if (this.size === order.length) {
      out = order[this.#oldest]!;
      this.#present[out] = 0;
      this.#oldest = this.#oldest + 1 === order.length ? 0 : this.#oldest + 1;
      this.size--;
    }
    if (this.#present[slot] === 0) {
      const at = this.#oldest + this.size;
      order[at < order.length ? at : at - order.length] = slot;
      this.#present[slot] = 1;
      this.size++;
    }
    return out;
  }
}

/**
 * An empty cache of `pages` pages, at least one, for a device of so many slots. As in Palacios, a write makes room in a full cache before it looks
 * for its slot there, so that a rewritten slot, too, sends the oldest to the disk; reads bring nothing in; a
 * slot that the guest has freed stays until its turn, as nothing tells the device.
 *
 * @example
 * ```ts
 * import { swapCache } from "veelab/symbiotic-swap";
 * const cache = swapCache(2, 8);
 * cache.write(5);
 * cache.write(6);
 * console.log(cache.write(6), cache.size); // 5 1
 * ```
 */
export function swapCache(pages: number, slots: number): SwapCache {
  return new FifoCache(pages, slots);
}
