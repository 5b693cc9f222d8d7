import { show } from "../../datasets/errors.ts";
import { OptionError, SimulationError } from "./errors.ts";
import { random, type RandomStream } from "./random.ts";
import { axisColumns, type AxisValue, same } from "./sweep-axes.ts";
import type { Row } from "./table.ts";

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
  /** Aborts with the sweep; for simulations that check it themselves. A worker is ended instead: there it never aborts. */
  readonly signal: AbortSignal;
}

/** A point, and what tells it from the others. */
export interface PointAt {
  /** What the run function is given. */
  readonly point: Readonly<Record<string, AxisValue | undefined>>;
  /** Its columns. */
  readonly parameters: Row;
  readonly random: RandomStream;
  /** `entries=64, ways=2` */
  readonly label: string;
  /** `point 3 of 32 (entries=64, ways=2)` */
  readonly name: string;
  /** The same for the same parameters, whatever the order of the axes and the other points. */
  readonly coordinates: string;
}

/** The points of a sweep by their index. */
export interface SweepPoints {
  readonly total: number;
  /** The columns that the values of each axis give. */
  readonly columns: readonly (readonly Row[])[];
  readonly at: (index: number) => PointAt;
  /** The place on each axis of a point's values. */
  readonly placesOf: (index: number) => readonly number[];
}

/** The points of checked axes, the last axis fastest. Linear in the values of the axes; then constant time a point. */
export function sweepPoints(axes: Axes, seed: number | string): SweepPoints {
  const streams = random(seed);
  const names = Object.keys(axes);
  const columns = names.map((name) => axisColumns(name, axes[name] ?? []));
  distinct(columns);
  const total = columns.reduce((product, values) => product * values.length, 1);
  const placesOf = (index: number): readonly number[] => places(index, columns);
  return {
    total,
    columns,
    placesOf,
    at(index) {
      const places = placesOf(index);
      const parameters: Row = Object.assign({}, ...places.map((place, axis) => columns[axis]?.[place])) as Row;
      const point = Object.fromEntries(names.map((name, axis) => [name, axes[name]?.[places[axis] ?? 0]]));
      const coordinates = coordinatesOf(parameters);
      const label = describe(parameters);
      const name = `point ${index + 1} of ${total} (${label})`;
      return { point, parameters, random: streams.split(coordinates), label, name, coordinates };
    },
  };
}

/**
 * The rows of a point: its parameters before what its run function gave.
 *
 * @throws SimulationError for what is neither a row nor rows, and for a row that contradicts a parameter
 */
export function rowsOf({ name, parameters }: Pick<PointAt, "name" | "parameters">, result: unknown): Row[] {
  const rows: readonly unknown[] = Array.isArray(result) ? result : [result];
  if (rows.length === 0) throw new SimulationError("sweep", `${name}: expected a row or rows, got none`);
  return rows.map((row) => {
    if (!isRow(row)) {
      const got = result === undefined ? "nothing" : show(row);
      throw new SimulationError(
        "sweep",
        `${name}: expected a row or rows of numbers, texts, truth values and nulls, got ${got}`,
      );
    }
    for (const [column, value] of Object.entries(row)) {
      if (column in parameters && !same(parameters[column] ?? null, value)) {
        throw new SimulationError("sweep", `${name}: the result's column ${column} says otherwise: ${show(value)}`);
      }
    }
    return { ...parameters, ...row };
  });
}

/** Whether something can be a row; that its values are cells is said by the column, once there is a table. */
function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(Symbol.iterator in value);
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

function places(index: number, columns: readonly (readonly Row[])[]): number[] {
  const found: number[] = [];
  let rest = index;
  for (let axis = columns.length - 1; axis >= 0; axis -= 1) {
    const length = columns[axis]?.length ?? 1;
    found.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return found;
}

function coordinatesOf(parameters: Row): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON alone would write Infinity as null.
  return JSON.stringify(sorted.map(([name, value]) => [name, typeof value, String(value)]));
}

function describe(parameters: Row): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(", ");
}
