import type { Processor } from "./processors.ts";

/**
 * Cycles of page walks that read so many entries: of each level's table as many as its entries cost, the last cost for all above it.
 *
 * @param references - entries read of the table that is walked first, by level, the leaves' first
 * @param nestedReferences - the same of the nested page table
 *
 * @example
 * ```ts
 * import { cyclesOfWalks, nehalem } from "veelab/hardware";
 * // A walk of four levels without caches.
 * console.log(cyclesOfWalks(nehalem, [1, 1, 1, 1], [])); // 22: 10 for the leaf, 3 times 4
 * ```
 */
export function cyclesOfWalks(
  { entryCycles, nestedEntryCycles }: Pick<Processor, "entryCycles" | "nestedEntryCycles">,
  references: ArrayLike<number>,
  nestedReferences: ArrayLike<number>,
): number {
  return readCycles(references, entryCycles) + readCycles(nestedReferences, nestedEntryCycles);
}

function readCycles(references: ArrayLike<number>, cycles: readonly number[]): number {
  let sum = 0;
  for (let level = 0; level < references.length; level++)
    sum += references[level]! * cycles[Math.min(level, cycles.length - 1)]!;
  return sum;
}
