const multiplier = 0x5bd1e995;

/**
 * MurmurHash2 of a text's UTF-8 bytes: by it, a front end and its kernel name the same cell without asking each other.
 * Linear in the text's length. Source: Austin Appleby, https://github.com/aappleby/smhasher (MurmurHash2.cpp).
 *
 * @returns an unsigned whole number of 32 bits
 */
export function murmur2(text: string, seed: number): number {
  const data = Buffer.from(text, "utf8");
  const tail = data.length & ~3;
  let hash = seed ^ data.length;
  for (let at = 0; at < tail; at += 4) {
    let word = Math.imul(data.readInt32LE(at), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (tail < data.length) {
    for (let at = tail; at < data.length; at += 1) hash ^= data[at]! << (8 * (at - tail));
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) >>> 0;
}
