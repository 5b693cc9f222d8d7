export { clock } from "./clock.ts";
export { costs2011, costsToday, type Costs } from "./costs.ts";
export type { SwapCounts } from "./counts.ts";
export { exactLru } from "./exact-lru.ts";
export type { Mechanism, MechanismShape, TimeParts } from "./mechanism.ts";
export { cachedDisk, type CacheOptions, hostSwap, noSwap, ramDisk, swapBypass, zswap } from "./mechanisms.ts";
export { cyclicSweep, growingSweeps, gups, type ProgramOptions } from "./programs.ts";
export type { Reclaim, ReclaimPolicy } from "./reclaim.ts";
export { swap, type SwapOptions, type SwapRow } from "./swap.ts";
export { swapCache, type SwapCache } from "./swap-cache.ts";
export { invalidate, type SwapBatch, type SwapTrace } from "./trace.ts";
export { twoLists } from "./two-lists.ts";
export {
  bypassable,
  breakEvenDiskS,
  breakEvenRootLoads,
  cacheHitRatio,
  type EventCosts,
  sweepFaults,
  symcallsPerInterval,
  uniformFaultRate,
} from "./analytic.ts";
