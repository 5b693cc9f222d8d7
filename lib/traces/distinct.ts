const bits = 10;
const registers = 1 << bits;
/** Of HyperLogLog with 1024 registers: 0.7213 / (1 + 1.079 / m). */
const alpha = 0.7213 / (1 + 1.079 / registers);

/** A key's hash, 32 bits: MurmurHash3's finaliser over both halves. */
export function hashOf(key: number): number {
  let h = (key | 0) ^ Math.imul(Math.floor(key / 0x100000000) | 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Counts different keys in a kibibyte: HyperLogLog (P. Flajolet et al., AofA 2007) with 1024 registers, linear
 * counting below 2560; a standard error of 3.3 %. Two counters merge without loss.
 */
export class DistinctCounter {
  readonly #registers = new Uint8Array(registers);

  /** A key by its hash of 32 bits. */
  add(hash: number): void {
    const register = hash >>> (32 - bits);
    const rank = Math.clz32((hash << bits) | (1 << (bits - 1))) + 1;
    if (rank > this.#registers[register]!) this.#registers[register] = rank;
  }

  merge(other: DistinctCounter): void {
    for (let at = 0; at < registers; at += 1)
      if (other.#registers[at]! > this.#registers[at]!) this.#registers[at] = other.#registers[at]!;
  }

  /** The number of different keys. */
  count(): number {
    let sum = 0;
    let empty = 0;
    for (const rank of this.#registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty += 1;
    }
    const estimate = (alpha * registers * registers) / sum;
    return estimate <= 2.5 * registers && empty > 0 ? registers * Math.log(registers / empty) : estimate;
  }
}
