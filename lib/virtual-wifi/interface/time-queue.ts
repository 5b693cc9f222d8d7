/** Times, first in, first out; grows as needed. Constant time. */
export class TimeQueue {
  #times = new Float64Array(16);
  #head = 0;
  /** How many are in it. */
  size = 0;

  push(timeNs: number): void {
    if (this.size === this.#times.length) {
      const times = new Float64Array(2 * this.size);
      times.set(this.#times.subarray(this.#head));
      times.set(this.#times.subarray(0, this.#head), this.size - this.#head);
      this.#times = times;
      this.#head = 0;
    }
    this.#times[(this.#head + this.size++) & (this.#times.length - 1)] = timeNs;
  }

  shift(): number {
    const timeNs = this.#times[this.#head]!;
    this.#head = (this.#head + 1) & (this.#times.length - 1);
    this.size--;
    return timeNs;
  }
}
