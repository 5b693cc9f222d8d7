import { show, TraceFormatError } from "../errors.ts";
import type { Dictionary } from "./dictionary.ts";
import type { TextColumn } from "./text-column.ts";

const newline = 10;
const carriageReturn = 13;
const zero = 48;
const minus = 45;

/**
 * A place in the lines of a text, moved on by what is read: no string and no array is made for a field. Reading ends at the
 * line's end at the latest, where each line of `bytes` has its newline. What is not there is a {@link TraceFormatError}
 * with the line and the field.
 */
export class Line {
  /** The text's bytes; whole lines. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the next byte is read. */
  at = 0;
  /** Of the line being read, from 1. */
  number = 1;
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** The next byte, which is not consumed; that of a newline at the line's end. */
  peek(): number {
    return this.bytes[this.at]!;
  }

  /** Whether the line ends here. */
  get isAtEnd(): boolean {
    const byte = this.bytes[this.at]!;
    return byte === newline || (byte === carriageReturn && this.bytes[this.at + 1] === newline);
  }

  /** Moves over the line's end, which must be here. */
  end(field = "end of line"): void {
    if (this.bytes[this.at] === carriageReturn && this.bytes[this.at + 1] === newline) this.at += 1;
    if (this.bytes[this.at] !== newline) this.fail(field, "the end of the line");
    this.at += 1;
    this.number += 1;
  }

  /** Moves over what is left of the line. */
  rest(): void {
    while (this.bytes[this.at] !== newline) this.at += 1;
    this.at += 1;
    this.number += 1;
  }

  /** Moves over one byte, which must be this one. */
  expect(byte: number, field: string): void {
    if (this.bytes[this.at] !== byte) this.fail(field, show(String.fromCharCode(byte)));
    this.at += 1;
  }

  /** Moves over a text of ASCII if it is here. */
  take(text: string): boolean {
    for (let i = 0; i < text.length; i += 1) if (this.bytes[this.at + i] !== text.charCodeAt(i)) return false;
    this.at += text.length;
    return true;
  }

  /** Moves over spaces and tabs. */
  spaces(): void {
    for (let byte = this.bytes[this.at]; byte === 32 || byte === 9; byte = this.bytes[this.at]) this.at += 1;
  }

  /** Moves to the next byte of this value in the line, or to the line's end; gives where it began. */
  until(byte: number): number {
    const from = this.at;
    let at = from;
    for (let next = this.bytes[at]; next !== byte && next !== newline; next = this.bytes[at]) at += 1;
    if (this.bytes[at] === newline && at > from && this.bytes[at - 1] === carriageReturn) at -= 1;
    this.at = at;
    return from;
  }

  /** Moves over everything up to white space; gives where it began. */
  word(field: string): number {
    const from = this.at;
    let at = from;
    while (this.bytes[at]! > 32) at += 1;
    if (at === from) this.fail(field, "a word");
    this.at = at;
    return from;
  }

  /** A whole number of at least 0 and below 2^53. */
  whole(field: string): number {
    const bytes = this.bytes;
    const from = this.at;
    let at = from;
    let value = 0;
    // One comparison: what is below "0" is a large number when it is read as unsigned.
    for (let digit = (bytes[at]! - zero) >>> 0; digit < 10; digit = (bytes[at]! - zero) >>> 0) {
      value = value * 10 + digit;
      at += 1;
    }
    if (at === from || value > Number.MAX_SAFE_INTEGER) this.fail(field, wholeExpected);
    this.at = at;
    return value;
  }

  /** A whole number, as {@link whole}, of at most this value. */
  below(most: number, field: string): number {
    const from = this.at;
    const value = this.whole(field);
    if (value > most) {
      this.at = from;
      this.fail(field, `a whole number from 0 to ${most}`);
    }
    return value;
  }

  /** A whole number with a sign or without. */
  signed(field: string): number {
    if (this.bytes[this.at] !== minus) return this.whole(field);
    const from = this.at;
    this.at += 1;
    const next = this.bytes[this.at]! - zero;
    if (!(next >= 0 && next <= 9)) {
      this.at = from;
      this.fail(field, "a whole number");
    }
    return -this.whole(field);
  }

  /** A whole number times a scale, which must stay below 2^53: a sector's number as bytes. */
  scaled(scale: number, field: string): number {
    const from = this.at;
    const value = this.whole(field) * scale;
    if (value > Number.MAX_SAFE_INTEGER) {
      this.at = from;
      this.fail(field, `a whole number of at most ${Math.floor(Number.MAX_SAFE_INTEGER / scale)}`);
    }
    return value;
  }

  /**
   * A decimal number of at least 0 as a whole number of its 10^-places: seconds as nanoseconds with 9. No digit may be lost:
   * more digits behind the point than `places` are refused unless they are zeros.
   */
  decimal(places: number, field: string): number {
    const from = this.at;
    let value = this.whole(field);
    let left = places;
    if (this.bytes[this.at] === 46) {
      this.at += 1;
      const first = this.at;
      for (let digit = this.bytes[this.at]! - zero; digit >= 0 && digit <= 9; digit = this.bytes[this.at]! - zero) {
        if (left > 0) {
          value = value * 10 + digit;
          left -= 1;
        } else if (digit > 0) this.failAt(from, field, `a number with at most ${places} digits behind the point`);
        this.at += 1;
      }
      if (this.at === first) this.failAt(from, field, "a number");
    }
    for (; left > 0; left -= 1) value *= 10;
    if (value > Number.MAX_SAFE_INTEGER) this.failAt(from, field, "a number that a whole number below 2^53 holds");
    return value;
  }

