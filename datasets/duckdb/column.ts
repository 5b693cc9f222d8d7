import type { DuckDBDecimalValue, DuckDBEnumType, DuckDBType, DuckDBVector } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { TextColumn } from "../formats/text-column.ts";
import { ResultNulls } from "./result-nulls.ts";
import { Room, type Values } from "./room.ts";
import { bytesOf, type DuckDB, inlineBytes, insideOf } from "./vector.ts";

/** A column of a result while a batch of it is filled. */
export interface ResultColumn {
  readonly name: string;
  readonly type: arrow.DataType;
  /** Takes rows of a vector as the batch's rows from `row` on. */
  append(vector: DuckDBVector, from: number, upTo: number, row: number): void;
  /** The rows as Arrow data; what follows is another batch. */
  take(rows: number): arrow.Data;
}

/** Is called for a whole number or a decimal that float64 does not hold exactly. */
export type Inexact = (column: string, type: string, value: string) => never;

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
  TIME_NS: [() => new arrow.TimeNanosecond(), BigInt64Array],
  TIMESTAMP_S: [() => new arrow.TimestampSecond(), BigInt64Array],
  TIMESTAMP_MS: [() => new arrow.TimestampMillisecond(), BigInt64Array],
  TIMESTAMP: [() => new arrow.TimestampMicrosecond(), BigInt64Array],
  TIMESTAMP_NS: [() => new arrow.TimestampNanosecond(), BigInt64Array],
  "TIMESTAMP WITH TIME ZONE": [() => new arrow.TimestampMicrosecond("UTC"), BigInt64Array],
};

/** A column of at most `capacity` rows a batch for a DuckDB type; undefined for nested types and the like. */
export function resultColumn(
  duckdb: DuckDB,
  name: string,
  type: DuckDBType,
  capacity: number,
  inexact: Inexact,
): ResultColumn | undefined {
  const kind = String(type);
  const plain = fixed[kind];
  if (plain !== undefined) {
    const [arrowType, make] = plain;
    return fixedColumn(name, arrowType(), make, capacity);
  }
  const exact = (whole: bigint, value: { toString: () => string }): number => {
    const number = Number(whole);
    return Number.isSafeInteger(number) ? number : inexact(name, kind, value.toString());
  };
  if (kind === "HUGEINT" || kind === "UHUGEINT")
    return numberColumn(name, capacity, (value) => exact(value as bigint, value as bigint));
  if (kind.startsWith("DECIMAL"))
    return numberColumn(name, capacity, (of) => {
      const decimal = of as DuckDBDecimalValue;
      return exact(decimal.value, decimal) / 10 ** decimal.scale;
    });
  if (kind === "BOOLEAN") return bitColumn(name, capacity);
  if (kind === "VARCHAR" || kind === "JSON") return textColumn(duckdb, name, capacity);
  if (kind.startsWith("ENUM")) return codeColumn(name, (type as DuckDBEnumType).values, capacity);
  if (kind === "UUID") return builtColumn(name, new arrow.Utf8(), String);
  if (kind === "BLOB") return builtColumn(name, new arrow.Binary(), (value) => (value as { bytes: Uint8Array }).bytes);
  return undefined;
}

function fixedColumn(
  name: string,
  type: arrow.DataType,
  make: Make,
  capacity: number,
  more: Readonly<Record<string, unknown>> = {},
): ResultColumn {
  const room = new Room(make, capacity);
  const nulls = new ResultNulls(capacity);
  return {
    name,
    type,
    append(vector, from, upTo, row) {
      const { items } = insideOf(vector);
      room.upTo(row + upTo - from).set((items as Values).subarray(from, upTo) as never, row);
      nulls.append(vector, from, upTo, row);
    },
    take: (rows) =>
      arrow.makeData({
        ...more,
        type,
        length: rows,
        data: room.take(rows),
        ...nulls.take(rows),
      } as never) as arrow.Data,
  };
}

