import * as arrow from "apache-arrow";
import { decompress } from "fzstd";
import { decompressLz4 } from "../source/lz4-frame.ts";

/**
 * Gives apache-arrow the codecs for compressed bodies, which it has none of; one that the program has set already stays.
 * Of the libraries on npm several decode silently wrong: fzstd was compared with zstd's own output, and LZ4's
 * frames are decoded here.
 */
export function registerCodecs(): void {
  const { LZ4_FRAME, ZSTD } = arrow.CompressionType;
  if (arrow.compressionRegistry.get(LZ4_FRAME) === null)
    arrow.compressionRegistry.set(LZ4_FRAME, { decode: decompressLz4 });
  if (arrow.compressionRegistry.get(ZSTD) === null)
    arrow.compressionRegistry.set(ZSTD, { decode: (bytes) => decompress(bytes) });
}
