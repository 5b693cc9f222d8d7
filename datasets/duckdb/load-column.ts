import type { DuckDBType, DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { dictionaryTexts, type Enumeration } from "./load-texts.ts";
import { type DuckDB, inlineBytes, insideOf, setTexts, vectorRows } from "./vector.ts";

/** How a column of Arrow data becomes DuckDB's vectors. */
export interface LoadColumn {
  readonly type: DuckDBType;
  /** Fills a vector of `upTo - from` rows. */
  fill(vector: DuckDBVector, data: arrow.Data, from: number, upTo: number): void;
}

/** How a column is loaded; undefined for nested types and the like. A dictionary whose texts are known is an ENUM. */
export function loadColumn(duckdb: DuckDB, type: arrow.DataType, known?: Enumeration): LoadColumn | undefined {
  const { DataType } = arrow;
  if (DataType.isDictionary(type)) {
    if (!isText(type.dictionary as arrow.DataType)) return undefined;
    if (known === undefined) return { type: duckdb.VARCHAR, fill: fillCoded(dictionaryTexts()) };
    const { texts, rankOf } = known;
    return arrayColumn(duckdb.ENUM(texts), (codes, items) => {
      for (let row = 0; row < codes.length; row += 1) items[row] = rankOf[codes[row] as number] ?? 0;
    });
  }
  if (DataType.isUtf8(type)) return { type: duckdb.VARCHAR, fill: fillTexts(duckdb) };
  if (isText(type)) return { type: duckdb.VARCHAR, fill: fillValues(String) };
  if (DataType.isBool(type)) return { type: duckdb.BOOLEAN, fill: fillValues((value) => value as boolean) };
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type))
    return { type: duckdb.BLOB, fill: fillValues((value) => new duckdb.DuckDBBlobValue(value as Uint8Array)) };
  if (DataType.isInt(type)) {
    const { TINYINT, SMALLINT, INTEGER, BIGINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT } = duckdb;
    const signed: Readonly<Record<number, DuckDBType>> = { 8: TINYINT, 16: SMALLINT, 32: INTEGER, 64: BIGINT };
    const unsigned: Readonly<Record<number, DuckDBType>> = { 8: UTINYINT, 16: USMALLINT, 32: UINTEGER, 64: UBIGINT };
    return arrayColumn((type.isSigned ? signed : unsigned)[type.bitWidth]!);
  }
  if (DataType.isFloat(type)) {
    if (type.precision === arrow.Precision.DOUBLE) return arrayColumn(duckdb.DOUBLE);
    return type.precision === arrow.Precision.SINGLE ? arrayColumn(duckdb.FLOAT) : undefined;
  }
  if (DataType.isDate(type))
    return type.unit === arrow.DateUnit.DAY ? arrayColumn(duckdb.DATE) : arrayColumn(duckdb.TIMESTAMP_MS);
  if (DataType.isTime(type))
    // Times of 32 bits are seconds or milliseconds; DuckDB has microseconds and nanoseconds.
    return type.unit === arrow.TimeUnit.NANOSECOND
      ? arrayColumn(duckdb.TIME_NS)
      : scaled(duckdb.TIME, [1_000_000n, 1000n, 1n][type.unit]!);
  if (DataType.isTimestamp(type)) {
    if (type.timezone === null || type.timezone === undefined || type.timezone === "") {
      const { TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP, TIMESTAMP_NS } = duckdb;
      return arrayColumn([TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP, TIMESTAMP_NS][type.unit]!);
    }
    // DuckDB's times with a zone are microseconds.
    const scale = [1_000_000n, 1000n, 1n][type.unit];
    return scale === undefined ? undefined : scaled(duckdb.TIMESTAMPTZ, scale);
  }
  return undefined;
}

const isText = (type: arrow.DataType): boolean =>
  arrow.DataType.isUtf8(type) || arrow.DataType.isLargeUtf8(type) || arrow.DataType.isUtf8View(type);

type Values = ArrayLike<number> | ArrayLike<bigint>;
type Items = { [at: number]: number | bigint; set(values: Values): void };

function arrayColumn(
  type: DuckDBType,
  copy = (values: Values, items: Items): void => {
    items.set(values);
  },
): LoadColumn {
  return {
    type,
    fill(vector, data, from, upTo) {
      const { items, validity } = insideOf(vector);
      copy((data.values as Float64Array).subarray(from, upTo), items);
      if (data.nullCount > 0)
        for (let row = from; row < upTo; row += 1) if (!data.getValid(row)) validity.setItemValid(row - from, false);
      vector.flush();
    },
  };
}

const scaled = (type: DuckDBType, scale: bigint): LoadColumn =>
  arrayColumn(type, (values, items) => {
    for (let row = 0; row < values.length; row += 1) items[row] = BigInt(values[row]!) * scale;
  });

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

/** Texts go as bytes: a string of each, and bytes of it again, take several times as long. */
function fillTexts(duckdb: DuckDB): LoadColumn["fill"] {
  const short = new BigUint64Array(2 * vectorRows);
  const memory = new Uint8Array(short.buffer);
  const lengths = new Uint32Array(short.buffer);
  return (vector, data, from, upTo) => {
    const { valueOffsets, values } = data as { valueOffsets: Int32Array; values: Uint8Array };
    const long: [number, Uint8Array][] = [];
    short.fill(0n);
    for (let row = from; row < upTo; row += 1) {
      const at = row - from;
      if (data.nullCount > 0 && !data.getValid(row)) {
        insideOf(vector).validity.setItemValid(at, false);
        continue;
      }
      const start = valueOffsets[row]!;
      const end = valueOffsets[row + 1]!;
      if (end - start > inlineBytes) {
        long.push([at, values.subarray(start, end)]);
        continue;
      }
      lengths[4 * at] = end - start;
      for (let byte = start, to = 16 * at + 4; byte < end; byte += 1, to += 1) memory[to] = values[byte]!;
    }
    setTexts(duckdb, vector, short.subarray(0, 2 * (upTo - from)), long);
  };
}

function fillCoded(textsOf: (dictionary: arrow.Vector) => readonly (string | null)[]): LoadColumn["fill"] {
  return (vector, data, from, upTo) => {
    const texts = textsOf(data.dictionary!);
    const codes = data.values as Int32Array;
    for (let row = from; row < upTo; row += 1)
      vector.setItem(row - from, data.getValid(row) ? (texts[codes[row]!] ?? null) : null);
    vector.flush();
  };
}