/** An enumeration is a dictionary, whose texts all batches share. */
function codeColumn(name: string, texts: readonly string[], capacity: number): ResultColumn {
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
  const dictionary = arrow.vectorFromArray(texts, new arrow.Utf8());
  return fixedColumn(name, type, Int32Array, capacity, { dictionary });
}

/** Values that node-api gives one by one, as float64. */
function numberColumn(name: string, capacity: number, numberOf: (value: unknown) => number): ResultColumn {
  const type = new arrow.Float64();
  const room = new Room(Float64Array, capacity);
  const nulls = new ResultNulls(capacity);
  return {
    name,
    type,
    append(vector, from, upTo, row) {
      const values = room.upTo(row + upTo - from);
      for (let at = from; at < upTo; at += 1) {
        const value = vector.getItem(at);
        if (value !== null) values[row + at - from] = numberOf(value);
      }
      nulls.append(vector, from, upTo, row);
    },
    take: (rows) => arrow.makeData({ type, length: rows, data: room.take(rows), ...nulls.take(rows) }),
  };
}

function bitColumn(name: string, capacity: number): ResultColumn {
  const type = new arrow.Bool();
  const room = new Room(Uint8Array, Math.ceil(capacity / 8));
  const nulls = new ResultNulls(capacity);
  return {
    name,
    type,
    append(vector, from, upTo, row) {
      const bits = room.upTo(Math.ceil((row + upTo - from) / 8));
      for (let at = from, to = row; at < upTo; at += 1, to += 1)
        if (vector.getItem(at) === true) bits[to >> 3]! |= 1 << (to & 7);
      nulls.append(vector, from, upTo, row);
    },
    take: (rows) => arrow.makeData({ type, length: rows, data: room.take(Math.ceil(rows / 8)), ...nulls.take(rows) }),
  };
}

/** Texts are copied as bytes: making a string of each and bytes of it again costs ten times as much. */
function textColumn(duckdb: DuckDB, name: string, capacity: number): ResultColumn {
  const texts = new TextColumn(capacity);
  const nulls = new ResultNulls(capacity);
  return {
    name,
    type: texts.type,
    append(vector, from, upTo, row) {
      nulls.append(vector, from, upTo, row);
      const { dataView } = insideOf(vector);
      const bytes = bytesOf(duckdb, vector);
      const memory = new Uint8Array(dataView.buffer, dataView.byteOffset, dataView.byteLength);
      // Rows of one text point at one place, as a rule; it is copied from there once a vector.
      const long = new Map<number, Uint8Array>();
      for (let at = from, to = row; at < upTo; at += 1, to += 1) {
        if (nulls.has(to)) {
          texts.setEmpty(to);
          continue;
        }
        const place = at * 16;
        const length = dataView.getUint32(place, true);
        if (length <= inlineBytes) {
          texts.set(to, memory, place + 4, place + 4 + length);
          continue;
        }
        // An address has at most 48 bits.
        const address = dataView.getUint32(place + 8, true) + dataView.getUint32(place + 12, true) * 0x1_0000_0000;
        let text = long.get(address);
        if (text?.length !== length) {
          text = bytes(at);
          long.set(address, text);
        }
        texts.set(to, text, 0, length);
      }
    },
    take: (rows) => texts.take(rows, nulls.take(rows)),
  };
}

function builtColumn(name: string, type: arrow.DataType, valueOf: (value: unknown) => unknown): ResultColumn {
  const start = () => arrow.makeBuilder({ type, nullValues: [null] });
  let builder = start();
  return {
    name,
    type,
    append(vector, from, upTo) {
      for (let at = from; at < upTo; at += 1) {
        const value: unknown = vector.getItem(at);
        builder.append(value === null ? null : (valueOf(value) as never));
      }
    },
    take() {
      const data = builder.flush() as arrow.Data;
      builder = start();
      return data;
    },
  };
}
