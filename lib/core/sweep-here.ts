import type { Table } from "apache-arrow";
import type { Axes, PointContext, SweepPoint, SweepPoints } from "./sweep-points.ts";
import { SweepRows } from "./sweep-rows.ts";
import { fromRows } from "./table.ts";

/** How the points of a sweep are run, wherever they are. */
export interface Running {
  readonly onError: "stop" | "row";
  readonly signal: AbortSignal;
  /** So many are done, and this one is looked at now. */
  readonly onStart: (done: number, index: number) => void;
  /** So many are done, this one the latest. */
  readonly onDone: (done: number, index: number) => void;
}

/** Runs the points one after the other, in this thread. */
export async function sweepHere<A extends Axes>(
  points: SweepPoints,
  run: (point: SweepPoint<A>, context: PointContext) => unknown,
  { onError, signal, onStart, onDone }: Running,
): Promise<Table> {
  const rows = new SweepRows(onError);
  for (let index = 0; index < points.total; index += 1) {
    signal.throwIfAborted();
    const at = points.at(index);
    onStart(index, index);
    const given = await settled(() => run(at.point as SweepPoint<A>, { random: at.random, index, signal }));
    if (given.status === "fulfilled") rows.add(at, given.value);
    else {
      signal.throwIfAborted();
      rows.fail(at, given.reason);
    }
    onDone(index + 1, index);
    await turn();
  }
  return fromRows(rows.rows);
}

async function settled(call: () => unknown): Promise<PromiseSettledResult<unknown>> {
  try {
    return { status: "fulfilled", value: await call() };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}

// A turn of the event loop, not only of the microtasks: timers, sockets and an interrupt get their chance.
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
