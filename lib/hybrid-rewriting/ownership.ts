import { grown } from "./grow.ts";
import { NumberIndex } from "./number-index.ts";

/**
 * Versions of shared memory, as a software transactional memory keeps them: granules of some bytes are mapped to ownership
 * records, each with the number of the last commit that wrote through it. Without a number of records each granule has its own; with one,
 * granules that share a record make false conflicts, which a version of the granule itself tells from true ones.
 */
export class Ownership {
  readonly #granules = new NumberIndex();
  readonly #hashBits: number | undefined;
  #records = new Int32Array(64);
  #recordVersions: Float64Array;
  #granuleVersions = new Float64Array(64);
  #writers: Int32Array;

  constructor(records: number | undefined) {
    this.#hashBits = records === undefined ? undefined : Math.log2(records);
    this.#recordVersions = new Float64Array(records ?? 64);
    this.#writers = new Int32Array(records ?? 64);
  }

  /** The index of a granule, by its number (address divided by its bytes). */
  granule(number: number): number {
    const granule = this.#granules.of(number);
    if (granule >= this.#records.length || this.#granules.size > this.#granuleVersions.length) this.#grow();
    if (this.#hashBits !== undefined) this.#records[granule] = recordOf(number, this.#hashBits);
    return granule;
  }

  /** The number of a granule. */
  numberOf(granule: number): number {
    return this.#granules.keyOf(granule);
  }

  /** The version of a granule's record. */
  version(granule: number): number {
    return this.#recordVersions[this.#hashBits === undefined ? granule : this.#records[granule]!]!;
  }

  /** The version of the granule itself. */
  ownVersion(granule: number): number {
    return this.#hashBits === undefined ? this.#recordVersions[granule]! : this.#granuleVersions[granule]!;
  }

  /** The section that wrote last through a granule's record. */
  writer(granule: number): number {
    return this.#writers[this.#hashBits === undefined ? granule : this.#records[granule]!]!;
  }

  /** A commit writes a granule. */
  write(granule: number, version: number, section: number): void {
    const record = this.#hashBits === undefined ? granule : this.#records[granule]!;
    this.#recordVersions[record] = version;
    this.#writers[record] = section;
    this.#granuleVersions[granule] = version;
  }

  #grow(): void {
    const length = 2 * this.#granuleVersions.length;
    this.#granuleVersions = grown(this.#granuleVersions, length);
    this.#records = grown(this.#records, length);
    if (this.#hashBits === undefined) {
      this.#recordVersions = grown(this.#recordVersions, length);
      this.#writers = grown(this.#writers, length);
    }
  }
}

/** The record of a granule among 2^bits: the highest bits of its number times a fraction of 2^32 (Fibonacci hashing). */
export function recordOf(granule: number, bits: number): number {
  if (bits === 0) return 0;
  const folded = (granule | 0) ^ Math.imul((granule / 4294967296) | 0, 0x85ebca6b);
  return Math.imul(folded, 0x9e3779b1) >>> (32 - bits);
}
