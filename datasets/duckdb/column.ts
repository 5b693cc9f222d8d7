import type { DuckDBDecimalValue, DuckDBType, DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import * as arrow from "apache-arrow";

/** A column of a result while a batch of it is filled. */
export interface ResultColumn {
  readonly name: string;
  readonly type: arrow.DataType;
  rows(): number;
  /** Rows that still fit. */
  room(): number;
  append(vector: DuckDBVector, from: number, upTo: number): void;
  take(): arrow.Data;
}

type Values =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type Make = new (length: number) => Values;

/** DuckDB's name of a type: the Arrow type and the array that a vector of it is. */
const fixed: Readonly<Record<string, readonly [() => arrow.DataType, Make]>> = {
  TINYINT: [() => new arrow.Int8(), Int8Array],
  SMALLINT: [() => new arrow.Int16(), Int16Array],
  INTEGER: [() => new arrow.Int32(), Int32Array],
  BIGINT: [() => new arrow.Int64(), BigInt64Array],
  UTINYINT: [() => new arrow.Uint8(), Uint8Array],
  USMALLINT: [() => new arrow.Uint16(), Uint16Array],
  UINTEGER: [() => new arrow.Uint32(), Uint32Array],
  UBIGINT: [() => new arrow.Uint64(), BigUint64Array],
  FLOAT: [() => new arrow.Float32(), Float32Array],
  DOUBLE: [() => new arrow.Float64(), Float64Array],
  DATE: [() => new arrow.DateDay(), Int32Array],
  TIME: [() => new arrow.TimeMicrosecond(), BigInt64Array],
  TIMESTAMP_S: [() => new arrow.TimestampSecond(), BigInt64Array],
  TIMESTAMP_MS: [() => new arrow.TimestampMillisecond(), BigInt64Array],
  TIMESTAMP: [() => new arrow.TimestampMicrosecond(), BigInt64Array],
  TIMESTAMP_NS: [() => new arrow.TimestampNanosecond(), BigInt64Array],
  "TIMESTAMP WITH TIME ZONE": [() => new arrow.TimestampMicrosecond("UTC"), BigInt64Array],
};

/** A column of at most `capacity` rows a batch for a DuckDB type; undefined for nested types and the like. */
export function resultColumn(name: string, type: DuckDBType, capacity: number): ResultColumn | undefined {
  const kind = String(type);
  const plain = fixed[kind];
  if (plain !== undefined) return fixedColumn(name, plain[0](), plain[1], capacity);
  if (kind.startsWith("DECIMAL"))
    return builtColumn(name, new arrow.Float64(), capacity, (value) => (value as DuckDBDecimalValue).toDouble());
  if (kind === "HUGEINT" || kind === "UHUGEINT") return builtColumn(name, new arrow.Float64(), capacity, Number);
  if (kind === "BOOLEAN") return builtColumn(name, new arrow.Bool(), capacity, (value) => value);
  if (kind === "VARCHAR" || kind === "UUID" || kind.startsWith("ENUM"))
    return builtColumn(name, new arrow.Utf8(), capacity, String);
  if (kind === "BLOB")
    return builtColumn(name, new arrow.Binary(), capacity, (value) => (value as { bytes: Uint8Array }).bytes);
  return undefined;
}

/** Where node-api keeps a vector's array; it gives no other way to more than one value at a time. */
interface Inside {
  readonly items?: Values;
  readonly validity?: { readonly data: BigUint64Array | null; readonly offset: number };
}

function fixedColumn(name: string, type: arrow.DataType, make: Make, capacity: number): ResultColumn {
  let values = new make(capacity);
  let bits: Uint8Array | undefined;
  let nulls = 0;
  let rows = 0;
  const setNull = (row: number) => {
    bits ??= new Uint8Array(Math.ceil(capacity / 8)).fill(0xff);
    bits[row >> 3]! &= ~(1 << (row & 7));
    nulls += 1;
  };
  return {
    name,
    type,
    rows: () => rows,
    room: () => capacity - rows,
    append(vector, from, upTo) {
      const { items, validity } = vector as unknown as Inside;
      if (items instanceof make && validity !== undefined) {
        values.set(items.subarray(from, upTo) as never, rows);
        if (validity.data !== null)
          for (let at = from; at < upTo; at += 1) {
            const bit = validity.offset + at;
            if (((validity.data[Math.floor(bit / 64)]! >> BigInt(bit % 64)) & 1n) === 0n) setNull(rows + at - from);
          }
      } else
        for (let at = from; at < upTo; at += 1) {
          const value = vector.getItem(at);
          if (value === null) setNull(rows + at - from);
          else values[rows + at - from] = value as never;
        }
      rows += upTo - from;
    },
    take() {
      const data = arrow.makeData({
        type,
        length: rows,
        nullCount: nulls,
        data: values.subarray(0, rows),
        ...(bits === undefined ? {} : { nullBitmap: bits.subarray(0, Math.ceil(rows / 8)) }),
      } as never) as arrow.Data;
      values = new make(capacity);
      bits = undefined;
      nulls = rows = 0;
      return data;
    },
  };
}

function builtColumn(
  name: string,
  type: arrow.DataType,
  capacity: number,
  valueOf: (value: DuckDBValue) => unknown,
): ResultColumn {
  const start = () => arrow.makeBuilder({ type, nullValues: [null] });
  let builder = start();
  let rows = 0;
  return {
    name,
    type,
    rows: () => rows,
    room: () => capacity - rows,
    append(vector, from, upTo) {
      for (let at = from; at < upTo; at += 1) {
        const value = vector.getItem(at);
        builder.append(value === null ? null : (valueOf(value) as never));
      }
      rows += upTo - from;
    },
    take() {
      const data = builder.flush() as arrow.Data;
      builder = start();
      rows = 0;
      return data;
    },
  };
}
