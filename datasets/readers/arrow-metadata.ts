import type { Slot, TableShape } from "./flatbuffer.ts";

// The tables of Arrow's Message.fbs, Schema.fbs and File.fbs (format version 5), slot by slot.

const byte: Slot = { kind: "scalar", bytes: 1 };
const short: Slot = { kind: "scalar", bytes: 2 };
const int: Slot = { kind: "scalar", bytes: 4 };
const long: Slot = { kind: "scalar", bytes: 8 };
const string: Slot = { kind: "string" };

const keyValue: TableShape = [string, string];
const keyValues: Slot = { kind: "tables", table: () => keyValue };

const empty: TableShape = [];
const unit: TableShape = [short];
const integer: TableShape = [int, byte];

/** Schema.fbs's union Type; run-end encoding (22) and list views (25, 26) are not read by apache-arrow. */
const types: Record<number, () => TableShape> = {
  1: () => empty,
  2: () => integer,
  3: () => unit,
  4: () => empty,
  5: () => empty,
  6: () => empty,
  7: () => [int, int, int],
  8: () => unit,
  9: () => [short, int],
  10: () => [short, string],
  11: () => unit,
  12: () => empty,
  13: () => empty,
  14: () => [short, { kind: "structs", bytes: 4 }],
  15: () => [int],
  16: () => [int],
  17: () => [byte],
  18: () => unit,
  19: () => empty,
  20: () => empty,
  21: () => empty,
  23: () => empty,
  24: () => empty,
};

const dictionaryEncoding: TableShape = [long, { kind: "table", table: () => integer }, byte, short];

const field: TableShape = [
  string,
  byte,
  byte,
  { kind: "union", tables: types },
  { kind: "table", table: () => dictionaryEncoding },
  { kind: "tables", table: () => field },
  keyValues,
];

const schema: TableShape = [short, { kind: "tables", table: () => field }, keyValues, { kind: "structs", bytes: 8 }];

const recordBatch: TableShape = [
  long,
  { kind: "structs", bytes: 16 },
  { kind: "structs", bytes: 16 },
  { kind: "table", table: () => [byte, byte] },
  { kind: "structs", bytes: 8 },
];

const dictionaryBatch: TableShape = [long, { kind: "table", table: () => recordBatch, required: true }, byte];

/** Message.fbs's root. */
export const messageShape: TableShape = [
  short,
  byte,
  { kind: "union", tables: { 1: () => schema, 2: () => dictionaryBatch, 3: () => recordBatch } },
  long,
  keyValues,
];

/** The bytes of a Block of a footer: where a message is, and how long. */
const blockBytes = 24;

/** File.fbs's root. */
export const footerShape: TableShape = [
  short,
  { kind: "table", table: () => schema, required: true },
  { kind: "structs", bytes: blockBytes },
  { kind: "structs", bytes: blockBytes },
  keyValues,
];
