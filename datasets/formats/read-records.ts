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

  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
    this.problem = problem;
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
  /** Reads the record at `at` into the row `rows.count`, and counts it: `rows.count += 1`. Throws {@link RecordFault}. */
  readonly read: (view: DataView, at: number, rows: Rows<L>) => void;
  /** Called before a batch is given: for columns whose values change seldom, filled for many rows at once. */
  readonly complete?: (rows: Rows<L>) => void;
}

/**
 * Reads records of one size into batches. A record that cannot be read, and a last one that is cut, go to `options.fault`.
 * Linear time; memory for a batch.
 */
export async function* readRecords<L extends Layout>(
  source: Source,
  options: FormatOptions,
  { layout, recordBytes, headerBytes = 0, mostRows = 1, read, complete }: RecordFormat<L>,
): AsyncGenerator<arrow.RecordBatch, void> {
  const room = Math.max(options.batchRows, mostRows);
  const rows = traceRows(layout, room);
  const { file } = source;
  const take = () => {
    complete?.(rows);
    return rows.take();
  };
  let yielded = false;
  /** Of the file's bytes, those before the piece. */
  let offset = headerBytes;
  for await (const bytes of wholeRecords(source, headerBytes, recordBytes, options)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < bytes.length) {
      try {
        for (; at < bytes.length && rows.count + mostRows <= room; at += recordBytes) read(view, at, rows);
      } catch (error) {
        if (!(error instanceof RecordFault)) throw error;
        options.fault(new TraceFormatError({ file, offset: offset + at, field: error.field }, error.problem));
        rows.discard();
        at += recordBytes;
      }
      if (rows.count + mostRows > room) {
        yield take();
        yielded = true;
      }
    }
    offset += at;
  }
  if (rows.count > 0 || !yielded) yield take();
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
