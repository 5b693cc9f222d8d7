import type * as arrow from "apache-arrow";
import { open } from "../../open.ts";
import type { ReadOptions } from "../../options.ts";

/** A table's rows as plain objects. */
export const rowsOf = (table: arrow.Table): Record<string, unknown>[] =>
  table.toArray().map((row: { toJSON: () => Record<string, unknown> }) => row.toJSON());

/** A file's rows as plain objects. */
export const openRows = async (path: string, options: ReadOptions = {}): Promise<Record<string, unknown>[]> =>
  rowsOf(await open(path, options));

/** How many rows have each value of a field. */
export const counts = (rows: readonly Record<string, unknown>[], field: string): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const row of rows) found[row[field] as string] = (found[row[field] as string] ?? 0) + 1;
  return found;
};
