import { Bool, type DataType, Float64, makeVector, Table, Utf8, type Vector, vectorFromArray } from "apache-arrow";
import { show } from "../../datasets/errors.ts";
import { OptionError, SimulationError } from "./errors.ts";

/** A value in a row. */
export type Cell = number | string | boolean | null;

/** A row of a result: plain names and values. */
export type Row = Readonly<Record<string, Cell>>;

const COLUMN_NAME = /^[a-z][A-Za-z0-9]*$/;

/**
 * Rows as one Arrow table. Columns are in the order in which their names are met; a row without a column has null
 * there. A column's type depends on the kind of its values alone, so that tables of different runs fit together:
 * every number is Float64 (whole ones too), a text Utf8, a truth value Bool; a column of nulls alone is Float64.
 * Linear in rows × columns.
 *
 * @param rows - plain objects; names in camelCase without dots (Vega-Lite reads `a.b` as a path)
 * @throws OptionError naming the row and the column, for a name or a value of another kind, or kinds mixed in a column
 *
 * @example
 * ```ts
 * import { fromRows } from "veelab";
 *
 * const table = fromRows([
 *   { policy: "hap", timeS: 383 },
 *   { policy: "sp", timeS: 329 },
 * ]);
 * console.log(table.numRows, table.schema.names); // 2 [ "policy", "timeS" ]
 * ```
 */
export function fromRows(rows: readonly Row[]): Table {
  const names = new Map<string, number>();
  rows.forEach((row, index) => {
    for (const name of Object.keys(row)) if (!names.has(name)) names.set(name, index);
  });
  const columns: Record<string, Vector> = {};
  for (const [name, index] of names) {
    if (!COLUMN_NAME.test(name)) {
      throw new OptionError(`rows[${index}]`, "column names in camelCase without dots", name);
    }
    columns[name] = columnOf(
      (at) => `rows[${at}].${name}`,
      rows.map((row) => row[name] ?? null),
    );
  }
  return new Table(columns);
}

/**
 * An Arrow table as rows of plain values, for charts and loops over results: dictionary-encoded text comes as text,
 * 64-bit whole numbers as numbers. Meant for results, not for traces: a row object a reference is slow. Linear in
 * rows × columns.
 *
 * @throws SimulationError for a whole number beyond 2^53 or a nested column
 *
 * @example
 * ```ts
 * import { fromRows, toRows } from "veelab";
 *
 * const rows = toRows(fromRows([{ policy: "hap", timeS: 383 }]));
 * console.log(rows[0]?.["timeS"]); // 383
 * ```
 */
export function toRows(table: Table): Row[] {
  const rows: Record<string, Cell>[] = Array.from({ length: table.numRows }, () => ({}));
  for (const { name } of table.schema.fields) {
    let index = 0;
    // The iterator walks the chunks; get(i) would search for its chunk each time.
    for (const value of table.getChild(name) ?? []) {
      rows[index]![name] = cellOf(name, value);
      index += 1;
    }
  }
  return rows;
}

/** A column of plain values, with the place of each for errors. */
export function columnOf(place: (index: number) => string, values: readonly Cell[]): Vector {
  const first = values.find((value) => value !== null);
  const kind = first === undefined ? "number" : typeof first;
  if (kind !== "number" && kind !== "string" && kind !== "boolean") {
    throw new OptionError(place(values.indexOf(first ?? null)), "a number, text, boolean or null", first);
  }
  values.forEach((value, index) => {
    if (value !== null && typeof value !== kind) {
      throw new OptionError(place(index), `a ${kind} like the values before it, or null`, value);
    }
  });
  if (kind === "number" && !values.includes(null)) return makeVector(Float64Array.from(values as readonly number[]));
  return vectorFromArray(values, TYPES[kind]());
}

const TYPES: Readonly<Record<"number" | "string" | "boolean", () => DataType>> = {
  number: () => new Float64(),
  string: () => new Utf8(),
  boolean: () => new Bool(),
};

/** A value of a column as a plain one. */
export function cellOf(name: string, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint" && value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) {
    return Number(value);
  }
  throw new SimulationError(
    `column ${name}`,
    `expected numbers within 2^53, texts or truth values, got ${show(value)}`,
  );
}
