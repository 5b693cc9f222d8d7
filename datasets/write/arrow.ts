import * as arrow from "apache-arrow";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { OptionError } from "../errors.ts";
import { sameColumns } from "../same-columns.ts";
import { writeAtomically } from "./atomic.ts";
import { oneDictionary } from "./one-dictionary.ts";

/** What can be written: a table, or record batches of one schema as they come. */
export type Batches = arrow.Table | Iterable<arrow.RecordBatch> | AsyncIterable<arrow.RecordBatch>;

/** How an Arrow file is written. */
export interface WriteArrowOptions {
  /** Provenance and the like, added to the schema's own metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes an Arrow IPC file (Feather V2, no body compression), in gzip when the name ends in `.gz`. Equal batches give equal bytes
 * (in gzip: with the same Node). The file appears whole or not at all, and a stream of any length is written with one batch in memory.
 *
 * Throws OptionError for a batch whose schema differs from the first one's.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open, writeArrow } from "veelab/datasets";
 *
 * const path = join(tmpdir(), "veelab-example.arrow.gz");
 * await writeArrow(path, tableFromArrays({ page: Uint32Array.of(1, 2, 3) }));
 * console.log((await open(path)).numRows);
 * ```
 */
export async function writeArrow(path: string, batches: Batches, options: WriteArrowOptions = {}): Promise<void> {
  if (typeof path !== "string" || !/\.(arrow|feather)(\.gz)?$/.test(path))
    throw new OptionError("path", "a file name that ends in .arrow, .feather, .arrow.gz or .feather.gz", path);
  await writeAtomically(path, async (handle) => {
    const bytes = Readable.from(encode(batches, options.metadata ?? {}), { objectMode: false, highWaterMark: 1 << 20 });
    const write = async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) await handle.writeFile(chunk);
    };
    if (path.endsWith(".gz")) await pipeline(bytes, createGzip({ level: 9 }), write);
    else await pipeline(bytes, write);
  });
}

/** Collects what a writer emits for one batch, so that it can be handed on with back pressure. */
class Collector extends arrow.AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(value: Uint8Array): void {
    this.#chunks.push(value);
  }

  take(): Uint8Array {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return all;
  }
}

/** apache-arrow leaves out the schema message at the start of a file, which the format asks for and readers of gzip need. */
class FileWriter extends arrow.RecordBatchFileWriter {
  protected override _writeSchema(schema: arrow.Schema): this {
    super._writeSchema(schema);
    this._writeMessage(arrow.Message.from(schema as never));
    return this;
  }
}

async function* encode(
  source: Batches,
  metadata: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const collector = new Collector();
  const writer = new FileWriter();
  const unified = oneDictionary();
  let schema: arrow.Schema | undefined;
  const start = (of: arrow.Schema) => {
    schema = new arrow.Schema(
      of.fields,
      new Map([...of.metadata, ...Object.entries(metadata)]),
      of.dictionaries,
      of.metadataVersion,
    );
    writer.reset(collector, schema);
    return schema;
  };
  for await (const batch of source instanceof arrow.Table ? source.batches : source) {
    const of = schema ?? start(batch.schema);
    if (!sameColumns(of, batch.schema))
      throw new OptionError("batches", `the first batch's schema (${String(of)})`, String(batch.schema));
    writer.write(unified(of, batch));
    yield collector.take();
  }
  if (schema === undefined) {
    if (!(source instanceof arrow.Table)) throw new OptionError("batches", "at least one record batch", "none");
    start(source.schema);
  }
  writer.close();
  yield collector.take();
}
