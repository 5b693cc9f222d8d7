import { join } from "node:path";
import { builtRoot } from "./code-version.ts";
import type { Outcome } from "./back-end.ts";
import type { PortableRun } from "./portable.ts";
import { pointError } from "./run-point.ts";
import { stopFlag, stopNativeWork } from "./stop-flag.ts";
import type { ThreadData } from "./worker.ts";

/** Threads that run points of one portable run. */
export interface ThreadPool {
  /** Runs a point in the next thread that is free. Never rejects: a thread that is lost is the point's error. */
  run(index: number): Promise<Outcome>;
  /** Ends every thread, whatever it does. */
  destroy(): Promise<void>;
}

/** What a pool's threads may take. */
export interface ThreadLimits {
  readonly maxOldGenerationSizeMb?: number;
}

/** Starts threads; each makes the run's functions once. */
export async function threadPool(
  portable: PortableRun,
  threads: number,
  limits: ThreadLimits = {},
): Promise<ThreadPool> {
  const { Piscina } = await import("piscina");
  const data: ThreadData = { portable, stop: stopFlag() };
  const pool = new Piscina<number, Outcome>({
    filename: join(builtRoot(), "lib", "run", "worker.js"),
    name: "runPoint",
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
    // In the sweep's order: what is there at an interrupt is its beginning.
    stricterFIFO: true,
    // A thread that waits asleep would hold up what a point has left running.
    atomics: "disabled",
    execArgv: [],
    workerData: data,
    resourceLimits: limits,
  });
  // What a point leaves running may fail after its end: the thread is replaced, and no point is concerned.
  pool.on("error", () => undefined);
  return {
    run: (index) => pool.run(index).catch((error: unknown) => ({ error: pointError(error) })),
    async destroy() {
      stopNativeWork(data.stop);
      // Each thread before the pool tells its points: where a notebook's cell was interrupted, that is its dead code, and ends this call.
      await Promise.all([...pool.threads.map((thread) => thread.terminate()), pool.destroy()]);
    },
  };
}