  /** A number as JavaScript reads it (`1e-9`, `-0.5`), up to white space, a comma or the line's end. */
  number64(field: string): number {
    const from = this.at;
    const { bytes } = this;
    let at = bytes[from] === minus ? from + 1 : from;
    // Most numbers are few digits with a point: two whole numbers that are exact, divided, are the nearest double, as JavaScript reads it.
    const first = at;
    let point = -1;
    let value = 0;
    for (let byte = bytes[at]!; ; byte = bytes[at]!) {
      const digit = (byte - zero) >>> 0;
      if (digit < 10) value = value * 10 + digit;
      else if (byte === 46 && point < 0) point = at;
      else break;
      at += 1;
    }
    const digits = at - first - (point < 0 ? 0 : 1);
    const isEnd = bytes[at]! <= 32 || bytes[at] === 44;
    if (isEnd && digits > 0 && digits <= 15) {
      this.at = at;
      const size = point < 0 ? value : value / tens[at - point - 1]!;
      return first > from ? -size : size;
    }
    return this.#anyNumber(from, field);
  }

  #anyNumber(from: number, field: string): number {
    let at = from;
    for (let byte = this.bytes[at]!; byte > 32 && byte !== 44; byte = this.bytes[at]!) at += 1;
    const text = this.slice(from, at);
    const value = Number(text);
    if (text === "" || !Number.isFinite(value) || !/^[-+.\dEe]+$/.test(text)) this.fail(field, "a number");
    this.at = at;
    return value;
  }

  /**
   * A whole number below 2^64 in hexadecimal, with `0x` or without, stored in two places of `words` from `2 * row`, the lower
   * half first.
   */
  hexadecimal(words: Uint32Array, row: number, field: string): void {
    const bytes = this.bytes;
    const from = this.at;
    if (bytes[from] === zero && (bytes[from + 1]! | 32) === 120) this.at += 2;
    const first = this.at;
    let at = first;
    let low = 0;
    let high = 0;
    for (let digit = hex[bytes[at]!]!; digit < 16; digit = hex[bytes[at]!]!) {
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
      at += 1;
    }
    if (at === first || at - first > 16) this.failAt(from, field, "a hexadecimal number below 2^64");
    words[2 * row] = low;
    words[2 * row + 1] = high;
    this.at = at;
  }

  /** A whole number below 2^64 in decimals, stored as by {@link hexadecimal}. */
  whole64(words: Uint32Array, row: number, field: string): void {
    const bytes = this.bytes;
    const from = this.at;
    let at = from;
    // Four limbs of 16 bits: a digit's product stays far below 2^53.
    let low = 0;
    let high = 0;
    for (let digit = bytes[at]! - zero; digit >= 0 && digit <= 9; digit = bytes[at]! - zero) {
      low = low * 10 + digit;
      high = high * 10 + Math.floor(low / 0x100000000);
      low %= 0x100000000;
      at += 1;
      if (high > 0xffffffff) break;
    }
    if (at === from || high > 0xffffffff) this.fail(field, "a whole number below 2^64");
    words[2 * row] = low;
    words[2 * row + 1] = high;
    this.at = at;
  }

  /** Puts `bytes[from, at)` in a column of texts. */
  store(column: Dictionary | TextColumn, row: number, from: number, field: string): void {
    if (!column.set(row, this.bytes, from, this.at)) this.failAt(from, field, "text in UTF-8");
  }

  /** The text of `bytes[from, to)`, for what is rare: a header, a name. */
  slice(from: number, to: number): string {
    return latin.decode(this.bytes.subarray(from, to));
  }

  /** The text up to the line's end, which is not consumed. */
  text(): string {
    const from = this.until(newline);
    return this.slice(from, this.at);
  }

  /** What was expected here. */
  fail(field: string, expected: string): never {
    return this.failAt(this.at, field, expected);
  }

  /** What was expected at an earlier place. */
  failAt(from: number, field: string, expected: string): never {
    let to = from;
    while (to < this.bytes.length && this.bytes[to] !== newline && to - from < longestShown) to += 1;
    const got = to === from ? "the end of the line" : show(printable(this.slice(from, to).replace(/\r$/, "")));
    throw new TraceFormatError({ file: this.file, line: this.number, field }, `expected ${expected}, got ${got}`);
  }
}

const longestShown = 40;
const tens = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);
const wholeExpected = "a whole number below 2^53";
const latin = new TextDecoder("latin1");
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "·");

const hex = new Uint8Array(256).fill(99);
for (let digit = 0; digit < 16; digit += 1) {
  const text = digit.toString(16);
  hex[text.charCodeAt(0)] = hex[text.toUpperCase().charCodeAt(0)] = digit;
}
