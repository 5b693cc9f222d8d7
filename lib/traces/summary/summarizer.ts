import * as arrow from "apache-arrow";
import { type Load, numberSummarizer, otherSummarizer, type Summarizer, textSummarizer } from "./column-summary.ts";

const { DataType } = arrow;

/** The summarizer that fits a column's type. */
export function summarizer({ name, type }: arrow.Field): Summarizer {
  const shown = String(type as unknown);
  const of = type as arrow.DataType;
  if (DataType.isUtf8(of) || DataType.isLargeUtf8(of) || DataType.isUtf8View(of)) return textSummarizer(name, shown);
  if (DataType.isDictionary(of) && DataType.isUtf8(of.dictionary as arrow.DataType)) return textSummarizer(name, shown);
  if (DataType.isBool(of)) return numberSummarizer(name, shown, load(bitOf));
  if (DataType.isInt(of) && of.bitWidth === 64)
    return numberSummarizer(name, shown, loadWide(of.isSigned), of.isSigned ? "signed" : "unsigned");
  if (DataType.isInt(of) || (DataType.isFloat(of) && of.precision !== arrow.Precision.HALF))
    return numberSummarizer(name, shown, loadNumbers);
  const perMillisecond = timeScale(of);
  if (perMillisecond !== undefined)
    return numberSummarizer(
      name,
      shown,
      load((data, row) => Number((data.values as Int32Array)[row]) / perMillisecond),
    );
  return otherSummarizer(name, shown);
}

/** How many of a type's units are a millisecond; undefined for types that are no point in time. */
function timeScale(type: arrow.DataType): number | undefined {
  if (DataType.isDate(type)) return type.unit === arrow.DateUnit.DAY ? 1 / 86_400_000 : 1;
  if (DataType.isTimestamp(type)) return [1e-3, 1, 1e3, 1e6][type.unit];
  return undefined;
}

/** Numbers as they stand in a typed array. */
const loadNumbers: Load = (data, numbers) => {
  const values = data.values as Float64Array;
  const all = data.nullCount === 0;
  let count = 0;
  let nulls = 0;
  for (let row = 0; row < data.length; row += 1) {
    if (!all && !data.getValid(row)) {
      nulls += 1;
      continue;
    }
    // Adding 0 makes -0 the same as 0; a NaN is overwritten by the next value.
    const value = values[row]! + 0;
    numbers[count] = value;
    if (value === value) count += 1;
  }
  return { count, nulls, nans: data.length - nulls - count };
};

/** Integers of 64 bits: the nearest double of each, and its halves. */
const loadWide =
  (signed: boolean): Load =>
  (data, numbers, halves) => {
    const { buffer, byteOffset, length } = data.values as BigInt64Array;
    const words = new Int32Array(buffer, byteOffset, 2 * length);
    const all = data.nullCount === 0;
    let count = 0;
    for (let row = 0; row < data.length; row += 1) {
      if (!all && !data.getValid(row)) continue;
      const low = words[2 * row]!;
      const high = words[2 * row + 1]!;
      numbers[count] = (signed ? high : high >>> 0) * 0x100000000 + (low >>> 0);
      halves[2 * count] = low;
      halves[2 * count + 1] = high;
      count += 1;
    }
    return { count, nulls: data.length - count, nans: 0 };
  };

/** Whatever else is a number in the end. */
const load =
  (valueOf: (data: arrow.Data, row: number) => number): Load =>
  (data, numbers) => {
    let count = 0;
    for (let row = 0; row < data.length; row += 1) if (data.getValid(row)) numbers[count++] = valueOf(data, row);
    return { count, nulls: data.length - count, nans: 0 };
  };

const bitOf = (data: arrow.Data, row: number): number =>
  ((data.values as Uint8Array)[(data.offset + row) >> 3]! >> ((data.offset + row) & 7)) & 1;
