import type * as arrow from "apache-arrow";
import { open } from "../../open.ts";
import type { ReadOptions } from "../../options.ts";

/** A table's rows as plain objects. */
export const rowsOf = (table: arrow.Table): Record<string, unknown>[] =>
  table.toArray().map((row: { toJSON: () => Record<string, unknown> }) => row.toJSON());

/** A file's rows as plain objects. */
export const openRows = async (path: string, options: ReadOptions = {}): Promise<Record<string, unknown>[]> =>
  rowsOf(await open(path, options));
