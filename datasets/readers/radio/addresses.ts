import type { Dictionary } from "../../formats/dictionary.ts";

const slots = 256;
const digits = Buffer.from("0123456789abcdef");

/** A column's addresses as `aa:bb:cc:dd:ee:ff`. A few stations send most frames: the codes of recent addresses are kept beside their 48 bits. */
export class Addresses {
  readonly #high = new Uint16Array(slots);
  readonly #low = new Uint32Array(slots);
  /** Negative in a slot that is not used yet. */
  readonly #codes = new Int32Array(slots).fill(-1);
  readonly #text = new Uint8Array(17).fill(":".charCodeAt(0));

  /** Puts the six bytes at `at` in a row. */
  set(column: Dictionary, row: number, view: DataView, at: number): void {
    const high = view.getUint16(at);
    const low = view.getUint32(at + 2);
    const slot = (Math.imul(low ^ high, 0x9e3779b1) >>> 24) & (slots - 1);
    let code = this.#codes[slot]!;
    if (code < 0 || this.#low[slot] !== low || this.#high[slot] !== high) {
      for (let byte = 0; byte < 6; byte += 1) {
        const value = view.getUint8(at + byte);
        this.#text[3 * byte] = digits[value >> 4]!;
        this.#text[3 * byte + 1] = digits[value & 15]!;
      }
      code = column.code(this.#text, 0, this.#text.length);
      this.#high[slot] = high;
      this.#low[slot] = low;
      this.#codes[slot] = code;
    }
    column.values[row] = code;
  }
}
