import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { emptyBatch } from "../empty-batch.ts";
import { isVeelabError, TraceFormatError } from "../errors.ts";
import type { ReadOptions } from "../options.ts";
import { type ParquetColumn, parquetColumn } from "./parquet-columns.ts";

const defaultBatchRows = 64 * 1024;

let instance: Promise<DuckDBInstance> | undefined;

/** One engine in a process, loaded when the first Parquet file is read: it is a large native library. */
async function connect(): Promise<DuckDBConnection> {
  const duckdb = await import("@duckdb/node-api");
  // Reading is all that it is for: no home folder, no extensions from the net.
  instance ??= duckdb.DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  return (await instance).connect();
}

/** A folder named `year=2011` above the file is no column of it. */
const source = "read_parquet($1, hive_partitioning = false)";

/** DuckDB takes a name as a pattern: `trace[1].parquet` would read `trace1.parquet`. */
const literally = (path: string): string => path.replace(/[*?[]/g, "[$&]");

/**
 * Reads a Parquet file through DuckDB as record batches, in the file's order. Booleans, whole numbers of each width (64 bits as
 * BigInt64Array), floats, strings, dates, times, timestamps of each unit and binary keep their types; enumerations and UUIDs become
 * strings, decimals and 128-bit numbers float64. Lists, structs and maps are a TraceFormatError, unless `columns` leaves them out. Memory is bounded by a batch and a row group.
 */
export async function* readParquet(
  name: string,
  path: string,
  options: ReadOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const connection = await connect();
  let rows = 0;
  try {
    const literal = [literally(path)];
    const all = await connection.runAndReadAll(`select * from ${source} limit 0`, literal);
    const types = all.columnTypes();
    const columns = all.columnNames().flatMap((column, at) => {
      if (options.columns !== undefined && !options.columns.includes(column)) return [];
      const made = parquetColumn(column, types[at]!, options.batchRows ?? defaultBatchRows);
      if (made === undefined)
        throw new TraceFormatError(
          { file: name, field: column },
          `expected a column of plain values, got ${String(types[at])}`,
        );
      return [made];
    });
    const schema = new arrow.Schema(columns.map(({ name: field, type }) => new arrow.Field(field, type, true)));
    // Columns asked for that the file lacks are reported by whoever compares the schema: here is nothing to select.
    if (columns.length === 0) {
      yield emptyBatch(schema);
      return;
    }
    const list = columns.map(({ expression }) => expression).join(", ");
    const result = await connection.stream(`select ${list} from ${source}`, literal);
    let yielded = false;
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const count = chunk.rowCount;
      for (let from = 0; from < count;) {
        const room = columns[0]!.room();
        const upTo = Math.min(count, from + room);
        for (const [at, column] of columns.entries()) column.append(chunk.getColumnVector(at), from, upTo);
        rows += upTo - from;
        from = upTo;
        if (columns[0]!.room() > 0) continue;
        yield batch(schema, columns);
        yielded = true;
      }
    }
    if (!yielded || columns[0]!.rows() > 0) yield batch(schema, columns);
  } catch (error) {
    if (isVeelabError(error)) throw error;
    const problem = (error instanceof Error ? error.message : String(error)).replaceAll(path, name).split("\n")[0]!;
    throw new TraceFormatError({ file: name, row: rows + 1 }, `expected a whole Parquet file (${problem})`, {
      cause: error,
    });
  } finally {
    connection.closeSync();
  }
}

function batch(schema: arrow.Schema, columns: readonly ParquetColumn[]): arrow.RecordBatch {
  const length = columns[0]!.rows();
  const children = columns.map((column) => column.take());
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children }),
  );
}
