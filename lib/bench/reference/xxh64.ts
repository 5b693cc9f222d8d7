const mask = 2n ** 64n - 1n;
const [P1, P2, P3, P4] = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n];

const rotated = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (64n - by))) & mask;
const round = (lane: bigint, word: bigint): bigint => (rotated((lane + word * P2) & mask, 31n) * P1) & mask;

/**
 * XXH64 with seed 0 of a multiple of 32 bytes, step by step as its specification says (doc/xxhash_spec.md of
 * https://github.com/Cyan4973/xxHash): the reference of lib/assembly/page-hashes.ts.
 */
export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lanes = [(P1 + P2) & mask, P2, 0n, (2n ** 64n - P1) & mask];
  for (let at = 0; at < bytes.length; at += 32)
    for (const [lane, value] of lanes.entries()) lanes[lane] = round(value, view.getBigUint64(at + 8 * lane, true));
  let hash = lanes.reduce((sum, lane, at) => sum + rotated(lane, [1n, 7n, 12n, 18n][at]!), 0n) & mask;
  for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & mask;
  hash = (hash + BigInt(bytes.length)) & mask;
  hash = ((hash ^ (hash >> 33n)) * P2) & mask;
  hash = ((hash ^ (hash >> 29n)) * P3) & mask;
  return hash ^ (hash >> 32n);
}
