import type * as arrow from "apache-arrow";
import { columnReader, type ColumnReader } from "./batch-rows.ts";
import { originKey, tickKey } from "./zero.ts";

/** A batch's columns, as a line's writer uses them. */
export interface LineWriter {
  /** The column of a name. */
  readonly column: (name: string) => ColumnReader;
  /** A time in nanoseconds since the trace's zero, as the file's own time stamp. */
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
 * undefined for a row that has no line of its own.
 */
export async function* writeLines(
  format: string,
  batches: AsyncIterable<arrow.RecordBatch>,
  prepare: (batch: LineWriter) => (row: number) => string | undefined,
  header = "",
): AsyncGenerator<Uint8Array, void> {
  if (header !== "") yield Buffer.from(header);
  let started = false;
  for await (const batch of batches) {
    const { metadata } = batch.schema;
    if (!started && metadata.has(headerKey)) yield Buffer.from(metadata.get(headerKey)!);
    started = true;
    const origin = BigInt(metadata.get(originKey) ?? 0);
    const tickNs = Number(metadata.get(tickKey) ?? 1);
    const line = prepare({
      column: (name) => columnReader(batch, name, format),
      timeStamp: (ns) => String(origin + BigInt(ns / tickNs)),
      seconds(ns, digits) {
        const stamp = String(origin + BigInt(ns)).padStart(10, "0");
        return `${stamp.slice(0, -9)}.${stamp.slice(-9, digits - 9 || undefined)}`;
      },
      metadata,
    });
    let text = "";
    for (let row = 0; row < batch.numRows; row += 1) {
      const made = line(row);
      if (made !== undefined) text += `${made}\n`;
    }
    if (text !== "") yield Buffer.from(text);
  }
}
