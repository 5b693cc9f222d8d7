import type * as arrow from "apache-arrow";
import { columnReader, type ColumnReader } from "./batch-rows.ts";
import { timeStamps } from "./time-stamps.ts";

/** A batch's columns, as a record's writer uses them. */
export interface RecordWriter {
  /** The column of a name. */
  readonly column: (name: string) => ColumnReader;
  /** Whether the batch has a column. */
  readonly has: (name: string) => boolean;
  /** A time in nanoseconds since the trace's zero, as the file's own time stamp. */
  readonly timeStamp: (ns: number) => bigint;
  /** The schema's metadata. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** How a batch's rows become records of one size. */
export interface RecordWriting {
  readonly recordBytes: number;
  /** Writes the row's record at `at`, where all bytes are zero. */
  readonly write: (row: number, view: DataView, at: number) => void;
}

/** Writes batches as records: `prepare` is called for each batch. The file's time stamps count in `tickNs` nanoseconds. */
export async function* writeRecords(
  format: string,
  tickNs: number,
  batches: AsyncIterable<arrow.RecordBatch>,
  prepare: (batch: RecordWriter) => RecordWriting,
): AsyncGenerator<Uint8Array, void> {
  let rows = 0;
  for await (const batch of batches) {
    const { metadata, names } = batch.schema;
    const writing = { format, rows };
    const { recordBytes, write } = prepare({
      column: (name) => columnReader(batch, name, writing),
      has: (name) => names.includes(name),
      timeStamp: timeStamps(batch.schema, format, tickNs),
      metadata,
    });
    const bytes = new Uint8Array(batch.numRows * recordBytes);
    const view = new DataView(bytes.buffer);
    for (let row = 0; row < batch.numRows; row += 1) write(row, view, row * recordBytes);
    rows += batch.numRows;
    if (bytes.length > 0) yield bytes;
  }
}
