import type * as arrow from "apache-arrow";
import { TraceFormatError } from "../errors.ts";
import type { Source } from "../source/source.ts";
import type { FormatOptions } from "./format.ts";
import type { Layout } from "./layout.ts";
import { type Rows, traceRows } from "./rows.ts";

/** A field of a record that cannot be: thrown by a record format's `read`, completed with file and offset. */
export class RecordFault extends Error {
  override readonly name = "RecordFault";
  readonly field: string;
  readonly problem: string;
  /** Of several records, where the one begins that cannot be read. */
  readonly at: number;

  constructor(field: string, problem: string, at = 0) {
    super(problem);
    this.field = field;
    this.problem = problem;
    this.at = at;
  }
}

/** How the records of a format become rows. */
export interface RecordFormat<L extends Layout> {
  readonly layout: L;
  /** Bytes of each record. */
  readonly recordBytes: number;
  /** Bytes before the first record. */
  readonly headerBytes?: number;
  /** The most rows that a record makes; 1 when not given. */
  readonly mostRows?: number;
  /**
   * Reads the records from `at` to `end` into the rows from `rows.count` on, and counts them: `rows.count += 1`. There is room for all of them. A loop of the
   * format's own, with columns in variables, is twice as fast as a call for each record. Throws {@link RecordFault} with the record's place; `rows.count` is then
   * the number of rows before it.
   */
  readonly read: (view: DataView, at: number, end: number, rows: Rows<L>) => void;
}

/**
 * Reads records of one size into batches. A record that cannot be read, and a last one that is cut, go to `options.fault`.
 * Linear time; memory for a batch.
 */
export async function* readRecords<L extends Layout>(
  source: Source,
  options: FormatOptions,
  { layout, recordBytes, headerBytes = 0, mostRows = 1, read }: RecordFormat<L>,
): AsyncGenerator<arrow.RecordBatch, void> {
  const room = Math.max(options.batchRows, mostRows);
  const rows = traceRows(layout, room, options.reuse);
  const { file } = source;
  let yielded = false;
  /** Of the file's bytes, those before the piece. */
  let offset = headerBytes;
  for await (const bytes of wholeRecords(source, headerBytes, recordBytes, options)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < bytes.length) {
      const end = Math.min(bytes.length, at + Math.floor((room - rows.count) / mostRows) * recordBytes);
      try {
        read(view, at, end, rows);
        at = end;
      } catch (error) {
        if (!(error instanceof RecordFault)) throw error;
        options.fault(new TraceFormatError({ file, offset: offset + error.at, field: error.field }, error.problem));
        rows.discard();
        at = error.at + recordBytes;
      }
      if (rows.count + mostRows > room) {
        yield rows.take();
        yielded = true;
      }
    }
    offset += at;
  }
  if (rows.count > 0 || !yielded) yield rows.take();
}

/** The records behind the header, in pieces of whole ones. A piece may be overwritten once the next one is asked for. */
async function* wholeRecords(
  source: Source,
  headerBytes: number,
  recordBytes: number,
  { fault }: FormatOptions,
): AsyncGenerator<Uint8Array, void> {
  const { file } = source;
  const part = new Uint8Array(recordBytes);
  let held = 0;
  let header = headerBytes;
  let offset = 0;
  for await (const chunk of source.chunks("passing")) {
    let at = Math.min(header, chunk.length);
    header -= at;
    if (held > 0) {
      const more = chunk.subarray(at, at + recordBytes - held);
      part.set(more, held);
      held += more.length;
      at += more.length;
      if (held === recordBytes) {
        held = 0;
        yield part;
      }
    }
    const to = chunk.length - ((chunk.length - at) % recordBytes);
    if (at < to) yield chunk.subarray(at, to);
    if (held === 0 && to < chunk.length) {
      part.set(chunk.subarray(to));
      held = chunk.length - to;
    }
    offset += chunk.length;
  }
  const missing =
    header > 0
      ? `expected a header of ${headerBytes} bytes, got ${headerBytes - header}`
      : held > 0 && `expected records of ${recordBytes} bytes, got ${held} at the end`;
  if (missing !== false) fault(new TraceFormatError({ file, offset: offset - held }, missing));
}
