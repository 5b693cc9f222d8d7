/**
 * The smallest and largest of integers of 64 bits, exactly, from their halves: a BigInt for each value takes ten
 * times as long.
 */
export class WideExtremes {
  readonly #signed: boolean;
  #any = false;
  #min: readonly [high: number, low: number] = [0, 0];
  #max: readonly [high: number, low: number] = [0, 0];

  constructor(kind: "signed" | "unsigned") {
    this.#signed = kind === "signed";
  }

  /** The first `count` values, the lower half of each first. */
  add(halves: Int32Array, count: number): void {
    if (count === 0) return;
    const flip = this.#signed ? 0 : 0x80000000;
    // A high half of an unsigned value compares as signed once its top bit is turned.
    if (!this.#any) this.#min = this.#max = [halves[1]! ^ flip, halves[0]! >>> 0];
    this.#any = true;
    let [minHigh, minLow] = this.#min;
    let [maxHigh, maxLow] = this.#max;
    for (let at = 0; at < count; at += 1) {
      const high = halves[2 * at + 1]! ^ flip;
      const low = halves[2 * at]! >>> 0;
      if (high < minHigh || (high === minHigh && low < minLow)) [minHigh, minLow] = [high, low];
      if (high > maxHigh || (high === maxHigh && low > maxLow)) [maxHigh, maxLow] = [high, low];
    }
    this.#min = [minHigh, minLow];
    this.#max = [maxHigh, maxLow];
  }

  /** Null before the first value. */
  get min(): bigint | null {
    return this.#any ? this.#value(this.#min) : null;
  }

  get max(): bigint | null {
    return this.#any ? this.#value(this.#max) : null;
  }

  #value([high, low]: readonly [high: number, low: number]): bigint {
    const half = this.#signed ? high : (high ^ 0x80000000) >>> 0;
    return (BigInt(half) << 32n) + BigInt(low);
  }
}
