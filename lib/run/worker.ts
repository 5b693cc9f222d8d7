import { workerData } from "node:worker_threads";
import type { Outcome } from "./back-end.ts";
import type { PortableRun } from "./portable.ts";
import { type LoadedRun, loadRun } from "./run-point.ts";
import { endNativeWorkWith, type StopFlag } from "./stop-flag.ts";

/** What a thread of a pool is started with. */
export interface ThreadData {
  readonly portable: PortableRun;
  readonly stop: StopFlag;
}

const { portable, stop } = workerData as ThreadData;
endNativeWorkWith(stop);
let loaded: Promise<LoadedRun> | undefined;

/** What a thread of the pool does with a point. */
export async function runPoint(index: number): Promise<Outcome> {
  loaded ??= loadRun(portable);
  const outcome = await (await loaded).run(index);
  // The thread may be ended as soon as the last point is told.
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0) await new Promise((resolve) => stream.write("", resolve));
  return outcome;
}
