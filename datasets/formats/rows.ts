import * as arrow from "apache-arrow";
import { arrowType, type ColumnType } from "../column-type.ts";
import { Dictionary } from "./dictionary.ts";
import type { Columns, Layout, PlainColumn } from "./layout.ts";
import { SeldomColumn } from "./seldom-column.ts";
import { TextColumn } from "./text-column.ts";

/** A trace's rows while a batch is filled. */
export interface Rows<L extends Layout> {
  /** Where the values of the row being read go: `rows.columns.timeNs[rows.count] = …`. What is not set and not left out is what was there before. */
  readonly columns: Columns<L>;
  /** Rows that are complete: the number of the one being filled. */
  count: number;
  /** The schema's metadata; no entry changes after the first batch. */
  readonly metadata: Map<string, string>;
  /** Leaves the row's value of an optional column out. */
  setNull(name: keyof L & string): void;
  /** For many rows at once: a byte for each of an optional column, 1 where the value is left out; the same bytes for all batches. */
  nulls(name: keyof L & string): Uint8Array;
  /** Starts the row that is being filled over. */
  discard(): void;
  /** The complete rows as a batch; the count starts over. */
  take(): arrow.RecordBatch;
}

interface Store {
  readonly type: arrow.DataType;
  readonly nullable: boolean;
  /** Undefined for a column that knows by itself which rows have no value. */
  readonly nulls: Nulls | undefined;
  take(rows: number): arrow.Data;
}

/** Starts a trace of a layout, with room for `capacity` rows a batch. With `reuse` a batch's numbers lie where those of the last but one lay. */
export function traceRows<L extends Layout>(layout: L, capacity: number, reuse = false): Rows<L> {
  const names = Object.keys(layout);
  // Not an object that grows: with more than twelve names V8 would make it a hash table, and reading a wide row twice as slow.
  const columns: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, undefined]));
  const stores = names.map((name, id) => {
    const column = layout[name]!;
    if (typeof column === "object" && "seldom" in column) {
      const type = arrowType(column.seldom);
      const values = new SeldomColumn(type, column.seldom, capacity);
      columns[name] = values;
      return { type, nullable: true, nulls: undefined, take: (rows: number) => values.take(rows) };
    }
    const nullable = typeof column === "object" && "optional" in column;
    const room = { capacity, reuse };
    return store(columns, name, nullable ? column.optional : column, nullable, room, id);
  });
  const nulls = Object.fromEntries(names.map((name, at) => [name, stores[at]!.nulls]));
  const metadata = new Map<string, string>();
  let schema: arrow.Schema | undefined;
  const rows: Rows<L> = {
    columns: columns as Columns<L>,
    count: 0,
    metadata,
    setNull(name) {
      nulls[name]!.set(rows.count);
    },
    nulls: (name) => nulls[name]!.rows,
    discard() {
      for (const of of stores) of.nulls?.discard(rows.count);
    },
    take() {
      schema ??= new arrow.Schema(
        stores.map(({ type, nullable }, at) => new arrow.Field(names[at]!, type, nullable)),
        metadata,
      );
      const length = rows.count;
      rows.count = 0;
      const children = stores.map((of) => of.take(length));
      return new arrow.RecordBatch(
        schema,
        arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children }),
      );
    },
  };
  return rows;
}

/** Room for so many rows, so that eight can be looked at together. */
const wholeEights = (rows: number): number => 8 * Math.ceil(rows / 8);

/** Which rows have no value: a byte each, as a bit each is slow to set; made at the first one, as most columns have none. */
class Nulls {
  readonly #capacity: number;
  readonly #texts: TextColumn | undefined;
  #rows: Uint8Array | undefined;

  constructor(capacity: number, texts?: TextColumn) {
    this.#capacity = capacity;
    this.#texts = texts;
  }

