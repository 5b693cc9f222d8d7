import { csvTypes } from "../readers/csv.ts";
import { longestRow } from "../readers/csv-rows.ts";
import type { ColumnType } from "../column-type.ts";
import type { Source } from "../source/source.ts";
import { isPlainCsv } from "./plain-csv.ts";
import { literally, quoted, textOf } from "./sql.ts";

/**
 * A CSV file as SQL that gives what `open` gives, with the types that `open` infers; undefined where DuckDB would read something else. A
 * value that is not of its column's type is an error that names CSV, if the query asks for the column.
 */
export async function csvScan(source: Source): Promise<string | undefined> {
  if (source.compression !== undefined) return undefined;
  const columns = await csvTypes(source.file, source.chunks());
  const columnValues = columns.map(([name, type]) => valueOf[type]?.(quoted(name)));
  const differInCaseAlone = new Set(columns.map(([name]) => name.toLowerCase())).size < columns.length;
  if (
    differInCaseAlone ||
    columnValues.includes(undefined) ||
    !(await isPlainCsv(source.chunks("passing"), columns.length))
  )
    return undefined;
  const names = columns.map(([name]) => `${textOf(name)}: 'VARCHAR'`);
  const how = `auto_detect = false, columns = {${names.join(", ")}}, header = true, skip = 0, delim = ',', quote = '"', escape = '"',
    comment = '', nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = ${longestRow}, compression = none`;
  const values = columnValues.map((value, at) => `${value!} as ${quoted(columns[at]![0])}`);
  return `(select ${values.join(", ")} from read_csv(${textOf(literally(source.path))}, ${how}))`;
}

/** A field's text as a value, as the column builders read it: DuckDB's casts alone take more, and round what a double does not hold. */
const valueOf: Partial<Record<ColumnType, (text: string) => string>> = {
  utf8: (text) => text,
  bool: (text) =>
    `case lower(${text}) when 'true' then true when 'false' then false else ${wrongUnlessNull(text, "bool")} end`,
  float64: (text) =>
    `case when contains(${text}, '_') or contains(${text}, '+-')
      or strlen(${text}) > 15 and abs(try_cast(${text} as double)) > ${Number.MAX_SAFE_INTEGER} and regexp_full_match(${text}, '\\s*[+-]?\\d+\\s*')
      then ${wrong("float64")} else coalesce(try_cast(${text} as double), ${wrongUnlessNull(text, "float64")}) end`,
  int64: (text) =>
    `case when regexp_full_match(${text}, '\\s*[+-]?\\d{1,20}\\s*') then coalesce(try_cast(${text} as bigint), ${wrong("int64")})
      else ${wrongUnlessNull(text, "int64")} end`,
};

const wrong = (type: ColumnType): string => `error('CSV: expected ${type}')`;
const wrongUnlessNull = (text: string, type: ColumnType): string =>
  `case when ${text} is not null then ${wrong(type)} end`;
