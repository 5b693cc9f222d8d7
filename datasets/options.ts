import { checkSchema, type ColumnSchema } from "./column-type.ts";
import { OptionError, show } from "./errors.ts";

/** How a file is read. */
export interface ReadOptions {
  /** The columns to read, in this order; all when not given. */
  readonly columns?: readonly string[];
  /**
   * The columns that the file must have, and their types. A CSV file is read with these types (and only these columns
   * unless `columns` says more); an Arrow or Parquet file must have them already.
   */
  readonly schema?: ColumnSchema;
  /** The most rows in a record batch. Arrow files keep their own smaller batches. */
  readonly batchRows?: number;
}

const known = ["columns", "schema", "batchRows"];

/** Checks the options of a read. */
export function checkReadOptions(options: ReadOptions): void {
  if (typeof options !== "object" || (options as unknown) === null)
    throw new OptionError("options", "an object", options);
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new OptionError(`options.${name}`, `one of ${known.map(show).join(", ")}`, (options as never)[name]);
  const { columns, schema, batchRows } = options;
  if (columns !== undefined) {
    const isNames = Array.isArray(columns) && columns.every((name) => typeof name === "string");
    if (!isNames || columns.length === 0 || new Set(columns).size !== columns.length)
      throw new OptionError("columns", "a list of different column names, at least one", columns);
  }
  if (schema !== undefined) checkSchema("schema", schema);
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows >= 1 && batchRows <= 2 ** 24))
    throw new OptionError("batchRows", "a whole number from 1 to 16777216", batchRows);
}
