import * as arrow from "apache-arrow";
import { stat } from "node:fs/promises";
import { OptionError, TraceFormatError } from "./errors.ts";
import { originKey, tickKey } from "./formats/zero.ts";
import { stream } from "./open.ts";
import type { ReadOptions } from "./options.ts";
import { emptyBatch } from "./empty-batch.ts";
import { openBar } from "./progress.ts";
import { formatKey, kindKey } from "./read-trace.ts";
import { sameColumns } from "./same-columns.ts";
import type { ReadProgress } from "./source/source.ts";
import { write } from "./write/write.ts";

/** How traces are imported. */
export interface ImportOptions extends Omit<ReadOptions, "onProgress"> {
  /** A format to write in, as {@link write} takes it; by the file's ending when not given. */
  readonly to?: string;
  /** Is told how far reading has come, over all sources; in a notebook's cell a bar shows it when not given. */
  readonly onProgress?: (read: ReadProgress & { readonly rows: number }) => void;
  /** Ends the import; no file is left. */
  readonly signal?: AbortSignal;
}

/** What was imported. */
export interface ImportReport {
  /** Rows written. */
  readonly rows: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** The trace's format; null for a table. */
  readonly format: string | null;
  /** The trace's kind; null for a table. */
  readonly kind: string | null;
  /** Records that were left out. */
  readonly skipped: number;
  /** What was wrong with the first ten of them. */
  readonly problems: readonly string[];
  /** Rows whose time lies before that of the row above them; null for traces without times. */
  readonly outOfOrder: number | null;
}

/**
 * Reads traces of any format that `open` reads and writes them as one file: Arrow, Parquet or CSV by its ending, or a trace format named by
 * `to`. Several sources are of one format and follow one another; where their time stamps are absolute, times count
 * from the first one's zero. The file appears whole or not at all; memory is bounded.
 *
 * Throws as `open` does, and OptionError for sources whose columns differ and for an `out` that is one of them.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { importTrace } from "veelab/datasets";
 *
 * const source = join(tmpdir(), "veelab-disk.csv");
 * await writeFile(source, "419,W,8192,4096,1577808000000046\n725,R,0,512,1577808000000074\n");
 * const report = await importTrace(source, join(tmpdir(), "veelab-disk.parquet"));
 * console.log(report.format, report.rows); // alibaba 2
 * ```
 */
export async function importTrace(
  sources: string | readonly string[],
  out: string,
  { to, signal, onProgress, onSkip, ...options }: ImportOptions = {},
): Promise<ImportReport> {
  const list = typeof sources === "string" ? [sources] : sources;
  if (!Array.isArray(list) || list.length === 0 || !list.every((path) => typeof path === "string"))
    throw new OptionError("sources", "a file, or a list of at least one", sources);
  if (typeof out !== "string" || out === "") throw new OptionError("out", "a file name", out);
  const files = await Promise.all([...list, out].map((path) => stat(path).catch(() => undefined)));
  const sizes = files.slice(0, -1).map((file) => file?.size ?? 0);
  const there = files.at(-1);
  if (there !== undefined && files.slice(0, -1).some((file) => file?.ino === there.ino && file.dev === there.dev))
    throw new OptionError("out", "another file than the sources", out);
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let rows = 0;
  let skipped = 0;
  let before = 0;
  let outOfOrder: number | null = null;
  let last = -Infinity;
  let schema: arrow.Schema | undefined;
  const problems: string[] = [];
  // Its writer copies a batch before it asks for the next one.
  const reuse = /\.(arrow|feather)(\.gz)?$/.test(out);
  const bar = onProgress === undefined ? openBar(100, "import") : undefined;
  const read = async function* (): AsyncGenerator<arrow.RecordBatch, void> {
    for (const [at, source] of list.entries()) {
      const batches = stream(source, {
        ...options,
        reuse,
        onSkip(error: TraceFormatError) {
          skipped += 1;
          if (problems.length < 10) problems.push(error.message);
          onSkip?.(error);
        },
        onProgress({ bytes }) {
          onProgress?.({ bytes: before + bytes, totalBytes, rows });
          // The size of a dataset of the catalogue is not known here.
          const share = totalBytes === 0 ? 0 : (before + bytes) / totalBytes;
          bar?.update(Math.floor(99 * share), `${rows.toLocaleString("en")} rows`);
        },
      });
      for await (const batch of batches) {
        schema ??= batch.schema;
        if (!sameColumns(schema, batch.schema))
          throw new OptionError("sources", `columns as in ${list[0]!} (${String(schema)})`, String(batch.schema));
        for (const key of [kindKey, formatKey])
          if (schema.metadata.get(key) !== batch.schema.metadata.get(key))
            throw new OptionError(
              "sources",
              `traces of one format, as ${list[0]!} (${schema.metadata.get(key) ?? "a table"})`,
              `${source} (${batch.schema.metadata.get(key) ?? "a table"})`,
            );
        if (batch.numRows === 0) continue;
        // A trace without rows has no zero.
        if (rows === 0) schema = batch.schema;
        const shifted = onZeroOf(schema, batch, source);
        const data = shifted.getChild(timeColumn(schema))?.data[0] as arrow.Data | undefined;
        const times = data?.values as unknown;
        if (times instanceof Float64Array) {
          outOfOrder ??= 0;
          const all = data!.nullCount === 0;
          for (let row = 0; row < batch.numRows; row += 1) {
            const time = times[row]!;
            if (!all && !data!.getValid(row)) continue;
            if (time < last) outOfOrder += 1;
            last = time;
          }
        }
        rows += batch.numRows;
        yield shifted;
      }
      before += sizes[at]!;
    }
    if (rows === 0) yield emptyBatch(schema!);
  };
  try {
    await write(out, read(), { ...(to === undefined ? {} : { to }), ...(signal === undefined ? {} : { signal }) });
  } finally {
    bar?.end();
  }
  return {
    rows,
    bytes: (await stat(out)).size,
    format: schema?.metadata.get(formatKey) ?? null,
    kind: schema?.metadata.get(kindKey) ?? null,
    skipped,
    problems,
    outOfOrder,
  };
}

