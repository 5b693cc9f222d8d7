/** The last so many requests, as the first and the last block of each; older ones are forgotten. */
export class RequestWindow {
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  #at = 0; // where the next one goes
  #size = 0;

  constructor(capacity: number) {
    this.#first = new Uint32Array(capacity);
    this.#last = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  add(first: number, last: number): void {
    this.#first[this.#at] = first;
    this.#last[this.#at] = last;
    this.#at = this.#at + 1 === this.#first.length ? 0 : this.#at + 1;
    if (this.#size < this.#first.length) this.#size++;
  }

  /** Calls back for the requests `from` to `to` (excluded), the oldest being 0. */
  each(from: number, to: number, visit: (first: number, last: number) => void): void {
    const capacity = this.#first.length;
    const oldest = this.#at - this.#size + capacity;
    for (let index = from; index < to; index++) {
      const at = (oldest + index) % capacity;
      visit(this.#first[at]!, this.#last[at]!);
    }
  }
}
