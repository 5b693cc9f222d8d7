/**
 * Traces: what is in them, one call for each characterisation, each with its chart; {@link describe} picks those that
 * fit; and seeded generators of traces of every kind.
 *
 * @module
 */
export { airtime, type Airtime, airtimeOverTime } from "./airtime.ts";
export { cacheMisses, type CacheMisses, type CacheOptions } from "./cache-misses.ts";
export { callMix, type CallMix } from "./call-mix.ts";
export { codeSharing, type CodeSharing } from "./code-sharing.ts";
export { describe, type Description } from "./describe.ts";
export { differenceFlameGraph, type DifferenceFlameGraph } from "./difference-flame-graph.ts";
export { exitReasons, type ExitReasons } from "./exit-reasons.ts";
export { flameGraph, type FlameGraph } from "./flame-graph.ts";
export * from "./generate/index.ts";
export type { Group } from "./grouped.ts";
export { hotSpots, type HotSpots } from "./hot-spots.ts";
export { interArrivals, type InterArrivals } from "./inter-arrivals.ts";
export { countersOverTime, type Mix, readWriteMix, referenceMix } from "./mixes.ts";
export { noiseProfile, type NoiseProfile } from "./noise-profile.ts";
export type { Part } from "./over-time.ts";
export { pageDuplicates, type PageDuplicates } from "./page-duplicates.ts";
export { requestRate, type RequestRate } from "./request-rate.ts";
export { requestSizes, type RequestSizes } from "./request-sizes.ts";
export { reuseDistances, type ReuseDistances } from "./reuse-distances.ts";
export { sequentiality, type Sequentiality } from "./sequentiality.ts";
export { signalStrength, type SignalStrength } from "./signal.ts";
export type { Characteristic, Trace } from "./source.ts";
export type { FunctionShare } from "./stack-weights.ts";
export type { ColumnSummary } from "./summary/column-summary.ts";
export { taskChart, type FastestDevice, type TaskChart } from "./task-chart.ts";
export { tlbReach, type TlbMissRatios, type TlbReach } from "./tlb-reach.ts";
export { topFunctions, type TopFunctions } from "./top-functions.ts";
export { workingSet, type WorkingSet } from "./working-set.ts";
