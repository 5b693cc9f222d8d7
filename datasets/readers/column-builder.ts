import * as arrow from "apache-arrow";
import { arrowType, type ColumnType } from "../column-type.ts";
import { parseDouble, parseTimestamp, parseWhole } from "./parse-number.ts";

/**
 * One column of a batch while its rows are parsed: typed arrays of the batch's size, filled from the text's bytes
 * without a string in between.
 */
export interface ColumnBuilder {
  readonly type: arrow.DataType;
  /** Appends the value written in `bytes[start, end)`; false when it is not one of this column's type. */
  append(bytes: Uint8Array, start: number, end: number): boolean;
  appendNull(): void;
  /** Takes the last value back. */
  undo(): void;
  /** The column so far as Arrow data; the builder starts over. */
  take(): arrow.Data;
}

type TypedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

type ArrayOf = new (length: number) => TypedArray;

/** Bits of validity, made at the first null: most columns have none. */
class Validity {
  #bits: Uint8Array | undefined;
  #nulls = 0;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  setNull(row: number): void {
    this.#bits ??= new Uint8Array(Math.ceil(this.#capacity / 64) * 8).fill(0xff);
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
    this.#nulls += 1;
  }

  /** Makes a row valid again. */
  clear(row: number): void {
    if (this.#bits === undefined || ((this.#bits[row >> 3]! >> (row & 7)) & 1) === 1) return;
    this.#bits[row >> 3]! |= 1 << (row & 7);
    this.#nulls -= 1;
  }

  take(rows: number): { nullBitmap?: Uint8Array; nullCount: number } {
    const taken =
      this.#bits === undefined
        ? { nullCount: 0 }
        : { nullBitmap: this.#bits.subarray(0, Math.ceil(rows / 8)), nullCount: this.#nulls };
    this.#bits = undefined;
    this.#nulls = 0;
    return taken;
  }
}

function fixedWidth(
  type: arrow.DataType,
  make: ArrayOf,
  capacity: number,
  store: (values: TypedArray, row: number, bytes: Uint8Array, start: number, end: number) => boolean,
): ColumnBuilder {
  const validity = new Validity(capacity);
  let values = new make(capacity);
  let rows = 0;
  return {
    type,
    append(bytes, start, end) {
      if (!store(values, rows, bytes, start, end)) return false;
      rows += 1;
      return true;
    },
    appendNull() {
      validity.setNull(rows);
      rows += 1;
    },
    undo() {
      rows -= 1;
      values[rows] = values instanceof BigInt64Array || values instanceof BigUint64Array ? 0n : 0;
      validity.clear(rows);
    },
    take() {
      const data = arrow.makeData({
        type,
        length: rows,
        data: values.subarray(0, rows),
        ...validity.take(rows),
      } as never);
      values = new make(capacity);
      rows = 0;
      return data as arrow.Data;
    },
  };
}

const wholeRange: Partial<Record<ColumnType, readonly [ArrayOf, number, number]>> = {
  int8: [Int8Array, -0x80, 0x7f],
  int16: [Int16Array, -0x8000, 0x7fff],
  int32: [Int32Array, -0x80000000, 0x7fffffff],
  uint8: [Uint8Array, 0, 0xff],
  uint16: [Uint16Array, 0, 0xffff],
  uint32: [Uint32Array, 0, 0xffffffff],
};

function whole(type: ColumnType, capacity: number): ColumnBuilder {
  const [make, least, most] = wholeRange[type]!;
  return fixedWidth(arrowType(type), make, capacity, (values, row, bytes, start, end) => {
    const value = parseWhole(bytes, start, end);
    // NaN fails both comparisons.
    if (!(value >= least && value <= most)) return false;
    values[row] = value;
    return true;
  });
}

const latin = new TextDecoder("latin1");

function wide(type: "int64" | "uint64", capacity: number): ColumnBuilder {
  const signed = type === "int64";
  const least = signed ? -(2n ** 63n) : 0n;
  const most = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  const make = signed ? BigInt64Array : BigUint64Array;
  return fixedWidth(arrowType(type), make, capacity, (values, row, bytes, start, end) => {
    const text = latin.decode(bytes.subarray(start, end)).trim();
    if (!/^[+-]?\d{1,20}$/.test(text)) return false;
    const value = BigInt(text.replace("+", ""));
    if (value < least || value > most) return false;
    values[row] = value;
    return true;
  });
}

function float(type: "float32" | "float64", capacity: number): ColumnBuilder {
  return fixedWidth(
    arrowType(type),
    type === "float32" ? Float32Array : Float64Array,
    capacity,
    (values, row, bytes, start, end) => {
      const value = parseDouble(bytes, start, end);
      if (value === undefined) return false;
      values[row] = value;
      return true;
    },
  );
}

function timestamp(capacity: number): ColumnBuilder {
  return fixedWidth(arrowType("timestamp"), BigInt64Array, capacity, (values, row, bytes, start, end) => {
    const value = parseTimestamp(latin.decode(bytes.subarray(start, end)));
    if (value === undefined) return false;
    values[row] = BigInt(value);
    return true;
  });
}

const dayMs = 86_400_000;
const dateLength = "2011-03-09".length;

function date(capacity: number): ColumnBuilder {
  return fixedWidth(arrowType("date"), Int32Array, capacity, (values, row, bytes, start, end) => {
    const text = latin.decode(bytes.subarray(start, end)).trim();
    const value = text.length === dateLength ? parseTimestamp(text) : undefined;
    if (value === undefined) return false;
    values[row] = value / dayMs;
    return true;
  });
}

function bool(capacity: number): ColumnBuilder {
  const type = arrowType("bool");
  const validity = new Validity(capacity);
  const size = Math.ceil(capacity / 64) * 8;
  let bits = new Uint8Array(size);
  let rows = 0;
  return {
    type,
    append(bytes, start, end) {
      const text = latin.decode(bytes.subarray(start, end)).toLowerCase();
      if (text === "true") bits[rows >> 3]! |= 1 << (rows & 7);
      else if (text !== "false") return false;
      rows += 1;
      return true;
    },
    appendNull() {
      validity.setNull(rows);
      rows += 1;
    },
    undo() {
      rows -= 1;
      bits[rows >> 3]! &= ~(1 << (rows & 7));
      validity.clear(rows);
    },
    take() {
      const data = arrow.makeData({
        type,
        length: rows,
        data: bits.subarray(0, Math.ceil(rows / 8)),
        ...validity.take(rows),
      } as never);
      bits = new Uint8Array(size);
      rows = 0;
      return data as arrow.Data;
    },
  };
}

const strict = new TextDecoder("utf-8", { fatal: true });

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1)
    if (bytes[at]! >= 0x80) {
      try {
        strict.decode(bytes.subarray(at, end));
        return true;
      } catch {
        return false;
      }
    }
  return true;
}

