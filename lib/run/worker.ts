import { workerData } from "node:worker_threads";
import type { Outcome } from "./back-end.ts";
import type { PortableRun } from "./portable.ts";
import { type LoadedRun, loadRun } from "./run-point.ts";

let loaded: Promise<LoadedRun> | undefined;

/** What a thread of the pool does with a point. */
export async function runPoint(index: number): Promise<Outcome> {
  loaded ??= loadRun(workerData as PortableRun);
  const outcome = await (await loaded).run(index);
  // The thread may be ended as soon as the last point is told.
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0) await new Promise((resolve) => stream.write("", resolve));
  return outcome;
}
