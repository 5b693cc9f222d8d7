import * as arrow from "apache-arrow";
import { OptionError } from "../core/errors.ts";

/** The numbers of a column. */
export type Numbers =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/** Whether a trace has columns. */
export const hasColumns = (schema: arrow.Schema, names: readonly string[]): boolean =>
  names.every((name) => schema.fields.some((field) => field.name === name));

/** A column's data; OptionError when there is none of the name. */
export function dataOf(batch: arrow.RecordBatch, name: string): arrow.Data {
  const at = batch.schema.fields.findIndex((field) => field.name === name);
  const data = batch.data.children[at];
  if (data === undefined)
    throw new OptionError(
      "trace",
      `a trace with a column ${name}`,
      batch.schema.fields.map((field) => field.name),
    );
  return data;
}

/** A column of numbers: its typed array where every row has one, else a copy with NaN in the rows that have none. */
export function numbersOf(batch: arrow.RecordBatch, name: string): Numbers {
  const data = dataOf(batch, name);
  const { values } = data as { values: unknown };
  if (!ArrayBuffer.isView(values)) throw new OptionError("trace", `numbers in the column ${name}`, "something else");
  const isWide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  const numbers = isWide ? Float64Array.from(values, Number) : (values as Numbers);
  if (data.nullCount === 0) return numbers;
  const known = new Float64Array(data.length).fill(NaN);
  for (let row = 0; row < data.length; row += 1) if (data.getValid(row)) known[row] = numbers[row]!;
  return known;
}

/** Whether a row of a batch has a time. */
export const hasTimes = (batch: arrow.RecordBatch): boolean =>
  hasColumns(batch.schema, ["timeNs"]) &&
  numbersOf(batch, "timeNs")
    .subarray(0, batch.numRows)
    .some((time) => !Number.isNaN(time));

/** A column of 64 bits as halves of 32, the lower one first; those of a null mean nothing. */
export function halvesOf(batch: arrow.RecordBatch, name: string): Uint32Array {
  const { values } = dataOf(batch, name) as { values: unknown };
  if (!(values instanceof BigUint64Array)) throw new OptionError("trace", `a uint64 column ${name}`, "another");
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
}

const decoded = new WeakMap<object, readonly string[]>();

/**
 * A column of texts: a code a row, and the texts that the codes stand for. Rows without a text have the code of an
 * empty one, the last. A column that is no dictionary is made one; numbers are places in `names`.
 */
export function wordsOf(
  batch: arrow.RecordBatch,
  name: string,
  names?: readonly string[],
): { readonly codes: Numbers; readonly texts: readonly string[] } {
  const data = dataOf(batch, name);
  const { dictionary } = data as { dictionary?: arrow.Vector };
  const areNumbers = dictionary === undefined && names !== undefined && arrow.DataType.isInt(data.type);
  if (dictionary === undefined && !areNumbers) return coded(data);
  const texts = dictionary === undefined ? names! : (decoded.get(dictionary) ?? [...dictionary].map(String));
  if (dictionary !== undefined) decoded.set(dictionary, texts);
  const codes = data.values as Numbers;
  if (data.nullCount === 0) return { codes, texts };
  return {
    codes: Uint32Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? codes[row]! : texts.length)),
    texts: [...texts, ""],
  };
}

/** A column of texts as codes. */
function coded(data: arrow.Data): { readonly codes: Numbers; readonly texts: readonly string[] } {
  const list = new Map<string, number>();
  const codes = new Uint32Array(data.length);
  for (const [row, value] of [...new arrow.Vector([data])].entries()) {
    const text = value === null ? "" : String(value as unknown);
    const code = list.get(text) ?? list.size;
    list.set(text, code);
    codes[row] = code;
  }
  return { codes, texts: [...list.keys()] };
}