/** When a row happened, by the trace's kind. */
const timeColumn = ({ metadata }: arrow.Schema): string => (metadata.get(kindKey) === "noise" ? "startNs" : "timeNs");

/** A batch of a later source with its times from the first one's zero. */
function onZeroOf(schema: arrow.Schema, batch: arrow.RecordBatch, file: string): arrow.RecordBatch {
  const origins = [schema, batch.schema].map(({ metadata }) => metadata.get(originKey));
  const tick = BigInt(schema.metadata.get(tickKey) ?? 1);
  if (origins[0] === origins[1] || origins.includes(undefined)) return new arrow.RecordBatch(schema, batch.data);
  const field = timeColumn(schema);
  const shift = Number((BigInt(origins[1]!) - BigInt(origins[0]!)) * tick);
  const at = batch.schema.fields.findIndex(({ name }) => name === field);
  const children = batch.data.children.map((data, column) => {
    if (column !== at) return data;
    const values = (data.values as Float64Array).map((time) => time + shift);
    const { length, nullCount, nullBitmap } = data;
    const far = values.find((time) => Math.abs(time) > Number.MAX_SAFE_INTEGER);
    if (far !== undefined)
      throw new TraceFormatError(
        { file, field },
        `expected times within 104 days of the first file's first one, got ${far} ns`,
      );
    return arrow.makeData({ type: new arrow.Float64(), length, nullCount, nullBitmap, data: values });
  });
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: new arrow.Struct(schema.fields), length: batch.numRows, nullCount: 0, children }),
  );
}

/**
 * The first rows of a file or a dataset as a table; the rest is not read.
 *
 * @example
 * ```ts
 * import { head } from "veelab/datasets";
 *
 * console.log((await head("memory/gcc-cc1", 3)).numRows); // 3
 * ```
 */
export async function head(source: string, rows = 10, options: ReadOptions = {}): Promise<arrow.Table> {
  if (!Number.isInteger(rows) || rows < 1) throw new OptionError("rows", "a whole number of at least 1", rows);
  const batches: arrow.RecordBatch[] = [];
  let left = rows;
  for await (const batch of stream(source, { ...options, batchRows: Math.min(rows, 65_536) })) {
    batches.push(batch.numRows > left ? batch.slice(0, left) : batch);
    left -= batch.numRows;
    if (left <= 0) break;
  }
  const full = batches.filter(({ numRows }) => numRows > 0);
  return new arrow.Table(full.length > 0 ? full : batches.slice(0, 1));
}
