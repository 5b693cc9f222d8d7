import * as arrow from "apache-arrow";
import { arrowType, type ColumnType } from "../column-type.ts";
import { Dictionary } from "./dictionary.ts";
import type { Columns, Layout, PlainColumn } from "./layout.ts";
import { TextColumn } from "./text-column.ts";

/** A trace's rows while a batch is filled. */
export interface Rows<L extends Layout> {
  /** Where the values of the row being read go: `rows.columns.timeNs[rows.count] = …`. */
  readonly columns: Columns<L>;
  /** Rows that are complete: the number of the one being filled. */
  count: number;
  /** The schema's metadata; no entry changes after the first batch. */
  readonly metadata: Map<string, string>;
  /** Leaves the row's value of an optional column out. */
  setNull(name: keyof L & string): void;
  /** Starts the row that is being filled over. */
  discard(): void;
  /** The complete rows as a batch; the count starts over. */
  take(): arrow.RecordBatch;
}

interface Store {
  readonly type: arrow.DataType;
  readonly nullable: boolean;
  setNull(row: number): void;
  discard(row: number): void;
  take(rows: number): arrow.Data;
}

/** Starts a trace of a layout, with room for `capacity` rows a batch. */
export function traceRows<L extends Layout>(layout: L, capacity: number): Rows<L> {
  const columns = {} as Record<string, unknown>;
  const names = Object.keys(layout);
  const stores = names.map((name, id) => {
    const column = layout[name]!;
    const nullable = typeof column === "object" && "optional" in column;
    return store(columns, name, nullable ? column.optional : column, nullable, capacity, id);
  });
  const byName = new Map(names.map((name, at) => [name, stores[at]!]));
  const metadata = new Map<string, string>();
  let schema: arrow.Schema | undefined;
  const rows: Rows<L> = {
    columns: columns as Columns<L>,
    count: 0,
    metadata,
    setNull(name) {
      byName.get(name)!.setNull(rows.count);
    },
    discard() {
      for (const of of stores) of.discard(rows.count);
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

/** Which rows have a value; made at the first null, as most columns have none. */
class Validity {
  #bits: Uint8Array | undefined;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  setNull(row: number): void {
    this.#bits ??= new Uint8Array(Math.ceil(this.#capacity / 64) * 8).fill(0xff);
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
  }

  discard(row: number): void {
    if (this.#bits !== undefined) this.#bits[row >> 3]! |= 1 << (row & 7);
  }

  take(rows: number): { nullBitmap?: Uint8Array; nullCount: number } {
    const bits = this.#bits;
    if (bits === undefined) return { nullCount: 0 };
    this.#bits = undefined;
    let nullCount = 0;
    for (let row = 0; row < rows; row += 1) if (((bits[row >> 3]! >> (row & 7)) & 1) === 0) nullCount += 1;
    return { nullBitmap: bits.subarray(0, Math.ceil(rows / 8)), nullCount };
  }
}

function store(
  columns: Record<string, unknown>,
  name: string,
  column: PlainColumn,
  nullable: boolean,
  capacity: number,
  id: number,
): Store {
  const validity = new Validity(capacity);
  if (column === "words" || column === "text") {
    const texts = column === "words" ? new Dictionary(capacity, id) : new TextColumn(capacity);
    columns[name] = texts;
    return {
      type: texts.type,
      nullable,
      setNull(row) {
        validity.setNull(row);
        if (texts instanceof TextColumn) texts.setEmpty(row);
        else texts.values[row] = 0;
      },
      discard: (row) => {
        validity.discard(row);
      },
      take: (rows) => texts.take(rows, validity.take(rows)),
    };
  }
  if (typeof column === "object") {
    const dictionary = arrow.vectorFromArray([...column.codes], new arrow.Utf8());
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint8(), id);
    return numbers(columns, name, nullable, type, Uint8Array, capacity, 1, validity, (values) => ({
      data: values,
      dictionary,
    }));
  }
  const type = arrowType(column);
  if (column === "bool")
    return numbers(columns, name, nullable, type, Uint8Array, capacity, 1, validity, (values) => ({
      data: bitsOf(values as Uint8Array),
    }));
  if (column === "uint64")
    return numbers(columns, name, nullable, type, Uint32Array, capacity, 2, validity, (values) => ({
      data: new BigUint64Array(values.buffer, 0, values.length / 2),
    }));
  return numbers(columns, name, nullable, type, arrays[column], capacity, 1, validity, (values) => ({ data: values }));
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
  capacity: number,
  width: 1 | 2,
  validity: Validity,
  dataOf: (values: NumberArray) => object,
): Store {
  let values = new make(capacity * width);
  columns[name] = values;
  const size = values.BYTES_PER_ELEMENT * width;
  // Nulls are written as bytes: a store in an array of any type is slow, and so is a lookup of the column by name.
  let bytes = new Uint8Array(values.buffer);
  return {
    type,
    nullable,
    setNull(row) {
      validity.setNull(row);
      for (let at = row * size; at < (row + 1) * size; at += 1) bytes[at] = 0;
    },
    discard(row) {
      validity.discard(row);
    },
    take(rows) {
      const taken = values.subarray(0, rows * width);
      values = new make(capacity * width);
      columns[name] = values;
      bytes = new Uint8Array(values.buffer);
      return arrow.makeData({ type, length: rows, ...validity.take(rows), ...dataOf(taken) } as never) as arrow.Data;
    },
  };
}

function bitsOf(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 64) * 8);
  for (let row = 0; row < values.length; row += 1) if (values[row] !== 0) bits[row >> 3]! |= 1 << (row & 7);
  return bits;
}
