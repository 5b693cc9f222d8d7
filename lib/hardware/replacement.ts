/**
 * The entries of a set-associative structure under one replacement policy. A key is a whole number from 0 to
 * 2^53 - 1 that is unique in the structure; the set it belongs to is the caller's business.
 *
 * A second `touch` of the key touched last in its set must change nothing: a run of references to one page is
 * simulated as a single touch. All of veelab's policies have this property; a policy that counts touches has not.
 */
export interface ReplacementSets {
  /** Looks a key up and, where it is present, updates the set's order. Gives whether it was present. O(ways). */
  touch(set: number, key: number): boolean;
  /** Brings in a key that is not present. Gives the key it displaced, or -1 where there was room. O(ways). */
  fill(set: number, key: number): number;
  /** Takes a key out, leaving room. Gives whether it was present. O(ways). */
  drop(set: number, key: number): boolean;
  /** Takes out every key the predicate names. O(entries). */
  dropWhere(unwanted: (key: number) => boolean): void;
  /** Takes everything out. O(entries), and constant time where nothing was filled since the last time. */
  clear(): void;
  /** The keys of one set, the best kept first where the policy has an order, without the free ways. O(ways). */
  keys(set: number): number[];
}

/**
 * Which entry of a full set gives way to a new one: a plain value, as every policy in veelab. `label` names it in
 * tables and charts; `params` are its parameters, columns of a sweep's table; `create` makes the entries.
 *
 * @example
 * ```ts
 * import { lru, treePlru, type ReplacementPolicy } from "veelab/hardware";
 *
 * const policies: readonly ReplacementPolicy[] = [lru(), treePlru()];
 * const missesOfAScan = policies.map((policy) => {
 *   const entries = policy.create(1, 4);
 *   let misses = 0;
 *   for (const key of [1, 2, 3, 4, 5, 1]) {
 *     if (!entries.touch(0, key)) {
 *       misses++;
 *       entries.fill(0, key);
 *     }
 *   }
 *   return misses;
 * });
 * if (missesOfAScan.join() !== "6,6") throw new Error(missesOfAScan.join());
 * ```
 */
export interface ReplacementPolicy {
  /** Its name in tables and charts. */
  readonly label: string;
  /** Its parameters, columns of a sweep's table. */
  readonly params: Readonly<Record<string, number | string>>;
  /**
   * Makes the entries, all free.
   *
   * @throws OptionError where the policy cannot serve that many ways
   */
  create(sets: number, ways: number): ReplacementSets;
}

/** What an empty way holds; no key is negative. */
export const FREE = -1;
