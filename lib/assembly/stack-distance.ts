// LRU stack distances of keys, a sample of them: a hash table with linear probing over slots; a bit for each place of a last use, in the order
// of uses, and a Fenwick tree over words of 64 bits, which count what was used since. lib/traces/reuse-sample.ts says what is counted,
// and takes a smaller sample when there are too many keys. The reference is lib/bench/reference/typed-reuse-sample.ts.

/** Buckets an octave, as in lib/traces/reuse-sample.ts. */
const OCTAVE: u32 = 32;

let most: u32 = 0;
/** The number of places, and of the words of their bits. */
let size: u32 = 0;
let words: u32 = 0;
let mask: u32 = 0;
let slots: u32 = 0;
/** The place of the next use, from 1. */
let next: u32 = 1;
let last: f64 = -1;
/** Keys with a hash below are kept, and count for so much each. */
let threshold: u64 = 0x100000000;
let scale: f64 = 1;
let cold: f64 = 0;
let total: f64 = 0;

/** Where the arrays lie. */
let inputs: usize = 0;
let room: usize = 0;
let counts: usize = 0;
let keys: usize = 0;
let uses: usize = 0;
let hashes: usize = 0;
let places: usize = 0;
let slotAt: usize = 0;
let bits: usize = 0;
let tree: usize = 0;
let table: usize = 0;

/** Room for so many keys and one more, so many buckets, and so many inputs at a time; gives where the inputs go, 0 where there is no such memory. */
export function create(keysAtMost: u32, buckets: u32, batch: u32): usize {
  most = keysAtMost;
  words = (most + 15) / 16;
  size = 64 * words;
  let entries: u32 = 1;
  while (entries < 2 * most + 2) entries *= 2;
  mask = entries - 1;
  room = <usize>batch * 8;
  inputs = (__heap_base + 15) & ~15;
  counts = inputs + 2 * room;
  keys = counts + <usize>buckets * 8;
  uses = keys + (<usize>most + 1) * 8;
  bits = uses + (<usize>most + 1) * 8;
  hashes = bits + (<usize>words + 1) * 8;
  places = hashes + (<usize>most + 1) * 4;
  slotAt = places + (<usize>most + 1) * 4;
  tree = slotAt + (<usize>size + 1) * 4;
  table = tree + (<usize>words + 1) * 4;
  const pages = <i32>((table + <usize>entries * 4 + 0xffff) >> 16) - memory.size();
  return pages > 0 && memory.grow(pages) < 0 ? 0 : inputs;
}

export function countsAt(): usize {
  return counts;
}
export function usesAt(): usize {
  return uses;
}
export function hashesAt(): usize {
  return hashes;
}
export function slotCount(): u32 {
  return slots;
}
export function firstUses(): f64 {
  return cold;
}
export function allUses(): f64 {
  return total;
}

