/** How a file's content is compressed. */
export type Compression = "gzip" | "zstd" | "lz4" | "xz" | "zip";

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/** The compression that a file's first bytes announce; undefined for none. Constant time. */
export function compressionOf(bytes: Uint8Array): Compression | undefined {
  return magics.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))?.[0];
}
