import { integer } from "../core/options.ts";
import { FREE, type ReplacementPolicy, type ReplacementSets } from "./replacement.ts";
import { Ways } from "./ways.ts";

class RandomSets implements ReplacementSets {
  readonly #held: Ways;
  #state: number;

  constructor(sets: number, ways: number, seed: number) {
    this.#held = new Ways(sets, ways);
    this.#state = seed;
  }

  touch(set: number, key: number): boolean {
    return this.#held.find(set, key) >= 0;
  }

  fill(set: number, key: number): number {
    const free = this.#held.find(set, FREE);
    return this.#held.put(set, free < 0 ? this.#draw() : free, key);
  }

  drop(set: number, key: number): boolean {
    return this.#held.drop(set, key);
  }

  dropWhere(unwanted: (key: number) => boolean): void {
    this.#held.dropWhere(unwanted);
  }

  clear(): void {
    this.#held.clear();
  }

  keys(set: number): number[] {
    return this.#held.of(set);
  }

  /** Marsaglia's xorshift32 (Journal of Statistical Software 8(14), 2003), as a shift register in hardware would. */
  #draw(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return Math.floor(((x >>> 0) / 2 ** 32) * this.#held.ways);
  }
}

/**
 * Random replacement: any entry of a full set gives way, drawn by a shift register. Free ways are filled first.
 * The same seed gives the same victims. Touch and fill are O(ways).
 *
 * @param seed - a whole number from 1 to 2^32 - 1: the shift register's first state
 *
 * @example
 * ```ts
 * import { randomReplacement } from "veelab/hardware";
 *
 * const victim = () => {
 *   const entries = randomReplacement(7).create(1, 4);
 *   for (const key of [1, 2, 3, 4]) entries.fill(0, key);
 *   return entries.fill(0, 5);
 * };
 * if (victim() !== victim()) throw new Error("the same seed gives the same victim");
 * ```
 */
export function randomReplacement(seed = 1): ReplacementPolicy {
  integer("seed", seed, { min: 1, max: 2 ** 32 - 1 });
  return { label: "random", params: { seed }, create: (sets, ways) => new RandomSets(sets, ways, seed) };
}
