export { fixedShare, steadyEntries, survival, timeRatio } from "./analytic.ts";
export { checkpoint, type CheckpointOptions, type CheckpointResult, type CheckpointRow } from "./checkpoint.ts";
export { dumpContents, exactContents, type PageContents } from "./contents.ts";
export { costs2011, costsToday, type Costs } from "./costs.ts";
export { eventKinds, events, type EventBatch, type EventKind, type EventTrace } from "./events.ts";
export { guestEvents, type GuestRun, type GuestTables } from "./guest-events.ts";
export { extentBytes, flatEntryBytes, placement, type Placement } from "./map-size.ts";
export { pageBlockMap, rules, type MapCounts, type PageBlockMap, type Rule } from "./page-block-map.ts";
export { publishedReductions, type PublishedReduction } from "./published.ts";
export { restoreTimes, type RestoreTimes } from "./restore.ts";
export { dirtyLog, modificationLog, type Tracking, writeProtection } from "./tracking.ts";
export type { Packing, Variant } from "./variant.ts";
export {
  compressed,
  fullImage,
  gzip1,
  incremental,
  skipEqual,
  skipMapped,
  skipMappedAndZero,
  skipZero,
} from "./variants.ts";
