import * as arrow from "apache-arrow";
import { basename } from "node:path";
import { entryOf, pathOf, unknownSource, verifyEntry } from "./catalogue.ts";
import { OptionError, TraceFormatError } from "./errors.ts";
import { formatOf, namedFormat } from "./format.ts";
import { headOf } from "./formats/head.ts";
import {
  checkReadOptions,
  checkStreamOptions,
  defaultBatchRows,
  type ReadOptions,
  type StreamOptions,
} from "./options.ts";
import { readArrow } from "./readers/arrow.ts";
import { readCsv } from "./readers/csv.ts";
import { readParquet } from "./readers/parquet.ts";
import { readTrace } from "./read-trace.ts";
import { shape } from "./shape.ts";
import { openSource, uncompressed } from "./source/source.ts";

/**
 * Opens a dataset as an Arrow table: a name of the {@link catalogue}, whose SHA-256 is verified, or a file. Arrow IPC files (Feather V2)
 * and streams, Parquet and CSV are told apart by their content, each also inside gzip, zstd, lz4, xz or zip. The columns' values are
 * reached without copying by `table.getChild("page").data[i].values`.
 *
 * Throws OptionError for options that cannot be used and for a source that does not exist; TraceFormatError, with file, place and
 * field, for a damaged or truncated file, for a hash that differs, for a missing column or one of the wrong type. Time and memory are linear in the file; {@link stream}
 * reads what is larger than memory.
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 *
 * const table = await open("published/selective-paging-table-3", { columns: ["benchmark", "mode", "time_s"] });
 * console.log(table.numRows, table.get(0)?.toJSON()); // 4 { benchmark: "mcf", mode: "HAP", time_s: 383 }
 * ```
 */
export async function open(source: string, options: ReadOptions = {}): Promise<arrow.Table> {
  const batches: arrow.RecordBatch[] = [];
  checkReadOptions(options);
  for await (const batch of read(checked(source), options, largeBatchRows)) batches.push(batch);
  // Batches without rows carry the schema of an empty file, and nothing else.
  const full = batches.filter(({ numRows }) => numRows > 0);
  return new arrow.Table(full.length > 0 ? full : batches.slice(0, 1));
}

/**
 * Opens a dataset as record batches, one in memory at a time; otherwise as {@link open}. With `reuse` a batch of a trace is overwritten by the next one. The first batch comes after the file's head is read, and
 * a file without rows gives one empty batch. Leaving the loop early closes the file.
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 *
 * let references = 0;
 * for await (const batch of stream("memory/gcc-cc1", { columns: ["count"] }))
 *   for (const { values } of batch.getChild("count")!.data)
 *     for (const count of values as Uint32Array) references += count;
 * console.log(references);
 * ```
 */
export function stream(source: string, options: StreamOptions = {}): AsyncGenerator<arrow.RecordBatch, void> {
  checkStreamOptions(options);
  return read(checked(source), options);
}

/** What is held whole is read in larger pieces where it is large: each piece of memory that is asked for is work for the garbage collector. */
const largeBytes = 2 ** 26;
const largeBatchRows = 2 ** 20;

function checked(source: string): string {
  if (typeof source !== "string" || source === "")
    throw new OptionError("source", "a file name or a name of the catalogue", source);
  return source;
}

async function* read(
  name: string,
  given: StreamOptions,
  largest = defaultBatchRows,
): AsyncGenerator<arrow.RecordBatch, void> {
  const entry = await entryOf(name);
  if (entry !== undefined) await verifyEntry(entry);
  const path = entry === undefined ? name : pathOf(entry);
  const file = entry === undefined ? basename(path) : entry.name;
  const source = await openSource(path, file, given.onProgress).catch(async (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") throw await unknownSource(name);
    throw error;
  });
  const options = source.bytes > largeBytes ? { batchRows: largest, ...given } : given;
  const format = options.as === undefined ? formatOf(file, await headOf(source)) : namedFormat(options.as);
  if (format === "csv" && /\.(arrows?|feather|parquet)(\.\w+)?$/.test(path))
    throw new TraceFormatError({ file }, "expected what the name says, got text");
  if (format === "csv") yield* readCsv(file, source.chunks(), options);
  else if (format === "parquet")
    yield* shape(
      file,
      uncompressed(source, (plain) => readParquet(file, plain, options)),
      options,
    );
  else if (format === "arrow") yield* shape(file, readArrow(source), options);
  else yield* shape(file, readTrace(format, source, options), options);
}
