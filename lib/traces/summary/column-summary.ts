import * as arrow from "apache-arrow";
import { medianSorted } from "simple-statistics";
import { DistinctBits } from "./distinct-bits.ts";
import { reservoir } from "./reservoir.ts";
import { WideExtremes } from "./wide-extremes.ts";

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
  /**
   * The smallest value. Numbers and booleans (false is 0); timestamps and dates in milliseconds since 1970; texts by
   * their UTF-16 code units, as JavaScript compares them.
   */
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
  /** Of numbers: a uniform sample of the values, ascending. */
  sample?(): Float64Array;
}

/** More different values than this are not counted. */
const distinctLimit = 65_536;
const sampleSize = 65_536;

/** The values of a stretch of a column that are there and are numbers, at the front of `numbers`. */
export interface Loaded {
  /** How many there are. */
  readonly count: number;
  readonly nulls: number;
  readonly nans: number;
}

/**
 * Puts a stretch's values into `numbers`, which has room for them; of integers of 64 bits also their halves into
 * `halves`.
 */
export type Load = (data: arrow.Data, numbers: Float64Array, halves: Int32Array) => Loaded;

/**
 * The figures of a column of numbers, booleans or times. Integers of 64 bits say by `isWide` how their halves
 * compare.
 */
export function numberSummarizer(name: string, type: string, load: Load, isWide?: "signed" | "unsigned"): Summarizer {
  const distinct = new DistinctBits(distinctLimit);
  const sample = reservoir(sampleSize);
  const extremes = isWide === undefined ? undefined : new WideExtremes(isWide);
  let numbers = new Float64Array(0);
  let halves = new Int32Array(0);
  let nulls = 0;
  let nans = 0;
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  // Knuth's sum with its rounding errors: those of a long column do not add up.
  let sum = 0;
  let errors = 0;
  return {
    add(vector) {
      for (const data of vector.data as readonly arrow.Data[]) {
        if (numbers.length < data.length) {
          numbers = new Float64Array(data.length);
          halves = isWide === undefined ? new Int32Array(numbers.buffer) : new Int32Array(2 * data.length);
        }
        const loaded = load(data, numbers, halves);
        nulls += loaded.nulls;
        nans += loaded.nans;
        count += loaded.count;
        // Captured variables are slow to write: a loop has its own.
        let [low, high, total, error] = [min, max, sum, errors];
        for (let at = 0; at < loaded.count; at += 1) {
          const value = numbers[at]!;
          if (value < low) low = value;
          if (value > high) high = value;
          const next = total + value;
          const part = next - total;
          error += total - (next - part) + (value - part);
          total = next;
        }
        [min, max, sum, errors] = [low, high, total, error];
        extremes?.add(halves, loaded.count);
        for (let at = 0; at < loaded.count && !distinct.exceeded; at += 1)
          distinct.add(halves[2 * at]!, halves[2 * at + 1]!);
        sample.add(numbers, loaded.count);
      }
    },
    sample: () => sample.sorted(),
    result() {
      // An infinite sum has no rounding error.
      const total = Number.isFinite(sum) ? sum + errors : sum;
      return {
        name,
        type,
        nulls,
        nans,
        distinct: distinct.count,
        min: count === 0 ? null : (extremes?.min ?? min),
        max: count === 0 ? null : (extremes?.max ?? max),
        mean: count === 0 ? null : total / count,
        median: count === 0 ? null : medianSorted(sample.sorted() as unknown as number[]),
        medianOf: count === 0 ? null : sample.complete() ? "all values" : `a uniform sample of ${sampleSize} values`,
      };
    },
  };
}

/** Texts. Of a dictionary only those are looked at that a batch uses. */
export function textSummarizer(name: string, type: string): Summarizer {
  let values: Set<string> | undefined = new Set();
  let nulls = 0;
  let min: string | null = null;
  let max: string | null = null;
  const add = (value: string) => {
    if (values?.has(value) === true) return;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
    if (values?.add(value) !== undefined && values.size > distinctLimit) values = undefined;
  };
  return {
    add(vector) {
      for (const data of vector.data as readonly arrow.Data[]) {
        const { dictionary } = data as { dictionary?: arrow.Vector };
        nulls += data.nullCount;
        if (dictionary === undefined) {
          for (const value of new arrow.Vector([data]) as Iterable<string | null>) if (value !== null) add(value);
          continue;
        }
        const codes = data.values as Int32Array;
        const used = new Uint8Array(dictionary.length);
        const all = data.nullCount === 0;
        for (let row = 0; row < data.length; row += 1) if (all || data.getValid(row)) used[codes[row]!] = 1;
        for (const [code, is] of used.entries()) if (is === 1) add(String(dictionary.get(code) as unknown));
      }
    },
    result: () => ({
      name,
      type,
      nulls,
      nans: 0,
      distinct: values?.size ?? null,
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
