import * as arrow from "apache-arrow";
import { isUtf8 } from "node:buffer";

/** Rows that there is room for at first: most results of queries are small. */
const leastRows = 1024;

/** A column of texts that are all different. Rows are set in order; a row that is set again loses what it had. */
export class TextColumn {
  readonly type: arrow.Utf8 = new arrow.Utf8();
  readonly #capacity: number;
  #offsets: Int32Array;
  #data: Uint8Array;

  constructor(capacity: number) {
    this.#capacity = capacity;
    const rows = Math.min(leastRows, capacity);
    this.#offsets = new Int32Array(rows + 1);
    this.#data = new Uint8Array(8 * rows);
  }

  /** The offsets, with room for those of a row. */
  #offsetsFor(row: number): Int32Array {
    const offsets = this.#offsets;
    if (row + 1 < offsets.length) return offsets;
    const larger = new Int32Array(Math.min(this.#capacity, 2 * row) + 1);
    larger.set(offsets);
    return (this.#offsets = larger);
  }

  /** Puts the text `bytes[start, end)` in a row; false when it is not UTF-8. Linear time in the text. */
  set(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const offsets = this.#offsetsFor(row);
    const from = offsets[row]!;
    const until = from + end - start;
    if (until > 0x7fffffff || !isUtf8(bytes.subarray(start, end))) return false;
    if (until > this.#data.length) {
      const larger = new Uint8Array(Math.max(until, 2 * this.#data.length));
      larger.set(this.#data.subarray(0, from));
      this.#data = larger;
    }
    this.#data.set(bytes.subarray(start, end), from);
    offsets[row + 1] = until;
    return true;
  }

  /** Puts a text in a row. */
  setText(row: number, text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.set(row, bytes, 0, bytes.length);
  }

  /** Leaves a row empty. */
  setEmpty(row: number): void {
    const offsets = this.#offsetsFor(row);
    offsets[row + 1] = offsets[row]!;
  }

  take(rows: number, validity: { nullBitmap?: Uint8Array; nullCount: number }): arrow.Data {
    const used = this.#offsets[rows]!;
    const data = arrow.makeData({
      type: this.type,
      length: rows,
      valueOffsets: this.#offsets.subarray(0, rows + 1),
      data: this.#data.subarray(0, used),
      ...validity,
    } as never);
    // What follows is as large, as a rule.
    this.#offsets = new Int32Array(this.#offsets.length);
    this.#data = new Uint8Array(Math.max(used, 8));
    return data as arrow.Data;
  }
}
