import type * as arrow from "apache-arrow";
import { TraceFormatError } from "../errors.ts";
import type { Source } from "../source/source.ts";
import type { FormatOptions } from "./format.ts";
import type { Layout } from "./layout.ts";
import { RecordFault } from "./read-records.ts";
import { type Rows, traceRows } from "./rows.ts";

/** How the records of a format whose records say their own size become rows. */
export interface SizedRecordFormat<L extends Layout> {
  readonly layout: L;
  /**
   * The bytes of the record at `at`, of which `left` bytes are there; 0 while that is too few to tell. Throws
   * {@link RecordFault} for a size that cannot be: nothing is read behind it, as the next record's place is not known.
   */
  readonly sizeOf: (view: DataView, at: number, left: number) => number;
  /**
   * Reads the record at `at` of `size` bytes into the row `rows.count`, and counts it: `rows.count += 1`. A record may be no
   * row (a header). Throws {@link RecordFault} for a record that may be left out.
   */
  readonly read: (view: DataView, at: number, size: number, rows: Rows<L>) => void;
  /** Fills what `read` has put off of the rows that are complete, while their records' bytes are still where they were. */
  readonly fill?: (view: DataView) => void;
}

/**
 * Reads records that say their own size into batches. A record that cannot be read, and a last one that is cut, go to
 * `options.fault`. Linear time; memory for a batch and a record, of which nothing is held that is not in the file.
 */
export async function* readSizedRecords<L extends Layout>(
  source: Source,
  options: FormatOptions,
  { layout, sizeOf, read, fill }: SizedRecordFormat<L>,
): AsyncGenerator<arrow.RecordBatch, void> {
  const room = Math.max(options.batchRows, 1);
  const rows = traceRows(layout, room, options.reuse);
  const { file } = source;
  let yielded = false;
  /** Bytes that are not read yet, the first `held`, from the file's byte `offset`; no more are looked at before there are `needed`. */
  let bytes = new Uint8Array(0);
  let held = 0;
  let needed = 1;
  let offset = 0;
  const faultAt = (at: number, { field, problem }: RecordFault) =>
    new TraceFormatError({ file, offset: offset + at, field }, problem);
  for await (const chunk of source.chunks("passing")) {
    if (held + chunk.length > bytes.length) {
      const larger = new Uint8Array(Math.max(held + chunk.length, 2 * bytes.length));
      larger.set(bytes.subarray(0, held));
      bytes = larger;
    }
    bytes.set(chunk, held);
    held += chunk.length;
    if (held < needed) continue;
    const view = new DataView(bytes.buffer, 0, held);
    let at = 0;
    needed = 0;
    while (needed === 0) {
      let inside = false;
      let size = 0;
      try {
        while (rows.count < room) {
          const left = held - at;
          size = sizeOf(view, at, left);
          if (size === 0 || size > left) {
            needed = Math.max(size, left + 1);
            break;
          }
          inside = true;
          read(view, at, size, rows);
          inside = false;
          at += size;
        }
      } catch (error) {
        if (!(error instanceof RecordFault)) throw error;
        if (!inside) throw faultAt(at, error);
        options.fault(faultAt(at, error));
        rows.discard();
        at += size;
      }
      if (needed > 0 || rows.count >= room) fill?.(view);
      if (rows.count >= room) {
        yield rows.take();
        yielded = true;
      }
    }
    offset += at;
    bytes.copyWithin(0, at, held);
    held -= at;
  }
  if (held > 0)
    options.fault(
      new TraceFormatError({ file, offset }, `expected a record of at least ${needed} bytes, got ${held} at the end`),
    );
  if (rows.count > 0 || !yielded) yield rows.take();
}
