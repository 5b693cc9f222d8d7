import type * as arrow from "apache-arrow";
import { medianSorted } from "simple-statistics";
import { reservoir } from "./reservoir.ts";

/** What {@link describe} says of a column. Absent figures are null. */
export interface ColumnSummary {
  /** The column's name. */
  readonly name: string;
  /** Arrow's name of the type. */
  readonly type: string;
  /** Rows without a value. */
  readonly nulls: number;
  /** Values that are not a number, left out of the figures below. */
  readonly nans: number;
  /** Different values; null when there are more than `distinctLimit`. */
  readonly distinct: number | null;
  /** The smallest value. Numbers and booleans (false is 0); timestamps and dates in milliseconds since 1970; texts by their code points. */
  readonly min: number | bigint | string | null;
  /** The largest value. */
  readonly max: number | bigint | string | null;
  /** Of numbers, booleans and times. */
  readonly mean: number | null;
  /** The middle value, or the mean of the middle two. */
  readonly median: number | null;
  /** How the median was found. */
  readonly medianOf: string | null;
}

/** A column's summary while its batches come. */
export interface Summarizer {
  add(vector: arrow.Vector): void;
  result(): ColumnSummary;
}

/** More different values than this are not counted. */
export const distinctLimit = 65_536;
const sampleSize = 65_536;

/** A set that gives up when it grows beyond {@link distinctLimit}. */
function distinctValues(): { add: (value: unknown) => void; count: () => number | null } {
  let values: Set<unknown> | undefined = new Set();
  return {
    add(value) {
      if (values?.add(value) !== undefined && values.size > distinctLimit) values = undefined;
    },
    count: () => values?.size ?? null,
  };
}

/** Numbers, booleans and times. `toNumber` turns what the typed array holds into the number that is summarised. */
export function numberSummarizer(
  name: string,
  type: string,
  valuesOf: (data: arrow.Data) => (row: number) => number | bigint,
): Summarizer {
  const distinct = distinctValues();
  const sample = reservoir(sampleSize);
  let nulls = 0;
  let nans = 0;
  let count = 0;
  let min: number | bigint | null = null;
  let max: number | bigint | null = null;
  // Neumaier's compensated sum: the rounding errors of a long column do not add up.
  let sum = 0;
  let compensation = 0;
  const add = (raw: number | bigint) => {
    const value = Number(raw);
    if (Number.isNaN(value)) {
      nans += 1;
      return;
    }
    count += 1;
    distinct.add(raw);
    if (min === null || raw < min) min = raw;
    if (max === null || raw > max) max = raw;
    const total = sum + value;
    if (Number.isFinite(total))
      compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    sum = total;
    sample.add(value);
  };
  return {
    add(vector) {
      for (const data of vector.data as readonly arrow.Data[]) {
        const valueOf = valuesOf(data);
        const all = data.nullCount === 0;
        for (let row = 0; row < data.length; row += 1)
          if (all || data.getValid(row)) add(valueOf(row));
          else nulls += 1;
      }
    },
    result: () => ({
      name,
      type,
      nulls,
      nans,
      distinct: distinct.count(),
      min,
      max,
      mean: count === 0 ? null : (sum + compensation) / count,
      median: count === 0 ? null : medianSorted(sample.sorted() as unknown as number[]),
      medianOf: count === 0 ? null : sample.complete() ? "all values" : `a uniform sample of ${sampleSize} values`,
    }),
  };
}

/** Texts. */
export function textSummarizer(name: string, type: string): Summarizer {
  const distinct = distinctValues();
  let nulls = 0;
  let min: string | null = null;
  let max: string | null = null;
  return {
    add(vector) {
      for (const value of vector as Iterable<string | null>) {
        if (value === null) {
          nulls += 1;
          continue;
        }
        distinct.add(value);
        if (min === null || value < min) min = value;
        if (max === null || value > max) max = value;
      }
    },
    result: () => ({
      name,
      type,
      nulls,
      nans: 0,
      distinct: distinct.count(),
      min,
      max,
      mean: null,
      median: null,
      medianOf: null,
    }),
  };
}

/** Lists, structs, binary and the like: only their nulls are counted. */
export function otherSummarizer(name: string, type: string): Summarizer {
  let nulls = 0;
  return {
    add(vector) {
      nulls += vector.nullCount;
    },
    result: () => ({
      name,
      type,
      nulls,
      nans: 0,
      distinct: null,
      min: null,
      max: null,
      mean: null,
      median: null,
      medianOf: null,
    }),
  };
}
