/** The last so many requests, as the first and the last block of each; older ones are forgotten. */
export class RequestWindow {
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  #seen = 0;

  constructor(capacity: number) {
    this.#first = new Uint32Array(capacity);
    this.#last = new Uint32Array(capacity);
  }

  get size(): number {
    return Math.min(this.#seen, this.#first.length);
  }

  add(first: number, last: number): void {
    const at = this.#seen % this.#first.length;
    this.#first[at] = first;
    this.#last[at] = last;
    this.#seen++;
  }

  /** Calls back for the requests `from` to `to` (excluded), the oldest being 0. */
  each(from: number, to: number, visit: (first: number, last: number) => void): void {
    const oldest = this.#seen - this.size;
    for (let index = from; index < to; index++) {
      const at = (oldest + index) % this.#first.length;
      visit(this.#first[at]!, this.#last[at]!);
    }
  }
}
