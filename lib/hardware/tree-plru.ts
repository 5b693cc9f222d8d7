import { OptionError } from "../../datasets/errors.ts";
import { FREE, type ReplacementPolicy, type ReplacementSets } from "./replacement.ts";
import { Ways } from "./ways.ts";

/** A binary tree of one bit a node over the ways: the bits on the path from the root point at the next victim. */
class TreeSets implements ReplacementSets {
  readonly #held: Ways;
  /** One word a set; bit i is tree node i (the root is 1), set where the victim is in the right half. */
  readonly #trees: Int32Array;

  constructor(sets: number, ways: number) {
    this.#held = new Ways(sets, ways);
    this.#trees = new Int32Array(sets);
  }

  touch(set: number, key: number): boolean {
    const way = this.#held.find(set, key);
    if (way < 0) return false;
    this.#pointAway(set, way);
    return true;
  }

  fill(set: number, key: number): number {
    const free = this.#held.find(set, FREE);
    const way = free < 0 ? this.#victim(set) : free;
    this.#pointAway(set, way);
    return this.#held.put(set, way, key);
  }

  drop(set: number, key: number): boolean {
    return this.#held.drop(set, key);
  }

  dropWhere(unwanted: (key: number) => boolean): void {
    this.#held.dropWhere(unwanted);
  }

  clear(): void {
    if (this.#held.clear()) this.#trees.fill(0);
  }

  keys(set: number): number[] {
    return this.#held.of(set);
  }

  #pointAway(set: number, way: number): void {
    let tree = this.#trees[set]!;
    for (let node = way + this.#held.ways; node > 1; node >>= 1)
      tree = (node & 1) === 0 ? tree | (1 << (node >> 1)) : tree & ~(1 << (node >> 1));
    this.#trees[set] = tree;
  }

  #victim(set: number): number {
    const tree = this.#trees[set]!;
    let node = 1;
    while (node < this.#held.ways) node = 2 * node + ((tree >> node) & 1);
    return node - this.#held.ways;
  }
}

/**
 * Tree pseudo-LRU, as in many real TLBs and caches: one bit a node of a binary tree over the ways; a touch points
 * the bits on its path away from itself, the victim is where they point. Free ways are filled first, the lowest
 * first. With two ways it is exact LRU. A touch is O(ways), a victim O(log ways).
 *
 * The number of ways must be a power of two from 1 to 32; otherwise `create` throws an OptionError.
 *
 * @example
 * ```ts
 * import { treePlru } from "veelab/hardware";
 *
 * const entries = treePlru().create(1, 4);
 * for (const key of [1, 2, 3, 4]) entries.fill(0, key);
 * entries.touch(0, 1);
 * if (entries.fill(0, 5) !== 3) throw new Error("LRU would take 2; the tree's root points at the half of 3 and 4");
 * ```
 */
export function treePlru(): ReplacementPolicy {
  return {
    label: "tree-PLRU",
    params: {},
    create: (sets, ways) => {
      if (ways > 32 || (ways & (ways - 1)) !== 0)
        throw new OptionError("ways", "a power of two from 1 to 32 (tree-PLRU)", ways);
      return new TreeSets(sets, ways);
    },
  };
}