  get rows(): Uint8Array {
    return (this.#rows ??= new Uint8Array(wholeEights(this.#capacity)));
  }

  set(row: number): void {
    this.rows[row] = 1;
    this.#texts?.setEmpty(row);
  }

  discard(row: number): void {
    if (this.#rows !== undefined) this.#rows[row] = 0;
  }

  /** What Arrow holds of the first rows' nulls; the values there, of `width` bytes each, become 0. */
  take(count: number, values?: ArrayBufferView, width = 0): { nullBitmap?: Uint8Array; nullCount: number } {
    const rows = this.#rows;
    if (rows === undefined) return { nullCount: 0 };
    const nullBitmap = bitsOf(rows, count);
    // One loop for arrays of all types is slow.
    const buffer = values?.buffer ?? new ArrayBuffer(0);
    const eights = new Float64Array(buffer);
    const bytes = new Uint8Array(buffer);
    let nullCount = 0;
    for (let at = 0; at < nullBitmap.length; at += 1) {
      const bits = nullBitmap[at]!;
      nullBitmap[at] = ~bits;
      if (bits === 0) continue;
      if (bits === 255) {
        nullCount += 8;
        for (let eight = width * at; eight < width * (at + 1); eight += 1) eights[eight] = 0;
        continue;
      }
      for (let left = bits; left !== 0; left &= left - 1) {
        nullCount += 1;
        const row = 8 * at + 31 - Math.clz32(left & -left);
        if (width === 8) eights[row] = 0;
        else for (let byte = width * row; byte < width * (row + 1); byte += 1) bytes[byte] = 0;
      }
    }
    rows.fill(0);
    return nullCount === 0 ? { nullCount } : { nullBitmap, nullCount };
  }
}

/** How much memory there is, and whether batches share it. */
interface Room {
  readonly capacity: number;
  readonly reuse: boolean;
}

function store(
  columns: Record<string, unknown>,
  name: string,
  column: PlainColumn,
  nullable: boolean,
  room: Room,
  id: number,
): Store {
  const { capacity, reuse } = room;
  if (column === "words") {
    const words = new Dictionary(wholeEights(capacity), id, reuse);
    const nulls = new Nulls(capacity);
    columns[name] = words;
    return { type: words.type, nullable, nulls, take: (rows) => words.take(rows, nulls.take(rows, words.values, 4)) };
  }
  if (column === "text") {
    const texts = new TextColumn(capacity);
    const nulls = new Nulls(capacity, texts);
    columns[name] = texts;
    return { type: texts.type, nullable, nulls, take: (rows) => texts.take(rows, nulls.take(rows)) };
  }
  if (typeof column === "object") {
    const dictionary = arrow.vectorFromArray([...column.codes], new arrow.Utf8());
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint8(), id);
    return numbers(columns, name, nullable, type, Uint8Array, room, 1, (values) => ({
      data: values,
      dictionary,
    }));
  }
  const type = arrowType(column);
  if (column === "bool")
    return numbers(columns, name, nullable, type, Uint8Array, room, 1, (values) => ({
      data: bitsOf(values as Uint8Array, values.length),
    }));
  if (column === "uint64")
    return numbers(columns, name, nullable, type, Uint32Array, room, 2, (values) => ({
      data: new BigUint64Array(values.buffer, 0, values.length / 2),
    }));
  return numbers(columns, name, nullable, type, arrays[column], room, 1, (values) => ({ data: values }));
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
} satisfies Partial<Record<ColumnType, new (length: number) => ArrayBufferView>>;

type NumberArray = InstanceType<(typeof arrays)[keyof typeof arrays]>;

function numbers(
  columns: Record<string, unknown>,
  name: string,
  nullable: boolean,
  type: arrow.DataType,
  make: new (length: number) => NumberArray,
  { capacity, reuse }: Room,
  width: 1 | 2,
  dataOf: (values: NumberArray) => object,
): Store {
  const size = width * wholeEights(capacity);
  let values = new make(size);
  let spare: NumberArray | undefined;
  columns[name] = values;
  const nulls = new Nulls(capacity);
  return {
    type,
    nullable,
    nulls,
    take(rows) {
      const taken = values.subarray(0, rows * width);
      const validity = nulls.take(rows, values, width * values.BYTES_PER_ELEMENT);
      const data = dataOf(taken);
      // The batch that is handed out keeps its memory until the next one is.
      const next = spare ?? new make(size);
      if (reuse) spare = values;
      columns[name] = values = next;
      return arrow.makeData({ type, length: rows, ...validity, ...data } as never) as arrow.Data;
    },
  };
}

/** A bit for each of the first bytes, which are 0 or 1; their memory is a multiple of eight bytes. */
function bitsOf({ buffer }: Uint8Array, count: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(count / 8));
  const fours = new Uint32Array(buffer);
  // The product moves the lowest bits of four bytes next to each other.
  for (let at = 0; at < bits.length; at += 1)
    bits[at] =
      (Math.imul(fours[2 * at]!, 0x10204080) >>> 28) | ((Math.imul(fours[2 * at + 1]!, 0x10204080) >>> 28) << 4);
  if ((count & 7) !== 0) bits[bits.length - 1]! &= (1 << (count & 7)) - 1;
  return bits;
}
