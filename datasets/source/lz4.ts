import { type ByteReader, chunkBytes } from "./byte-reader.ts";
import { decompressBlock, type Lz4Output } from "./lz4-block.ts";

const frameMagic = 0x184d2204;
const skippableMagic = 0x184d2a5;

/** What a match may refer back to. */
const windowBytes = 64 * 1024;

/** No block is larger, and no part that is skipped is read into more memory. */
const largestPiece = 1 << 22;

/**
 * Decompresses LZ4 frames (the LZ4 frame format 1.6: independent or linked blocks, concatenated and skippable frames;
 * checksums are skipped). Throws an Error when a frame is damaged or cut. Linear time; memory for a block (at
 * most 4 MiB) and its window.
 */
export async function* lz4Chunks(chunks: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  const input = chunkBytes(chunks);
  const out = new Output();
  try {
    for (;;) {
      const first = await input.read(4);
      if (first.length === 0) return;
      if (first.length < 4) throw new Error("an LZ4 frame that is cut");
      const magic = uint32(first);
      if (magic >>> 4 === skippableMagic) await exactly(input, uint32(await exactly(input, 4)));
      else if (magic === frameMagic) yield* frame(input, out);
      else throw new Error("no LZ4 frame");
    }
  } finally {
    await input.close();
  }
}

const uint32 = (bytes: Uint8Array): number =>
  (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;

async function exactly(input: ByteReader, length: number): Promise<Uint8Array> {
  if (length > largestPiece) throw new Error(`an LZ4 frame with a part of ${length} bytes`);
  const bytes = await input.read(length);
  if (bytes.length < length) throw new Error("an LZ4 frame that is cut");
  return bytes;
}

async function* frame(input: ByteReader, out: Output): AsyncGenerator<Uint8Array, void> {
  const [flags, descriptor] = await exactly(input, 2);
  if (flags! >> 6 !== 1) throw new Error(`an LZ4 frame of version ${flags! >> 6}`);
  const largest = [0, 0, 0, 0, 1 << 16, 1 << 18, 1 << 20, 1 << 22][(descriptor! >> 4) & 7]!;
  if (largest === 0) throw new Error("an LZ4 frame of an unknown block size");
  const linked = (flags! & 0x20) === 0;
  const blockChecksums = (flags! & 0x10) !== 0;
  // The content's size, the dictionary's number, and a byte of checksum.
  await exactly(input, (flags! & 0x08 ? 8 : 0) + (flags! & 0x01 ? 4 : 0) + 1);
  out.forget();
  for (;;) {
    const header = uint32(await exactly(input, 4));
    if (header === 0) break;
    const block = await exactly(input, header & 0x7fffffff);
    if (!linked) out.forget();
    out.start(largest);
    if (header >>> 31 === 1) out.append(block, 0, block.length);
    else decompressBlock(block, out);
    yield out.block();
    if (blockChecksums) await exactly(input, 4);
  }
  if (flags! & 0x04) await exactly(input, 4);
}

/** A block that is decompressed, behind the window that its matches refer back into. */
class Output implements Lz4Output {
  #data = new Uint8Array(0);
  #from = 0;
  #length = 0;
  #limit = 0;

  forget(): void {
    this.#from = this.#length = 0;
  }

  /** Keeps the window and makes room for a block of at most so many bytes. */
  start(largest: number): void {
    const window = this.#data.subarray(Math.max(0, this.#length - windowBytes), this.#length);
    this.#limit = window.length + largest;
    const data = this.#data.length === windowBytes + largest ? this.#data : new Uint8Array(windowBytes + largest);
    if (data === this.#data) data.copyWithin(0, window.byteOffset, window.byteOffset + window.length);
    else data.set(window);
    this.#data = data;
    this.#from = this.#length = window.length;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    if (this.#length + to - from > this.#limit) throw new Error("an LZ4 block that is larger than its frame allows");
    this.#data.set(bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Repeats what stands `distance` back; it may overlap what it writes. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.#length) throw new Error("an LZ4 match before the beginning");
    if (this.#length + count > this.#limit) throw new Error("an LZ4 block that is larger than its frame allows");
    const data = this.#data;
    let to = this.#length;
    for (let from = to - distance, end = to + count; to < end;) data[to++] = data[from++]!;
    this.#length = to;
  }

  /** A copy: the window goes on being used. */
  block(): Uint8Array {
    return this.#data.slice(this.#from, this.#length);
  }
}
