import { hashOf } from "./distinct.ts";

/** Distances of reuse in buckets: a quarter of an octave each. */
const bucketsPerOctave = 4;
const buckets = 44 * bucketsPerOctave;

const bucketOf = (distance: number): number =>
  distance < 1 ? 0 : Math.min(buckets - 1, 1 + Math.floor(bucketsPerOctave * Math.log2(distance)));

/** The largest distance of a bucket. */
const upperEnd = (bucket: number): number => (bucket === 0 ? 0 : Math.ceil(2 ** (bucket / bucketsPerOctave)) - 1);

/**
 * LRU stack distances: how many different keys were used since a key's last use (R. Mattson et al., IBM Systems Journal 9(2), 1970),
 * counted by a Fenwick tree over the last uses (B. Bennett and V. Kruskal, IBM Journal of Research and Development 19(4),
 * 1975). Exact while there are at most `most` different keys; beyond, keys are sampled by their hash, fewer and fewer, so
 * that never more than `most` are kept (fixed-size SHARDS: C. Waldspurger et al., FAST 2015; at 8192 keys and more they found mean
 * errors of miss ratios around 0.01 or below, over sizes that are evenly spaced; caches of fewer entries than one in the sampling rate are
 * not resolved). O(log most) a sampled use.
 */
export class ReuseSample {
  readonly #most: number;
  /** Keys with a hash below are kept. */
  #threshold = 0x100000000;
  readonly #slots = new Map<number, number>();
  readonly #keys: Float64Array;
  readonly #hashes: Float64Array;
  /** Of each slot the place of its last use in the tree, from 1. */
  readonly #places: Int32Array;
  readonly #free: number[] = [];
  readonly #uses: Float64Array;
  readonly #tree: Int32Array;
  readonly #size: number;
  #next = 1;
  /** Sampled uses by distance, each counting 1 / rate at its time, and first uses. */
  readonly #counts = new Float64Array(buckets);
  #cold = 0;
  /** All uses, sampled or not. */
  #total = 0;

  constructor(most = 65_536) {
    this.#most = most;
    this.#size = 4 * most;
    this.#keys = new Float64Array(most + 1);
    this.#hashes = new Float64Array(most + 1);
    this.#places = new Int32Array(most + 1);
    this.#uses = new Float64Array(most + 1);
    this.#tree = new Int32Array(this.#size + 1);
    for (let slot = most; slot >= 0; slot -= 1) this.#free.push(slot);
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
    return this.#slots.size / this.rate;
  }

  /** A use of a key, a whole number below 2^53, `times` times in a row. */
  use(key: number, times = 1): void {
    this.#total += times;
    const hash = hashOf(key);
    if (hash >= this.#threshold) return;
    const scale = 1 / this.rate;
    const known = this.#slots.get(key);
    if (known === undefined) {
      this.#cold += scale;
      this.#insert(key, hash);
    } else {
      const place = this.#places[known]!;
      this.#counts[bucketOf((this.#sum(this.#next - 1) - this.#sum(place)) * scale)]! += scale;
      this.#update(place, -1);
      this.#places[known] = 0;
      this.#places[known] = this.#append();
    }
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#uses[slot]! += known === undefined ? times - 1 : times;
    if (times > 1) this.#counts[0]! += (times - 1) * scale;
  }

  #insert(key: number, hash: number): void {
    const slot = this.#free.pop()!;
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#hashes[slot] = hash;
    this.#uses[slot] = 1;
    this.#places[slot] = 0;
    this.#places[slot] = this.#append();
    if (this.#slots.size > this.#most) this.#sampleFewer();
  }

  /** A new place at the end of the order of uses. */
  #append(): number {
    if (this.#next > this.#size) this.#compact();
    const place = this.#next;
    this.#next += 1;
    this.#update(place, 1);
    return place;
  }

  /** Lets go of a sixteenth of the keys, those of the largest hashes. */
  #sampleFewer(): void {
    const hashes = Float64Array.from(this.#slots.values(), (slot) => this.#hashes[slot]!).sort();
    this.#threshold = hashes[Math.floor((hashes.length * 15) / 16)]!;
    for (const [key, slot] of this.#slots) {
      if (this.#hashes[slot]! < this.#threshold) continue;
      this.#update(this.#places[slot]!, -1);
      this.#slots.delete(key);
      this.#free.push(slot);
    }
  }

  /** Numbers the places anew, in their order. */
  #compact(): void {
    const slots = [...this.#slots.values()].filter((slot) => this.#places[slot]! > 0);
    slots.sort((a, b) => this.#places[a]! - this.#places[b]!);
    this.#tree.fill(0);
    this.#next = 1;
    for (const slot of slots) {
      // A slot whose last use is being replaced has been taken out of the tree already.
      this.#places[slot] = this.#next;
      this.#update(this.#next, 1);
      this.#next += 1;
    }
  }

  #update(place: number, by: number): void {
    for (let at = place; at <= this.#size; at += at & -at) this.#tree[at]! += by;
  }

  #sum(place: number): number {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += this.#tree[at]!;
    return sum;
  }

  /** The miss ratio of an LRU cache by its number of entries: one entry for each bucket that has uses, from 1 entry on. */
  missRatios(): readonly { readonly entries: number; readonly missRatio: number }[] {
    const sampled = this.#counts.reduce((sum, count) => sum + count, this.#cold);
    if (sampled === 0) return [];
    // SHARDS-adj: a few keys that are used very often are in the sample or not; what it has too many or too few uses of, it has of
    // the shortest distances.
    const counts = this.#counts.slice();
    let missing = this.#total - sampled;
    if (missing > 0) counts[0]! += missing;
    for (let bucket = 0; bucket < buckets && missing < 0; bucket += 1) {
      const taken = Math.min(counts[bucket]!, -missing);
      counts[bucket]! -= taken;
      missing += taken;
    }
    const ratios: { entries: number; missRatio: number }[] = [];
    let hits = counts[0]!;
    ratios.push({ entries: 1, missRatio: (this.#total - hits) / this.#total });
    for (let bucket = 1; bucket < buckets; bucket += 1) {
      const count = counts[bucket]!;
      const entries = upperEnd(bucket) + 1;
      if (count === 0 || entries <= ratios.at(-1)!.entries) {
        hits += count;
        continue;
      }
      hits += count;
      ratios.push({ entries, missRatio: Math.max(0, (this.#total - hits) / this.#total) });
    }
    return ratios;
  }

  /** The share of uses that go to the most used share of the keys. */
  shareOfHottest(share: number): number {
    const uses = Float64Array.from(this.#slots.values(), (slot) => this.#uses[slot]!)
      .sort()
      .reverse();
    const total = uses.reduce((sum, count) => sum + count, 0);
    const hottest = uses.subarray(0, Math.max(1, Math.round(uses.length * share)));
    return total === 0 ? 0 : hottest.reduce((sum, count) => sum + count, 0) / total;
  }
}
