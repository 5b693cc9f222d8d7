/**
 * Models of hardware that several papers share: translation lookaside buffers, page tables and the walks through them,
 * shadow paging and what a world switch costs; disks and links.
 *
 * @module
 */
export { batchOf, checkLengths, kinds, singly, type ReferenceBatch } from "./batch.ts";
export { cyclesOfWalks } from "./cycles-of-walks.ts";
export { disk, disk2011, diskToday, type Disk, type DiskSpeed } from "./disk.ts";
export { checkExitCosts, type ExitCause, exitCauses, type ExitCosts, exits2011, exitsToday } from "./exits.ts";
export { fifo } from "./fifo.ts";
export { frames, type Frames } from "./frames.ts";
export { type Link, linkBytesPerS, wan2011, wanToday } from "./link.ts";
export { lru } from "./lru.ts";
export { nestedWalker, type NestedWalkerOptions } from "./nested-walk.ts";
export { pageSet, type PageSet } from "./page-set.ts";
export {
  backedBy,
  everyPage,
  PageSizeMap,
  type PageSize,
  type PageSizePolicy,
  pageSizes,
  type SizedRange,
  sizedRanges,
  transparentHuge,
} from "./page-size.ts";
export { pageTable, type PageTable } from "./page-tables.ts";
export { paging, type PagingMode } from "./paging-mode.ts";
export { goldenCove, nehalem, type Processor, zen4 } from "./processors.ts";
export { randomReplacement } from "./random-replacement.ts";
export type { ReplacementPolicy, ReplacementSets } from "./replacement.ts";
export { type ShadowOptions, type ShadowPaging, shadowPaging } from "./shadow.ts";
export type { StructureCacheOptions, WalkerCache } from "./structure-caches.ts";
export {
  type SplitTlbLevel,
  tlb,
  type Tlb,
  type TlbArray,
  type TlbLevel,
  type TlbOptions,
  type UnifiedTlbLevel,
} from "./tlb.ts";
export { treePlru } from "./tree-plru.ts";
export { coldWalkReferences, nativeWalker, type Walker, type WalkEnd } from "./walk.ts";
