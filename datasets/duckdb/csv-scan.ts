import { stat } from "node:fs/promises";
import { csvTypes } from "../readers/csv.ts";
import { longestRow } from "../readers/csv-rows.ts";
import type { ColumnType } from "../column-type.ts";
import { head, type Source } from "../source/source.ts";
import { isPlainCsv } from "./plain-csv.ts";
import { literally, quoted, textOf } from "./sql.ts";
import { surveyCsv } from "./survey-csv.ts";

/** A CSV file as SQL. */
export interface CsvScan {
  /** What gives the data that `open` gives, as far as the file's beginning shows. */
  readonly sql: string;
  /** What surely does, once all bytes have been looked at: the same, or other SQL; undefined where DuckDB would read something else. */
  readonly checked: Promise<string | undefined>;
  /** Whether all rows have their fields: a pass for queries that do not read every row, and so do not see what DuckDB would refuse. */
  readonly areRowsWhole: (signal?: AbortSignal) => Promise<boolean>;
}

/** Bytes at the beginning of a file that say how to begin. */
const headBytes = 1024 * 1024;

/**
 * A CSV file as SQL that gives what `open` gives, with the types that `open` infers; undefined where DuckDB never does. A
 * value that is not of its column's type is an error that names CSV, if the query asks for the column.
 *
 * DuckDB reads float64 columns itself where it takes the same texts for the same numbers; else it reads their texts and casts them with
 * checks, at 1.5 to 2 times the time. What was found is kept: as long as the file stays as it is, it is not looked at again.
 */
export async function csvScan(source: Source, signal?: AbortSignal): Promise<CsvScan | undefined> {
  const version = await versionOf(source.path);
  const kept = found.get(source.path);
  if (kept !== undefined && kept.version === version) return kept.scan;
  const scan = await survey(source, signal);
  // Who awaits `checked` is told of what goes wrong.
  if (scan !== undefined && version !== undefined) keep(source.path, version, scan).catch(() => undefined);
  return scan;
}

async function keep(path: string, version: string, scan: CsvScan): Promise<void> {
  const sql = await scan.checked;
  if ((await versionOf(path)) !== version) return;
  found.delete(path);
  found.set(path, { version, scan: sql === undefined ? undefined : { ...scan, sql, checked: Promise.resolve(sql) } });
  if (found.size > mostFound) found.delete(found.keys().next().value!);
}

async function survey(source: Source, signal?: AbortSignal): Promise<CsvScan | undefined> {
  if (source.compression !== undefined) return undefined;
  const columns = await csvTypes(source.file, source.chunks());
  const differInCaseAlone = new Set(columns.map(([name]) => name.toLowerCase())).size < columns.length;
  if (differInCaseAlone || columns.some(([, type]) => valueOf[type] === undefined)) return undefined;
  const begun = await surveyCsv([await head(source.path, headBytes)]);
  const sql = scanOf(source.path, columns, begun.sameNumbers);
  const bytes = async function* (ends?: AbortSignal) {
    for await (const chunk of source.chunks("passing")) {
      ends?.throwIfAborted();
      yield chunk;
    }
  };
  let rowsWhole: boolean | undefined;
  const areRowsWhole = async (ends?: AbortSignal) => (rowsWhole ??= await isPlainCsv(bytes(ends), columns.length));
  const check = async () => {
    const whole = await surveyCsv(bytes(signal));
    if (!whole.sameFields && !(await areRowsWhole(signal))) return undefined;
    return whole.sameNumbers || !begun.sameNumbers ? sql : scanOf(source.path, columns, false);
  };
  if (source.bytes <= headBytes) {
    const sure = await check();
    return sure === undefined ? undefined : { sql: sure, checked: Promise.resolve(sure), areRowsWhole };
  }
  const checked = check();
  // Whoever awaits it is told; a query may fail before.
  checked.catch(() => undefined);
  return { sql, checked, areRowsWhole };
}

/** What was found of files, by their paths, the latest last. */
const found = new Map<string, { readonly version: string; readonly scan: CsvScan | undefined }>();
const mostFound = 256;

/** How old a file's last change must be, in ms: two changes within one tick of the file system's clock have the same time. */
const settledMs = 2000;

/** What changes when a file does; undefined for a file that has just changed, as it may again and look the same. */
async function versionOf(path: string): Promise<string | undefined> {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true });
  if (Math.abs(Date.now() - Number(ctimeMs)) < settledMs) return undefined;
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

function scanOf(path: string, columns: readonly (readonly [string, ColumnType])[], sameNumbers: boolean): string {
  const isNumber = (type: ColumnType) => type === "float64" && sameNumbers;
  const names = columns.map(([name, type]) => `${textOf(name)}: '${isNumber(type) ? "DOUBLE" : "VARCHAR"}'`);
  const values = columns.map(([name, type]) =>
    isNumber(type) ? quoted(name) : `${valueOf[type]!(quoted(name))} as ${quoted(name)}`,
  );
  const how = `auto_detect = false, columns = {${names.join(", ")}}, header = true, skip = 0, delim = ',', quote = '"', escape = '"',
    comment = '', nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = ${longestRow}, buffer_size = ${2 * longestRow},
    compression = none`;
  return `(select ${values.join(", ")} from read_csv(${textOf(literally(path))}, ${how}))`;
}

/** A field's text as a value, as the column builders read it: DuckDB's casts alone take more, and round what a double does not hold. */
const valueOf: Partial<Record<ColumnType, (text: string) => string>> = {
  utf8: (text) => text,
  bool: (text) =>
    `case lower(${text}) when 'true' then true when 'false' then false else ${wrongUnlessNull(text, "bool")} end`,
  float64: (text) =>
    `case when contains(${text}, '_') or contains(${text}, '+-') or contains(${text}, '(')
      or strlen(${text}) > 15 and abs(try_cast(${text} as double)) > ${Number.MAX_SAFE_INTEGER} and regexp_full_match(${text}, '\\s*[+-]?\\d+\\s*')
      then ${wrong("float64")} else coalesce(try_cast(${text} as double), ${wrongUnlessNull(text, "float64")}) end`,
  int64: (text) =>
    `case when regexp_full_match(${text}, '\\s*[+-]?\\d{1,20}\\s*') then coalesce(try_cast(${text} as bigint), ${wrong("int64")})
      else ${wrongUnlessNull(text, "int64")} end`,
};

const wrong = (type: ColumnType): string => `error('CSV: expected ${type}')`;
const wrongUnlessNull = (text: string, type: ColumnType): string =>
  `case when ${text} is not null then ${wrong(type)} end`;
