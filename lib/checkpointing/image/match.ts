import type { FileHandle } from "node:fs/promises";
import { readSync } from "node:fs";
import { pageBytes } from "../../../datasets/formats/page.ts";
import { PageHashes } from "./page-hashes.ts";
import { type Piece, readAll } from "./pieces.ts";

const NONE = 0xffff_ffff;
const chunkPages = 256;

/** What each page of a memory file is, in the order of its pieces. */
export interface Matches {
  /** 1 for a page of zeros. */
  readonly zero: Uint8Array;
  /** The block with the page's content; 4294967295 for none. */
  readonly block: Uint32Array;
  /** Where each page stands in the file. */
  readonly offset: (page: number) => number;
}

/**
 * Finds for each page of a memory file a block of a disk with its content. Half of each page's XXH64 is kept (about 14 bytes a page), the
 * disk is read once, and what has the same half is compared byte by byte: a hash proposes, contents decide. A page whose
 * predecessor lies on the block before gets the next block where that is equal, too, so that extents become long.
 * Linear in memory and disk; the disk may be of any size below 16 TiB.
 */
export async function matchPages(
  memory: { readonly handle: FileHandle; readonly file: string; readonly pieces: readonly Piece[] },
  disk: { readonly handle: FileHandle; readonly bytes: number; readonly file: string },
  signal?: AbortSignal,
): Promise<Matches> {
  const runs: { readonly first: number; readonly offset: number }[] = [];
  let pages = 0;
  for (const { offset, bytes, isPages } of memory.pieces) {
    const whole = isPages ? Math.floor(bytes / pageBytes) : 0;
    if (whole > 0) runs.push({ first: pages, offset });
    pages += whole;
  }
  const offsetOf = (page: number): number => {
    let [low, high] = [0, runs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (runs[middle]!.first <= page) low = middle;
      else high = middle - 1;
    }
    return runs[low]!.offset + (page - runs[low]!.first) * pageBytes;
  };

  const zero = new Uint8Array(pages);
  const block = new Uint32Array(pages).fill(NONE);
  const sums = new Uint32Array(pages);
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(1, pages))));
  const head = new Uint32Array(2 ** bits).fill(NONE);
  const next = new Uint32Array(pages).fill(NONE);
  const shift = 32 - bits;
  // Read where they are hashed.
  const hashed = new PageHashes(chunkPages);
  const chunk = hashed.bytes;

  let page = 0;
  for (const { offset, bytes, isPages } of memory.pieces) {
    const end = isPages ? offset + bytes - (bytes % pageBytes) : offset;
    for (let at = offset; at < end; at += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, end - at));
      signal?.throwIfAborted();
      await readAll(memory.handle, part, at, memory.file);
      const whole = part.length / pageBytes;
      hashed.hash(whole);
      for (let of = 0; of < whole; of++, page++) {
        const sum = hashed.hashes[2 * of + 1]!;
        if (sum === 0 && hashed.hashes[2 * of] === 0) {
          zero[page] = 1;
          continue;
        }
        sums[page] = sum;
        next[page] = head[sum >>> shift]!;
        head[sum >>> shift] = page;
      }
    }
  }

  const holds = pageReader(memory.handle.fd, offsetOf);
  const blocks = Math.min(Math.floor(disk.bytes / pageBytes), NONE);
  for (let first = 0; first < blocks; first += chunkPages) {
    const part = chunk.subarray(0, Math.min(chunkPages, blocks - first) * pageBytes);
    signal?.throwIfAborted();
    await readAll(disk.handle, part, first * pageBytes, disk.file);
    const whole = part.length / pageBytes;
    hashed.hash(whole);
    for (let of = 0; of < whole; of++) {
      const sum = hashed.hashes[2 * of + 1]!;
      // No page of zeros is in the table.
      if (sum === 0 && hashed.hashes[2 * of] === 0) continue;
      const number = first + of;
      for (let at = head[sum >>> shift]!; at !== NONE; at = next[at]!) {
        if (sums[at] !== sum) continue;
        const goesOn = at > 0 && number > 0 && block[at - 1] === number - 1;
        if (block[at] !== NONE && !goesOn) continue;
        if (holds(at, part.subarray(of * pageBytes, (of + 1) * pageBytes))) block[at] = number;
      }
    }
  }
  return { zero, block, offset: offsetOf };
}

/**
 * Compares pages of memory with blocks. The memory was just read, so it is in the system's cache; while pages follow each other more and
 * more of them are read at once, since a call a page costs more than its bytes. A file that was cut meanwhile is found when its pages are
 * stored.
 */
function pageReader(fd: number, offsetOf: (page: number) => number): (page: number, content: Buffer) => boolean {
  const window = Buffer.alloc(64 * pageBytes);
  let [first, ahead, bytes, last] = [0, 1, 0, NONE];
  return (page, content) => {
    const goesOn = page === last + 1;
    last = page;
    let from = offsetOf(page) - first;
    if (from < 0 || from + pageBytes > bytes) {
      ahead = goesOn ? Math.min(2 * ahead, 64) : 1;
      [first, from] = [offsetOf(page), 0];
      bytes = readSync(fd, window, 0, ahead * pageBytes, first);
    }
    return window.compare(content, 0, pageBytes, from, from + pageBytes) === 0;
  };
}
