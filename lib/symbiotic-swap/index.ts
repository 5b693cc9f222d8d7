export { clock } from "./clock.ts";
export { costs2011, costsToday, type Costs } from "./costs.ts";
export type { SwapCounts } from "./counts.ts";
export { exactLru } from "./exact-lru.ts";
export type { Mechanism, MechanismShape, TimeParts } from "./mechanism.ts";
export { cachedDisk, type CacheOptions, hostSwap, noSwap, ramDisk, swapBypass, zswap } from "./mechanisms.ts";
export { cyclicSweep, growingSweeps, gups, hotSet, type ProgramOptions, sweeper } from "./programs.ts";
export type { Reclaim, ReclaimPolicy } from "./reclaim.ts";
export { swap, type SwapOptions, type SwapRow } from "./swap.ts";
export { swapCache, type SwapCache } from "./swap-cache.ts";
export { interleave } from "./interleave.ts";
export { invalidate, type SwapBatch, type SwapTrace } from "./trace.ts";
export { twoLists } from "./two-lists.ts";
export {
  bypassable,
  breakEvenDiskS,
  breakEvenIntervals,
  cacheHitRatio,
  eventCosts,
  type EventCosts,
  sweepFaults,
  symcallsPerInterval,
  uniformFaultRate,
} from "./analytic.ts";
export { transitions, type TransitionRow } from "./transitions.ts";
export { virtualCore, type VirtualCore } from "./virtual-core.ts";
export { publishedQuantities, type PublishedQuantity } from "./published.ts";
