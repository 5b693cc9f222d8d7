import type { DuckDBVector } from "@duckdb/node-api";
import { insideOf } from "./vector.ts";

/** The nulls of a result's column while a batch of it is filled. */
export class ResultNulls {
  readonly #bytes: number;
  #bits: Uint8Array | undefined;
  #count = 0;

  constructor(capacity: number) {
    this.#bytes = Math.ceil(capacity / 8);
  }

  /** Takes rows of a vector as the batch's rows from `row` on. */
  append(vector: DuckDBVector, from: number, upTo: number, row: number): void {
    const { data, offset } = insideOf(vector).validity;
    if (data === null) return;
    const valid = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let at = offset + from, to = row; at < offset + upTo; at += 1, to += 1)
      if ((valid[at >> 3]! & (1 << (at & 7))) === 0) {
        this.#bits ??= new Uint8Array(this.#bytes).fill(0xff);
        this.#bits[to >> 3]! &= ~(1 << (to & 7));
        this.#count += 1;
      }
  }

  /** Whether the batch has null in a row. */
  has(row: number): boolean {
    return this.#bits !== undefined && (this.#bits[row >> 3]! & (1 << (row & 7))) === 0;
  }

  /** What Arrow data say of their nulls. */
  take(rows: number): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    const bits = this.#bits?.subarray(0, Math.ceil(rows / 8));
    const taken = { nullCount: this.#count, ...(bits === undefined ? {} : { nullBitmap: bits }) };
    this.#bits = undefined;
    this.#count = 0;
    return taken;
  }
}
