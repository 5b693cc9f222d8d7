import type { DuckDBConnection } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";
import { sameColumns } from "../same-columns.ts";
import { type LoadColumn, loadColumn } from "./load-column.ts";
import { type Enumeration, enumerationOf } from "./load-texts.ts";
import { quoted } from "./sql.ts";
import { type DuckDB, vectorRows } from "./vector.ts";

/** What stands behind `from`, and its columns as Arrow has them. */
export interface Loaded {
  readonly from: string;
  readonly schema: arrow.Schema;
}

/** Batches of a stream are loaded so many bytes at once. */
const groupBytes = 32_000_000;

/**
 * Makes a table in memory known to DuckDB, without loading it: its batches are read when a query asks for
 * them, and only the columns that it asks for.
 */
export function scanTable(duckdb: DuckDB, connection: DuckDBConnection, name: string, table: arrow.Table): Loaded {
  const scan = new Scan(duckdb, connection, name, table.schema);
  scan.show(table.batches);
  return { from: scan.from, schema: table.schema };
}

/**
 * Makes a stream known to DuckDB: batches of up to `holdBytes` in all stay in memory and are read there; more are loaded into a
 * table of DuckDB's, which goes to disk where it does not fit. `signal` ends it at a batch.
 */
export async function takeBatches(
  duckdb: DuckDB,
  connection: DuckDBConnection,
  name: string,
  batches: AsyncIterable<arrow.RecordBatch> | Iterable<arrow.RecordBatch>,
  holdBytes: number,
  signal?: AbortSignal,
): Promise<Loaded> {
  let held: arrow.RecordBatch[] = [];
  let bytes = 0;
  let most = holdBytes;
  let scan: Scan | undefined;
  const empty = async () => {
    if (scan === undefined) return;
    scan.show(held);
    await connection.run(`insert into ${quoted(name)} from ${scan.from}`);
    held = [];
    bytes = 0;
  };
  let schema: arrow.Schema | undefined;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    schema ??= batch.schema;
    if (!sameColumns(schema, batch.schema))
      throw new OptionError(name, `the first batch's columns (${String(schema)})`, String(batch.schema));
    held.push(batch);
    bytes += batch.data.byteLength;
    if (bytes < most) continue;
    if (scan === undefined) {
      scan = new Scan(duckdb, connection, name, schema);
      most = groupBytes;
      const columns = columnsOf(duckdb, name, schema).map(
        ({ type }, at) => `${quoted(schema!.names[at] as string)} ${String(type)}`,
      );
      await connection.run(`create table ${quoted(name)} (${columns.join(", ")})`);
      await connection.run("begin transaction");
    }
    await empty();
  }
  if (schema === undefined) throw new OptionError(name, "at least one record batch", "none");
  if (scan === undefined) return scanTable(duckdb, connection, name, new arrow.Table(schema, held));
  await empty();
  await connection.run("commit");
  return { from: quoted(name), schema };
}

/** A function of DuckDB's that gives the rows of Arrow batches where they are. */
class Scan {
  readonly from: string;
  readonly #columnsOf: (batches: readonly arrow.RecordBatch[]) => LoadColumn[];
  #batches: readonly arrow.RecordBatch[] = [];
  #columns: readonly LoadColumn[] = [];

  constructor(duckdb: DuckDB, connection: DuckDBConnection, name: string, schema: arrow.Schema) {
    const scan = `scan of ${name}`;
    this.from = `${quoted(scan)}()`;
    this.#columnsOf = (batches) => columnsOf(duckdb, name, schema, (at) => enumerationOf(batches, at));
    connection.registerTableFunction(
      duckdb.DuckDBTableFunction.create({
        name: scan,
        supportsProjectionPushdown: true,
        bindFunction: (info) => {
          for (const [at, { type }] of this.#columns.entries()) info.addResultColumn(schema.fields[at]!.name, type);
          info.setCardinality(
            this.#batches.reduce((sum, { numRows }) => sum + numRows, 0),
            true,
          );
        },
        initFunction(info) {
          info.setMaxThreads(1);
          info.setInitData({ batch: 0, row: 0, columns: info.getColumnIndexes() });
        },
        mainFunction: (info, chunk) => {
          const state = info.getInitData() as { batch: number; row: number; columns: readonly number[] };
          const batch = this.#batches[state.batch];
          if (batch === undefined) {
            chunk.rowCount = 0;
            return;
          }
          const upTo = Math.min(batch.numRows, state.row + vectorRows);
          chunk.rowCount = upTo - state.row;
          for (const [place, at] of state.columns.entries())
            this.#columns[at]!.fill(chunk.getColumnVector(place), batch.data.children[at]!, state.row, upTo);
          state.row = upTo;
          if (upTo < batch.numRows) return;
          state.batch += 1;
          state.row = 0;
        },
      }),
    );
  }

  /** From now on the function gives these batches' rows. */
  show(batches: readonly arrow.RecordBatch[]): void {
    // A scan ends with a chunk of no rows.
    this.#batches = batches.filter(({ numRows }) => numRows > 0);
    this.#columns = this.#columnsOf(this.#batches);
  }
}

function columnsOf(
  duckdb: DuckDB,
  name: string,
  { fields }: arrow.Schema,
  enumeration: (column: number) => Enumeration | undefined = () => undefined,
): LoadColumn[] {
  if (fields.length === 0) throw new OptionError(name, "a table with columns", "none");
  return fields.map(({ name: field, type }, at) => {
    const column = loadColumn(duckdb, type as arrow.DataType, enumeration(at));
    if (column === undefined)
      throw new OptionError(`${name}.${field}`, "a column of plain values", String(type as unknown));
    return column;
  });
}
