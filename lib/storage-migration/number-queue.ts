/** Numbers, first in, first out, in a ring that grows by doubling. */
export class NumberQueue {
  #ring = new Float64Array(16);
  #head = 0;
  size = 0;

  push(value: number): void {
    const { length } = this.#ring;
    if (this.size === length) {
      const grown = new Float64Array(2 * length);
      for (let index = 0; index < length; index++) grown[index] = this.#ring[(this.#head + index) & (length - 1)]!;
      this.#ring = grown;
      this.#head = 0;
    }
    this.#ring[(this.#head + this.size) & (this.#ring.length - 1)] = value;
    this.size++;
  }

  /** The oldest; only while `size` > 0. */
  get first(): number {
    return this.#ring[this.#head]!;
  }

  shift(): number {
    const value = this.#ring[this.#head]!;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.size--;
    return value;
  }
}
