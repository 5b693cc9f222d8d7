import type { DuckDBConnection } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { stat } from "node:fs/promises";
import { entryOf } from "./catalogue.ts";
import { defaultMemoryLimitMb, type EngineOptions, withEngine } from "./duckdb/engine.ts";
import { loadBatches, scanOf, scanTable } from "./duckdb/load.ts";
import { resultBatches } from "./duckdb/result-batches.ts";
import { literally, quoted, textOf } from "./duckdb/sql.ts";
import { isVeelabError, OptionError } from "./errors.ts";
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

/**
 * Runs a query in SQL (DuckDB's dialect) and gives its result as an Arrow table. What stands behind `from` and `join` is a
 * name of `tables`, a name of the catalogue (`from "memory/gcc-cc1"`), or a file of any format that is read
 * (`from 'disk.parquet'`, `from 'vm.blkparse.zst'`).
 *
 * Parquet and CSV files are read by DuckDB where they are, however large; an Arrow table is scanned in place, column by column; other
 * files and streams are loaded into a temporary table first, which goes to disk where it does not fit into
 * `memoryLimitMb`. Sums of whole numbers and decimals come as float64. For a chain of verbs instead of SQL, give `toArquero(table)` of `veelab` the result.
 *
 * Throws OptionError with DuckDB's own words for a query that cannot run, and for columns of nested values.
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
  if (typeof sql !== "string" || sql.trim() === "") throw new OptionError("sql", "a query", sql);
  const { memoryLimitMb, threads, batchRows = 65_536 } = options;
  for (const [name, value, most] of [
    ["memoryLimitMb", memoryLimitMb, 2 ** 40],
    ["threads", threads, 1024],
    ["batchRows", batchRows, 2 ** 24],
  ] as const)
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= most))
      throw new OptionError(name, `a whole number from 1 to ${most}`, value);
  return withEngine(options, (connection) => run(connection, sql, batchRows, options));
}

async function* run(
  connection: DuckDBConnection,
  sql: string,
  batchRows: number,
  { tables = {}, memoryLimitMb = defaultMemoryLimitMb }: QueryOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const asked = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw refused(error);
    }
  };
  for (const name of asked(() => connection.getTableNames(sql, false)))
    await provide(connection, name, Object.hasOwn(tables, name) ? tables[name]! : name, memoryLimitMb);
  const result = await connection.stream(sql).catch((error: unknown) => {
    throw refused(error);
  });
  try {
    yield* resultBatches(result, batchRows, (column, type) => {
      throw new OptionError("sql", `columns of plain values (cast ${quoted(column)}, or unnest it)`, type);
    });
  } catch (error) {
    throw isVeelabError(error) ? error : refused(error);
  }
}

/** DuckDB's error as one sentence: its first line says what it is, the others point at the place. */
function refused(error: unknown): OptionError {
  const [first, ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
  const hint = rest.find((line) => line.startsWith("Did you mean") || line.startsWith("Candidate bindings"));
  return new OptionError("sql", `a query that DuckDB can run (${[first, hint].filter(Boolean).join(" ")})`, "another");
}

/** Makes a table of the query known to DuckDB. What is no table of ours, no name and no file is left to DuckDB to complain of. */
async function provide(
  connection: DuckDBConnection,
  name: string,
  table: QueryTable,
  memoryLimitMb: number,
): Promise<void> {
  const duckdb = await import("@duckdb/node-api");
  const view = (source: string) => connection.run(`create view ${quoted(name)} as from ${source}`);
  if (typeof table !== "string") {
    if (arrow.isArrowTable(table)) {
      scanTable(duckdb, connection, name, table);
      await view(scanOf(name));
    } else
      await gather(
        connection,
        name,
        (async function* () {
          yield* table;
        })(),
        memoryLimitMb,
      );
    return;
  }
  const listed = (await entryOf(table)) !== undefined;
  if (!listed) {
    const there = await stat(table).catch(() => undefined);
    // A pattern (`part-*.parquet`), a common table expression, or a mistake: DuckDB's.
    if (there?.isFile() !== true) return;
    const source = await openSource(table);
    const format = formatOf(source.file, await headOf(source));
    if (format === "parquet" && source.compression === undefined) {
      await view(`read_parquet(${textOf(literally(table))}, hive_partitioning = false)`);
      return;
    }
    if (format === "csv" && (source.compression === undefined || source.compression === "gzip")) {
      const how = source.compression === undefined ? "none" : "gzip";
      await view(`read_csv(${textOf(literally(table))}, header = true, compression = ${how})`);
      return;
    }
  }
  await gather(connection, name, stream(table), memoryLimitMb);
}

/** Batches that fit into half of the memory are scanned where they are, which is several times as fast as loading them. */
async function gather(
  connection: DuckDBConnection,
  name: string,
  batches: AsyncGenerator<arrow.RecordBatch, void>,
  memoryLimitMb: number,
): Promise<void> {
  const duckdb = await import("@duckdb/node-api");
  const held: arrow.RecordBatch[] = [];
  let bytes = 0;
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    held.push(next.value);
    bytes += next.value.data.byteLength;
    if (bytes < memoryLimitMb * 500_000) continue;
    await loadBatches(duckdb, connection, name, following(held, batches));
    return;
  }
  scanTable(duckdb, connection, name, new arrow.Table(held));
  await connection.run(`create view ${quoted(name)} as from ${scanOf(name)}`);
}

async function* following(
  held: arrow.RecordBatch[],
  rest: AsyncGenerator<arrow.RecordBatch, void>,
): AsyncGenerator<arrow.RecordBatch, void> {
  yield* held.splice(0);
  yield* rest;
}
