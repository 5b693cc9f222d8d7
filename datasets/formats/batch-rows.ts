import * as arrow from "apache-arrow";
import { show, TraceFormatError } from "../errors.ts";

/** A column of a batch, read row by row to write it in another format. What cannot be written as it is asked for is a TraceFormatError. */
export interface ColumnReader {
  /** Whether the row has no value. */
  isNull(row: number): boolean;
  /** A finite number; a whole one below 2^53 of a column of 64 bits. */
  number(row: number): number;
  /** A whole number from 0 to `most` (2^53 - 1 when not given), in `unit`s (1 when not given). */
  whole(row: number, unit?: number, most?: number): number;
  /** A whole number of 64 bits, at least 0, of a column of whole numbers. */
  bigint(row: number): bigint;
  text(row: number): string;
  /** Throws that the row's value is not what was expected. */
  fail(row: number, expected: string): never;
  /** What `of` has for the row's text. */
  one<T>(row: number, of: Readonly<Record<string, T>>): T;
}

/** Where a batch is written to. */
export interface Writing {
  readonly format: string;
  /** Rows that were written before the batch. */
  readonly rows?: number;
}

/** A batch's column by name; where it is missing, all rows have `absent` if that is given. */
export function columnReader(
  batch: arrow.RecordBatch,
  name: string,
  { format, rows = 0 }: Writing,
  absent?: number,
): ColumnReader {
  const place = { file: `to ${format}`, field: name };
  const vector =
    batch.getChild(name) ??
    (absent === undefined ? null : arrow.makeVector(new Float64Array(batch.numRows).fill(absent)));
  if (vector === null) throw new TraceFormatError(place, "expected this column in what is to be written");
  const data = vector.data[0]! as arrow.Data;
  const { type } = data;
  const values = data.values as Float64Array | BigInt64Array;
  const texts = arrow.DataType.isDictionary(type) ? textsOf(data) : undefined;
  const isText = texts !== undefined || arrow.DataType.isUtf8(type);
  const isWhole = arrow.DataType.isInt(type);
  const isNumber = isWhole || arrow.DataType.isFloat(type);
  const isNull = (row: number) => data.nullCount > 0 && !data.getValid(row);
  const fail = (row: number, expected: string): never => {
    const got = isNull(row) ? "null" : show(vector.get(row));
    throw new TraceFormatError({ ...place, row: rows + row + 1 }, `expected ${expected}, got ${got}`);
  };
  const reader: ColumnReader = {
    isNull,
    fail,
    number(row) {
      const value = isNumber && !isNull(row) ? Number(values[row]) : NaN;
      if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value))) fail(row, "a number");
      return value;
    },
    whole(row, unit = 1, most = Number.MAX_SAFE_INTEGER) {
      const value = reader.number(row) / unit;
      if (!Number.isSafeInteger(value) || value < 0)
        fail(row, unit === 1 ? "a whole number of at least 0" : `a multiple of ${unit}`);
      if (value > most) fail(row, `at most ${most * unit}`);
      return value;
    },
    bigint(row) {
      const value = isWhole && !isNull(row) ? BigInt(values[row]!) : -1n;
      if (value < 0n) fail(row, "a whole number of at least 0");
      return value;
    },
    text(row) {
      if (!isText || isNull(row)) fail(row, "a text");
      return texts === undefined ? String((vector as arrow.Vector<arrow.Utf8>).get(row)) : texts[Number(values[row])]!;
    },
    one(row, of) {
      const text = reader.text(row);
      return Object.hasOwn(of, text) ? of[text]! : fail(row, `one of ${Object.keys(of).join(", ")}`);
    },
  };
  return reader;
}

/** Batches share their dictionaries: each text is decoded once. */
const decoded = new WeakMap<object, readonly string[]>();

function textsOf(data: arrow.Data): readonly string[] {
  const dictionary = data.dictionary as arrow.Vector<arrow.Utf8>;
  const known = decoded.get(dictionary);
  if (known !== undefined) return known;
  const texts = [...dictionary].map(String);
  decoded.set(dictionary, texts);
  return texts;
}
