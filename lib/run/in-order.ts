import { OptionError } from "../core/errors.ts";
import type { Running } from "../core/sweep-here.ts";
import type { PointAt, SweepPoints } from "../core/sweep-points.ts";
import type { BackEnd, Outcome, PendingPoint, PointError } from "./back-end.ts";
import { interruption } from "./interruption.ts";
import type { Kept } from "./keep.ts";
import { unpack } from "./pack.ts";
import type { PortableRun } from "./portable.ts";
import { workers } from "./workers.ts";

/** What {@link runInOrder} runs, and where. */
export interface Work {
  readonly portable: PortableRun;
  readonly points: SweepPoints;
  readonly backEnd: BackEnd;
  readonly kept: Kept;
  readonly running: Pick<Running, "signal" | "onStart" | "onDone">;
}

/** What came of a point, as it was where it ran. */
export type Given = { readonly value: unknown } | { readonly error: Error };

/**
 * Runs points in a back end, those that are kept excepted, and tells what came of them in the points' order, so that what is made of it, an error
 * included, does not depend on which is done first. What `tell` throws ends the rest.
 */
export async function runInOrder(
  { portable, points, backEnd, kept, running }: Work,
  tell: (at: PointAt, given: Given) => void,
): Promise<void> {
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
    for (; next < points.total; next += 1) {
      const ready = outcomes.get(next);
      if (ready === undefined) return;
      outcomes.delete(next);
      tell(points.at(next), given(ready));
    }
  };
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
    await backEnd.run(portable, pending, { signal, onOutcome });
    signal.throwIfAborted();
  } finally {
    interrupted.release();
  }
}

/** The place that options ask for: `workers` or `on`. */
export function backEndOf(options: { readonly workers?: number; readonly on?: BackEnd }): BackEnd {
  const { workers: count, on } = options;
  if (count === undefined) return checkedBackEnd(on);
  if (on !== undefined) throw new OptionError("workers", "either workers or on", count);
  return workers({ count });
}

function checkedBackEnd(on: unknown): BackEnd {
  const isBackEnd = typeof on === "object" && on !== null && "run" in on && typeof on.run === "function";
  if (!isBackEnd) throw new OptionError("on", "workers({ count }) or another back end", on);
  return on as BackEnd;
}

function given(outcome: Outcome): Given {
  return "error" in outcome ? { error: thrown(outcome.error) } : { value: unpack(outcome.value, () => undefined) };
}

function thrown({ name, message, stack }: PointError): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true });
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return error;
}
