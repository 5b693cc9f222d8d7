import * as arrow from "apache-arrow";
import { isUtf8 } from "node:buffer";

/** A dictionary has room for so many bytes of text: a column of texts that are all different is no dictionary. */
const mostBytes = 512 * 1024 * 1024;

/**
 * A column of texts that occur often, as codes into a list that grows while a trace is read. Batches share the list:
 * each knows the texts up to then.
 */
export class Dictionary {
  /** The codes of the batch that is being filled. */
  values: Int32Array;
  readonly #capacity: number;
  readonly #reuse: boolean;
  #spare: Int32Array | undefined;
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Int32Array(512);
  #offsets = new Int32Array(513);
  #text = new Uint8Array(8192);
  #count = 0;
  #vector: arrow.Vector<arrow.Utf8> | undefined;
  #known = 0;
  readonly #type: arrow.Dictionary<arrow.Utf8, arrow.Int32>;

  /** With `reuse` a batch's codes lie where those of the last but one lay. */
  constructor(capacity: number, id: number, reuse: boolean) {
    this.#capacity = capacity;
    this.#reuse = reuse;
    this.values = new Int32Array(capacity);
    this.#type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id);
  }

  get type(): arrow.Dictionary<arrow.Utf8, arrow.Int32> {
    return this.#type;
  }

  /** Puts the text `bytes[start, end)` in a row; false when it is not UTF-8. Constant time in the number of texts. */
  set(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const code = this.code(bytes, start, end);
    this.values[row] = code;
    return code >= 0;
  }

  /** Puts a text in a row. */
  setText(row: number, text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.values[row] = this.code(bytes, 0, bytes.length);
  }

  /** The code of a text, for a row that comes later (`values[row] = code`); negative when it is not UTF-8. */
  code(bytes: Uint8Array, start: number, end: number): number {
    // FNV-1a.
    let hash = 0x811c9dc5 | 0;
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let code = this.#slots[slot]!; code >= 0; code = this.#slots[slot]!) {
      if (this.#hashes[code] === hash && this.#equals(code, bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    if (!isUtf8(bytes.subarray(start, end))) return -1;
    this.#slots[slot] = this.#count;
    return this.#add(hash, bytes, start, end);
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[code]!;
    const length = end - start;
    if (this.#offsets[code + 1]! - from !== length) return false;
    const text = this.#text;
    for (let at = 0; at < length; at += 1) if (text[from + at] !== bytes[start + at]) return false;
    return true;
  }

  #add(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const code = this.#count;
    const from = this.#offsets[code]!;
    const until = from + end - start;
    if (until > mostBytes) throw new RangeError(`a column of more than ${mostBytes} bytes of different texts`);
    if (until > this.#text.length) this.#text = grown(this.#text, Math.max(until, 2 * this.#text.length));
    this.#text.set(bytes.subarray(start, end), from);
    this.#hashes[code] = hash;
    this.#offsets[code + 1] = until;
    this.#count += 1;
    if (this.#count === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, 2 * this.#count);
      this.#offsets = grown(this.#offsets, 2 * this.#count + 1);
      const slots = new Int32Array(4 * this.#count).fill(-1);
      for (let old = 0; old < this.#count; old += 1) {
        const of = this.#hashes[old]!;
        let slot = (of ^ (of >>> 15)) & (slots.length - 1);
        while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1);
        slots[slot] = old;
      }
      this.#slots = slots;
    }
    return code;
  }

  /** The batch's column; the dictionary goes on with the next one. */
  take(rows: number, validity: { nullBitmap?: Uint8Array; nullCount: number }): arrow.Data {
    // New texts are a further chunk of the same dictionary, which a writer adds to what it has written (a delta).
    if (this.#known < this.#count || this.#vector === undefined) {
      const chunks = this.#vector?.data ?? [];
      this.#vector = new arrow.Vector([...chunks, this.#chunk(this.#known, this.#count)]);
      this.#known = this.#count;
    }
    const data = arrow.makeData({
      type: this.#type,
      length: rows,
      data: this.values.subarray(0, rows),
      dictionary: this.#vector,
      ...validity,
    } as never);
    const next = this.#spare ?? new Int32Array(this.#capacity);
    if (this.#reuse) this.#spare = this.values;
    this.values = next;
    return data as arrow.Data;
  }

  #chunk(from: number, to: number): arrow.Data<arrow.Utf8> {
    const start = this.#offsets[from]!;
    const offsets = this.#offsets.slice(from, to + 1).map((offset) => offset - start);
    const data = this.#text.slice(start, this.#offsets[to]);
    return arrow.makeData({ type: new arrow.Utf8(), length: to - from, nullCount: 0, valueOffsets: offsets, data });
  }
}

function grown<T extends Uint8Array | Int32Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}
