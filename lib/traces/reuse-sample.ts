import { type Assembly, assembly } from "../core/assembly.ts";
import { SimulationError } from "../core/errors.ts";
import type { Keys } from "./keys.ts";

/** Distances of reuse in buckets: each one up to 64, then 32 buckets an octave, so that 2^k and 3 × 2^k begin one. */
export const perOctave = 32;
/** How many buckets there are. */
export const buckets: number = perOctave * 49;

/** The number of entries of the smallest cache that every distance of a bucket hits. */
const entriesOf = (bucket: number): number =>
  bucket < 2 * perOctave
    ? bucket + 1
    : ((bucket % perOctave) + perOctave + 1) * 2 ** (Math.floor(bucket / perOctave) - 1);

/** A miss ratio, and the number of entries from which on it holds. */
export interface MissRatio {
  readonly entries: number;
  readonly missRatio: number;
}

/** The miss ratios of an LRU cache: one entry for each bucket that has uses, from 1 entry on. `given` has sampled uses by distance. */
export function missRatiosOf(given: Float64Array, cold: number, total: number): readonly MissRatio[] {
  const sampled = given.reduce((sum, count) => sum + count, cold);
  if (sampled === 0) return [];
  // SHARDS-adj: a few keys that are used very often are in the sample or not; what it has too many or too few uses
  // of, it has of
  // the shortest distances.
  const counts = given.slice();
  let missing = total - sampled;
  if (missing > 0) counts[0]! += missing;
  for (let bucket = 0; bucket < buckets && missing < 0; bucket += 1) {
    const taken = Math.min(counts[bucket]!, -missing);
    counts[bucket]! -= taken;
    missing += taken;
  }
  const ratios: { entries: number; missRatio: number }[] = [];
  let hits = counts[0]!;
  ratios.push({ entries: 1, missRatio: (total - hits) / total });
  for (let bucket = 1; bucket < buckets; bucket += 1) {
    const count = counts[bucket]!;
    if (count === 0) continue;
    hits += count;
    ratios.push({ entries: entriesOf(bucket), missRatio: Math.max(0, (total - hits) / total) });
  }
  return ratios;
}

/** The share of uses that go to the most used share of the keys. */
export function shareOfHottest(given: Float64Array, share: number): number {
  const uses = given.slice().sort().reverse();
  const total = uses.reduce((sum, count) => sum + count, 0);
  const hottest = uses.subarray(0, Math.max(1, Math.round(uses.length * share)));
  return total === 0 ? 0 : hottest.reduce((sum, count) => sum + count, 0) / total;
}

interface Functions {
  create(most: number, buckets: number, batch: number): number;
  /** Uses of the inputs from one to another; gives the one after the last that was used. */
  use(from: number, to: number): number;
  /** Lets go of the keys whose hash is not below. */
  keepBelow(hash: number): void;
  readonly countsAt: () => number;
  readonly usesAt: () => number;
  readonly hashesAt: () => number;
  readonly slotCount: () => number;
  readonly firstUses: () => number;
  readonly allUses: () => number;
}

/** How many keys are handed over at once. */
const batch = 8192;

/**
 * LRU stack distances: how many different keys were used since a key's last use (R. Mattson et al., IBM Systems
 * Journal 9(2), 1970), counted by a Fenwick tree over the last uses (B. Bennett and V. Kruskal, IBM Journal of
 * Research and Development 19(4), 1975). Exact while there are at most `most` different keys; beyond, keys are
 * sampled by their hash, fewer and fewer, so that never more than `most` are kept (fixed-size SHARDS: C. Waldspurger
 * et al., FAST 2015; at 8192 keys and more they found mean errors of miss ratios around 0.01 or below, over sizes
 * that are evenly spaced; caches of fewer entries than one in the sampling rate are not resolved). O(log most) a
 * sampled use.
 */
export class ReuseSample {
  readonly #most: number;
  readonly #functions: Assembly & Functions;
  /** Keys with a hash below are kept. */
  #threshold = 0x100000000;
  readonly #keys: Float64Array;
  readonly #times: Float64Array;

  constructor(most = 65_536) {
    this.#most = most;
    this.#functions = assembly("stack-distance") as Assembly & Functions;
    const at = this.#functions.create(most, buckets, batch);
    if (at === 0) throw new SimulationError("reuse distances", `no memory for ${most} keys`);
    this.#keys = new Float64Array(this.#functions.memory.buffer, at, batch);
    this.#times = new Float64Array(this.#functions.memory.buffer, at + 8 * batch, batch);
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
    return this.#functions.slotCount() / this.rate;
  }

  /** Uses of keys in order. */
  useAll({ keys, times, count }: Keys): void {
    for (let at = 0; at < count; at += batch) {
      const end = Math.min(count, at + batch);
      this.#keys.set(keys.subarray(at, end));
      this.#times.set(times.subarray(at, end));
      this.#use(end - at);
    }
  }

  /** A use of a key, a whole number from 0 to 2^53, `times` times in a row. */
  use(key: number, times = 1): void {
    this.#keys[0] = key;
    this.#times[0] = times;
    this.#use(1);
  }

  #use(count: number): void {
    for (let at = 0; at < count;) {
      at = this.#functions.use(at, count);
      if (this.#functions.slotCount() > this.#most) this.#sampleFewer();
    }
  }

  /** Lets go of a sixteenth of the keys, those of the largest hashes. */
  #sampleFewer(): void {
    const { memory, hashesAt, slotCount } = this.#functions;
    const hashes = new Uint32Array(memory.buffer, hashesAt(), slotCount()).slice().sort();
    this.#threshold = hashes[Math.floor((hashes.length * 15) / 16)]!;
    this.#functions.keepBelow(this.#threshold);
  }

  /** The miss ratio of an LRU cache by its number of entries: one entry for each bucket that has uses, from 1 entry on. */
  missRatios(): readonly MissRatio[] {
    const { memory, countsAt, firstUses, allUses } = this.#functions;
    return missRatiosOf(new Float64Array(memory.buffer, countsAt(), buckets), firstUses(), allUses());
  }

  /** The miss ratio at a number of entries: exact for 64 and fewer, and for 2^k and 3 × 2^k. */
  missRatio(entries: number): number {
    return this.missRatios().reduce((last, ratio) => (ratio.entries <= entries ? ratio.missRatio : last), 1);
  }

  /** The share of uses that go to the most used share of the keys. */
  shareOfHottest(share: number): number {
    const { memory, usesAt, slotCount } = this.#functions;
    return shareOfHottest(new Float64Array(memory.buffer, usesAt(), slotCount()), share);
  }
}
