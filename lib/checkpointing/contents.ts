import type { Table } from "apache-arrow";
import { pageBytes, pageHash } from "../../datasets/formats/page.ts";
import { OptionError, SimulationError } from "../core/errors.ts";
import { integer } from "../core/options.ts";

/** No block of the disk has the page's content. */
const NONE = 0xffff_ffff;

/**
 * A guest's memory at a checkpoint, as far as the size of an image depends on it.
 *
 * @example
 * ```ts
 * import { exactContents } from "veelab/checkpointing";
 * const memory = new Uint8Array(2 * 4096);
 * console.log(exactContents(memory, new Uint8Array(0)).zero.join()); // 1,1
 * ```
 */
export interface PageContents {
  /** 1 for a page of zeros. */
  readonly zero: Uint8Array;
  /** A hash of each page: two checkpoints' pages differ where it does. */
  readonly hash: BigUint64Array;
  /** The first block with the page's content; 4294967295 for none, and for pages of zeros. */
  readonly equalBlock: Uint32Array;
  /** Whether the page equals this block; undefined where that is not known. */
  readonly holds: (page: number, block: number) => boolean | undefined;
}

/**
 * Contents from the bytes of a memory and a disk, in pages of 4 KiB; what is behind the last whole block is passed over. Equality
 * is decided by bytes. Linear; memory for a hash a block.
 *
 * @throws OptionError for a memory that is not whole pages
 *
 * @example
 * ```ts
 * import { exactContents } from "veelab/checkpointing";
 * const disk = new Uint8Array(2 * 4096).fill(7, 4096);
 * const memory = disk.slice(4096);
 * console.log(exactContents(memory, disk).equalBlock.join()); // 1
 * ```
 */
export function exactContents(memory: Uint8Array, disk: Uint8Array): PageContents {
  if (memory.length === 0 || memory.length % pageBytes !== 0)
    throw new OptionError("memory", `whole pages of ${pageBytes} bytes, at least one`, memory.length);
  const part = (bytes: Uint8Array, at: number): Uint8Array => bytes.subarray(at * pageBytes, (at + 1) * pageBytes);
  const pages = memory.length / pageBytes;
  const blocks = Math.floor(disk.length / pageBytes);
  const first = new Map<bigint, number>();
  for (let block = 0; block < blocks; block++) {
    const hash = pageHash(part(disk, block));
    if (!first.has(hash)) first.set(hash, block);
  }
  const zeroPage = new Uint8Array(pageBytes);
  const holds = (page: number, block: number): boolean =>
    block < blocks && Buffer.compare(part(memory, page), part(disk, block)) === 0;
  const zero = new Uint8Array(pages);
  const hash = new BigUint64Array(pages);
  const equalBlock = new Uint32Array(pages).fill(NONE);
  for (let page = 0; page < pages; page++) {
    const content = part(memory, page);
    hash[page] = pageHash(content);
    if (Buffer.compare(content, zeroPage) === 0) zero[page] = 1;
    else {
      const block = first.get(hash[page]!);
      if (block !== undefined && holds(page, block)) equalBlock[page] = block;
    }
  }
  return { zero, hash, equalBlock, holds };
}

/**
 * Contents of one dump of a captured guest: the table `guest/pages-*`, whose pages have a class, a hash and the *first* block of
 * the disk with that hash. Whether a page equals another block follows where that block is the first of some page's content,
 * or lies before the page's own first block; else it is not known. Linear in the table's rows.
 *
 * @param pages - the table, whose rows of a dump are all pages in order
 * @param dump - its number, from 0
 * @throws SimulationError when the table has no such dump, or not all of its pages
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { dumpContents } from "veelab/checkpointing";
 * const { zero } = dumpContents(await open("guest/pages-idle"), 0);
 * console.log(zero.length, zero.reduce((sum, one) => sum + one)); // 65536 46862
 * ```
 */
export function dumpContents(pages: Table, dump: number): PageContents {
  integer("dump", dump, { min: 0 });
  const zero: number[] = [];
  const equal: number[] = [];
  const hashes: bigint[] = [];
  const next = (name: string): (() => unknown) => {
    const column = pages.getChild(name);
    if (column === null) throw new SimulationError("checkpointing", `pages: expected a column ${name}, got none`);
    const values = column[Symbol.iterator]() as Iterator<unknown>;
    return () => values.next().value as unknown;
  };
  const dumpOf = next("dump") as () => number;
  const pageOf = next("page") as () => number;
  const classOf = next("class") as () => string;
  const hashOfRow = next("hash") as () => bigint;
  const blockOf = next("diskBlock") as () => number | null;
  for (let row = 0; row < pages.numRows; row++) {
    const [of, page, kind, hash, block] = [dumpOf(), pageOf(), classOf(), hashOfRow(), blockOf()] as const;
    if (of !== dump) continue;
    if (page !== zero.length)
      throw new SimulationError("checkpointing", `dump ${dump}: expected page ${zero.length}, got ${page}`);
    const isZero = kind === "zero";
    zero.push(Number(isZero));
    equal.push(isZero || block === null ? NONE : block);
    hashes.push(hash);
  }
  if (zero.length === 0) throw new SimulationError("checkpointing", `dump ${dump}: the table has no such dump`);
  const equalBlock = Uint32Array.from(equal);
  const hashOf = new Map<number, bigint>();
  for (const [page, block] of equalBlock.entries()) if (block !== NONE) hashOf.set(block, hashes[page]!);
  return {
    zero: Uint8Array.from(zero),
    hash: BigUint64Array.from(hashes),
    equalBlock,
    holds(page, block) {
      const first = equalBlock[page]!;
      if (block === first) return true;
      // Blocks of zeros have no hash in the table, so an entry of a page of zeros is not known to be right or wrong.
      if (zero[page] === 1) return hashOf.has(block) ? false : undefined;
      if (first === NONE || block < first) return false;
      const hash = hashOf.get(block);
      return hash === undefined ? undefined : hash === hashes[page];
    },
  };
}
