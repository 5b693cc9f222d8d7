import { SimulationError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { openBar } from "../core/progress.ts";
import { type PointContext, sweepPoints } from "../core/sweep-points.ts";
import type { BackEnd } from "./back-end.ts";
import { callerDirectory } from "./caller.ts";
import { backEndOf, runInOrder } from "./in-order.ts";
import { keep } from "./keep.ts";
import type { Partition } from "./partition.ts";
import { partitionsOf } from "./partitions.ts";
import { portableRun } from "./portable.ts";

/** Where and how {@link mapTrace} runs; as of a sweep. */
export interface MapTraceOptions {
  /** How many threads take partitions; 1 unless given, and unless `on` is. */
  readonly workers?: number;
  /** Where the partitions are taken instead: a cluster, whose workers see the dataset's folder under the same path. */
  readonly on?: BackEnd;
  /** What the function takes from outside, by name. */
  readonly share?: Readonly<Record<string, unknown>>;
  /** Of the partitions' random streams; 0 unless given. */
  readonly seed?: number | string;
  /** Keeps what was found of each partition: only those whose files have changed are read again. `true` or a folder. */
  readonly store?: boolean | string;
  /** Called after each partition. */
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly partition: string;
  }) => void;
  /** Ends it: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const OPTIONS = ["workers", "on", "share", "seed", "store", "onProgress", "signal"] as const;

/**
 * Computes something of a trace that is larger than one machine: of each partition by itself, on workers, and of the results by two. The dataset is a
 * folder of Parquet files, by VM or by time: `traces/vm=17/part-0.parquet` (each folder of names with `=` is a partition), or a file a partition. The function is
 * sent by its text, as that of a sweep; its {@link Partition} has DuckDB's `query` and the `stream` of batches. It gives anything that can be
 * sent: numbers, tables, typed arrays, objects of them.
 *
 * `merge` is called here, in the order of the partitions' names, whichever is done first: with the same dataset the result has the same bits wherever it
 * was computed. What waits for its turn is held in memory, and nothing else is. A partition that fails ends it: what is missing would make the result another one.
 *
 * @throws OptionError for a folder without partitions and for what cannot be sent; SimulationError naming the partition whose function throws
 *
 * @example
 * ```ts
 * import { mapTrace } from "veelab";
 * import { query, writeParquet } from "veelab/datasets";
 * import { mkdtemp, mkdir, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const folder = await mkdtemp(join(tmpdir(), "fleet-"));
 * for (const vm of [1, 2, 3]) {
 *   await mkdir(join(folder, `vm=${vm}`));
 *   await writeParquet(join(folder, `vm=${vm}`, "0.parquet"), await query(`select range::double as page from range(${100 * vm})`));
 * }
 * const pages = await mapTrace(
 *   folder,
 *   async ({ query }) => Number((await query("select count(distinct page) as pages from trace")).getChild("pages")?.get(0)),
 *   (a, b) => a + b,
 *   { workers: 2 },
 * );
 * console.log(pages); // 600
 * await rm(folder, { recursive: true });
 * ```
 */
export async function mapTrace<T>(
  dataset: string,
  perPartition: (partition: Partition, context: PointContext) => T | Promise<T>,
  merge: (before: T, next: T) => T,
  options: MapTraceOptions = {},
): Promise<T> {
  onlyOptions(options, OPTIONS);
  const { share = {}, seed = 0, store, onProgress, signal = new AbortController().signal } = options;
  const backEnd = backEndOf(options.on === undefined ? { workers: options.workers ?? 1 } : options);
  const directory = callerDirectory(mapTrace);
  const partitions = await partitionsOf(dataset);
  const axes = { partition: partitions.map(({ name }) => name) };
  const points = sweepPoints(axes, seed);
  const prepared = await portableRun(axes, perPartition, { share, seed, directory });
  const portable = { ...prepared.portable, partitions };
  // Of a partition's files, their sizes and times count, not their bytes: those would have to be read.
  const axisTexts = [partitions.map(({ files, stamp }) => JSON.stringify([files, stamp]))];
  const kept = keep({ ...prepared, axisTexts }, points, ["partition"], store);
  const bar = openBar(points.total, "partitions");
  const running = {
    signal,
    onStart: (done: number) => {
      bar.update(done, "");
    },
    onDone: (done: number, index: number) => {
      onProgress?.({ done, total: points.total, partition: partitions[index]?.name ?? "" });
    },
  };
  const merged: T[] = [];
  try {
    await runInOrder({ portable, points, backEnd, kept, running }, ({ label }, given) => {
      if ("error" in given)
        throw new SimulationError("mapTrace", `${label}: ${given.error.message}`, { cause: given.error });
      const value = given.value as T;
      merged[0] = merged.length === 0 ? value : merge(merged[0] as T, value);
    });
  } finally {
    bar.end();
  }
  return merged[0] as T;
}
