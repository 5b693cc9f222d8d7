import { open } from "../../datasets/index.ts";
import { SimulationError } from "../core/errors.ts";
import { type Cell, type Row, toRows } from "../core/table.ts";

/** The rows of one of the paper's data sets, `published/selective-paging-<name>`. */
export async function read(name: string): Promise<Row[]> {
  return toRows(await open(`published/selective-paging-${name}`));
}

/** A number of a row, or a SimulationError that names the row. */
export function number(row: Row, name: string): number {
  const value: Cell | undefined = row[name];
  if (typeof value !== "number") throw missing(row, name, "a number");
  return value;
}

/** A text of a row, or a SimulationError that names the row. */
export function text(row: Row, name: string): string {
  const value: Cell | undefined = row[name];
  if (typeof value !== "string") throw missing(row, name, "a text");
  return value;
}

function missing(row: Row, name: string, expected: string): SimulationError {
  const where = String(row["benchmark"] ?? row["row"] ?? row["threshold"] ?? "?");
  return new SimulationError("selective-paging", `published numbers of ${where}: ${name} is not ${expected}`);
}

/** The one row that is accepted; SimulationError when there is none or more than one. */
export function only(rows: readonly Row[], accepts: (row: Row) => boolean, what: string): Row {
  const found = rows.filter(accepts);
  if (found.length !== 1)
    throw new SimulationError("selective-paging", `published numbers: ${found.length} rows of ${what}, expected one`);
  return found[0]!;
}
