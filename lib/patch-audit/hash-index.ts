/** Numbers for 64-bit keys, in the order in which they are met: open addressing over typed arrays. */
export class HashIndex {
  /** How many keys there are. */
  size = 0;
  /** The lower halves of the keys, by their numbers; longer than there are keys. */
  low: Uint32Array;
  /** The upper halves. */
  high: Uint32Array;
  #mask: number;
  #slots: Int32Array;

  constructor(capacity = 1024) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * capacity)));
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots).fill(-1);
    this.low = new Uint32Array(slots / 2);
    this.high = new Uint32Array(slots / 2);
  }

  /** The key's number, or -1. Constant time on average. */
  get(low: number, high: number): number {
    return this.#slots[this.#slotOf(low, high)]!;
  }

  /** The key's number, a new one if it has none. Constant time on average. */
  add(low: number, high: number): number {
    const slot = this.#slotOf(low, high);
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    const number = this.size;
    this.#slots[slot] = number;
    this.low[number] = low;
    this.high[number] = high;
    this.size += 1;
    if (this.size === this.low.length) this.#grow();
    return number;
  }

  #slotOf(low: number, high: number): number {
    // Keys are hashes or pairs of small numbers: the multiplication spreads the latter.
    let slot = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 5) & this.#mask;
    for (;;) {
      const number = this.#slots[slot]!;
      if (number < 0 || (this.low[number] === low && this.high[number] === high)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #grow(): void {
    const larger = new HashIndex(2 * this.low.length);
    for (let number = 0; number < this.size; number += 1) larger.add(this.low[number]!, this.high[number]!);
    this.#mask = larger.#mask;
    this.#slots = larger.#slots;
    this.low = larger.low;
    this.high = larger.high;
  }
}
