import type * as arrow from "apache-arrow";
import { columnReader, type ColumnReader } from "./batch-rows.ts";
import { isForeign, timeStamps } from "./time-stamps.ts";

/** A batch's columns, as a line's writer uses them. */
export interface LineWriter {
  /** The column of a name. */
  readonly column: (name: string) => ColumnReader;
  /** The column of a name, or a number for all rows where there is none. */
  readonly columnOr: (name: string, value: number) => ColumnReader;
  /** Whether the batch has a column. */
  readonly has: (name: string) => boolean;
  /** A time in nanoseconds since the trace's zero, as the file's own time stamp: whole ticks. */
  readonly timeStamp: (ns: number) => string;
  /** A time in nanoseconds since the trace's zero, as seconds with so many digits behind the point. */
  readonly seconds: (ns: number, digits: number) => string;
  /** The schema's metadata. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The metadata's name of the lines that stand before the first row, with their ends, where the format has such lines. */
export const headerKey = "veelab.header";

/**
 * Writes batches as text: `prepare` is called for each batch and gives the function that makes a row's line, without its end, or
 * undefined for a row that has no line of its own. The file's time stamps count in `tickNs` nanoseconds.
 */
export async function* writeLines(
  format: string,
  batches: AsyncIterable<arrow.RecordBatch>,
  prepare: (batch: LineWriter) => (row: number) => string | undefined,
  tickNs = 1,
): AsyncGenerator<Uint8Array, void> {
  let started = false;
  let rows = 0;
  for await (const batch of batches) {
    const { metadata, names } = batch.schema;
    if (!started && !isForeign(batch.schema, format) && metadata.has(headerKey))
      yield Buffer.from(metadata.get(headerKey)!);
    started = true;
    const stamp = timeStamps(batch.schema, format, tickNs);
    const writing = { format, rows };
    const line = prepare({
      column: (name) => columnReader(batch, name, writing),
      columnOr: (name, value) => columnReader(batch, name, writing, value),
      has: (name) => names.includes(name),
      timeStamp: (ns) => String(stamp(ns)),
      seconds(ns, digits) {
        const text = String(stamp(ns)).padStart(10, "0");
        return `${text.slice(0, -9)}.${text.slice(-9, digits - 9 || undefined)}`;
      },
      metadata,
    });
    let text = "";
    for (let row = 0; row < batch.numRows; row += 1) {
      const made = line(row);
      if (made !== undefined) text += `${made}\n`;
    }
    rows += batch.numRows;
    if (text !== "") yield Buffer.from(text);
  }
}
