import type { DuckDBType, DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import * as arrow from "apache-arrow";

type DuckDB = typeof import("@duckdb/node-api");

/** How a column of Arrow data becomes DuckDB's vectors. */
export interface LoadColumn {
  readonly type: DuckDBType;
  /** Fills a vector of `upTo - from` rows. */
  fill(vector: DuckDBVector, data: arrow.Data, from: number, upTo: number): void;
}

/** Where node-api keeps a vector's array. */
interface Inside {
  readonly items: { set: (values: ArrayLike<number> | ArrayLike<bigint>) => void };
  readonly validity: { setItemValid: (row: number, valid: boolean) => void };
}

/**
 * How a column is loaded; undefined for nested types and the like. `dictionary` are the texts of a dictionary that all batches share:
 * the column is then an ENUM, and its codes are copied as they are.
 */
export function loadColumn(
  duckdb: DuckDB,
  type: arrow.DataType,
  dictionary?: readonly string[],
): LoadColumn | undefined {
  const { DataType } = arrow;
  if (DataType.isDictionary(type)) {
    if (dictionary !== undefined && dictionary.length > 0) return codes(duckdb.ENUM(dictionary), direct);
    const texts = loadColumn(duckdb, type.dictionary as arrow.DataType);
    return texts === undefined ? undefined : { type: texts.type, fill: fillTexts };
  }
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type))
    return { type: duckdb.VARCHAR, fill: fillTexts };
  if (DataType.isBool(type)) return { type: duckdb.BOOLEAN, fill: fillValues((value) => value as boolean) };
  if (DataType.isInt(type)) {
    const { TINYINT, SMALLINT, INTEGER, BIGINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT } = duckdb;
    const signed: Readonly<Record<number, DuckDBType>> = { 8: TINYINT, 16: SMALLINT, 32: INTEGER, 64: BIGINT };
    const unsigned: Readonly<Record<number, DuckDBType>> = { 8: UTINYINT, 16: USMALLINT, 32: UINTEGER, 64: UBIGINT };
    return codes((type.isSigned ? signed : unsigned)[type.bitWidth]!, direct);
  }
  if (DataType.isFloat(type)) {
    if (type.precision === arrow.Precision.DOUBLE) return codes(duckdb.DOUBLE, direct);
    return type.precision === arrow.Precision.SINGLE ? codes(duckdb.FLOAT, direct) : undefined;
  }
  if (DataType.isDate(type) && type.unit === arrow.DateUnit.DAY) return codes(duckdb.DATE, direct);
  if (DataType.isTimestamp(type)) {
    if (type.timezone === null || type.timezone === undefined || type.timezone === "") {
      const { TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP, TIMESTAMP_NS } = duckdb;
      return codes([TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP, TIMESTAMP_NS][type.unit]!, direct);
    }
    // DuckDB's times with a zone are microseconds.
    const scale = [1_000_000n, 1000n, 1n][type.unit];
    if (scale === undefined) return undefined;
    return codes(duckdb.TIMESTAMPTZ, (values) => (values as BigInt64Array).map((value) => value * scale));
  }
  return undefined;
}

type Values = Float64Array | BigInt64Array;

const direct = (values: Values): Values => values;

function codes(type: DuckDBType, convert: (values: Values) => Values): LoadColumn {
  return {
    type,
    fill(vector, data, from, upTo) {
      const { items, validity } = vector as unknown as Inside;
      items.set(convert((data.values as Values).subarray(from, upTo)));
      if (data.nullCount > 0)
        for (let row = from; row < upTo; row += 1) if (!data.getValid(row)) validity.setItemValid(row - from, false);
      vector.flush();
    },
  };
}

function fillValues(valueOf: (value: unknown) => DuckDBValue): LoadColumn["fill"] {
  return (vector, data, from, upTo) => {
    const column = new arrow.Vector([data]);
    for (let row = from; row < upTo; row += 1) {
      const value: unknown = column.get(row);
      vector.setItem(row - from, value === null ? null : valueOf(value));
    }
    vector.flush();
  };
}

const fillTexts: LoadColumn["fill"] = fillValues(String);
