import type { Table } from "apache-arrow";
import { show } from "../../datasets/errors.ts";
import { OptionError, SimulationError } from "./errors.ts";
import { onlyOptions } from "./options.ts";
import { openBar } from "./progress.ts";
import { random, type RandomStream } from "./random.ts";
import { axisColumns, type AxisValue, same } from "./sweep-axes.ts";
import { fromRows, type Row } from "./table.ts";

export type { AxisValue, Labelled } from "./sweep-axes.ts";

/** The values of each parameter of a sweep. */
export type Axes = Readonly<Record<string, readonly AxisValue[]>>;

/** One point of a sweep: a value of each parameter. */
export type SweepPoint<A extends Axes> = { readonly [Name in keyof A]: A[Name][number] };

/** What a point's simulation has besides its parameters. */
export interface PointContext {
  /**
   * The point's own stream, split from the sweep's seed by the point's parameters: the same whatever points run
   * besides, in whatever order. For the same draws at every point (common random numbers), make a stream inside.
   */
  readonly random: RandomStream;
  /** From 0, in the sweep's order. */
  readonly index: number;
  /** Aborts with the sweep; for simulations that check it themselves. */
  readonly signal: AbortSignal;
}

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
  /** Ends the sweep before its next point: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a simulation at every combination of its parameters' values and gives one Arrow table: a row a point (or the
 * rows that the point gives), with every parameter as a column before the results. Points run in order, the last
 * parameter fastest; between points the event loop turns, so that a notebook can show progress and interrupt. In a
 * notebook that somebody watches, a sweep of more than half a second has a progress bar, which leaves nothing behind.
 *
 * A parameter's value is a number, text, boolean or null, or a policy `{ label, params, create }`: that gives its label
 * as the column of the parameter's name, and each of its `params` as `<parameter><Param>` (`policyEntries`). Columns
 * are typed as {@link fromRows} does it.
 *
 * @param axes - parameter names in camelCase, with at least one value each
 * @param run - the simulation at a point; may be asynchronous
 * @throws OptionError when two values of a parameter cannot be told apart by their columns; SimulationError naming the
 *   point when its simulation throws (the cause is kept) or gives no row; the signal's reason when it aborts
 *
 * @example
 * ```ts
 * import { sweep } from "veelab";
 *
 * const table = await sweep({ entries: [16, 64], ways: [2, 4] }, ({ entries, ways }) => ({ sets: entries / ways }));
 * console.log(table.numRows, table.schema.names); // 4 [ "entries", "ways", "sets" ]
 * ```
 */
export async function sweep<const A extends Axes>(
  axes: A,
  run: (point: SweepPoint<A>, context: PointContext) => Row | readonly Row[] | Promise<Row | readonly Row[]>,
  options: SweepOptions = {},
): Promise<Table> {
  onlyOptions(options, ["seed", "onProgress", "signal"]);
  const { onProgress, signal = new AbortController().signal } = options;
  const streams = random(options.seed ?? 0);
  const names = Object.keys(axes);
  const columns = names.map((name) => axisColumns(name, axes[name] ?? []));
  distinct(columns);
  const total = columns.reduce((product, values) => product * values.length, 1);
  const rows: Row[] = [];
  const kinds = new Map<string, string>();
  const bar = openBar(total, "sweep");
  try {
    for (let index = 0; index < total; index += 1) {
      signal.throwIfAborted();
      const places = placesOf(index, columns);
      const parameters: Row = Object.assign({}, ...places.map((place, axis) => columns[axis]?.[place])) as Row;
      const point = Object.fromEntries(names.map((name, axis) => [name, axes[name]?.[places[axis] ?? 0]]));
      const context = { random: streams.split(coordinates(parameters)), index, signal };
      const name = describe(parameters);
      const where = `point ${index + 1} of ${total} (${name})`;
      bar.update(index, name);
      const results = await resultsAt(where, parameters, () => run(point as SweepPoint<A>, context), signal);
      for (const row of results) checkKinds(where, kinds, row);
      rows.push(...results);
      onProgress?.({ done: index + 1, total, point: parameters });
      await turn();
    }
  } finally {
    bar.end();
  }
  return fromRows(rows);
}

async function resultsAt(
  where: string,
  parameters: Row,
  run: () => Row | readonly Row[] | Promise<Row | readonly Row[]>,
  signal: AbortSignal,
): Promise<Row[]> {
  let result: Row | readonly Row[];
  try {
    result = await run();
  } catch (error) {
    signal.throwIfAborted();
    throw new SimulationError("sweep", `${where}: ${messageOf(error)}`, { cause: error });
  }
  const rows = isRows(result) ? result : [result];
  if (rows.length === 0) throw new SimulationError("sweep", `${where}: expected a row or rows, got none`);
  return rows.map((row) => {
    for (const [name, value] of Object.entries(row)) {
      if (name in parameters && !same(parameters[name] ?? null, value)) {
        throw new SimulationError("sweep", `${where}: the result's column ${name} says otherwise: ${show(value)}`);
      }
    }
    return { ...parameters, ...row };
  });
}

/** Stops at the first point whose result would not fit its column, not when the table is made, after every point. */
function checkKinds(where: string, kinds: Map<string, string>, row: Row): void {
  for (const [name, value] of Object.entries(row)) {
    if (value === null) continue;
    const kind = kinds.get(name);
    if (kind === undefined) kinds.set(name, typeof value);
    else if (kind !== typeof value) {
      throw new SimulationError("sweep", `${where}: expected a ${kind} in column ${name}, got ${show(value)}`);
    }
  }
}

/** Refuses two parameters that would write the same column: a policy's `entries` and a parameter `policyEntries`. */
function distinct(columns: readonly (readonly Row[])[]): void {
  const owners = new Map<string, number>();
  columns.forEach((values, axis) => {
    for (const name of values.flatMap((row) => Object.keys(row))) {
      const owner = owners.get(name) ?? axis;
      if (owner !== axis) throw new OptionError("axes", "parameters whose columns differ", name);
      owners.set(name, axis);
    }
  });
}

/** The place on each axis of the index-th point, the last axis fastest. */
function placesOf(index: number, columns: readonly (readonly Row[])[]): number[] {
  const places: number[] = [];
  let rest = index;
  for (let axis = columns.length - 1; axis >= 0; axis -= 1) {
    const length = columns[axis]?.length ?? 1;
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return places;
}

/** What tells the point from every other, whatever the order of the axes: the label of its random stream. */
function coordinates(parameters: Row): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON alone would write Infinity as null.
  return JSON.stringify(sorted.map(([name, value]) => [name, typeof value, String(value)]));
}

function describe(parameters: Row): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(", ");
}

// A turn of the event loop, not only of the microtasks: timers, sockets and an interrupt get their chance.
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isRows(result: Row | readonly Row[]): result is readonly Row[] {
  return Array.isArray(result);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
