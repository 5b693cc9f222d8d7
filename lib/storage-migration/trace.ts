import * as arrow from "apache-arrow";
import { blockOperations } from "../../datasets/formats/kinds.ts";
import { OptionError } from "../core/errors.ts";
import { type Numbers, numbersOf, wordsOf } from "../traces/columns.ts";

/**
 * A piece of a block trace as plain typed arrays of equal lengths, in order of time.
 *
 * @example
 * ```ts
 * import type { BlockBatch } from "veelab/storage-migration";
 *
 * const batch: BlockBatch = {
 *   timeNs: Float64Array.of(0, 5e6),
 *   op: Uint8Array.of(0, 1), // a read, a write
 *   offsetBytes: Float64Array.of(0, 4096),
 *   sizeBytes: Float64Array.of(4096, 4096),
 * };
 * console.log(batch.op.length);
 * ```
 */
export interface BlockBatch {
  /** When each request was issued, ns, in every row. One that is earlier than the one before it counts as issued with it. */
  readonly timeNs: Float64Array;
  /** 0 read, 1 write; anything else (discard, flush) moves no data and is passed over. */
  readonly op: Uint8Array;
  /** From the disk's beginning, bytes. */
  readonly offsetBytes: Float64Array;
  /** Length, bytes. */
  readonly sizeBytes: Float64Array;
}

/**
 * A block trace: an Arrow table, or a stream (or list) of record batches with the columns of `kindColumns.block`, as `open`
 * and `stream` of `veelab/datasets` give them; plain typed arrays do as well. A stream is read once, batch by batch, so a
 * trace may be larger than memory.
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import type { BlockTrace } from "veelab/storage-migration";
 *
 * const trace: BlockTrace = stream("guest/blkio-sqlite");
 * console.log(typeof trace); // object
 * ```
 */
export type BlockTrace =
  arrow.Table | Iterable<arrow.RecordBatch | BlockBatch> | AsyncIterable<arrow.RecordBatch | BlockBatch>;

/** Whether a trace can be read twice: a table or a list of batches; a stream is gone once it is read. */
export const readTwice = (trace: BlockTrace): boolean => Array.isArray(trace) || arrow.isArrowTable(trace);

/** The batches of a trace as typed arrays, one at a time. */
export async function* batchesOf(trace: BlockTrace): AsyncGenerator<BlockBatch, void, undefined> {
  const given: unknown = trace;
  const walkable = typeof given === "object" && given !== null;
  if (!walkable || !("batches" in given || Symbol.iterator in given || Symbol.asyncIterator in given))
    throw new OptionError(
      "trace",
      "an Arrow table or record batches, as open and stream of veelab/datasets give",
      given,
    );
  const batches = arrow.isArrowTable(trace) ? trace.batches : trace;
  let rows = 0;
  for await (const batch of batches) {
    const plain = "schema" in batch ? typed(batch) : sameLengths(batch);
    complete(plain, rows);
    rows += plain.op.length;
    yield plain;
  }
}

/** Refuses a row without a time, and a read or write without a place or size (a null is NaN by now) or with a negative one. */
function complete(batch: BlockBatch, before: number): void {
  const { timeNs, op, offsetBytes, sizeBytes } = batch;
  for (let row = 0; row < op.length; row++) {
    const place = op[row]! > 1 ? 0 : offsetBytes[row]!;
    const size = op[row]! > 1 ? 0 : sizeBytes[row]!;
    if (place >= 0 && size >= 0 && Number.isFinite(timeNs[row]! + place + size)) continue;
    const wrong = (["timeNs", "offsetBytes", "sizeBytes"] as const).find(
      (name) => !Number.isFinite(batch[name][row]) || (name !== "timeNs" && batch[name][row]! < 0),
    )!;
    const value = Number.isNaN(batch[wrong][row]) ? "none" : batch[wrong][row]!;
    const expected = wrong === "timeNs" ? "a finite number" : "a finite number >= 0";
    throw new OptionError(`trace.${wrong}`, `${expected} in each row`, `${value} in row ${before + row}`);
  }
}

function typed(batch: arrow.RecordBatch): BlockBatch {
  const column = (name: string): Float64Array => {
    const values = numbersOf(batch, name).subarray(0, batch.numRows);
    return values instanceof Float64Array ? values : Float64Array.from(values);
  };
  const { codes, texts } = wordsOf(batch, "op", blockOperations);
  return {
    timeNs: column("timeNs"),
    op: operations(codes.subarray(0, batch.numRows), texts),
    offsetBytes: column("offsetBytes"),
    sizeBytes: column("sizeBytes"),
  };
}

/** The codes of `blockOperations`, whatever codes the trace's dictionary has. */
function operations(codes: Numbers, texts: readonly string[]): Uint8Array {
  const other = blockOperations.indexOf("other");
  const meaning = texts.map((text) => (blockOperations.includes(text) ? blockOperations.indexOf(text) : other));
  if (codes instanceof Uint8Array && meaning.every((code, index) => code === index)) return codes;
  return Uint8Array.from(codes, (code) => meaning[code] ?? other);
}

function sameLengths(batch: BlockBatch): BlockBatch {
  const lengths = [batch.timeNs, batch.op, batch.offsetBytes, batch.sizeBytes].map(({ length }) => length);
  if (lengths.some((length) => length !== lengths[0]))
    throw new OptionError("batch", "arrays of equal lengths", lengths);
  return batch;
}
