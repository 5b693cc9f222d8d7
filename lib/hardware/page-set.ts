const CHUNK_BITS = 17;
const NOTHING = new Uint32Array(1 << (CHUNK_BITS - 5));

/** A set of 32-bit page numbers. Made by {@link pageSet}. */
export interface PageSet {
  /** How many pages are in it. */
  readonly size: number;
  /** Whether a page is in it. */
  has(page: number): boolean;
  /** Adds a page; gives whether it was new. */
  add(page: number): boolean;
  /** Takes every page out. */
  clear(): void;
}

class Bitmap implements PageSet {
  size = 0;
  readonly #chunks: Uint32Array[] = new Array<Uint32Array>(1 << (32 - CHUNK_BITS)).fill(NOTHING);

  has(page: number): boolean {
    const chunk = this.#chunks[page >>> CHUNK_BITS]!;
    return ((chunk[(page >>> 5) & (NOTHING.length - 1)]! >>> (page & 31)) & 1) === 1;
  }

  add(page: number): boolean {
    let chunk = this.#chunks[page >>> CHUNK_BITS]!;
    if (chunk === NOTHING) {
      chunk = new Uint32Array(NOTHING.length);
      this.#chunks[page >>> CHUNK_BITS] = chunk;
    }
    const word = (page >>> 5) & (NOTHING.length - 1);
    const before = chunk[word]!;
    const after = before | (1 << (page & 31));
    if (before >>> 0 === after >>> 0) return false;
    chunk[word] = after;
    this.size++;
    return true;
  }

  clear(): void {
    this.#chunks.fill(NOTHING);
    this.size = 0;
  }
}

/**
 * An empty set of 32-bit page numbers: a two-level bitmap, constant time an operation and 16 KiB for each 512 MiB of
 * address space in use.
 *
 * @example
 * ```ts
 * import { pageSet } from "veelab/hardware";
 *
 * const dirty = pageSet();
 * if (!dirty.add(7) || dirty.add(7) || !dirty.has(7)) throw new Error("7 is new once");
 * ```
 */
export function pageSet(): PageSet {
  return new Bitmap();
}
