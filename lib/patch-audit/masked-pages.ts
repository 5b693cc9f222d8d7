import { createHash } from "node:crypto";
import { pageBytes } from "../../datasets/formats/page.ts";
import { OptionError } from "../../datasets/errors.ts";
import { HashIndex } from "./hash-index.ts";

/**
 * What stays of a code page that is changed when it is loaded, as the code of kernel modules is by relocations and by what the kernel rewrites.
 *
 * @example
 * ```ts
 * import { type PagePattern, patternOf } from "veelab/patch-audit";
 * const page = new Uint8Array(4096).map((_, at) => at % 251);
 * const mask = new Uint8Array(512);
 * mask[4] = 0b1111; // bytes 32 to 35 are an address
 * const pattern: PagePattern | undefined = patternOf(page, mask);
 * console.log(pattern?.anchorByte); // 0
 * ```
 */
export interface PagePattern {
  /** Which bytes loading may change: 512 bytes, a bit for each byte of the page, the lowest bit of a byte first. */
  readonly mask: Uint8Array;
  /** The first 64 bits of the SHA-1 of the page, 0 where the mask is set, followed by the mask. */
  readonly hash: bigint;
  /** Where 8 bytes stand that loading leaves as they are, and by which the page is looked for: a multiple of 8. */
  readonly anchorByte: number;
  /** These bytes, the lowest first. */
  readonly anchor: bigint;
}

/** Assumption: with fewer bytes left that are not 0, pages of different code may look the same. */
const fewestBytes = 64;

/**
 * The pattern of a page; undefined where too little of it stays to tell it apart (64 bytes that are not 0). Of the 8-byte words that stay, the anchor is one with
 * most different bytes, which are the rarest. Linear in the page.
 *
 * @param page - 4096 bytes; what it has where the mask is set does not matter
 * @param mask - 512 bytes
 * @throws OptionError for other lengths
 *
 * @example
 * ```ts
 * import { patternOf } from "veelab/patch-audit";
 * console.log(patternOf(new Uint8Array(4096), new Uint8Array(512))); // undefined: a page of zeros is no code
 * ```
 */
export function patternOf(page: Uint8Array, mask: Uint8Array): PagePattern | undefined {
  if (page.length !== pageBytes) throw new OptionError("page", `${pageBytes} bytes`, page.length);
  if (mask.length !== pageBytes / 8) throw new OptionError("mask", `${pageBytes / 8} bytes`, mask.length);
  const kept = page.slice();
  clear(kept, mask);
  let left = 0;
  for (const byte of kept) if (byte !== 0) left += 1;
  let [best, anchorByte] = [1, -1];
  for (let at = 0; at < pageBytes; at += 8) {
    if (mask[at >> 3] !== 0) continue;
    const different = new Set(kept.subarray(at, at + 8)).size;
    if (different > best) [best, anchorByte] = [different, at];
  }
  if (left < fewestBytes || anchorByte < 0) return undefined;
  const anchor = new DataView(kept.buffer).getBigUint64(anchorByte, true);
  return { mask, hash: patternHash(kept, mask), anchorByte, anchor };
}

function clear(page: Uint8Array, mask: Uint8Array): void {
  for (let byte = 0; byte < mask.length; byte += 1) {
    const bits = mask[byte]!;
    if (bits === 0) continue;
    for (let bit = 0; bit < 8; bit += 1) if ((bits & (1 << bit)) !== 0) page[8 * byte + bit] = 0;
  }
}

/** The mask is part of it: a byte that is masked is not one that is 0. */
const patternHash = (kept: Uint8Array, mask: Uint8Array): bigint =>
  createHash("sha1").update(kept).update(mask).digest().readBigUInt64BE(0);

/**
 * Pages that are known but for some bytes, found by their contents: each 8-byte word of a page in question is looked up among the anchors, and where one
 * stands at its place, the page is hashed under the mask of the page that it is the anchor of. A page may be found to be several.
 */
export class MaskedPages {
  readonly #ids: number[] = [];
  readonly #patterns: PagePattern[] = [];
  /** The next pattern with the same anchor; -1 for none. */
  readonly #next: number[] = [];
  readonly #first: number[] = [];
  readonly #anchors = new HashIndex();
  readonly #words = new Uint32Array(pageBytes / 4);
  readonly #page = new Uint8Array(this.#words.buffer);
  readonly #kept = new Uint8Array(pageBytes);

  /** How many there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** A page of the database; each id once. */
  add(id: number, pattern: PagePattern): void {
    const anchor = this.#anchors.add(Number(pattern.anchor & 0xffff_ffffn), Number(pattern.anchor >> 32n));
    this.#next.push(this.#first[anchor] ?? -1);
    this.#first[anchor] = this.#ids.length;
    this.#ids.push(id);
    this.#patterns.push(pattern);
  }

  /** Ids of the pages that this one can be, in ascending order. 512 look-ups, and a hash for each anchor at its place. */
  find(page: Uint8Array): number[] {
    const [words, found] = [this.#words, [] as number[]];
    this.#page.set(page);
    for (let word = 0; word < words.length; word += 2) {
      const [low, high] = [words[word]!, words[word + 1]!];
      if (low === 0 && high === 0) continue;
      const anchor = this.#anchors.get(low, high);
      if (anchor < 0) continue;
      for (let at = this.#first[anchor]!; at >= 0; at = this.#next[at]!) {
        const { anchorByte, mask, hash } = this.#patterns[at]!;
        if (anchorByte !== 4 * word) continue;
        this.#kept.set(page);
        clear(this.#kept, mask);
        if (patternHash(this.#kept, mask) === hash) found.push(this.#ids[at]!);
      }
    }
    return found.sort((a, b) => a - b);
  }
}
