import type { Processor } from "../hardware/index.ts";

/**
 * AMD Opteron of the quad-core generation with nested paging, as in Red Storm.
 *
 * @example
 * ```ts
 * import { opteron } from "veelab/hpc-overhead";
 * console.log(opteron.clockHz / 1e9); // 2.2
 * ```
 */
export const opteron: Processor = {
  label: "Opteron, quad-core",
  clockHz: 2.2e9, // recalled, medium
  tlb: [
    {
      // recalled, medium: 32 entries of 4 KiB and 16 of 2 MiB for fetches; 48 for data, of any size.
      instruction: [
        { entries: 32, ways: 32, sizes: ["4K"] },
        { entries: 16, ways: 16, sizes: ["2M"] },
      ],
      data: [{ entries: 48, ways: 48, sizes: ["4K", "2M"] }],
    },
    {
      // recalled, medium: 512 entries of 4 KiB and 128 of 2 MiB, 4 and 2 ways, data alone; for fetches 512 of 4 KiB.
      instruction: [
        { entries: 512, ways: 4, sizes: ["4K"] },
        { entries: 16, ways: 16, sizes: ["2M"] }, // assumption: none is known; as the first level
      ],
      data: [
        { entries: 512, ways: 4, sizes: ["4K"] },
        { entries: 128, ways: 2, sizes: ["2M"] },
      ],
    },
  ],
  tagged: true, // recalled, high: address space identifiers of SVM; a load of CR3 flushes the space all the same
  // Recalled, medium (Bhargava et al., ASPLOS 2008): one page walk cache of 24 entries for all levels; modelled by levels.
  caches: { pde: { entries: 16 }, pdpte: { entries: 4 }, pml4e: { entries: 4 } },
  nestedCaches: { pde: { entries: 16 }, pdpte: { entries: 4 }, pml4e: { entries: 4 } },
  nestedTlb: { entries: 16 }, // recalled, low (the same paper)
  laterHitCycles: 9, // assumption
  // assumption: second-level cache 12 cycles, first level 3; as in veelab/hardware's own processors.
  entryCycles: [12, 3],
  nestedEntryCycles: [12, 3],
  dirtyAssistCycles: 100, // assumption
};
