import * as arrow from "apache-arrow";
import { OptionError, show } from "./errors.ts";

/**
 * The types a column of a file can be asked for. `timestamp` is in milliseconds, UTC; `date` in days since 1970; `int64` and `uint64` are read as
 * BigInt64Array and BigUint64Array.
 */
export type ColumnType =
  | "bool"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float32"
  | "float64"
  | "timestamp"
  | "date"
  | "utf8";

/** The columns that a reader expects, by name: `{ page: "uint32", count: "uint32", kind: "uint8" }`. */
export type ColumnSchema = Readonly<Record<string, ColumnType>>;

const make: Record<ColumnType, () => arrow.DataType> = {
  bool: () => new arrow.Bool(),
  int8: () => new arrow.Int8(),
  int16: () => new arrow.Int16(),
  int32: () => new arrow.Int32(),
  int64: () => new arrow.Int64(),
  uint8: () => new arrow.Uint8(),
  uint16: () => new arrow.Uint16(),
  uint32: () => new arrow.Uint32(),
  uint64: () => new arrow.Uint64(),
  float32: () => new arrow.Float32(),
  float64: () => new arrow.Float64(),
  timestamp: () => new arrow.TimestampMillisecond("UTC"),
  date: () => new arrow.DateDay(),
  utf8: () => new arrow.Utf8(),
};

/** The names of all column types. */
export const columnTypes: readonly ColumnType[] = Object.keys(make) as ColumnType[];

/** The Arrow type of a column type. Constant time. */
export function arrowType(type: ColumnType): arrow.DataType {
  return make[type]();
}

/**
 * The column type of an Arrow type; undefined for those that no {@link ColumnType} names (lists, structs, decimals, times of day…). A
 * dictionary counts as the type of its values, a string view and a large string as utf8, a timestamp of any unit as
 * timestamp, a date of either unit as date. Constant time.
 */
export function columnTypeOf(type: arrow.DataType): ColumnType | undefined {
  if (arrow.DataType.isDictionary(type)) return columnTypeOf(type.dictionary as arrow.DataType);
  if (arrow.DataType.isBool(type)) return "bool";
  if (arrow.DataType.isUtf8(type) || arrow.DataType.isLargeUtf8(type) || arrow.DataType.isUtf8View(type)) return "utf8";
  if (arrow.DataType.isTimestamp(type)) return "timestamp";
  if (arrow.DataType.isDate(type)) return "date";
  if (arrow.DataType.isInt(type)) return `${type.isSigned ? "int" : "uint"}${type.bitWidth}`;
  if (arrow.DataType.isFloat(type))
    return type.precision === arrow.Precision.DOUBLE
      ? "float64"
      : type.precision === arrow.Precision.SINGLE
        ? "float32"
        : undefined;
  return undefined;
}

/** Checks a `schema` option. */
export function checkSchema(option: string, schema: unknown): asserts schema is ColumnSchema {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema))
    throw new OptionError(option, "an object of column names and types", schema);
  const entries = Object.entries(schema);
  if (entries.length === 0) throw new OptionError(option, "at least one column", schema);
  for (const [name, type] of entries)
    if (!columnTypes.includes(type as ColumnType))
      throw new OptionError(`${option}.${name}`, `one of ${columnTypes.map(show).join(", ")}`, type);
}
