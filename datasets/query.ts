import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { stat } from "node:fs/promises";
import { entryOf } from "./catalogue.ts";
import { type CsvScan, csvScan } from "./duckdb/csv-scan.ts";
import { defaultMemoryLimitMb, type Engine, type EngineOptions, withEngine } from "./duckdb/engine.ts";
import { scanTable, takeBatches } from "./duckdb/load.ts";
import { readsAllRows } from "./duckdb/reads-all-rows.ts";
import { literally, quoted, textOf } from "./duckdb/sql.ts";
import { wholeResult } from "./duckdb/whole-result.ts";
import { OptionError } from "./errors.ts";
import { formatOf } from "./format.ts";
import { headOf } from "./formats/head.ts";
import { stream } from "./open.ts";
import { openSource } from "./source/source.ts";

/** A table of a query: an Arrow table, record batches as they come, or what `open` takes. */
export type QueryTable = arrow.Table | Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch> | string;

/** What a query reads, and how much of the machine it may take. */
export interface QueryOptions extends EngineOptions {
  /** Tables by the names that the query gives them. */
  readonly tables?: Readonly<Record<string, QueryTable>>;
  /** Rows in a record batch of the result. 65,536 when not given. */
  readonly batchRows?: number;
}

const known = ["tables", "batchRows", "memoryLimitMb", "threads", "temporaryFolder", "signal"];

/**
 * Runs a query in SQL (DuckDB's dialect) and gives its result as an Arrow table. What stands behind `from` and `join` is a
 * name of `tables`, a name of the catalogue (`from "memory/gcc-cc1"`), or a file of any format that is read
 * (`from 'disk.parquet'`, `from 'vm.blkparse.zst'`).
 *
 * Parquet and CSV files are read by DuckDB where they are, however large; an Arrow table is scanned where it is, and only the columns that
 * the query asks for. Other files and streams are scanned in the same way up to half of `memoryLimitMb`; larger ones are loaded into a
 * temporary table first, which goes to disk where it does not fit; so are CSV files that are compressed, have times, or have quotes or
 * ends of lines that DuckDB reads in another way. The data are those that `open` gives. The result is copied once, array by array.
 *
 * Sums of whole numbers (HUGEINT) and decimals come as float64, times with a zone as microseconds, an ENUM as a dictionary. For a chain of verbs instead of SQL, give
 * the result to `toArquero` of `veelab`.
 *
 * Throws OptionError for more than one statement and for a PIVOT without its values, with DuckDB's own words for a query that cannot run, for columns of nested values, and for a sum or decimal
 * that float64 does not hold exactly: a cast in the query says what to do with it. Throws TraceFormatError, as `open` does, for a file that is
 * damaged, and for a value that is not of its column's type where the query asks for that column.
 *
 * @example
 * ```ts
 * import { query } from "veelab/datasets";
 *
 * const table = await query(`select kind, sum(count) as "references" from "memory/gcc-cc1" group by kind order by kind`);
 * console.log(table.numRows); // 3
 * ```
 */
export async function query(sql: string, options: QueryOptions = {}): Promise<arrow.Table> {
  const batches: arrow.RecordBatch[] = [];
  for await (const batch of queryStream(sql, options)) batches.push(batch);
  const full = batches.filter(({ numRows }) => numRows > 0);
  return new arrow.Table(full.length > 0 ? full : batches.slice(0, 1));
}

/**
 * Runs a query as {@link query} does, and gives its result as record batches, one in memory at a time.
 *
 * @example
 * ```ts
 * import { queryStream } from "veelab/datasets";
 *
 * let rows = 0;
 * for await (const batch of queryStream(`from "memory/gcc-cc1" where kind = 2 limit 1000`)) rows += batch.numRows;
 * console.log(rows); // 1000
 * ```
 */
export function queryStream(sql: string, options: QueryOptions = {}): AsyncGenerator<arrow.RecordBatch, void> {
  const isEmpty = (text: string) => /^[\s;]*$/.test(text.replaceAll(/--[^\n]*|\/\*[^]*?\*\//g, ""));
  if (typeof sql !== "string" || isEmpty(sql)) throw new OptionError("sql", "a query", sql);
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new OptionError(`options.${name}`, `one of ${known.join(", ")}`, name);
  const { memoryLimitMb, threads, batchRows = 65_536 } = options;
  for (const [name, value, most] of [
    ["memoryLimitMb", memoryLimitMb, 2 ** 40],
    ["threads", threads, 1024],
    ["batchRows", batchRows, 2 ** 24],
  ] as const)
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= most))
      throw new OptionError(name, `a whole number from 1 to ${most}`, value);
  return withEngine(options, (engine) => run(engine, sql, batchRows, options));
}

