import { checkSchema, type ColumnSchema } from "./column-type.ts";
import { OptionError, show, type TraceFormatError } from "./errors.ts";
import { formatNames } from "./format.ts";
import type { ReadProgress } from "./source/source.ts";

/** How a file is read. */
export interface ReadOptions {
  /** The file's format, a name of `traceFormats` or `arrow`, `parquet`, `csv`; found from the file's content when not given. */
  readonly as?: string;
  /** The columns to read, in this order; all when not given. */
  readonly columns?: readonly string[];
  /**
   * The columns that the file must have, and their types. A CSV file with a header is read with these types (and only these columns
   * unless `columns` says more); a file of any other format must have them already.
   */
  readonly schema?: ColumnSchema;
  /** The most rows in a record batch; 65,536 when not given, and 2^20 for a table of a file above 64 MB. Arrow files keep their own smaller batches. */
  readonly batchRows?: number;
  /**
   * How many records of a trace, or rows of a CSV file, that cannot be read are left out, 0 when not given; the next one is thrown. Arrow and Parquet tables
   * are read whole or not at all, as is a CSV file whose quotes do not close.
   */
  readonly skipBad?: number;
  /** Is told of each record that is left out. */
  readonly onSkip?: (error: TraceFormatError) => void;
  /** Is told how far reading has come. */
  readonly onProgress?: (read: ReadProgress) => void;
}

/** How a file is read batch by batch. */
export interface StreamOptions extends ReadOptions {
  /**
   * Whether the next batch may lie in the memory of the one before it, false when not given: for a loop that keeps no batch. The numbers of a trace
   * then need no new memory, whose making and collecting is half of a fast reader's time.
   */
  readonly reuse?: boolean;
}

/** The most rows in a record batch, when it is not said. */
export const defaultBatchRows: number = 64 * 1024;

const known = ["as", "columns", "schema", "batchRows", "skipBad", "onSkip", "onProgress"];

/** Checks that options are an object with no other names than these. */
export function checkNames(options: object, names: readonly string[]): void {
  if (typeof options !== "object" || (options as unknown) === null)
    throw new OptionError("options", "an object", options);
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new OptionError(`options.${name}`, `one of ${names.map(show).join(", ")}`, (options as never)[name]);
}

/** Checks the options of a stream. */
export function checkStreamOptions(options: StreamOptions): void {
  checkReadOptions(options, ["reuse"]);
  if (options.reuse !== undefined && typeof options.reuse !== "boolean")
    throw new OptionError("reuse", "true or false", options.reuse);
}

/** What becomes of a bad record: it is told and left out, or thrown when there are more of them than the options allow. */
export function tolerance({ skipBad = 0, onSkip }: ReadOptions): (error: TraceFormatError) => void {
  let skipped = 0;
  return (error) => {
    if (skipped >= skipBad) throw error;
    skipped += 1;
    onSkip?.(error);
  };
}

/** Checks the options of a read. */
export function checkReadOptions(options: ReadOptions, more: readonly string[] = []): void {
  checkNames(options, [...known, ...more]);
  const { as, columns, schema, batchRows, skipBad } = options;
  if (as !== undefined && !formatNames().includes(as))
    throw new OptionError("as", `one of ${formatNames().map(show).join(", ")}`, as);
  if (columns !== undefined) {
    const isNames = Array.isArray(columns) && columns.every((name) => typeof name === "string");
    if (!isNames || columns.length === 0 || new Set(columns).size !== columns.length)
      throw new OptionError("columns", "a list of different column names, at least one", columns);
  }
  if (schema !== undefined) checkSchema("schema", schema);
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows >= 1 && batchRows <= 2 ** 24))
    throw new OptionError("batchRows", "a whole number from 1 to 16777216", batchRows);
  if (skipBad !== undefined && !(Number.isInteger(skipBad) && skipBad >= 0))
    throw new OptionError("skipBad", "a whole number of at least 0", skipBad);
  for (const name of ["onSkip", "onProgress"] as const)
    if (options[name] !== undefined && typeof options[name] !== "function")
      throw new OptionError(name, "a function", options[name]);
}
