import type { Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import type { Running } from "../core/sweep-here.ts";
import type { Axes, SweepPoints } from "../core/sweep-points.ts";
import { SweepRows } from "../core/sweep-rows.ts";
import { fromRows } from "../core/table.ts";
import type { BackEnd, Outcome, PendingPoint, PointError } from "./back-end.ts";
import { interruption } from "./interruption.ts";
import { keep } from "./keep.ts";
import { unpack } from "./pack.ts";
import { portableRun } from "./portable.ts";
import { workers } from "./workers.ts";

/** What {@link sweepElsewhere} is told. */
export interface Elsewhere {
  readonly points: SweepPoints;
  readonly running: Running;
  readonly seed: number | string;
  readonly directory: string;
  readonly workers?: number;
  readonly on?: BackEnd;
  readonly share?: Readonly<Record<string, unknown>>;
  readonly store?: boolean | string;
}

/** Runs the points of a sweep in a back end. */
export async function sweepElsewhere(
  axes: Axes,
  run: (...inputs: never[]) => unknown,
  { points, running, seed, directory, share = {}, store, ...where }: Elsewhere,
): Promise<Table> {
  const backEnd = backEndOf(where);
  const prepared = await portableRun(axes, run, { share, seed, directory });
  const rows = new SweepRows(running.onError);
  const outcomes = new Map<number, Outcome>();
  const stop = new AbortController();
  const interrupted = interruption();
  const signal = AbortSignal.any([running.signal, interrupted.signal, stop.signal]);
  let next = 0;
  let done = 0;
  const take = (index: number, outcome: Outcome): void => {
    outcomes.set(index, outcome);
    done += 1;
    running.onDone(done, index);
    running.onStart(done, index);
    // In the sweep's order: which error ends it does not depend on which point is done first.
    for (; next < points.total; next += 1) {
      const ready = outcomes.get(next);
      if (ready === undefined) return;
      outcomes.delete(next);
      const at = points.at(next);
      if ("error" in ready) rows.fail(at, thrown(ready.error));
      else
        rows.add(
          at,
          unpack(ready.value, () => undefined),
        );
    }
  };
  const kept = keep(prepared, points, axes, store);
  const onOutcome = (index: number, outcome: Outcome): void => {
    if ("value" in outcome) kept.put(index, outcome.value);
    try {
      take(index, outcome);
    } catch (error) {
      stop.abort(error);
    }
  };
  try {
    const pending: PendingPoint[] = [];
    for (let index = 0; index < points.total; index += 1) {
      signal.throwIfAborted();
      const finished = await kept.get(index);
      if (finished === undefined) pending.push({ index, name: points.at(index).name });
      else take(index, finished);
    }
    await backEnd.run(prepared.portable, pending, { signal, onOutcome });
    signal.throwIfAborted();
  } finally {
    interrupted.release();
  }
  return fromRows(rows.rows);
}

function backEndOf({ workers: count, on }: Pick<Elsewhere, "workers" | "on">): BackEnd {
  if (count === undefined) return checkedBackEnd(on);
  if (on !== undefined) throw new OptionError("workers", "either workers or on", count);
  return workers({ count });
}

function checkedBackEnd(on: unknown): BackEnd {
  const isBackEnd = typeof on === "object" && on !== null && "run" in on && typeof on.run === "function";
  if (!isBackEnd) throw new OptionError("on", "workers({ count }) or another back end", on);
  return on as BackEnd;
}

/** The error as it was where it was thrown. */
function thrown({ name, message, stack }: PointError): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true });
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return error;
}
