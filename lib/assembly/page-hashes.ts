// XXH64 (Y. Collet, https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md) of pages of 4 KiB that lie in this memory, seed 0; pages of
// zeros are only found. The reference is lib/bench/reference/xxh64.ts.

const PAGE: usize = 4096;
const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;

let base: usize = 0;
let hashes: usize = 0;

/** Room for so many pages; gives where they go, and behind them their hashes, 8 bytes each; 0 where there is no such memory. */
export function create(pages: u32): usize {
  base = (__heap_base + 15) & ~15;
  hashes = base + <usize>pages * PAGE;
  const missing = <i32>((hashes + <usize>pages * 8 + 0xffff) >> 16) - memory.size();
  return missing > 0 && memory.grow(missing) < 0 ? 0 : base;
}

/** Whether a page is zeros: most others end it at once. */
function isZero(at: usize): bool {
  for (const end = at + PAGE; at < end; at += 64) {
    const first = v128.or(v128.load(at), v128.load(at, 16));
    const second = v128.or(v128.load(at, 32), v128.load(at, 48));
    if (v128.any_true(v128.or(first, second))) return false;
  }
  return true;
}

function round(lane: u64, word: u64): u64 {
  return rotl<u64>(lane + word * P2, 31) * P1;
}

function merge(hash: u64, lane: u64): u64 {
  return (hash ^ (rotl<u64>(lane * P2, 31) * P1)) * P1 + P4;
}

function xxh64(at: usize): u64 {
  let a: u64 = P1 + P2;
  let b: u64 = P2;
  let c: u64 = 0;
  let d: u64 = 0 - P1;
  for (const end = at + PAGE; at < end; at += 64) {
    a = round(a, load<u64>(at));
    b = round(b, load<u64>(at, 8));
    c = round(c, load<u64>(at, 16));
    d = round(d, load<u64>(at, 24));
    a = round(a, load<u64>(at, 32));
    b = round(b, load<u64>(at, 40));
    c = round(c, load<u64>(at, 48));
    d = round(d, load<u64>(at, 56));
  }
  let hash = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
  hash = merge(merge(merge(merge(hash, a), b), c), d) + PAGE;
  hash = (hash ^ (hash >> 33)) * P2;
  hash = (hash ^ (hash >> 29)) * P3;
  return hash ^ (hash >> 32);
}

/** Hashes the first pages; of one of zeros the hash is 0, and of no other: 1 stands for it. */
export function hash(pages: u32): void {
  let at = base;
  let to = hashes;
  for (const end = at + <usize>pages * PAGE; at < end; at += PAGE, to += 8)
    store<u64>(to, isZero(at) ? 0 : max<u64>(1, xxh64(at)));
}
