import { OrderedSets } from "./ordered-sets.ts";
import type { ReplacementPolicy } from "./replacement.ts";

/**
 * First in, first out: the entry that came first gives way, touched or not. A touch is O(ways), as is a fill.
 *
 * @example
 * ```ts
 * import { fifo } from "veelab/hardware";
 *
 * const entries = fifo().create(1, 2);
 * entries.fill(0, 7);
 * entries.fill(0, 8);
 * entries.touch(0, 7);
 * if (entries.fill(0, 9) !== 7) throw new Error("7 came first");
 * ```
 */
export function fifo(): ReplacementPolicy {
  return { label: "FIFO", params: {}, create: (sets, ways) => new OrderedSets(sets, ways, false) };
}
