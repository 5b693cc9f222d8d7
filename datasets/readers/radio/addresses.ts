import type { Dictionary } from "../../formats/dictionary.ts";

const slots = 256;
const digits = Buffer.from("0123456789abcdef");

/** A column's addresses as `aa:bb:cc:dd:ee:ff`. A few stations send most frames: the codes of recent addresses are kept beside their 48 bits. */
export class Addresses {
  readonly #column: Dictionary;
  readonly #none: Uint8Array;
  readonly #high = new Uint16Array(slots);
  readonly #low = new Int32Array(slots);
  /** Negative in a slot that is not used yet. */
  readonly #codes = new Int32Array(slots).fill(-1);
  readonly #text = new Uint8Array(17).fill(":".charCodeAt(0));

  /** `none` is 1 where a row has no address. */
  constructor(column: Dictionary, none: Uint8Array) {
    this.#column = column;
    this.#none = none;
  }

  /** Puts the six bytes at each of the first `count` of `places` in the rows from `row` on; a negative place is of no address. */
  fill(view: DataView, places: Int32Array, count: number, row: number): void {
    const { values } = this.#column;
    const none = this.#none;
    const highs = this.#high;
    const lows = this.#low;
    const codes = this.#codes;
    for (let index = 0; index < count; index += 1) {
      const at = places[index]!;
      if (at < 0) {
        none[row + index] = 1;
        continue;
      }
      const high = view.getUint16(at);
      const low = view.getInt32(at + 2);
      const slot = Math.imul(low ^ high, 0x9e3779b1) >>> 24;
      let code = codes[slot]!;
      if (code < 0 || lows[slot] !== low || highs[slot] !== high) {
        code = this.#codeOf(view, at);
        highs[slot] = high;
        lows[slot] = low;
        codes[slot] = code;
      }
      values[row + index] = code;
    }
  }

  #codeOf(view: DataView, at: number): number {
    for (let byte = 0; byte < 6; byte += 1) {
      const value = view.getUint8(at + byte);
      this.#text[3 * byte] = digits[value >> 4]!;
      this.#text[3 * byte + 1] = digits[value & 15]!;
    }
    return this.#column.code(this.#text, 0, this.#text.length);
  }
}
