import type { Layout } from "./layout.ts";
import type { Line } from "./line.ts";
import type { Rows } from "./rows.ts";

/**
 * The zero of a trace whose time stamps are absolute: the first one that can be read. Time stamps of up to 20 digits (Windows' file times,
 * nanoseconds since 1970) do not fit a double; their distance from the zero does, and is found without rounding.
 */
export interface Zero {
  /**
   * Makes `column[row]`, ticks below 2^53, nanoseconds since the zero; false where it must be found another way: no zero is known yet, or
   * either is too large.
   */
  place(column: Float64Array, row: number): boolean;
  /** The time stamp at `line`, a whole number of ticks, as nanoseconds since the zero. */
  read(line: Line, rows: Rows<Layout>, field: string): number;
  /** A time stamp that is known as a number below 2^53. */
  since(ticks: number, rows: Rows<Layout>): number;
  /** A time stamp in seconds with at most nine digits behind the point, where ticks are nanoseconds. */
  seconds(line: Line, rows: Rows<Layout>, field: string): number;
  /** A time stamp of whole seconds and nanoseconds, where ticks are nanoseconds; it may be more than 104 days from the zero. */
  sum(seconds: number, nanoseconds: number, rows: Rows<Layout>): number;
}

/** The metadata's names of the zero and of the unit; see `kinds.ts`. */
export const originKey = "veelab.origin";
export const tickKey = "veelab.tickNs";

/** What is too long for a double is read in two parts, of which the lower has nine digits. */
const part = 1e9;
const point = 46;

/** A trace's zero, not known yet. `tickNs` nanoseconds are one of the file's units. */
export function zero(tickNs: number): Zero {
  let origin = NaN;
  let originHigh = 0;
  let originLow = 0;
  const start = (high: number, low: number, rows: Rows<Layout>) => {
    originHigh = high;
    originLow = low;
    origin = high * part + low;
    rows.metadata.set(originKey, String(BigInt(high) * BigInt(part) + BigInt(low)));
    rows.metadata.set(tickKey, String(tickNs));
  };
  const sum = (seconds: number, nanoseconds: number, rows: Rows<Layout>) => {
    if (Number.isNaN(origin)) start(seconds, nanoseconds, rows);
    return (seconds - originHigh) * part + (nanoseconds - originLow);
  };
  return {
    place(column, row) {
      const ns = (column[row]! - origin) * tickNs;
      column[row] = ns;
      return origin <= Number.MAX_SAFE_INTEGER && Math.abs(ns) <= Number.MAX_SAFE_INTEGER;
    },
    sum,
    seconds(line, rows, field) {
      const from = line.at;
      const whole = line.below(1e11, field);
      let nanoseconds = 0;
      let weight = 1e9;
      if (line.peek() === point) {
        line.at += 1;
        for (let digit = (line.peek() - 48) >>> 0; digit < 10; digit = (line.peek() - 48) >>> 0) {
          weight /= 10;
          if (weight >= 1) nanoseconds += digit * weight;
          else if (digit > 0) line.failAt(from, field, "a time stamp with at most 9 digits behind the point");
          line.at += 1;
        }
      }
      const ns = sum(whole, nanoseconds, rows);
      if (Math.abs(ns) > Number.MAX_SAFE_INTEGER) {
        line.at = from;
        line.fail(field, "a time stamp within 104 days of the first one");
      }
      return ns;
    },
    read(line, rows, field) {
      const bytes = line.bytes;
      const from = line.at;
      let at = from;
      let value = 0;
      for (let digit = (bytes[at]! - 48) >>> 0; digit < 10; digit = (bytes[at]! - 48) >>> 0) {
        value = value * 10 + digit;
        at += 1;
      }
      if (at === from || at - from > 20) line.fail(field, "a time stamp of at most 20 digits");
      let ns: number;
      // A remainder of doubles is slow: the two parts are found only where they are needed.
      if (value <= Number.MAX_SAFE_INTEGER && origin <= Number.MAX_SAFE_INTEGER) ns = (value - origin) * tickNs;
      else {
        const fits = value <= Number.MAX_SAFE_INTEGER;
        const high = fits ? Math.floor(value / part) : wholeOf(bytes, from, at - 9);
        const low = fits ? value % part : wholeOf(bytes, at - 9, at);
        if (Number.isNaN(origin)) start(high, low, rows);
        ns = ((high - originHigh) * part + (low - originLow)) * tickNs;
      }
      if (Math.abs(ns) > Number.MAX_SAFE_INTEGER) line.fail(field, "a time stamp within 104 days of the first one");
      line.at = at;
      return ns;
    },
    since(ticks, rows) {
      if (Number.isNaN(origin)) start(Math.floor(ticks / part), ticks % part, rows);
      return (ticks - origin) * tickNs;
    },
  };
}

function wholeOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + (bytes[at]! - 48);
  return value;
}
