import { integer } from "../core/options.ts";
import { FrameList } from "./frame-list.ts";

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
  /** The guest has freed a slot. Constant time. */
  forget(slot: number): void;
}

class FifoCache implements SwapCache {
  readonly #pages: number;
  readonly #present: Uint8Array;
  readonly #order: FrameList;

  constructor(pages: number, slots: number) {
    this.#pages = pages;
    this.#present = new Uint8Array(slots);
    this.#order = new FrameList(slots);
  }

  get size(): number {
    return this.#order.size;
  }

  has(slot: number): boolean {
    return this.#present[slot] === 1;
  }

  write(slot: number): number {
    let out = -1;
    if (this.size === this.#pages) {
      out = this.#order.oldest;
      this.forget(out);
    }
    if (this.#present[slot] === 0) {
      this.#order.push(slot);
      this.#present[slot] = 1;
    }
    return out;
  }

  forget(slot: number): void {
    if (this.#present[slot] === 0) return;
    this.#order.remove(slot);
    this.#present[slot] = 0;
  }
}

/**
 * An empty cache of `pages` pages, at least one, for a device of so many slots, numbered from 0; a slot given to it is not checked. As in Palacios, a write makes room in a full cache before it looks
 * for its slot there, so that a rewritten slot, too, sends the oldest to the disk; reads bring nothing in.
 *
 * @throws OptionError for a number out of range
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
  return new FifoCache(
    integer("pages", pages, { min: 1, max: 2 ** 30 }),
    integer("slots", slots, { min: 0, max: 2 ** 28 }),
  );
}
