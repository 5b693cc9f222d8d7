import { Decompress } from "fzstd";
import { type ByteReader, chunkBytes } from "./byte-reader.ts";
import { skipTo } from "./part.ts";

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a5;

/** The largest window that is taken, as by the zstd command without `--long`: a frame may ask for 2 GiB. */
const largestWindow = 128 * 1024 * 1024;

/** What a block may hold (RFC 8878, 3.1.1.2.4). */
const largestBlock = 128 * 1024;

/**
 * Decompresses zstd frames (RFC 8878: concatenated and skippable frames). Throws an Error when one is damaged or cut; its checksum is not
 * compared. Linear time; memory for a frame's window (at most 128 MiB) and a block.
 */
export async function* zstdChunks(chunks: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  const input = chunkBytes(chunks);
  try {
    for (;;) {
      const first = await input.read(4);
      if (first.length === 0) return;
      if (first.length < 4) throw cut();
      const magic = numberOf(first);
      if (magic >>> 4 === skippableMagic) {
        const length = numberOf(await exactly(input, 4));
        const end = input.offset + length;
        await skipTo(input, end);
        if (input.offset < end) throw cut();
      } else if (magic === frameMagic) yield* frame(input, first);
      else throw new Error("no zstd frame");
    }
  } finally {
    await input.close();
  }
}

const cut = (): Error => new Error("a zstd frame that is cut");

/** Little endian. */
const numberOf = (bytes: Uint8Array): number => bytes.reduceRight((number, byte) => number * 256 + byte, 0);

async function exactly(input: ByteReader, length: number): Promise<Uint8Array> {
  const bytes = await input.read(length);
  if (bytes.length < length) throw cut();
  return bytes;
}

/** fzstd decompresses all that it is given at once: it is given a block at a time. */
async function* frame(input: ByteReader, magic: Uint8Array): AsyncGenerator<Uint8Array, void> {
  let ready: Uint8Array[] = [];
  const stream = new Decompress((data) => {
    if (data.length > 0) ready.push(data);
  });
  const descriptor = await exactly(input, 1);
  const flags = descriptor[0]!;
  const isSingleSegment = (flags & 0x20) !== 0;
  const window = await exactly(input, isSingleSegment ? 0 : 1);
  const dictionary = await exactly(input, [0, 1, 2, 4][flags & 3]!);
  const size = await exactly(input, [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!);
  const windowBytes = isSingleSegment ? numberOf(size) : 2 ** (10 + (window[0]! >> 3)) * (1 + (window[0]! & 7) / 8);
  if (windowBytes > largestWindow)
    throw new Error(`a zstd window of ${windowBytes} bytes; at most ${largestWindow} are taken`);
  for (const part of [magic, descriptor, window, dictionary, size]) stream.push(part);
  for (let isLast = false; !isLast;) {
    const header = await exactly(input, 3);
    const bits = numberOf(header);
    const bytes = bits >> 3;
    isLast = (bits & 1) === 1;
    if (bytes > largestBlock) throw new Error(`a zstd block of ${bytes} bytes; at most ${largestBlock} are allowed`);
    stream.push(header);
    // A block of one repeated byte is that byte.
    stream.push(await exactly(input, (bits & 6) === 2 ? 1 : bytes));
    yield* ready;
    ready = [];
  }
  if ((flags & 4) !== 0) stream.push(await exactly(input, 4));
  stream.push(new Uint8Array(0), true);
  yield* ready;
}
