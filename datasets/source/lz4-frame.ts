import { decompressBlock, type Lz4Output } from "./lz4-block.ts";

const frameMagic = 0x184d2204;

/**
 * Decompresses an LZ4 frame (the LZ4 frame format 1.6: independent or linked blocks, checksums skipped), as Arrow bodies have
 * them. Throws an Error when the frame is damaged or cut. Linear time.
 */
export function decompressLz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== frameMagic) throw new Error("no LZ4 frame");
  const flags = frame[4]!;
  if (flags >> 6 !== 1) throw new Error(`an LZ4 frame of version ${flags >> 6}`);
  const blockChecksums = (flags & 0x10) !== 0;
  const hasSize = (flags & 0x08) !== 0;
  // Flags, block size, then the content's size and the dictionary's number where there are any, and a byte of checksum.
  let at = 6 + (hasSize ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1;
  const out = new Output(hasSize ? Math.min(Number(view.getBigUint64(6, true)), frame.length * 255) : frame.length * 4);
  for (;;) {
    if (at + 4 > frame.length) throw new Error("an LZ4 frame that is cut");
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) return out.bytes();
    const size = header & 0x7fffffff;
    if (at + size > frame.length) throw new Error("an LZ4 block that is cut");
    const block = frame.subarray(at, at + size);
    if (header >>> 31 === 1) out.append(block, 0, size);
    else decompressBlock(block, out);
    at += size + (blockChecksums ? 4 : 0);
  }
}

/** What is decompressed so far; matches refer back into it. */
class Output implements Lz4Output {
  #data: Uint8Array;
  #length = 0;

  constructor(expected: number) {
    this.#data = new Uint8Array(expected);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#data.length) return;
    const larger = new Uint8Array(Math.max(this.#length + more, 2 * this.#data.length));
    larger.set(this.#data.subarray(0, this.#length));
    this.#data = larger;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    this.#room(to - from);
    this.#data.set(bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Repeats what stands `distance` back; it may overlap what it writes. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.#length) throw new Error("an LZ4 match before the beginning");
    this.#room(count);
    const data = this.#data;
    let to = this.#length;
    for (let from = to - distance, end = to + count; to < end;) data[to++] = data[from++]!;
    this.#length = to;
  }

  bytes(): Uint8Array {
    return this.#data.subarray(0, this.#length);
  }
}
