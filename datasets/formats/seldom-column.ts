import * as arrow from "apache-arrow";

/** The numbers that a column of values that change seldom can hold. */
export type SeldomNumber = "float64" | "uint32";

/**
 * A column whose value changes seldom: what is set holds from its row on, into the batches that follow, until another value is set; NaN, as
 * before the first one, is none. Batches that have one value throughout share their memory.
 */
export class SeldomColumn {
  readonly #type: arrow.DataType;
  readonly #make: Float64ArrayConstructor | Uint32ArrayConstructor;
  readonly #capacity: number;
  /** The batch's values, and the rows from which they hold, the first from row 0. */
  #values = [NaN];
  #starts = [0];
  /** A column of one value throughout. */
  #constant: { readonly value: number; readonly data: Float64Array | Uint32Array } | undefined;

  constructor(type: arrow.DataType, number: SeldomNumber, capacity: number) {
    this.#type = type;
    this.#make = number === "float64" ? Float64Array : Uint32Array;
    this.#capacity = capacity;
  }

  /** The value of `row` and those behind it; not before a row that was set earlier. */
  set(row: number, value: number): void {
    const last = this.#starts.length - 1;
    if (Object.is(this.#values[last], value)) return;
    if (this.#starts[last] === row) this.#values[last] = value;
    else {
      this.#starts.push(row);
      this.#values.push(value);
    }
  }

  take(rows: number): arrow.Data {
    const [value] = this.#values as [number];
    const isConstant = this.#values.length === 1 || this.#starts[1] === rows;
    const data = isConstant ? this.#constantOf(value) : this.#mixed(rows);
    const validity = this.#validity(rows);
    this.#values = [this.#values.at(-1)!];
    this.#starts = [0];
    return arrow.makeData({ type: this.#type, length: rows, data: data.subarray(0, rows), ...validity } as never);
  }

  #constantOf(value: number): Float64Array | Uint32Array {
    if (this.#constant === undefined || !Object.is(this.#constant.value, value)) {
      const data = new this.#make(this.#capacity);
      if (!Number.isNaN(value)) data.fill(value);
      this.#constant = { value, data };
    }
    return this.#constant.data;
  }

  #mixed(rows: number): Float64Array | Uint32Array {
    const data = new this.#make(rows);
    for (const [at, value] of this.#values.entries())
      if (!Number.isNaN(value)) data.fill(value, this.#starts[at], this.#starts[at + 1] ?? rows);
    return data;
  }

  #validity(rows: number): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    if (!this.#values.some(Number.isNaN)) return { nullCount: 0 };
    let nullCount = rows;
    const nullBitmap = new Uint8Array(Math.ceil(rows / 8));
    for (const [at, value] of this.#values.entries()) {
      if (Number.isNaN(value)) continue;
      const to = this.#starts[at + 1] ?? rows;
      nullCount -= to - this.#starts[at]!;
      for (let row = this.#starts[at]!; row < to; row += 1) nullBitmap[row >> 3]! |= 1 << (row & 7);
    }
    return { nullCount, nullBitmap };
  }
}
