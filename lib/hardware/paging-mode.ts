/** A radix page table's shape: how many bits of the page number index a table of each level, the root's first. */
export interface PagingMode {
  /** Its name in tables and charts. */
  readonly label: string;
  /** Bits a level, the root's first. */
  readonly bits: readonly number[];
}

/**
 * The paging modes of x86 (Intel SDM volume 3A, chapter 4): 32-bit paging with two levels of 1024 entries, PAE with
 * a root of four entries, and 4 and 5 levels of 512. Two-level tables hold 4 KiB leaves only here (their large page
 * is 4 MiB, which no other mode has).
 *
 * @example
 * ```ts
 * import { paging } from "veelab/hardware";
 *
 * if (paging.pae.bits.length !== 3) throw new Error("PAE has three levels");
 * ```
 */
export const paging: Readonly<Record<"twoLevel" | "pae" | "fourLevel" | "fiveLevel", PagingMode>> = {
  twoLevel: { label: "2-level 32-bit", bits: [10, 10] },
  pae: { label: "3-level PAE", bits: [2, 9, 9] },
  fourLevel: { label: "4-level", bits: [9, 9, 9, 9] },
  fiveLevel: { label: "5-level", bits: [9, 9, 9, 9, 9] },
};

/** How many bits of a page number the levels below the `level`-th (1 = the leaves' tables) translate. */
export function bitsBelow(mode: PagingMode, level: number): number {
  return mode.bits.slice(mode.bits.length - level + 1).reduce((sum, bits) => sum + bits, 0);
}

/** A page number divided by 2^bits; JavaScript's shifts take only the low five bits of their count. */
export function shifted(page: number, bits: number): number {
  return bits > 31 ? 0 : page >>> bits;
}
