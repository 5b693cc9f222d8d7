/**
 * Bytes of an entry of the map: a page and a block of 32 and 64 bits, as pairs one by one.
 *
 * @example
 * ```ts
 * import { flatEntryBytes } from "veelab/checkpointing";
 * console.log(24_875 * flatEntryBytes); // 298500
 * ```
 */
export const flatEntryBytes = 12;

/**
 * Bytes of an extent of the map: a page of 32 bits, a block of 48 and a length of 32.
 *
 * @example
 * ```ts
 * import { extentBytes } from "veelab/checkpointing";
 * console.log(2687 * extentBytes); // 37618
 * ```
 */
export const extentBytes = 14;

/**
 * How pages lie on the disk: as runs of pages in memory that are runs of blocks on the disk, and as runs of blocks when each
 * distinct block is read once, in the disk's order.
 *
 * @example
 * ```ts
 * import { placement } from "veelab/checkpointing";
 * console.log(placement([7, 8, 20], [100, 101, 99])); // { extents: 2, runs: 1, blocks: 3 }
 * ```
 */
export interface Placement {
  /** Runs of pages that follow each other and whose blocks do: entries of the map as extents, and reads in order of pages. */
  readonly extents: number;
  /** Runs of distinct blocks that follow each other: reads when sorted by block. */
  readonly runs: number;
  /** Distinct blocks. */
  readonly blocks: number;
}

/**
 * The {@link Placement} of pages, ascending, on their blocks. n log n time.
 *
 * @param pages - pages of the guest, ascending
 * @param blocks - the block of each
 *
 * @example
 * ```ts
 * import { placement } from "veelab/checkpointing";
 * console.log(placement([1, 2, 3], [9, 9, 10]).blocks); // 2
 * ```
 */
export function placement(pages: ArrayLike<number>, blocks: ArrayLike<number>): Placement {
  const sorted = Uint32Array.from(blocks).sort();
  let [extents, runs, distinct] = [0, 0, 0];
  for (let at = 0; at < sorted.length; at++) {
    if (at === 0 || pages[at] !== pages[at - 1]! + 1 || blocks[at] !== blocks[at - 1]! + 1) extents++;
    if (at > 0 && sorted[at] === sorted[at - 1]) continue;
    distinct++;
    if (at === 0 || sorted[at] !== sorted[at - 1]! + 1) runs++;
  }
  return { extents, runs, blocks: distinct };
}
