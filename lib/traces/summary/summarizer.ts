import * as arrow from "apache-arrow";
import { numberSummarizer, otherSummarizer, type Summarizer, textSummarizer } from "./column-summary.ts";

const { DataType } = arrow;

/** The summarizer that fits a column's type. */
export function summarizer({ name, type }: arrow.Field): Summarizer {
  const shown = String(type as unknown);
  const of = type as arrow.DataType;
  if (DataType.isUtf8(of) || DataType.isLargeUtf8(of) || DataType.isUtf8View(of)) return textSummarizer(name, shown);
  if (DataType.isDictionary(of) && DataType.isUtf8(of.dictionary as arrow.DataType)) return textSummarizer(name, shown);
  if (DataType.isBool(of))
    return numberSummarizer(name, shown, (data) => {
      const bits = data.values as Uint8Array;
      return (row) => (bits[(data.offset + row) >> 3]! >> ((data.offset + row) & 7)) & 1;
    });
  if (DataType.isInt(of) || (DataType.isFloat(of) && of.precision !== arrow.Precision.HALF))
    return numberSummarizer(name, shown, (data) => {
      const values = data.values as Float64Array | BigInt64Array;
      return (row) => values[row]!;
    });
  const perMillisecond = timeScale(of);
  if (perMillisecond !== undefined)
    return numberSummarizer(name, shown, (data) => {
      const values = data.values as Int32Array | BigInt64Array;
      return (row) => Number(values[row]) / perMillisecond;
    });
  return otherSummarizer(name, shown);
}

/** How many of a type's units are a millisecond; undefined for types that are no point in time. */
function timeScale(type: arrow.DataType): number | undefined {
  if (DataType.isDate(type)) return type.unit === arrow.DateUnit.DAY ? 1 / 86_400_000 : 1;
  if (DataType.isTimestamp(type)) return [1e-3, 1, 1e3, 1e6][type.unit];
  return undefined;
}
