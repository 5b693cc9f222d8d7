import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type RecordBatch, Schema } from "apache-arrow";
import { resolve } from "node:path";
import { literally, quoted, textOf } from "../duckdb/sql.ts";
import { wholeResult } from "../duckdb/whole-result.ts";
import { emptyBatch } from "../empty-batch.ts";
import { isVeelabError, TraceFormatError } from "../errors.ts";
import { defaultBatchRows, type ReadOptions } from "../options.ts";

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

/**
 * Reads a Parquet file through DuckDB as record batches, in the file's order. Booleans, whole numbers of each width (64 bits as
 * BigInt64Array), floats, strings, dates, times, timestamps of each unit and binary keep their types; enumerations and UUIDs become
 * strings, decimals and 128-bit numbers float64, where that holds them exactly. Lists, structs and maps are a TraceFormatError, unless `columns` leaves them out. Memory is bounded by a batch and a row group.
 */
export async function* readParquet(
  name: string,
  path: string,
  options: ReadOptions,
): AsyncGenerator<RecordBatch, void> {
  const connection = await connect();
  // A folder named `year=2011` above the file is no column of it.
  const file = textOf(literally(path));
  const source = `read_parquet(${file}, hive_partitioning = false)`;
  let rows = 0;
  try {
    const all = await connection.runAndReadAll(`select * from ${source} limit 0`);
    // Columns asked for that the file lacks are reported by whoever compares the schema.
    const names = all.columnNames().filter((column) => options.columns?.includes(column) !== false);
    if (names.length === 0) {
      yield emptyBatch(new Schema([]));
      return;
    }
    const metadata = new Map(
      (await connection.runAndReadAll(`select key, value from parquet_kv_metadata(${file})`))
        .getRows()
        .map(
          (pair) =>
            pair.map((blob) => Buffer.from((blob as unknown as { bytes: Uint8Array }).bytes).toString()) as [
              string,
              string,
            ],
        )
        .filter(([key]) => key !== "ARROW:schema"),
    );
    yield* wholeResult(connection, `select ${names.map(quoted).join(", ")} from ${source}`, {
      batchRows: options.batchRows ?? defaultBatchRows,
      metadata,
      onRows: (more) => (rows += more),
      refuse(field, expected, got) {
        throw new TraceFormatError({ file: name, field }, `expected ${expected}, got ${got}`);
      },
    });
  } catch (error) {
    if (isVeelabError(error)) throw error;
    const problem = (error instanceof Error ? error.message : String(error))
      .replaceAll(resolve(path), name)
      .split("\n")[0]!;
    throw new TraceFormatError({ file: name, row: rows + 1 }, `expected a whole Parquet file (${problem})`, {
      cause: error,
    });
  } finally {
    connection.closeSync();
  }
}
