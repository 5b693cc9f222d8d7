/** Where a block is decompressed to: `repeat` copies what stands `distance` back, and may overlap what it writes. */
export interface Lz4Output {
  append(bytes: Uint8Array, from: number, to: number): void;
  repeat(distance: number, count: number): void;
}

/** Decompresses one LZ4 block; throws an Error when it is damaged or cut. Linear time. */
export function decompressBlock(block: Uint8Array, out: Lz4Output): void {
  let at = 0;
  const length = (short: number): number => {
    let total = short;
    if (short === 15)
      for (let more = 255; more === 255; total += more) {
        if (at >= block.length) throw new Error("an LZ4 length that is cut");
        more = block[at++]!;
      }
    return total;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    if (at + literals > block.length) throw new Error("LZ4 literals that are cut");
    out.append(block, at, at + literals);
    at += literals;
    // The last sequence has no match.
    if (at === block.length) return;
    if (at + 2 > block.length) throw new Error("an LZ4 match that is cut");
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    out.repeat(distance, length(token & 15) + 4);
  }
}