/** MurmurHash3's finaliser over both halves, as lib/traces/distinct.ts has it. */
function hashOf(key: f64): u32 {
  const whole = <u64>key;
  let h = (<u32>whole) ^ (<u32>(whole >> 32) * 0x9e3779b1);
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

function bucketOf(distance: f64): usize {
  const whole = <u64>distance;
  if (whole < 2 * OCTAVE) return <usize>whole;
  const octave = 63 - clz(whole);
  return <usize>(OCTAVE * (octave - 5) + (whole >> (octave - 5)));
}

function add(to: usize, by: f64): void {
  store<f64>(to, load<f64>(to) + by);
}

/** A place is taken, or free again. */
function flip(place: u32, by: i32): void {
  const word = (place - 1) >> 6;
  const at = bits + ((<usize>word) << 3);
  store<u64>(at, load<u64>(at) ^ ((<u64>1) << ((place - 1) & 63)));
  const base = tree;
  const end = words;
  for (let node = word + 1; node <= end; node += node & -node) {
    const count = base + ((<usize>node) << 2);
    store<i32>(count, load<i32>(count) + by);
  }
}

/** Keys whose last use stands up to a place. */
function upTo(place: u32): u32 {
  const word = place >> 6;
  let sum = <u32>popcnt(load<u64>(bits + ((<usize>word) << 3)) & (((<u64>1) << (place & 63)) - 1));
  const base = tree;
  for (let node = word; node > 0; node &= node - 1) sum += load<u32>(base + ((<usize>node) << 2));
  return sum;
}

/** A new place for a slot at the end of the order of uses. */
function append(slot: u32): void {
  if (next > size) compact();
  store<u32>(places + ((<usize>slot) << 2), next);
  store<u32>(slotAt + ((<usize>next) << 2), slot);
  flip(next, 1);
  next++;
}

/** Numbers the places anew, in their order. */
function compact(): void {
  let to: u32 = 1;
  for (let place: u32 = 1; place < next; place++) {
    const slot = load<i32>(slotAt + ((<usize>place) << 2));
    if (slot < 0) continue;
    store<i32>(slotAt + ((<usize>to) << 2), slot);
    store<u32>(places + ((<usize>slot) << 2), to);
    to++;
  }
  next = to;
  const taken = next - 1;
  for (let word: u32 = 0; word <= words; word++) {
    const first: u32 = 64 * word;
    const all = taken >= first + 64 ? ~(<u64>0) : taken <= first ? 0 : ((<u64>1) << (taken - first)) - 1;
    store<u64>(bits + ((<usize>word) << 3), all);
  }
  // A node counts the words before it as far as its lowest bit reaches; all places up to the last are taken.
  for (let node: u32 = 1; node <= words; node++) {
    const from: u32 = 64 * (node & (node - 1));
    const end = min<u32>(64 * node, taken);
    store<u32>(tree + ((<usize>node) << 2), end > from ? end - from : 0);
  }
}

/** Uses of the inputs from one to another; gives the one after the last that was used: there are too many keys where that is not the end. */
export function use(from: u32, to: u32): u32 {
  const input = inputs;
  const base = table;
  for (let at = from; at < to; at++) {
    const key = load<f64>(input + ((<usize>at) << 3));
    const times = load<f64>(input + room + ((<usize>at) << 3));
    total += times;
    if (key == last) {
      add(uses + ((<usize>load<u32>(slotAt + ((<usize>(next - 1)) << 2))) << 3), times);
      add(counts, times * scale);
      continue;
    }
    const hash = hashOf(key);
    if (<u64>hash >= threshold) continue;
    last = key;
    if (times > 1) add(counts, (times - 1) * scale);
    let entry = hash & mask;
    let slot = load<u32>(base + ((<usize>entry) << 2));
    while (slot != 0 && load<f64>(keys + ((<usize>(slot - 1)) << 3)) != key) {
      entry = (entry + 1) & mask;
      slot = load<u32>(base + ((<usize>entry) << 2));
    }
    if (slot != 0) {
      slot--;
      add(uses + ((<usize>slot) << 3), times);
      const place = load<u32>(places + ((<usize>slot) << 2));
      // Whatever was used after the key's last use stands behind that place.
      add(counts + (bucketOf(<f64>(slots - upTo(place)) * scale) << 3), scale);
      if (place == next - 1) continue;
      flip(place, -1);
      store<i32>(slotAt + ((<usize>place) << 2), -1);
      append(slot);
      continue;
    }
    store<u32>(base + ((<usize>entry) << 2), slots + 1);
    cold += scale;
    store<f64>(keys + ((<usize>slots) << 3), key);
    store<u32>(hashes + ((<usize>slots) << 2), hash);
    store<f64>(uses + ((<usize>slots) << 3), times);
    append(slots);
    if (++slots > most) return at + 1;
  }
  return to;
}

/** Lets go of the keys whose hash is not below. */
export function keepBelow(hash: u32): void {
  threshold = hash;
  scale = <f64>0x100000000 / <f64>hash;
  memory.fill(table, 0, (<usize>mask + 1) << 2);
  const before = slots;
  slots = 0;
  // A slot's place, until the slots are numbered anew.
  for (let slot: u32 = 0; slot < before; slot++) {
    const place = load<u32>(places + ((<usize>slot) << 2));
    const own = load<u32>(hashes + ((<usize>slot) << 2));
    if (own >= hash) {
      store<i32>(slotAt + ((<usize>place) << 2), -1);
      continue;
    }
    store<u32>(slotAt + ((<usize>place) << 2), slots);
    store<f64>(keys + ((<usize>slots) << 3), load<f64>(keys + ((<usize>slot) << 3)));
    store<u32>(hashes + ((<usize>slots) << 2), own);
    store<f64>(uses + ((<usize>slots) << 3), load<f64>(uses + ((<usize>slot) << 3)));
    let entry = own & mask;
    while (load<u32>(table + ((<usize>entry) << 2)) != 0) entry = (entry + 1) & mask;
    store<u32>(table + ((<usize>entry) << 2), ++slots);
  }
  last = -1;
  compact();
}