/** A file that DuckDB reads where it is. */
interface Placed {
  readonly path: string;
  readonly format: "csv" | "parquet";
  /** How, where it is a CSV file. */
  readonly scan?: CsvScan;
}

async function* run(
  engine: Engine,
  sql: string,
  batchRows: number,
  { tables = {}, memoryLimitMb = defaultMemoryLimitMb, signal }: QueryOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const { connection } = engine;
  const duckdb = await import("@duckdb/node-api");
  const holdBytes = memoryLimitMb * 500_000;
  const placed = new Map<string, Placed>();
  let yielded = false;
  try {
    const { count } = await connection.extractStatements(sql);
    // DuckDB makes several statements of a PIVOT that must first find its values.
    if (count !== 1)
      throw new OptionError(
        "sql",
        /\bpivot/i.test(sql) ? "PIVOT with its values: on name in ('a', 'b')" : "one statement",
        sql,
      );
    const names = await tableNames(connection, sql);
    for (const name of names)
      await provide(connection, name, Object.hasOwn(tables, name) ? tables[name]! : name, holdBytes, placed, signal);
    const hasCsv = [...placed.values()].some(({ scan }) => scan !== undefined);
    const seesAllRows = !hasCsv || (await readsAllRows(connection, sql));
    const types = new Set<number>();
    const onResult = ({ statementType }: DuckDBResult) => {
      types.add(statementType);
    };
    let results = answers(connection, sql, batchRows, signal, onResult);
    let first = results.next();
    const stop = async () => {
      connection.interrupt();
      await first.catch(ignored);
      await results.return();
      // The transaction may be open, or its rollback be what was interrupted.
      await connection.run("rollback").catch(ignored);
    };
    // DuckDB works while the bytes of CSV files are checked; nothing is given before.
    first.catch(ignored);
    const misread = await misreadOf(placed, seesAllRows, signal).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    if (misread.size > 0) {
      await stop();
      for (const [name, scan] of misread)
        if (scan !== undefined) await connection.run(`create or replace view ${quoted(name)} as from ${scan}`);
        else await load(connection, name, holdBytes, placed, signal);
      results = answers(connection, sql, batchRows, signal, onResult);
      first = results.next();
    }
    for (let next = await first; next.done !== true; next = await results.next()) {
      yield next.value;
      yielded = true;
    }
    // What is no file in its place has left a function behind, and what is no SELECT may have left anything.
    const isSelect = types.size === 1 && types.has(duckdb.StatementType.SELECT);
    engine.isClean = isSelect && [...names].every((name) => placed.has(name));
    const views = [...placed.keys()].map((name) => `drop view ${quoted(name)}`);
    if (engine.isClean && views.length > 0) await connection.run(views.join("; "));
    return;
  } catch (error) {
    signal?.throwIfAborted();
    if (!isDuckDBs(error)) throw error;
    const files = [...placed.values()].filter(({ format }) => wordsOf[format].test(error.message));
    const again = !yielded && files.some(({ format }) => format === "csv");
    // `open` says what is wrong with a file, and where.
    if (!again) for (const { path } of files) for await (const _ of stream(path)) signal?.throwIfAborted();
    if (!again) throw refused(error);
  }
  // What DuckDB cannot read, `open` may, or says why not.
  try {
    for (const [name, { format }] of placed)
      if (format === "csv") await load(connection, name, holdBytes, placed, signal);
    yield* answers(connection, sql, batchRows, signal);
  } catch (error) {
    throw isDuckDBs(error) ? refused(error) : error;
  }
}

const ignored = (): void => undefined;

