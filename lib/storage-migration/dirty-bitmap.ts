/** Dirty blocks as bits, 32 to a word, with the lowest one at or after a place found by skipping empty words. */
export class DirtyBitmap {
  readonly #words: Uint32Array;
  size = 0;

  constructor(blocks: number) {
    this.#words = new Uint32Array(Math.ceil(blocks / 32));
  }

  has(block: number): boolean {
    return (this.#words[block >>> 5]! & (1 << (block & 31))) !== 0;
  }

  mark(block: number): void {
    const word = this.#words[block >>> 5]!;
    const marked = (word | (1 << (block & 31))) >>> 0;
    if (marked === word) return;
    this.#words[block >>> 5] = marked;
    this.size++;
  }

  clear(block: number): void {
    this.#words[block >>> 5]! &= ~(1 << (block & 31));
    this.size--;
  }

  /** The lowest dirty block at or after `from`; −1 where there is none. */
  next(from: number): number {
    let at = from >>> 5;
    if (at >= this.#words.length) return -1;
    let word = (this.#words[at]! & (-1 << (from & 31))) >>> 0;
    while (word === 0) {
      at++;
      if (at >= this.#words.length) return -1;
      word = this.#words[at]!;
    }
    return at * 32 + (31 - Math.clz32(word & -word));
  }
}
