import { type ByteReader, chunkBytes } from "./byte-reader.ts";
import type { Source } from "./source.ts";

const pieceBytes = 1024 * 1024;

/** Reads on to a byte of the content, or to its end; a place that was read over is not reached again. */
export async function skipTo(bytes: ByteReader, offset: number): Promise<void> {
  while (bytes.offset < offset) {
    const piece = await bytes.read(Math.min(pieceBytes, offset - bytes.offset));
    if (piece.length === 0) return;
  }
}

/** The bytes of a file's content from an offset, fewer where it ends: for a header that stands behind what is read in order. Linear in the offset. */
export async function partOf(source: Source, offset: number, length: number): Promise<Uint8Array> {
  const bytes = chunkBytes(source.chunks());
  try {
    await skipTo(bytes, offset);
    return bytes.offset === offset ? await bytes.read(length) : new Uint8Array(0);
  } finally {
    await bytes.close();
  }
}
