import * as arrow from "apache-arrow";
import { OptionError } from "../errors.ts";

const secondNs = 1_000_000_000n;
const dayNs = 86_400n * secondNs;
const least = BigInt(Date.parse("0000-01-01T00:00:00Z")) * 1_000_000n;
const beyond = BigInt(Date.parse("9999-12-31T00:00:00Z")) * 1_000_000n + dayNs;

/**
 * The texts of a column of dates (`2011-03-09`), times (`10:00:00.500`) or time stamps (`2011-03-09T10:00:00.500Z`), a null for a null;
 * undefined for a column of anything else. ISO 8601 in UTC, to the millisecond, and to the micro- or nanosecond where that has digits. A
 * text is an OptionError outside the years 0 to 9999, where DuckDB's infinity is, too.
 */
export function timeText(name: string, column: arrow.Vector): ((row: number) => string | null) | undefined {
  const type = column.type as arrow.DataType;
  const unit = nanosecondsOf(type);
  if (unit === undefined) return undefined;
  return (row) => {
    let at = row;
    const chunk = column.data.find(({ length }) => {
      if (at < length) return true;
      at -= length;
      return false;
    })!;
    if (!chunk.getValid(at)) return null;
    const ns = BigInt((chunk.values as Int32Array | BigInt64Array)[at]!) * unit;
    if (arrow.DataType.isTime(type)) return clockText(ns);
    if (ns < least || ns >= beyond)
      throw new OptionError(name, "a time in the years 0 to 9999", `${ns / secondNs} s from 1970`);
    const since = ((ns % dayNs) + dayNs) % dayNs;
    const day = new Date(Number((ns - since) / 1_000_000n)).toISOString().slice(0, 10);
    return isDay(type) ? day : `${day}T${clockText(since)}Z`;
  };
}

const isDay = (type: arrow.DataType): boolean => arrow.DataType.isDate(type) && type.unit === arrow.DateUnit.DAY;

/** What a column's whole numbers count, in nanoseconds. */
function nanosecondsOf(type: arrow.DataType): bigint | undefined {
  if (arrow.DataType.isDate(type)) return isDay(type) ? dayNs : 1_000_000n;
  if (arrow.DataType.isTimestamp(type) || arrow.DataType.isTime(type)) return secondNs / 1000n ** BigInt(type.unit);
  return undefined;
}

/** A time of day; the day's end is 24:00:00. */
function clockText(ns: bigint): string {
  const seconds = Number(ns / secondNs);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = String(ns % secondNs).padStart(9, "0");
  return `${clock.map((part) => String(part).padStart(2, "0")).join(":")}.${fraction.replace(/(000){1,2}$/, "")}`;
}
