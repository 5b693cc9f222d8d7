import type { StructureCacheOptions, WalkerCache } from "./structure-caches.ts";
import type { TlbLevel } from "./tlb-options.ts";

/** The parts of a processor that translate addresses. */
export interface Processor {
  /** Name in tables and charts. */
  readonly label: string;
  /** Clock frequency, Hz. */
  readonly clockHz: number;
  /** The TLB's levels. */
  readonly tlb: readonly TlbLevel[];
  /** Whether TLB entries carry the number of their guest (VPID, ASID); without, each exit flushes. */
  readonly tagged: boolean;
  /** Paging-structure caches over the guest's (or a native system's, or the shadow) table. */
  readonly caches: StructureCacheOptions;
  /** Paging-structure caches over the nested page table. */
  readonly nestedCaches: StructureCacheOptions;
  /** The nested TLB; absent where there is none. */
  readonly nestedTlb?: WalkerCache;
  /** Cycles that a hit in a later level of the TLB adds to one in the first. */
  readonly laterHitCycles: number;
  /** Cycles to read a page-table entry, by the table's level, the leaves' first; the last holds for all above it. */
  readonly entryCycles: readonly number[];
  /** The same for entries of the nested page table. */
  readonly nestedEntryCycles: readonly number[];
  /** Cycles to set a dirty bit in a page table on the first write to a page. */
  readonly dirtyAssistCycles: number;
}

// The model of where a page-table entry is found, for all processors: tables above the leaves' are few and hot, so their
// entries come from the first-level data cache; entries of leaves' tables, guest or nested, come from the second level.
// An assumption; a workload that misses the second-level cache with its leaf entries walks more slowly than this.

/**
 * Intel Nehalem (Core i7-860, Lynnfield), the testbed of 2011. TLBs 64 + 512 entries, 4 ways: recalled, high.
 *
 * @example
 * ```ts
 * import { nehalem, tlb } from "veelab/hardware";
 *
 * const buffer = tlb({ levels: nehalem.tlb });
 * buffer.access(Uint32Array.from({ length: 600 }, (_, page) => page));
 * if (buffer.misses.length !== 2) throw new Error("two levels");
 * ```
 */
export const nehalem: Processor = {
  label: "Nehalem (i7-860)",
  clockHz: 2.8e9,
  tlb: [
    {
      // recalled, medium: 128 entries for 4 KiB (halved with hyper-threading, which the testbed had off), 7 for 2 MiB.
      instruction: [
        { entries: 128, ways: 4, sizes: ["4K"] },
        { entries: 7, ways: 7, sizes: ["2M"] },
      ],
      data: [
        { entries: 64, ways: 4, sizes: ["4K"] },
        // recalled, high
        { entries: 32, ways: 4, sizes: ["2M"] },
      ],
    },
    { unified: [{ entries: 512, ways: 4, sizes: ["4K"] }] },
  ],
  // recalled, low: that Xen used no VPID. The fact sheet derives 159 further misses a fault from the paper's Table 3.
  tagged: false,
  // recalled, low: sizes of Intel's paging-structure caches.
  caches: { pde: { entries: 32, ways: 4 }, pdpte: { entries: 4 }, pml4e: { entries: 2 } },
  // assumption: the same for the nested table; no separate nested TLB is documented.
  nestedCaches: { pde: { entries: 32, ways: 4 }, pdpte: { entries: 4 }, pml4e: { entries: 2 } },
  laterHitCycles: 7, // recalled, medium
  // recalled, high: first-level data cache 4 cycles, second level 10.
  entryCycles: [10, 4],
  nestedEntryCycles: [10, 4],
  dirtyAssistCycles: 100, // assumption: a microcode assist
};

const modernCaches: StructureCacheOptions = {
  // assumption: sizes are not documented; the PDE's and PDPTE's about as published for Intel since Skylake (recalled, low).
  pde: { entries: 32, ways: 4 },
  pdpte: { entries: 16 },
  pml4e: { entries: 4 },
  pml5e: { entries: 2 },
};

/**
 * Intel Golden Cove (Alder Lake, Sapphire Rapids). TLBs 96 + 2048 entries: recalled, high.
 *
 * @example
 * ```ts
 * import { goldenCove, nehalem } from "veelab/hardware";
 *
 * if (goldenCove.clockHz <= nehalem.clockHz) throw new Error("it runs faster");
 * ```
 */
export const goldenCove: Processor = {
  label: "Golden Cove",
  clockHz: 3.5e9, // assumption: a server part under load
  tlb: [
    {
      // recalled, medium: 256 entries of 8 ways for 4 KiB, 32 for 2 MiB
      instruction: [
        { entries: 256, ways: 8, sizes: ["4K"] },
        { entries: 32, ways: 8, sizes: ["2M"] },
        { entries: 1, ways: 1, sizes: ["1G"] }, // assumption
      ],
      data: [
        { entries: 96, ways: 6, sizes: ["4K"] },
        { entries: 32, ways: 4, sizes: ["2M"] }, // recalled, medium
        { entries: 8, ways: 8, sizes: ["1G"] }, // recalled, medium
      ],
    },
    {
      unified: [
        { entries: 2048, ways: 16, sizes: ["4K", "2M"] }, // recalled, medium: shared by both sizes
        { entries: 1024, ways: 8, sizes: ["1G"] }, // recalled, low
      ],
    },
  ],
  tagged: true,
  caches: modernCaches,
  nestedCaches: modernCaches,
  laterHitCycles: 7, // recalled, low
  // recalled, medium: first-level data cache 5 cycles, second level 15.
  entryCycles: [15, 5],
  nestedEntryCycles: [15, 5],
  dirtyAssistCycles: 100, // assumption
};

/**
 * AMD Zen 4. TLBs 72 + 3072 entries: recalled, high.
 *
 * @example
 * ```ts
 * import { tlb, zen4 } from "veelab/hardware";
 *
 * const buffer = tlb({ levels: zen4.tlb });
 * for (let round = 0; round < 2; round++) buffer.access(Uint32Array.from({ length: 72 }, (_, page) => page));
 * if (buffer.misses[0]![1] !== 72) throw new Error("72 pages fit into its first level");
 * ```
 */
export const zen4: Processor = {
  label: "Zen 4",
  clockHz: 3.5e9, // assumption: a server part under load
  tlb: [
    {
      instruction: [{ entries: 64, ways: 64, sizes: ["4K", "2M", "1G"] }], // recalled, medium
      data: [{ entries: 72, ways: 72, sizes: ["4K", "2M", "1G"] }],
    },
    // recalled, medium: 24 ways, every size but 1 GiB, which it splits; the model lets those pages pass by.
    { unified: [{ entries: 3072, ways: 24, sizes: ["4K", "2M"] }] },
  ],
  tagged: true,
  // recalled, low: 64 entries of page-directory cache; the others as assumed for current Intel.
  caches: { ...modernCaches, pde: { entries: 64 } },
  nestedCaches: { ...modernCaches, pde: { entries: 64 } },
  // recalled, low: 16 in the first processors with nested paging (Bhargava et al., ASPLOS 2008); assumed 64 today.
  nestedTlb: { entries: 64 },
  laterHitCycles: 7, // recalled, low
  // recalled, medium: first-level data cache 4 cycles, second level 14.
  entryCycles: [14, 4],
  nestedEntryCycles: [14, 4],
  dirtyAssistCycles: 100, // assumption
};
