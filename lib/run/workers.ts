import { integer, onlyOptions } from "../core/options.ts";
import type { BackEnd, PendingPoint, PointsContext } from "./back-end.ts";
import type { PortableRun } from "./portable.ts";
import { type ThreadLimits, threadPool } from "./thread-pool.ts";

/** How many threads there are, and how large each may be. */
export interface WorkersOptions {
  /** How many points run at the same time. */
  readonly count: number;
  /** What each thread's JavaScript objects may take, in MiB (typed arrays are beside that); unless given, what Node gives a thread. */
  readonly heapMb?: number;
}

/**
 * Threads of this machine, for the `on` of a sweep; `workers: 4` is short for it. They live as long as the sweep, take a point each as
 * they become free, and are ended, whatever they do, when it is interrupted. A thread that ends or runs out of memory is replaced: its point has that as its error.
 *
 * @throws OptionError for a number of threads that is not from 1 to 1024
 *
 * @example
 * ```ts
 * import { sweep, workers } from "veelab";
 *
 * const table = await sweep({ n: [1, 2] }, ({ n }) => ({ square: n * n }), { on: workers({ count: 2, heapMb: 512 }) });
 * console.log(String(table.getChild("square"))); // [1,4]
 * ```
 */
export function workers(options: WorkersOptions): BackEnd {
  onlyOptions(options, ["count", "heapMb"]);
  const count = integer("workers", options.count, { min: 1, max: 1024 });
  const limits =
    options.heapMb === undefined ? {} : { maxOldGenerationSizeMb: integer("heapMb", options.heapMb, { min: 16 }) };
  return {
    label: "workers",
    run: (portable, points, context) => runInThreads(portable, points, context, Math.min(count, points.length), limits),
  };
}

async function runInThreads(
  portable: PortableRun,
  points: readonly PendingPoint[],
  { signal, onOutcome }: PointsContext,
  threads: number,
  limits: ThreadLimits,
): Promise<void> {
  if (points.length === 0) return;
  const pool = await threadPool(portable, threads, limits);
  try {
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      const end = (): void => {
        // Its threads are told to end before it first waits.
        void pool.destroy();
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", end, { once: true });
    });
    const runOne = async ({ index }: PendingPoint): Promise<void> => {
      const outcome = await pool.run(index);
      if (!signal.aborted) onOutcome(index, outcome);
    };
    await Promise.race([aborted, Promise.all(points.map(runOne))]);
  } finally {
    await pool.destroy();
  }
}
