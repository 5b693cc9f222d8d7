import * as arrow from "apache-arrow";
import { TraceFormatError } from "../errors.ts";

/** A column of a batch, read row by row to write it in another format. */
export interface ColumnReader {
  /** Whether the row has no value. */
  isNull(row: number): boolean;
  number(row: number): number;
  text(row: number): string;
  /** Of a column of 64 bits. */
  bigint(row: number): bigint;
}

/** A batch's column by name; `file` is what the error says when there is none. */
export function columnReader(batch: arrow.RecordBatch, name: string, format: string): ColumnReader {
  const vector = batch.getChild(name);
  if (vector === null)
    throw new TraceFormatError({ file: format, field: name }, "expected this column in what is to be written");
  const data = vector.data[0]! as arrow.Data;
  const values = data.values as Float64Array | BigInt64Array;
  const texts = arrow.DataType.isDictionary(data.type) ? textsOf(data) : undefined;
  return {
    isNull: (row) => data.nullCount > 0 && !data.getValid(row),
    number: (row) => Number(values[row]),
    text: (row) =>
      texts === undefined ? String((vector as arrow.Vector<arrow.Utf8>).get(row)) : texts[Number(values[row])]!,
    bigint: (row) => BigInt(values[row]!),
  };
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
