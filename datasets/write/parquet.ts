import * as arrow from "apache-arrow";
import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { withEngine } from "../duckdb/engine.ts";
import { loadBatches, scanOf, scanTable } from "../duckdb/load.ts";
import { quoted, textOf } from "../duckdb/sql.ts";
import { OptionError } from "../errors.ts";
import type { Batches, WriteArrowOptions } from "./arrow.ts";

/**
 * Writes a Parquet file (zstd pages, row groups of 122,880 rows), by DuckDB. Numbers, texts, booleans, dates and times keep their types,
 * a dictionary becomes text, times with a zone become microseconds; the schema's metadata and `options.metadata` are the file's
 * key-value metadata. A stream goes to a temporary table on disk first, so memory stays bounded. The file appears
 * whole or not at all.
 *
 * Throws OptionError for columns of nested values.
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
export async function writeParquet(path: string, batches: Batches, options: WriteArrowOptions = {}): Promise<void> {
  if (typeof path !== "string" || !path.endsWith(".parquet"))
    throw new OptionError("path", "a file name that ends in .parquet", path);
  const duckdb = await import("@duckdb/node-api");
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const work = withEngine({}, async function* (connection) {
    let source = "batches";
    let schema: arrow.Schema;
    if (arrow.isArrowTable(batches)) {
      ({ schema } = batches);
      scanTable(duckdb, connection, "batches", batches);
      source = scanOf("batches");
    } else schema = await loadBatches(duckdb, connection, "batches", batches);
    const metadata = Object.entries({ ...Object.fromEntries(schema.metadata), ...options.metadata });
    const pairs = metadata.map(([key, value]) => `${quoted(key)}: ${textOf(value)}`).join(", ");
    const how = `format parquet, compression zstd${pairs === "" ? "" : `, kv_metadata {${pairs}}`}`;
    await connection.run(`copy (from ${source}) to ${textOf(temporary)} (${how})`);
    yield undefined;
  });
  try {
    for await (const _ of work);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
