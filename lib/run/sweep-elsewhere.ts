import type { Table } from "apache-arrow";
import type { Running } from "../core/sweep-here.ts";
import type { Axes, SweepPoints } from "../core/sweep-points.ts";
import { SweepRows } from "../core/sweep-rows.ts";
import { fromRows } from "../core/table.ts";
import type { BackEnd } from "./back-end.ts";
import { backEndOf, runInOrder } from "./in-order.ts";
import { keep } from "./keep.ts";
import { portableRun } from "./portable.ts";

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
  const kept = keep(prepared, points, Object.keys(axes), store);
  await runInOrder({ portable: prepared.portable, points, backEnd, kept, running }, (at, given) => {
    if ("error" in given) rows.fail(at, given.error);
    else rows.add(at, given.value);
  });
  return fromRows(rows.rows);
}
