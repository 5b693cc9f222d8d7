/** Of doubles the low and the high 32 bits, mixed so that addresses that differ in a few bits lie apart. */
function hashOf(key: number): number {
  const mixed = Math.imul((key | 0) ^ Math.imul((key / 4294967296) | 0, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/**
 * Numbers (addresses, pairs of indexes) and a dense index of each, in order of their first use: a hash table of doubles with
 * linear probing, which allocates only when it doubles. Whole numbers from 0 to 2^53. Constant expected time.
 */
export class NumberIndex {
  #slots = new Int32Array(64);
  #keys = new Float64Array(32);
  #size = 0;

  /** How many different numbers there are. */
  get size(): number {
    return this.#size;
  }

  /** The index of a number, which is given one if it has none. */
  of(key: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(key) & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found === 0) break;
      if (this.#keys[found - 1] === key) return found - 1;
      slot = (slot + 1) & mask;
    }
    if (this.#size === this.#keys.length) {
      this.#grow();
      return this.of(key);
    }
    this.#keys[this.#size] = key;
    this.#slots[slot] = ++this.#size;
    return this.#size - 1;
  }

  /** The index of a number, or -1. */
  find(key: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(key) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot]!;
      if (found === 0 || this.#keys[found - 1] === key) return found - 1;
    }
  }

  /** The number of an index. */
  keyOf(index: number): number {
    return this.#keys[index]!;
  }

  #grow(): void {
    const keys = new Float64Array(2 * this.#keys.length);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#slots = new Int32Array(4 * keys.length);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      let slot = hashOf(keys[index]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    }
  }
}
