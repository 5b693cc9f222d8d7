import * as arrow from "apache-arrow";
import { withEngine } from "../duckdb/engine.ts";
import { scanTable, takeBatches } from "../duckdb/load.ts";
import { quoted, textOf } from "../duckdb/sql.ts";
import { OptionError } from "../errors.ts";
import type { Batches, WriteArrowOptions } from "./arrow.ts";
import { writeAtomically } from "./atomic.ts";

/** How a Parquet file is written. */
export interface WriteParquetOptions extends WriteArrowOptions {
  /** Ends the work; no file is left. */
  readonly signal?: AbortSignal;
}

/** A stream of more than this is put into a table, which goes to disk where it must, before it is written. */
const holdBytes = 256_000_000;

/**
 * Writes a Parquet file (zstd pages, row groups of 122,880 rows), by DuckDB. Numbers, texts, booleans, bytes, dates and times keep their
 * types, a dictionary becomes text, times with a zone become microseconds; the schema's metadata and `options.metadata` are the file's
 * key-value metadata. Memory is bounded: a stream of more than 256 MB goes to a temporary table first, on disk where it must. The file appears
 * whole or not at all.
 *
 * Throws OptionError for columns of nested values, for times of a zone in nanoseconds, and for a place that cannot be written to.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open, writeParquet } from "veelab/datasets";
 *
 * const path = join(tmpdir(), "veelab-example.parquet");
 * await writeParquet(path, tableFromArrays({ page: Uint32Array.of(1, 2, 3) }));
 * console.log((await open(path)).numRows); // 3
 * ```
 */
export async function writeParquet(path: string, batches: Batches, options: WriteParquetOptions = {}): Promise<void> {
  if (typeof path !== "string" || !path.endsWith(".parquet"))
    throw new OptionError("path", "a file name that ends in .parquet", path);
  const duckdb = await import("@duckdb/node-api");
  const { metadata: more, signal } = options;
  await writeAtomically(path, async (_, temporary) => {
    const work = withEngine(signal === undefined ? {} : { signal }, async function* ({ connection }) {
      const { from, schema } = arrow.isArrowTable(batches)
        ? scanTable(duckdb, connection, "batches", batches)
        : await takeBatches(duckdb, connection, "batches", batches, holdBytes);
      const metadata = Object.entries({ ...Object.fromEntries(schema.metadata), ...more });
      const pairs = metadata.map(([key, value]) => `${quoted(key)}: ${textOf(value)}`).join(", ");
      const how = `format parquet, compression zstd, use_tmp_file false${pairs === "" ? "" : `, kv_metadata {${pairs}}`}`;
      await connection.run(`copy (from ${from}) to ${textOf(temporary)} (${how})`).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new OptionError("path", "a place that a file can be written to", error);
      });
      yield undefined;
    });
    for await (const _ of work);
  });
}
