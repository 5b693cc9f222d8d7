import type { DuckDBType, DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import * as arrow from "apache-arrow";

/** A column of a Parquet file while a batch of it is filled. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: arrow.DataType;
  /** What to select: the column, or a cast of it. */
  readonly expression: string;
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

/** DuckDB's name of a type: the Arrow type and its array. */
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
};

/** Types whose values are selected as another one's and then given their own Arrow type. */
const stored: Readonly<Record<string, readonly [sql: (column: string) => string, () => arrow.DataType, Make]>> = {
  DATE: [(c) => `(${c} - date '1970-01-01')::integer`, () => new arrow.DateDay(), Int32Array],
  TIME: [(c) => `epoch_us(${c})`, () => new arrow.TimeMicrosecond(), BigInt64Array],
  TIMESTAMP_S: [(c) => `epoch_ms(${c}) // 1000`, () => new arrow.TimestampSecond(), BigInt64Array],
  TIMESTAMP_MS: [(c) => `epoch_ms(${c})`, () => new arrow.TimestampMillisecond(), BigInt64Array],
  TIMESTAMP: [(c) => `epoch_us(${c})`, () => new arrow.TimestampMicrosecond(), BigInt64Array],
  TIMESTAMP_NS: [(c) => `epoch_ns(${c})`, () => new arrow.TimestampNanosecond(), BigInt64Array],
  "TIMESTAMP WITH TIME ZONE": [(c) => `epoch_us(${c})`, () => new arrow.TimestampMicrosecond("UTC"), BigInt64Array],
  HUGEINT: [(c) => `${c}::double`, () => new arrow.Float64(), Float64Array],
  UHUGEINT: [(c) => `${c}::double`, () => new arrow.Float64(), Float64Array],
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A column of at most `capacity` rows a batch for a DuckDB type; undefined for nested types and the like. */
export function parquetColumn(name: string, type: DuckDBType, capacity: number): ParquetColumn | undefined {
  const kind = String(type);
  const column = quoted(name);
  const plain = fixed[kind];
  if (plain !== undefined) return fixedColumn(name, plain[0](), column, plain[1], capacity);
  const other = stored[kind];
  if (other !== undefined) return fixedColumn(name, other[1](), other[0](column), other[2], capacity);
  if (kind.startsWith("DECIMAL"))
    return fixedColumn(name, new arrow.Float64(), `${column}::double`, Float64Array, capacity);
  if (kind === "BOOLEAN") return builtColumn(name, new arrow.Bool(), column, capacity, (value) => value);
  if (kind === "VARCHAR" || kind === "UUID" || kind.startsWith("ENUM"))
    return builtColumn(name, new arrow.Utf8(), `${column}::varchar`, capacity, (value) => value);
  if (kind === "BLOB")
    return builtColumn(name, new arrow.Binary(), column, capacity, (value) => (value as { bytes: Uint8Array }).bytes);
  return undefined;
}

/** Where node-api keeps a vector's array; it gives no other way to more than one value at a time. */
interface Inside {
  readonly items?: Values;
  readonly validity?: { readonly data: BigUint64Array | null; readonly offset: number };
}

function fixedColumn(
  name: string,
  type: arrow.DataType,
  expression: string,
  make: Make,
  capacity: number,
): ParquetColumn {
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
    expression,
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
  expression: string,
  capacity: number,
  valueOf: (value: DuckDBValue) => unknown,
): ParquetColumn {
  const start = () => arrow.makeBuilder({ type, nullValues: [null] });
  let builder = start();
  let rows = 0;
  return {
    name,
    type,
    expression,
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
