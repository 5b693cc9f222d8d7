import type * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";
import { formatNames, namedFormat } from "../format.ts";
import { writeAtomically } from "./atomic.ts";
import { type Batches, writeArrow } from "./arrow.ts";
import { writeCsv } from "./csv.ts";
import { writeParquet, type WriteParquetOptions } from "./parquet.ts";

/** How {@link write} writes. */
export interface WriteOptions extends WriteParquetOptions {
  /** A trace format to write in (`oracle-general`, `alibaba`…); by the file's ending when not given. */
  readonly to?: string;
}

/**
 * Writes a table or batches in the format that the file's ending says: `.arrow`, `.arrow.gz`, `.feather`, `.parquet` or `.csv`; or in a
 * trace format that is named. The file appears whole or not at all; a stream of any length takes bounded memory.
 *
 * Throws OptionError for an ending that is not known, and for a format that cannot be written.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { query, write } from "veelab/datasets";
 *
 * const table = await query(`from "published/selective-paging-table-3"`);
 * await write(join(tmpdir(), "veelab-table-3.parquet"), table);
 * ```
 */
export async function write(path: string, source: Batches, { to, ...options }: WriteOptions = {}): Promise<void> {
  const { signal } = options;
  const batches = signal === undefined || "batches" in source ? source : abortable(source, signal);
  if (to === undefined || to === "csv") {
    if (path.endsWith(".parquet")) await writeParquet(path, batches, options);
    else if (path.endsWith(".csv")) await writeCsv(path, batches);
    else if (/\.(arrow|feather)(\.gz)?$/.test(path)) await writeArrow(path, batches, options);
    else throw new OptionError("path", "a file name that ends in .arrow, .arrow.gz, .feather, .parquet or .csv", path);
    return;
  }
  const format = formatNames().includes(to) ? namedFormat(to) : undefined;
  if (format === undefined || typeof format === "string" || format.write === undefined) {
    const names = formatNames().filter((name) => {
      const named = namedFormat(name);
      return typeof named !== "string" && named.write !== undefined;
    });
    throw new OptionError("to", `a format that is written (${names.join(", ")})`, to);
  }
  const encode = format.write;
  await writeAtomically(path, async (handle) => {
    for await (const bytes of encode(each(batches))) await handle.writeFile(bytes);
  });
}

/** Batches until there is a reason to end. */
async function* abortable(batches: Batches, signal: AbortSignal): AsyncGenerator<arrow.RecordBatch, void> {
  for await (const batch of each(batches)) {
    signal.throwIfAborted();
    yield batch;
  }
}

async function* each(batches: Batches): AsyncGenerator<arrow.RecordBatch, void> {
  yield* "batches" in batches ? batches.batches : batches;
}
