import * as arrow from "apache-arrow";
import { isUtf8 } from "node:buffer";

/** A column of texts that are all different. Rows are set in order; a row that is set again loses what it had. */
export class TextColumn {
  readonly type: arrow.Utf8 = new arrow.Utf8();
  readonly #capacity: number;
  #offsets: Int32Array;
  #data: Uint8Array;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#offsets = new Int32Array(capacity + 1);
    this.#data = new Uint8Array(capacity * 8);
  }

  /** Puts the text `bytes[start, end)` in a row; false when it is not UTF-8. Linear time in the text. */
  set(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[row]!;
    const until = from + end - start;
    if (until > 0x7fffffff || !isUtf8(bytes.subarray(start, end))) return false;
    if (until > this.#data.length) {
      const larger = new Uint8Array(Math.max(until, 2 * this.#data.length));
      larger.set(this.#data.subarray(0, from));
      this.#data = larger;
    }
    this.#data.set(bytes.subarray(start, end), from);
    this.#offsets[row + 1] = until;
    return true;
  }

  /** Puts a text in a row. */
  setText(row: number, text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.set(row, bytes, 0, bytes.length);
  }

  /** Leaves a row empty. */
  setEmpty(row: number): void {
    this.#offsets[row + 1] = this.#offsets[row]!;
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
    this.#offsets = new Int32Array(this.#capacity + 1);
    this.#data = new Uint8Array(Math.max(used, this.#capacity));
    return data as arrow.Data;
  }
}
