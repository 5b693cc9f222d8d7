import type * as arrow from "apache-arrow";
import { isVeelabError, TraceFormatError } from "../errors.ts";
import type { Source } from "../source/source.ts";
import type { FormatOptions } from "./format.ts";
import type { Columns, Layout } from "./layout.ts";
import { Line } from "./line.ts";
import { type Rows, traceRows } from "./rows.ts";

const newline = 10;

/** No trace has a longer line: a file that is no text would otherwise be read into memory as one. */
export const longestLine: number = 1024 * 1024;

/** How the lines of a format become rows. */
export interface LineFormat<L extends Layout> {
  readonly layout: L;
  /** The most rows that a line makes; 1 when not given. */
  readonly mostRows?: number;
  /**
   * Reads the line at `line`, all of it with its end, into the row `rows.count`, and counts the row when it is complete: `rows.count += 1`.
   * A row may go on with the next line (a sample's header before its stack); a line may be no row (a comment).
   */
  readonly read: (line: Line, rows: Rows<L>) => void;
  /**
   * Reads a line of the usual form at `at` into a row that it does not count, and gives where the next line begins; 0 for a line of another form,
   * which `read` gets. What it takes, `read` would take alike: it is there for speed alone.
   */
  readonly usual?: (bytes: Uint8Array, at: number, columns: Columns<L>, row: number) => number;
  /** Called at a blank line, where that ends a row. */
  readonly blank?: (line: Line, rows: Rows<L>) => void;
  /** Called behind the last line, again as long as it completes rows: for those that are not complete. */
  readonly end?: (line: Line, rows: Rows<L>) => void;
  /** Forgets a row that is half read, after a line that was skipped. */
  readonly reset?: () => void;
}

/**
 * Reads a text line by line into batches. LF and CRLF end a line, a byte order mark before the first one and blank lines
 * are left out, the last line needs no end. A line that cannot be read goes to `options.fault`. Linear time; memory for a
 * batch and the longest line.
 */
export async function* readLines<L extends Layout>(
  source: Source,
  options: FormatOptions,
  { layout, mostRows = 1, read, usual, blank, end, reset }: LineFormat<L>,
): AsyncGenerator<arrow.RecordBatch, void> {
  const room = Math.max(options.batchRows, mostRows);
  const rows = traceRows(layout, room, options.reuse);
  const line = new Line(source.file);
  let yielded = false;
  const skip = (error: unknown, from: number) => {
    if (!isTraceFormatError(error)) throw error;
    options.fault(error);
    line.at = from;
    line.rest();
    rows.discard();
    reset?.();
  };
  for await (const bytes of wholeLines(source, () => line.number)) {
    line.bytes = bytes;
    line.at = 0;
    while (line.at < bytes.length) {
      // One try around many lines: a loop inside is compiled better than one that tries each line.
      let from = line.at;
      const number = line.number;
      try {
        while (line.at < bytes.length && rows.count + mostRows <= room) {
          if (usual !== undefined && usualLines(usual, line, rows, room)) break;
          from = line.at;
          if (!line.isAtEnd) read(line, rows);
          else {
            blank?.(line, rows);
            line.end();
          }
        }
      } catch (error) {
        // A reader that fails behind its line's end would count it twice.
        line.number = Math.max(number, line.number);
        skip(error, from);
      }
      if (rows.count + mostRows > room) {
        yield rows.take();
        yielded = true;
      }
    }
  }
  for (let before = -1; end !== undefined && rows.count > before;) {
    before = rows.count;
    try {
      end(line, rows);
    } catch (error) {
      if (!isTraceFormatError(error)) throw error;
      options.fault(error);
      rows.discard();
    }
    if (rows.count + mostRows > room) {
      yield rows.take();
      yielded = true;
      before = -1;
    }
  }
  if (rows.count > 0 || !yielded) yield rows.take();
}

/** Reads lines of the usual form up to one of another form; whether there is no room or no line left. */
function usualLines<L extends Layout>(
  usual: NonNullable<LineFormat<L>["usual"]>,
  line: Line,
  rows: Rows<L>,
  room: number,
): boolean {
  const { bytes } = line;
  const { columns, count } = rows;
  let { at } = line;
  let row = count;
  for (let next = at; row < room && at < bytes.length; row += 1) {
    next = usual(bytes, at, columns, row);
    if (next === 0) break;
    at = next;
  }
  line.at = at;
  line.number += row - count;
  rows.count = row;
  return row === room || at >= bytes.length;
}

const isTraceFormatError = (error: unknown): error is TraceFormatError =>
  isVeelabError(error) && error.name === "TraceFormatError";

/**
 * A text in pieces of whole lines, each with its newline, without a byte order mark. A piece may be overwritten once the next one is
 * asked for; `number` is that of the line behind the last piece.
 */
async function* wholeLines(source: Source, number: () => number): AsyncGenerator<Uint8Array, void> {
  let rest: Uint8Array = new Uint8Array(0);
  let start = true;
  const unmarked = (bytes: Uint8Array) => {
    const from = start ? markBytes(bytes) : 0;
    start = false;
    return bytes.subarray(from);
  };
  for await (const chunk of source.chunks("passing")) {
    const to = chunk.lastIndexOf(newline) + 1;
    if (to === 0) rest = concat(rest, chunk);
    else {
      const from = rest.length === 0 ? 0 : chunk.indexOf(newline) + 1;
      if (from > 0) yield unmarked(concat(rest, chunk.subarray(0, from)));
      if (from < to) yield unmarked(chunk.subarray(from, to));
      rest = chunk.slice(to);
    }
    if (rest.length > longestLine)
      throw new TraceFormatError(
        { file: source.file, line: number() },
        `expected lines of at most ${longestLine} bytes; is this text?`,
      );
  }
  const last = unmarked(rest);
  if (last.length > 0) yield concat(last, Uint8Array.of(newline));
}

const markBytes = (bytes: Uint8Array): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
