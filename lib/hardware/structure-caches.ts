import { integer } from "../core/options.ts";
import { lru } from "./lru.ts";
import { bitsBelow, type PagingMode, shifted } from "./paging-mode.ts";
import type { ReplacementPolicy, ReplacementSets } from "./replacement.ts";

/** The size of one cache of the page walker; `ways` default to all of its entries. */
export interface WalkerCache {
  /** How many entries. */
  readonly entries: number;
  /** Entries a set; `entries / ways` is a power of two. Default: fully associative. */
  readonly ways?: number;
  /** Default: LRU. */
  readonly policy?: ReplacementPolicy;
}

/**
 * The paging-structure caches of a page walker (Intel SDM volume 3A, 4.10.3): each holds entries of one level that
 * point to a further table, so that a walk may start below them. An absent one is off. In PAE mode the processor
 * keeps the four PDPTEs in registers: `pdpte: { entries: 4 }` is that.
 */
export interface StructureCacheOptions {
  /** Of level 2: an entry leads to a table of 4 KiB leaves. */
  readonly pde?: WalkerCache;
  /** Of level 3. */
  readonly pdpte?: WalkerCache;
  /** Of level 4. */
  readonly pml4e?: WalkerCache;
  /** Of level 5. */
  readonly pml5e?: WalkerCache;
}

/** One cache made: its entries, and the mask that takes a key to its set. */
export interface BuiltCache {
  readonly sets: ReplacementSets;
  readonly mask: number;
}

/** Checks the size of a walker's cache and makes it. */
export function buildCache(option: string, { entries, ways = entries, policy = lru() }: WalkerCache): BuiltCache {
  integer(`${option}.entries`, entries, { min: 1, max: 2 ** 24 });
  integer(`${option}.ways`, ways, { min: 1, max: entries });
  const sets = entries / ways;
  integer(`log2(${option}.entries / ways)`, Math.log2(sets), { min: 0, max: 24 });
  return { sets: policy.create(sets, ways), mask: sets - 1 };
}

/** The paging-structure caches over one page table, asked from the level nearest to the leaves. */
export class StructureCaches {
  readonly #caches: readonly (BuiltCache | undefined)[];
  readonly #below: readonly number[];
  readonly #levels: number;

  constructor(option: string, mode: PagingMode, options: StructureCacheOptions = {}) {
    const { pde, pdpte, pml4e, pml5e } = options;
    this.#levels = mode.bits.length;
    const named = Object.entries({ pde, pdpte, pml4e, pml5e });
    // Indexed by level: 2 is the PDE's.
    this.#caches = [
      undefined,
      undefined,
      ...named.map(([name, cache], index) =>
        cache === undefined || index + 2 > this.#levels ? undefined : buildCache(`${option}.${name}`, cache),
      ),
    ];
    this.#below = mode.bits.map((_, index) => bitsBelow(mode, index + 1));
  }

  /** The lowest level whose entry for this page is cached, or one above the root. */
  lowestHit(page: number): number {
    for (let level = 2; level <= this.#levels; level++) {
      const cache = this.#caches[level];
      if (cache === undefined) continue;
      const key = shifted(page, this.#below[level - 1]!);
      if (cache.sets.touch(key & cache.mask, key)) return level;
    }
    return this.#levels + 1;
  }

  /** Keeps the entry of a level, just read, that points to a further table. */
  fill(page: number, level: number): void {
    const cache = this.#caches[level];
    if (cache === undefined) return;
    const key = shifted(page, this.#below[level - 1]!);
    if (!cache.sets.touch(key & cache.mask, key)) cache.sets.fill(key & cache.mask, key);
  }

  clear(): void {
    for (const cache of this.#caches) cache?.sets.clear();
  }
}