function utf8(capacity: number): ColumnBuilder {
  const type = arrowType("utf8");
  const validity = new Validity(capacity);
  let offsets = new Int32Array(capacity + 1);
  let data = new Uint8Array(capacity * 8);
  let rows = 0;
  let used = 0;
  const end = () => {
    rows += 1;
    offsets[rows] = used;
  };
  return {
    type,
    append(bytes, start, stop) {
      const length = stop - start;
      if (used + length > 0x7fffffff || !isUtf8(bytes, start, stop)) return false;
      if (used + length > data.length) {
        const larger = new Uint8Array(Math.max(used + length, data.length * 2));
        larger.set(data.subarray(0, used));
        data = larger;
      }
      // A loop beats set(subarray()) for the short strings that tables have.
      if (length < 32) for (let i = 0; i < length; i += 1) data[used + i] = bytes[start + i]!;
      else data.set(bytes.subarray(start, stop), used);
      used += length;
      end();
      return true;
    },
    appendNull() {
      validity.setNull(rows);
      end();
    },
    undo() {
      rows -= 1;
      used = offsets[rows]!;
      validity.clear(rows);
    },
    take() {
      const made = arrow.makeData({
        type,
        length: rows,
        valueOffsets: offsets.subarray(0, rows + 1),
        data: data.subarray(0, used),
        ...validity.take(rows),
      } as never);
      offsets = new Int32Array(capacity + 1);
      data = new Uint8Array(Math.max(used, capacity));
      rows = 0;
      used = 0;
      return made as arrow.Data;
    },
  };
}

/** A builder for a column type, with room for `capacity` rows a batch. */
export function columnBuilder(type: ColumnType, capacity: number): ColumnBuilder {
  switch (type) {
    case "utf8":
      return utf8(capacity);
    case "bool":
      return bool(capacity);
    case "timestamp":
      return timestamp(capacity);
    case "date":
      return date(capacity);
    case "int64":
    case "uint64":
      return wide(type, capacity);
    case "float32":
    case "float64":
      return float(type, capacity);
    default:
      return whole(type, capacity);
  }
}
