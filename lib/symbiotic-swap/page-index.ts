const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;

/** Numbers 32-bit pages densely, a chunk of 16 MiB of address space at a time, so that what is known of them lies in arrays. */
export class PageIndex {
  /** How many numbers are given out, whole chunks. */
  size = 0;
  readonly #chunks = new Int32Array(2 ** 32 / CHUNK).fill(-1);

  /** A page's number; -1 where its chunk has none yet. Constant time. */
  of(page: number): number {
    const first = this.#chunks[page >>> CHUNK_BITS]!;
    return first < 0 ? -1 : first + (page & (CHUNK - 1));
  }

  /** Gives a page's chunk its numbers. */
  add(page: number): number {
    this.#chunks[page >>> CHUNK_BITS] = this.size;
    this.size += CHUNK;
    return this.of(page);
  }
}
