import type * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";
import { formatNames, namedFormat } from "../format.ts";
import { checkNames } from "../options.ts";
import { writeAtomically } from "./atomic.ts";
import { type Batches, writeArrow } from "./arrow.ts";
import { writeCsv } from "./csv.ts";
import { writeParquet, type WriteParquetOptions } from "./parquet.ts";

/** How {@link write} writes. */
export interface WriteOptions extends WriteParquetOptions {
  /**
   * The format to write in: a trace format (`oracle-general`, `alibaba`…), or `arrow`, `parquet`, `csv`, which the file's ending must say,
   * too; by the file's ending when not given.
   */
  readonly to?: string;
}

/**
 * Writes a table or batches in the format that the file's ending says: `.arrow`, `.arrow.gz`, `.feather`, `.parquet` or `.csv`; or in a
 * trace format that is named. The file appears whole or not at all; a stream of any length takes bounded memory.
 *
 * Throws OptionError for an ending that is not known or contradicts `to`, and for a format that cannot be written.
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
export async function write(path: string, source: Batches, options: WriteOptions = {}): Promise<void> {
  if (typeof path !== "string") throw new OptionError("path", "a file name", path);
  if (typeof source !== "object" || (source as unknown) === null)
    throw new OptionError("batches", "a table or record batches", source);
  checkNames(options, ["to", "metadata", "signal"]);
  const { signal, metadata = {} } = options;
  for (const [name, text] of Object.entries(metadata))
    if (typeof text !== "string") throw new OptionError(`metadata.${name}`, "a text", text);
  const batches = signal === undefined || "batches" in source ? source : abortable(source, signal);
  const ending = /\.(arrow|feather)(\.gz)?$/.test(path) ? "arrow" : /\.(parquet|csv)$/.exec(path)?.[1];
  const { to = ending } = options;
  if (to === undefined)
    throw new OptionError(
      "path",
      "a file name that ends in .arrow, .arrow.gz, .feather, .parquet or .csv, or the option to",
      path,
    );
  if (to === "parquet") return writeParquet(path, batches, options);
  if (to === "csv") return writeCsv(path, batches);
  if (to === "arrow") return writeArrow(path, batches, options);
  const format = formatNames().includes(to) ? namedFormat(to) : undefined;
  if (format === undefined || typeof format === "string" || format.write === undefined) {
    const names = formatNames().filter((name) => {
      const named = namedFormat(name);
      return typeof named === "string" || named.write !== undefined;
    });
    throw new OptionError("to", `a format that is written (${names.join(", ")})`, to);
  }
  if (ending === "arrow" || ending === "parquet")
    throw new OptionError("path", `a file name that does not say ${ending}, for the format ${to}`, path);
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
