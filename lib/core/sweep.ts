import type { Table } from "apache-arrow";
import type { BackEnd } from "../run/back-end.ts";
import { callerDirectory } from "../run/caller.ts";
import { OptionError } from "./errors.ts";
import { oneOf, onlyOptions } from "./options.ts";
import { openBar } from "./progress.ts";
import { sweepHere } from "./sweep-here.ts";
import { type Axes, type PointContext, type SweepPoint, sweepPoints } from "./sweep-points.ts";
import { fromRows, type Row } from "./table.ts";

export type { AxisValue, Labelled } from "./sweep-axes.ts";
export type { Axes, PointContext, SweepPoint } from "./sweep-points.ts";
export type { BackEnd, Outcome, PendingPoint, PointError, PointsContext } from "../run/back-end.ts";
export type { PortableRun } from "../run/portable.ts";
export type { PartitionFiles } from "../run/partitions.ts";

/** What {@link SweepOptions.onProgress} is told after each point. */
export interface SweepProgress {
  /** How many points are done. */
  readonly done: number;
  /** How many points the sweep has. */
  readonly total: number;
  /** The point that was just done, as its columns. */
  readonly point: Row;
}

/** How a sweep runs. */
export interface SweepOptions {
  /** Of the points' random streams; 0 unless given. */
  readonly seed?: number | string;
  /** Called after each point. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Ends the sweep: the promise rejects with the signal's reason. Points on workers are ended at once. */
  readonly signal?: AbortSignal;
  /** How many threads run points at the same time. The run function is sent to them by its text, with `share`. */
  readonly workers?: number;
  /** Where the points run instead: `workers({ … })`, a cluster. The run function is sent there as with `workers`. */
  readonly on?: BackEnd;
  /**
   * What the run function takes from outside, by name, where it runs on workers: `{ trace, nehalem }`. Each thread has its own: it is to be read only, as what
   * a point changes in it the later points of the same thread see, and no others. A name of the platform's (`performance`) is the platform's unless it is shared.
   */
  readonly share?: Readonly<Record<string, unknown>>;
  /**
   * Keeps finished points, with `workers` or `on`: the same sweep, or one with other values, then computes only what is not there. `true` for the user's cache
   * (`veelab cache`), or a folder. A point is known by the code's version, the text of its functions and of the files that they import, the shared values, its
   * parameters and the seed. What it reads by itself is not known: share it, or its hash. Modules that it
   * imports must be written out (`import("./model.ts")`).
   */
  readonly store?: boolean | string;
  /**
   * What becomes of a point that throws: `stop` ends the sweep, `row` keeps a row of its parameters with the message in the column `error`, which no parameter and no result may have then. Unless
   * given, `stop` where the points run here, one after the other, and `row` where they run on workers.
   */
  readonly onError?: "stop" | "row";
}

const OPTIONS = ["seed", "onProgress", "signal", "workers", "on", "share", "store", "onError"] as const;

/**
 * Runs a simulation at every combination of its parameters' values and gives one Arrow table: a row a point (or the
 * rows that the point gives), with every parameter as a column before the results. Points run in order, the last
 * parameter fastest; between points the event loop turns, so that a notebook can show progress and interrupt. In a
 * notebook that somebody watches, and on a terminal, a sweep of more than half a second has a progress bar, which leaves nothing behind.
 *
 * A parameter's value is a number, text, boolean or null, or a policy `{ label, params, create }`: that gives its label
 * as the column of the parameter's name, and each of its `params` as `<parameter><Param>` (`policyEntries`). Columns
 * are typed as {@link fromRows} does it.
 *
 * With `workers` the points run on so many threads, and the table is the same to the last byte, however many. The run function is then
 * sent by its text: what it takes from outside must be in `share`, under the same names, which it sees as it sees them here; packages and
 * files it imports itself, by `await import("veelab/hardware")`. A value of `share` can be numbers, texts, arrays, plain objects, Maps, Sets,
 * typed arrays and Arrow tables (whose memory the threads share: none of it is to be written), and functions and classes, which are sent by
 * their text, too. That nothing is missing, and no variable from outside assigned, is found before anything runs. A point costs less than a millisecond beside its own work.
 *
 * @param axes - parameter names in camelCase, with at least one value each
 * @param run - the simulation at a point; may be asynchronous
 * @throws OptionError when two values of a parameter cannot be told apart by their columns, or when something cannot be sent to a worker;
 *   SimulationError naming the point when its simulation throws (the cause is kept; see `onError`) or gives no row; the signal's reason when it aborts
 *
 * @example
 * ```ts
 * import { sweep } from "veelab";
 *
 * const table = await sweep({ entries: [16, 64], ways: [2, 4] }, ({ entries, ways }) => ({ sets: entries / ways }));
 * console.log(table.numRows, table.schema.names); // 4 [ "entries", "ways", "sets" ]
 *
 * const penalty = 30;
 * const cycles = (hits: number) => 4 * hits + penalty;
 * const onTwo = await sweep({ hits: [1, 2, 3] }, ({ hits }) => ({ cycles: cycles(hits) }), { workers: 2, share: { penalty, cycles } });
 * console.log(String(onTwo.getChild("cycles"))); // [34,38,42]
 * ```
 */
export async function sweep<const A extends Axes>(
  axes: A,
  run: (point: SweepPoint<A>, context: PointContext) => Row | readonly Row[] | Promise<Row | readonly Row[]>,
  options: SweepOptions = {},
): Promise<Table> {
  onlyOptions(options, OPTIONS);
  const { seed = 0, signal = new AbortController().signal, onProgress, share } = options;
  const points = sweepPoints(axes, seed);
  // Before anything runs: kinds mixed in a column would fail when the table is made, after every point.
  for (const values of points.columns) fromRows(values);
  const isSent = options.workers !== undefined || options.on !== undefined;
  for (const [name, value] of Object.entries({ share, store: options.store })) {
    if (value !== undefined && !isSent)
      throw new OptionError(name, "nothing where the points run here (it goes with workers or on)", value);
  }
  const onError = oneOf("onError", options.onError ?? (isSent ? "row" : "stop"), ["stop", "row"]);
  if (onError === "row" && Object.hasOwn(axes, "error"))
    throw new OptionError(
      "axes",
      'parameters that are not called error, which is the column of onError: "row"',
      "error",
    );
  const directory = callerDirectory(sweep);
  const bar = openBar(points.total, "sweep");
  const running = {
    onError,
    signal,
    onStart: (done: number, index: number) => {
      bar.update(done, points.at(index).label);
    },
    onDone: (done: number, index: number) => {
      onProgress?.({ done, total: points.total, point: points.at(index).parameters });
    },
  };
  try {
    if (!isSent) return await sweepHere(points, run, running);
    const { sweepElsewhere } = await import("../run/sweep-elsewhere.ts");
    return await sweepElsewhere(axes, run, { ...options, seed, points, running, directory });
  } finally {
    bar.end();
  }
}
