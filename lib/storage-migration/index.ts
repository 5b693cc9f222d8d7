export { cyclic } from "./cyclic.ts";
export type { DirtyBlocks, DirtyOrder } from "./dirty-order.ts";
export { leastWritten } from "./least-written.ts";
export { linear } from "./linear.ts";
export { lowestFirst } from "./lowest-first.ts";
export { migrate, migrateTogether, type MachineDisk, type MigrateOptions, type TileMachine } from "./migrate.ts";
export { models, type MigrationSeries, type Model, type SharedOptions } from "./options.ts";
export { oracle } from "./oracle.ts";
export type { Future, Order, OrderRun, Sequencer } from "./order.ts";
export { popularFirst, type PopularFirstOptions } from "./popular-first.ts";
export { randomOrder } from "./random-order.ts";
export type { MigrationResult, MigrationRow, MigrationTables } from "./result.ts";
export type { BlockBatch, BlockTrace } from "./trace.ts";
export { workloadAware, type WorkloadAwareOptions } from "./workload-aware.ts";
export {
  expectedDirty,
  expectedDirtyOf,
  fewestDirty,
  geometricPreCopy,
  type GeometricPreCopy,
  missingShare,
  stallS,
} from "./analytic.ts";
export {
  type LocalityOptions,
  withoutPopularity,
  withoutSpatialLocality,
  withoutTemporalLocality,
} from "./locality.ts";
export { repeated } from "./repeated.ts";
export { type GeneratedMachine, tileMachine, tileMachines, type TileName } from "./tile.ts";
