import { OrderedSets } from "./ordered-sets.ts";
import type { ReplacementPolicy } from "./replacement.ts";

/**
 * Least recently used: the entry untouched for longest gives way. Obeys the inclusion property of Mattson, Gecsei,
 * Slutz and Traiger (IBM Systems Journal 9(2), 1970): what a set of k ways holds, a set of k + 1 ways holds too.
 *
 * A touch is O(ways) at worst and constant for the key touched last; a fill is O(ways).
 *
 * @example
 * ```ts
 * import { lru } from "veelab/hardware";
 *
 * const entries = lru().create(1, 2);
 * entries.fill(0, 7);
 * entries.fill(0, 8);
 * entries.touch(0, 7);
 * if (entries.fill(0, 9) !== 8) throw new Error("8 was used least recently");
 * ```
 */
export function lru(): ReplacementPolicy {
  return { label: "LRU", params: {}, create: (sets, ways) => new OrderedSets(sets, ways, true) };
}
