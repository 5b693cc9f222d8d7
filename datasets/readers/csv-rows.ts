import { TraceFormatError } from "../errors.ts";

const quote = 34;
const newline = 10;
const carriageReturn = 13;

/** One row's fields as places in a buffer; `quoted[i]` is 0 for none, 1 for quotes, 2 for quotes with a doubled quote inside. */
export interface CsvRow {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly quoted: Uint8Array;
  count: number;
}

/** The longest row that is read, in bytes: an open quote would otherwise take the rest of a large file into memory. */
export const longestRow: number = 16 * 1024 * 1024;

/** Room for the fields of one row. */
export function csvRow(fields: number): CsvRow {
  return { starts: new Int32Array(fields), ends: new Int32Array(fields), quoted: new Uint8Array(fields), count: 0 };
}

/** What {@link scanRow} met: the buffer ended inside the row, or a fault in it. */
export const incomplete = -1;
export const strayQuote = -2;

/**
 * Finds the fields of the row that begins at `from` (RFC 4180: quotes around a field, a doubled quote inside it, CRLF or
 * LF ends a row) and returns where the next row begins; {@link incomplete} when the buffer ends before the row does
 * and `last` is false; {@link strayQuote} for text after a closing quote or a quote that is never closed. Linear time.
 */
export function scanRow(
  bytes: Uint8Array,
  from: number,
  until: number,
  delimiter: number,
  last: boolean,
  row: CsvRow,
): number {
  const { starts, ends, quoted } = row;
  let field = 0;
  let at = from;
  for (;;) {
    let start = at;
    let end: number;
    let kind = 0;
    if (at < until && bytes[at] === quote) {
      kind = 1;
      start = at += 1;
      for (;;) {
        while (at < until && bytes[at] !== quote) at += 1;
        if (at >= until) return last ? strayQuote : incomplete;
        if (at + 1 >= until && !last) return incomplete;
        if (bytes[at + 1] !== quote || at + 1 >= until) break;
        kind = 2;
        at += 2;
      }
      end = at;
      at += 1;
      if (at < until && bytes[at] === carriageReturn && (at + 1 >= until || bytes[at + 1] === newline)) {
        if (at + 1 >= until && !last) return incomplete;
        at += 1;
      }
      if (at < until && bytes[at] !== delimiter && bytes[at] !== newline) return strayQuote;
    } else {
      let byte = 0;
      while (at < until && (byte = bytes[at]!) !== delimiter && byte !== newline) at += 1;
      end = at;
      if (at > start && bytes[at - 1] === carriageReturn && (at >= until || bytes[at] === newline)) end -= 1;
    }
    if (at >= until && !last) return incomplete;
    if (field < starts.length) {
      starts[field] = start;
      ends[field] = end;
      quoted[field] = kind;
    }
    field += 1;
    if (at >= until || bytes[at] === newline) {
      row.count = field;
      return Math.min(at + 1, until);
    }
    at += 1;
  }
}

/** The text of a quoted field without the doubling of its quotes. */
export function unquoteInto(scratch: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at += 1) {
    scratch[length++] = bytes[at]!;
    if (bytes[at] === quote) at += 1;
  }
  return length;
}

/** A window on a stream of bytes that always holds the row being read, whole. */
export interface CsvWindow {
  bytes: Uint8Array;
  from: number;
  until: number;
  /** Bytes of the file before `bytes[0]`. */
  before: number;
  last: boolean;
}

/** Takes the next chunk into the window, keeping what of it is not read yet; false at the end of the file. */
export async function advance(window: CsvWindow, chunks: AsyncIterator<Uint8Array>, file: string): Promise<boolean> {
  if (window.last) return false;
  const next = await chunks.next();
  if (next.done === true) {
    window.last = true;
    return true;
  }
  const kept = window.until - window.from;
  if (kept > longestRow)
    throw new TraceFormatError(
      { file, offset: window.before + window.from },
      `expected a row of at most ${longestRow} bytes (a quote that is never closed?)`,
    );
  const chunk = next.value;
  let { bytes } = window;
  if (kept === 0) bytes = chunk;
  else {
    bytes = new Uint8Array(kept + chunk.length);
    bytes.set(window.bytes.subarray(window.from, window.until));
    bytes.set(chunk, kept);
  }
  window.before += window.from;
  window.bytes = bytes;
  window.from = 0;
  window.until = kept + chunk.length;
  return true;
}
