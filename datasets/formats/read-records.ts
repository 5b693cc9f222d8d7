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
  let rest: Uint8Array = new Uint8Array(0);
  /** Of the file's bytes, those before `rest`. */
  let offset = 0;
  let header = headerBytes;
  for await (const chunk of source.chunks()) {
    let bytes = chunk;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
    }
    let at = Math.min(header, bytes.length);
    header -= at;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = bytes.length - recordBytes;
    while (header === 0 && at <= last) {
      try {
        for (; at <= last && rows.count + mostRows <= room; at += recordBytes) read(view, at, rows);
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
    rest = bytes.subarray(at);
  }
  if (rest.length > 0 || header > 0)
    options.fault(
      new TraceFormatError(
        { file, offset },
        header > 0
          ? `expected a header of ${headerBytes} bytes, got ${headerBytes - header}`
          : `expected records of ${recordBytes} bytes, got ${rest.length} at the end`,
      ),
    );
  if (rows.count > 0 || !yielded) yield take();
}
