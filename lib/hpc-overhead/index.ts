/**
 * Parallel programs on virtualised nodes (Lange et al., VEE 2011): a LogGOPS network, collectives, noise, and what a hypervisor adds
 * on each node; by events, and by a recurrence for bulk-synchronous programs.
 *
 * @module
 */
export { bulk, type BulkOptions, type RunResult } from "./bulk.ts";
export { allreduce, barrier, broadcast, reduce } from "./collectives.ts";
export { logGopSim, type Network, seaStar, slingshot } from "./network.ts";
export { nativeNode, type NodeCosts } from "./node.ts";
export { type NodeNoise, type Noise, type NoiseClock, quiet, sparingMessages } from "./noise.ts";
export { noiseLog, type NoiseLogOptions, type NoiseTrace } from "./noise-log.ts";
export { periodicNoise, type PeriodicNoiseOptions } from "./periodic-noise.ts";
export { type Computation, computation, type Program, type Round, round } from "./program.ts";
export { replay, type ReplayOptions, type ReplayResult } from "./replay.ts";
export type { RunRow } from "./run.ts";
export { scheduleOf } from "./schedule-of.ts";
export { type Schedule, type ScheduleBuilder, scheduleBuilder } from "./schedule.ts";
export {
  allreduceNs,
  bulkNoiseOverhead,
  crossoverLoadsPerS,
  pingPongNs,
  randomMissRatio,
  wallNoiseLimit,
} from "./analytic.ts";
export { type MpiTrace, readGoal } from "./read-goal.ts";
export { type MpiOptions, readMpi } from "./read-mpi.ts";
export { measurePaging, type PagingRow, type PagingRun } from "./measure-paging.ts";
export { opteron } from "./processors.ts";
export { catamount, cnl, type Guest } from "./guests.ts";
export { type Device, emulated, type Hypervisor, lightweightToday, palacios2009, passthrough } from "./hypervisors.ts";
export { nativeGuest, type PagingChoice, virtualGuest } from "./nodes.ts";
export { overhead, type OverheadOptions, type OverheadRow } from "./overhead.ts";
export { overlay } from "./overlay.ts";
export { pagingShares, type PagingShares } from "./paging-shares.ts";
export { allreduces, cth, hpccg, pingPong, type ProgramSize, randomAccess, sage } from "./programs.ts";
export { publishedBounds, type PublishedBounds } from "./published.ts";
