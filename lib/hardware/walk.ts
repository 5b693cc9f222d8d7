import type { PageTable } from "./page-tables.ts";
import { StructureCaches, type StructureCacheOptions } from "./structure-caches.ts";

/** How a walk ended: with a translation, at an absent entry of the (guest's) page table, or of the nested one. */
export type WalkEnd = "translated" | "page fault" | "nested fault";

/** A hardware page walker. Made by {@link nativeWalker} or {@link nestedWalker}. */
export interface Walker {
  /** Walks for a 4 KiB page number. Gives how many page-table entries were read from memory. */
  walk(page: number): number;
  /** How the last walk ended. */
  readonly end: WalkEnd;
  /** The frame the last walk arrived at; meaningful where it ended with a translation. */
  readonly frame: number;
  /** Entries read so far from the tables of each level: `references[0]` is level 1, the leaves'. */
  readonly references: Readonly<Float64Array>;
  /** The same for the nested page table; empty for a native walker. */
  readonly nestedReferences: Readonly<Float64Array>;
  /** Empties every cache of the walker. */
  flush(): void;
}

class NativeWalker implements Walker {
  end: WalkEnd = "translated";
  frame = -1;
  readonly references: Float64Array;
  readonly nestedReferences = new Float64Array(0);
  readonly #table: PageTable;
  readonly #caches: StructureCaches;
  readonly #way: Float64Array;

  constructor(table: PageTable, caches: StructureCacheOptions | undefined) {
    this.#table = table;
    this.#caches = new StructureCaches("caches", table.mode, caches);
    this.references = new Float64Array(table.levels);
    this.#way = new Float64Array(table.levels + 1);
  }

  walk(page: number): number {
    const { levels } = this.#table;
    const read = this.#table.descend(page, this.#way);
    const last = levels + 1 - Math.abs(read);
    let count = 0;
    for (let level = this.#caches.lowestHit(page) - 1; level >= last; level--) {
      this.references[level - 1]!++;
      count++;
      if (level > last) this.#caches.fill(page, level);
    }
    this.end = read > 0 ? "translated" : "page fault";
    this.frame = read > 0 ? this.#way[read]! : -1;
    return count;
  }

  flush(): void {
    this.#caches.clear();
  }
}

/**
 * A walker over one page table: of a native system, or over a shadow page table. A cold walk reads as many entries
 * as there are levels (one less for a 2 MiB page, two less for 1 GiB); with paging-structure caches it starts below
 * the lowest entry cached. A walk that finds an entry absent counts what it read. O(levels) a walk.
 *
 * @param options - the table, and the paging-structure caches (default: none)
 *
 * @example
 * ```ts
 * import { frames, nativeWalker, pageTable, paging } from "veelab/hardware";
 *
 * const memory = frames();
 * const table = pageTable(paging.fourLevel, memory);
 * table.map(100, memory.take());
 * table.map(101, memory.take());
 * const walker = nativeWalker({ table, caches: { pde: { entries: 32, ways: 4 } } });
 * if (walker.walk(100) !== 4) throw new Error("cold: four levels");
 * if (walker.walk(101) !== 1) throw new Error("the PDE is cached: the leaf only");
 * ```
 */
export function nativeWalker(options: { readonly table: PageTable; readonly caches?: StructureCacheOptions }): Walker {
  return new NativeWalker(options.table, options.caches);
}

/**
 * Entries that a cold walk reads without any cache: n for a native walk of n levels; nm + n + m for a nested walk of
 * n guest and m nested levels, because each of the n guest tables' addresses and the data's own, n + 1 in all, takes
 * a nested walk of m, beside the n guest entries (Bhargava, Serebrin, Spadini, Manne, ASPLOS 2008). Constant time.
 *
 * @example
 * ```ts
 * import { coldWalkReferences } from "veelab/hardware";
 *
 * if (coldWalkReferences(4, 4) !== 24) throw new Error("x86-64 on extended page tables");
 * ```
 */
export function coldWalkReferences(levels: number, nestedLevels = 0): number {
  return levels * nestedLevels + levels + nestedLevels;
}
