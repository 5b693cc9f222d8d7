import type { PageTable } from "./page-tables.ts";
import {
  type BuiltCache,
  buildCache,
  StructureCaches,
  type StructureCacheOptions,
  type WalkerCache,
} from "./structure-caches.ts";
import type { Walker, WalkEnd } from "./walk.ts";

/** What {@link nestedWalker} walks, and its caches, each off unless given. */
export interface NestedWalkerOptions {
  /** The guest's page table; its frames are guest-physical. */
  readonly guest: PageTable;
  /** The nested page table (EPT, NPT), indexed by guest-physical frame numbers. */
  readonly nested: PageTable;
  /**
   * Caches of guest entries. As Intel's combined mappings do, an entry holds the machine address of the table it
   * points to, so a hit saves that table's nested translation too.
   */
  readonly caches?: StructureCacheOptions;
  /** Caches of nested entries that point to further nested tables. */
  readonly nestedCaches?: StructureCacheOptions;
  /** The nested TLB, of guest-physical pages. "perfect" always hits, even cold: a bound. */
  readonly nestedTlb?: WalkerCache | "perfect";
}

class TwoDimensionalWalker implements Walker {
  end: WalkEnd = "translated";
  frame = -1;
  readonly references: Float64Array;
  readonly nestedReferences: Float64Array;
  readonly #guest: PageTable;
  readonly #nested: PageTable;
  readonly #guestCaches: StructureCaches;
  readonly #nestedCaches: StructureCaches;
  readonly #nestedTlb: BuiltCache | "perfect" | undefined;
  readonly #guestWay: Float64Array;
  readonly #nestedWay: Float64Array;

  constructor({ guest, nested, caches, nestedCaches, nestedTlb }: NestedWalkerOptions) {
    this.#guest = guest;
    this.#nested = nested;
    this.#guestCaches = new StructureCaches("caches", guest.mode, caches);
    this.#nestedCaches = new StructureCaches("nestedCaches", nested.mode, nestedCaches);
    this.#nestedTlb = typeof nestedTlb === "object" ? buildCache("nestedTlb", nestedTlb) : nestedTlb;
    this.references = new Float64Array(guest.levels);
    this.nestedReferences = new Float64Array(nested.levels);
    this.#guestWay = new Float64Array(guest.levels + 1);
    this.#nestedWay = new Float64Array(nested.levels + 1);
  }

  walk(page: number): number {
    const { levels } = this.#guest;
    const way = this.#guestWay;
    const read = this.#guest.descend(page, way);
    const last = levels + 1 - Math.abs(read);
    const hit = this.#guestCaches.lowestHit(page);
    let count = 0;
    for (let level = hit - 1; level >= last; level--) {
      const addressKnown = level === hit - 1 && hit <= levels;
      if (!addressKnown) {
        count += this.#translate(way[levels - level]!);
        if (this.end === "nested fault") return count;
        // The entry read above points here; what its cache keeps is this table's machine address, known only now.
        if (level < hit - 1) this.#guestCaches.fill(page, level + 1);
      }
      this.references[level - 1]!++;
      count++;
    }
    if (read < 0) {
      this.end = "page fault";
      this.frame = -1;
      return count;
    }
    return count + this.#translate(way[read]!);
  }

  flush(): void {
    this.#guestCaches.clear();
    this.#nestedCaches.clear();
    if (typeof this.#nestedTlb === "object") this.#nestedTlb.sets.clear();
  }

  /** Takes a guest-physical frame to its machine frame; gives the nested entries read. */
  #translate(guestFrame: number): number {
    const { levels } = this.#nested;
    const read = this.#nested.descend(guestFrame, this.#nestedWay);
    this.frame = read > 0 ? this.#nestedWay[read]! : -1;
    this.end = read > 0 ? "translated" : "nested fault";
    const last = levels + 1 - Math.abs(read);
    const tlb = this.#nestedTlb;
    const tag = guestFrame >>> (9 * (last - 1));
    const key = tag + last * 2 ** 32;
    if (read > 0 && (tlb === "perfect" || tlb?.sets.touch(tag & tlb.mask, key) === true)) return 0;
    let count = 0;
    for (let level = this.#nestedCaches.lowestHit(guestFrame) - 1; level >= last; level--) {
      this.nestedReferences[level - 1]!++;
      count++;
      if (level > last) this.#nestedCaches.fill(guestFrame, level);
    }
    if (read > 0 && typeof tlb === "object") tlb.sets.fill(tag & tlb.mask, key);
    return count;
  }
}

/**
 * A two-dimensional walker: every guest page-table entry lies at a guest-physical address that the nested page table
 * must translate first, and so does the data. A cold walk without caches reads nm + n + m entries
 * ({@link coldWalkReferences}); with a perfect nested TLB only the guest's n. O(n m) a walk.
 *
 * @example
 * ```ts
 * import { frames, nestedWalker, pageTable, paging } from "veelab/hardware";
 *
 * const machine = frames();
 * const nested = pageTable(paging.fourLevel, machine);
 * const guestMemory = frames((frame) => void nested.map(frame, machine.take()));
 * const guest = pageTable(paging.fourLevel, guestMemory);
 * guest.map(100, guestMemory.take());
 * if (nestedWalker({ guest, nested }).walk(100) !== 24) throw new Error("4 guest levels on 4 nested ones");
 * ```
 */
export function nestedWalker(options: NestedWalkerOptions): Walker {
  return new TwoDimensionalWalker(options);
}
