import { hashOf } from "../../traces/distinct.ts";
import { buckets, missRatiosOf, perOctave, shareOfHottest } from "../../traces/reuse-sample.ts";

function bucketOf(distance: number): number {
  if (distance < 2 * perOctave) return Math.floor(distance);
  if (distance < 0x80000000) {
    const octave = 31 - Math.clz32(distance);
    return perOctave * (octave - 5) + (distance >>> (octave - 5));
  }
  const octave = Math.floor(Math.log2(distance));
  return perOctave * (octave - 5) + Math.floor(distance / 2 ** (octave - 5));
}

/** The number of ones among 32 bits. */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The reference of lib/assembly/stack-distance.ts in plain TypeScript. */
export class TypedReuseSample {
  readonly #most: number;
  /** Keys with a hash below are kept. */
  #threshold = 0x100000000;
  /** What a sampled use counts for: 1 / rate. */
  #scale = 1;
  /** Of each slot its key, the key's hash, its uses, and the place of its last use in the tree, from 1. */
  readonly #keys: Float64Array;
  readonly #hashes: Uint32Array;
  readonly #uses: Float64Array;
  readonly #places: Int32Array;
  #slots = 0;
  /** Slots + 1 by hash, with linear probing. */
  readonly #table: Int32Array;
  /** A bit for each place that is taken, and a Fenwick tree over the words of bits, whose numbers fit in a processor's first cache. */
  readonly #bits: Int32Array;
  readonly #tree: Int32Array;
  /** The slot of each place. */
  readonly #slotAt: Int32Array;
  readonly #size: number;
  #next = 1;
  #last = -1;
  /** Sampled uses by distance, each counting 1 / rate at its time, and first uses. */
  readonly #counts = new Float64Array(buckets);
  #cold = 0;
  /** All uses, sampled or not. */
  #total = 0;

  constructor(most = 65_536) {
    this.#most = most;
    this.#size = 32 * Math.ceil(most / 8);
    this.#keys = new Float64Array(most + 1);
    this.#hashes = new Uint32Array(most + 1);
    this.#uses = new Float64Array(most + 1);
    this.#places = new Int32Array(most + 1);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
    this.#bits = new Int32Array(this.#size / 32 + 1);
    this.#tree = new Int32Array(this.#size / 32 + 1);
    this.#slotAt = new Int32Array(this.#size + 1);
  }

  /** Whether every key was followed. */
  get exact(): boolean {
    return this.#threshold === 0x100000000;
  }

  /** The share of keys that are followed. */
  get rate(): number {
    return this.#threshold / 0x100000000;
  }

  /** The number of different keys, estimated from the sample. */
  get distinct(): number {
    return this.#slots / this.rate;
  }

  /** A use of a key, a whole number from 0 to 2^53, `times` times in a row. */
  use(key: number, times = 1): void {
    this.#total += times;
    if (key === this.#last) {
      this.#uses[this.#slotAt[this.#next - 1]!]! += times;
      this.#counts[0]! += times * this.#scale;
      return;
    }
    const hash = hashOf(key);
    if (hash >= this.#threshold) return;
    const scale = this.#scale;
    const slot = this.#find(key, hash);
    if (times > 1) this.#counts[0]! += (times - 1) * scale;
    if (slot < this.#slots) {
      this.#uses[slot]! += times;
      const place = this.#places[slot]!;
      // Whatever was used after the key's last use stands behind that place.
      this.#counts[bucketOf((this.#slots - this.#upTo(place)) * scale)]! += scale;
      this.#last = key;
      if (place === this.#next - 1) return;
      this.#flip(place, -1);
      this.#slotAt[place] = -1;
      this.#append(slot);
      return;
    }
    this.#cold += scale;
    this.#keys[slot] = key;
    this.#hashes[slot] = hash;
    this.#uses[slot] = times;
    this.#slots += 1;
    this.#append(slot);
    this.#last = key;
    if (this.#slots > this.#most) this.#sampleFewer();
  }

  /** The slot of a key; of a new one the next free slot, which the table then has for it. */
  #find(key: number, hash: number): number {
    const mask = this.#table.length - 1;
    let at = hash & mask;
    for (let slot = this.#table[at]!; slot > 0; slot = this.#table[at]!) {
      if (this.#keys[slot - 1] === key) return slot - 1;
      at = (at + 1) & mask;
    }
    this.#table[at] = this.#slots + 1;
    return this.#slots;
  }

  /** A new place for a slot at the end of the order of uses. */
  #append(slot: number): void {
    if (this.#next > this.#size) this.#compact(this.#next - 1);
    const place = this.#next;
    this.#next += 1;
    this.#places[slot] = place;
    this.#slotAt[place] = slot;
    this.#flip(place, 1);
  }

  /** Lets go of a sixteenth of the keys, those of the largest hashes. */
  #sampleFewer(): void {
    const hashes = this.#hashes.slice(0, this.#slots).sort();
    this.#threshold = hashes[Math.floor((hashes.length * 15) / 16)]!;
    this.#scale = 0x100000000 / this.#threshold;
    const kept = new Int32Array(this.#slots).fill(-1);
    let slots = 0;
    this.#table.fill(0);
    for (let slot = 0; slot < kept.length; slot += 1) {
      const hash = this.#hashes[slot]!;
      if (hash >= this.#threshold) continue;
      this.#keys[slots] = this.#keys[slot]!;
      this.#hashes[slots] = hash;
      this.#uses[slots] = this.#uses[slot]!;
      kept[slot] = slots;
      this.#slots = slots;
      this.#find(this.#keys[slots]!, hash);
      slots += 1;
    }
    this.#slots = slots;
    for (let place = 1; place < this.#next; place += 1) {
      const slot = this.#slotAt[place]!;
      if (slot >= 0) this.#slotAt[place] = kept[slot]!;
    }
    this.#last = -1;
    this.#compact(this.#next - 1);
  }

  /** Numbers the places anew, in their order. */
  #compact(last: number): void {
    let next = 1;
    for (let place = 1; place <= last; place += 1) {
      const slot = this.#slotAt[place]!;
      if (slot < 0) continue;
      this.#slotAt[next] = slot;
      this.#places[slot] = next;
      next += 1;
    }
    this.#next = next;
    const taken = next - 1;
    const words = taken >>> 5;
    this.#bits.fill(-1, 0, words).fill(0, words);
    this.#bits[words] = (1 << (taken & 31)) - 1;
    // A node counts the words before it as far as its lowest bit reaches; all places up to the last are taken.
    for (let at = 1; at < this.#tree.length; at += 1) {
      const from = at - (at & -at);
      this.#tree[at] = Math.max(0, Math.min(32 * at, taken) - 32 * from);
    }
  }

  /** A place is taken, or free again. */
  #flip(place: number, by: number): void {
    const tree = this.#tree;
    const word = (place - 1) >>> 5;
    this.#bits[word]! ^= 1 << (place - 1);
    for (let at = word + 1; at < tree.length; at += at & -at) tree[at]! += by;
  }

  /** Keys whose last use stands up to a place. */
  #upTo(place: number): number {
    const tree = this.#tree;
    const word = place >>> 5;
    let sum = ones(this.#bits[word]! & ((1 << place) - 1));
    for (let at = word; at > 0; at -= at & -at) sum += tree[at]!;
    return sum;
  }

  /** As that of the product. */
  missRatios(): ReturnType<typeof missRatiosOf> {
    return missRatiosOf(this.#counts, this.#cold, this.#total);
  }

  /** As that of the product. */
  shareOfHottest(share: number): number {
    return shareOfHottest(this.#uses.slice(0, this.#slots), share);
  }
}