/** The CSV files that DuckDB does not read as `open` does, by their names in the query, with the SQL that does where there is any. */
async function misreadOf(
  placed: ReadonlyMap<string, Placed>,
  seesAllRows: boolean,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string | undefined>> {
  const misread = new Map<string, string | undefined>();
  for (const [name, { scan }] of placed) {
    if (scan === undefined) continue;
    const checked = await scan.checked;
    if (checked !== scan.sql) misread.set(name, checked);
    if (checked !== undefined && !seesAllRows && !(await scan.areRowsWhole(signal))) misread.set(name, undefined);
  }
  return misread;
}

/** Gives the query what `open` reads of a file, instead of what DuckDB does. */
async function load(
  connection: DuckDBConnection,
  name: string,
  holdBytes: number,
  placed: Map<string, Placed>,
  signal?: AbortSignal,
): Promise<void> {
  const { path } = placed.get(name)!;
  placed.delete(name);
  await connection.run(`drop view ${quoted(name)}`);
  await provide(connection, name, stream(path), holdBytes, placed, signal);
}

/** What DuckDB says when such a file is at fault. */
const wordsOf: Readonly<Record<Placed["format"], RegExp>> = {
  csv: /\bCSV\b/,
  parquet: /parquet|thrift|TProtocol|decompress|magic bytes|^IO Error|^Invalid Input Error/i,
};

const answers = (
  connection: DuckDBConnection,
  sql: string,
  batchRows: number,
  signal: AbortSignal | undefined,
  onResult?: (result: DuckDBResult) => void,
): AsyncGenerator<arrow.RecordBatch, void> =>
  wholeResult(connection, sql, {
    batchRows,
    signal,
    onResult,
    refuse(column, expected, got) {
      throw new OptionError("sql", `${expected} (cast ${quoted(column)}, or unnest it)`, got);
    },
  });

/**
 * The tables that a query reads, maybe with names of its own (common table expressions). DuckDB lists none at all of a query that it cannot
 * bind without its tables' columns (`join … using`, `natural join`); its parse tree, which takes longer, and which there is of a SELECT only, has them.
 */
async function tableNames(connection: DuckDBConnection, sql: string): Promise<ReadonlySet<string>> {
  const names = new Set(connection.getTableNames(sql, false));
  if (names.size > 0) return names;
  const [[tree]] = (await (await connection.run("select json_serialize_sql($1::varchar)", [sql])).getRows()) as [
    [string],
  ];
  JSON.parse(tree, (_, node: unknown) => {
    if (isTable(node)) names.add(node.table_name);
    return node;
  });
  return names;
}

const isTable = (node: unknown): node is { readonly table_name: string } =>
  typeof node === "object" && node !== null && "type" in node && node.type === "BASE_TABLE" && "table_name" in node;

/** DuckDB's errors are plain ones that begin with their kind. */
const isDuckDBs = (error: unknown): error is Error =>
  error instanceof Error &&
  error.name === "Error" &&
  /^[A-Z][\w ]* [Ee]rror: |^Failed to |^Error in native/.test(error.message);

/** DuckDB's error as one sentence: its first line says what it is, the others point at the place. */
function refused({ message }: Error): OptionError {
  const [first, ...rest] = message.split("\n");
  const hint = rest.find((line) => line.startsWith("Did you mean") || line.startsWith("Candidate bindings"));
  return new OptionError("sql", "a query that DuckDB can run", new Error([first, hint].filter(Boolean).join(" ")));
}

/** Makes a table of the query known to DuckDB. What is no table of ours, no name and no file is left to DuckDB to complain of. */
async function provide(
  connection: DuckDBConnection,
  name: string,
  table: QueryTable,
  holdBytes: number,
  placed: Map<string, Placed>,
  signal?: AbortSignal,
): Promise<void> {
  const duckdb = await import("@duckdb/node-api");
  const from =
    typeof table === "string"
      ? await inPlace(table, (file) => placed.set(name, file), signal)
      : arrow.isArrowTable(table)
        ? scanTable(duckdb, connection, name, table).from
        : table;
  if (from === undefined) return;
  if (typeof from === "string") {
    await connection.run(`create view ${quoted(name)} as from ${from}`);
    return;
  }
  const loaded = await takeBatches(duckdb, connection, name, from, holdBytes, signal);
  // A table that was loaded has the name already.
  if (loaded.from !== quoted(name)) await connection.run(`create view ${quoted(name)} as from ${loaded.from}`);
}

/** What DuckDB reads where it is, as SQL; else its batches; undefined for what is neither a name nor a file. */
async function inPlace(
  table: string,
  onPlaced: (file: Placed) => void,
  signal?: AbortSignal,
): Promise<string | AsyncIterable<arrow.RecordBatch> | undefined> {
  if ((await entryOf(table)) !== undefined) return stream(table);
  if ((await stat(table).catch(() => undefined))?.isFile() !== true) {
    if (/[*?[].*\.csv(\.\w+)?$/i.test(table))
      throw new OptionError("sql", "each CSV file by its name (a pattern is of Parquet files)", table);
    // A pattern (`part-*.parquet`), a common table expression, or a mistake: DuckDB's.
    return undefined;
  }
  const source = await openSource(table);
  const format = formatOf(source.file, await headOf(source));
  if (format === "csv") {
    const scan = await csvScan(source, signal);
    if (scan === undefined) return stream(table);
    onPlaced({ path: table, format, scan });
    return scan.sql;
  }
  if (format !== "parquet" || source.compression !== undefined) return stream(table);
  onPlaced({ path: table, format });
  return `read_parquet(${textOf(literally(table))}, hive_partitioning = false)`;
}
