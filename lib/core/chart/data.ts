import { Table } from "apache-arrow";
import { OptionError } from "../errors.ts";
import { type Cell, type Row, toRows } from "../table.ts";

/** What a chart is drawn from: rows, or an Arrow table. */
export type ChartData = Table | readonly Row[];

/** A row as the specification holds it: only what is drawn, under the chart's own short names. */
export type Point = Record<string, Cell>;

/**
 * Picks the columns that a chart draws: `{ x: "benchmark", published: "timeS" }` gives points `{ x, published }`.
 * A column that no row has is an error that names the ones there are, and so is a text under a `numeric` key.
 */
export function pick(
  data: ChartData,
  columns: Readonly<Record<string, string | undefined>>,
  numeric: readonly string[],
): Point[] {
  const rows = isTable(data) ? toRows(data) : data;
  const given: unknown = rows;
  if (!Array.isArray(given) || given.some((row: unknown) => typeof row !== "object" || row === null))
    throw new OptionError("data", "rows or an Arrow table", given);
  if (rows.length === 0) throw new OptionError("data", "at least one row", rows);
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const wanted = Object.entries(columns).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [, name] of wanted) {
    if (!names.has(name)) throw new OptionError("data", `a column ${name}`, [...names]);
  }
  return rows.map((row, at) =>
    Object.fromEntries(
      wanted.map(([key, name]) => [key, drawable(row[name] ?? null, numeric.includes(key), `data[${at}].${name}`)]),
    ),
  );
}

// A number that is not finite has no place on an axis, and JSON would turn it into null without a word; a text where
// a number is drawn would leave a hole.
function drawable(value: unknown, isNumber: boolean, place: string): Cell {
  // Counts of a database are whole numbers of any size.
  if (typeof value === "bigint") return isNumber ? Number(value) : String(value);
  if (typeof value === "number" ? Number.isFinite(value) : value === null || (!isNumber && typeof value !== "object"))
    return value as Cell;
  const isCategory = !isNumber && typeof value !== "number";
  throw new OptionError(place, isCategory ? "a text, a number or a boolean" : "a finite number or null", value);
}

/** Every number under these keys. */
export function numbersAt(points: readonly Point[], keys: readonly string[]): number[] {
  return points.flatMap((point) => keys.map((key) => numberAt(point, key)).filter((value) => value !== null));
}

/** A number of a point, or null. */
export function numberAt(point: Point, key: string): number | null {
  const value = point[key];
  return typeof value === "number" ? value : null;
}

// By what it has, not by instanceof: a notebook may hold another copy of apache-arrow.
function isTable(data: ChartData): data is Table {
  return !Array.isArray(data) && data instanceof Object && "schema" in data;
}

/** Two rows of one place would be drawn over each other, or as one. */
export function checkOneRow(points: readonly Point[], place: string, keys: readonly string[]): void {
  const met = new Set<string>();
  for (const point of points) {
    const at = JSON.stringify(keys.map((key) => point[key]));
    if (met.has(at)) throw new OptionError("data", `one row for each ${place}`, at);
    met.add(at);
  }
}
