export { redis } from "./redis/redis.ts";
export type { RedisOptions } from "./redis/options.ts";
export { slurm } from "./slurm/slurm.ts";
export type { SlurmOptions } from "./slurm/options.ts";
export { workers, type WorkersOptions } from "./workers.ts";
export { mapTrace, type MapTraceOptions } from "./map-trace.ts";
export type { Partition } from "./partition.ts";
