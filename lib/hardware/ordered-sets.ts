import { FREE, type ReplacementSets } from "./replacement.ts";

/**
 * Sets kept in order, the entry that stays longest first: a fill shifts the set by one and the last way falls out.
 * Free ways are always at the end. Shared by LRU, which moves a touched key to the front, and FIFO, which does not;
 * the order is the whole state, so there is no time stamp to update and no scan for the oldest.
 */
export class OrderedSets implements ReplacementSets {
  /** Entries a set. */
  readonly ways: number;
  #keys: Float64Array;
  readonly #toFront: boolean;
  #empty = true;

  constructor(sets: number, ways: number, toFront: boolean) {
    this.#keys = new Float64Array(sets * ways).fill(FREE);
    this.ways = ways;
    this.#toFront = toFront;
  }

  /** Whether a touched key moves to the front. */
  get isLru(): boolean {
    return this.#toFront;
  }

  /** Entries of all sets. */
  get entries(): number {
    return this.#keys.length;
  }

  /** Goes on with the keys in another memory, where others may move and fill them, too: see {@link OrderedSets.noteFills}. */
  moveTo(keys: Float64Array): void {
    keys.set(this.#keys);
    this.#keys = keys;
  }

  /** Somebody else fills the sets. */
  noteFills(): void {
    this.#empty = false;
  }

  touch(set: number, key: number): boolean {
    const keys = this.#keys;
    const first = set * this.ways;
    if (keys[first] === key) return true;
    const end = first + this.ways;
    for (let way = first + 1; way < end; way++) {
      if (keys[way] !== key) continue;
      if (this.#toFront) {
        for (; way > first; way--) keys[way] = keys[way - 1]!;
        keys[first] = key;
      }
      return true;
    }
    return false;
  }

  fill(set: number, key: number): number {
    const keys = this.#keys;
    const first = set * this.ways;
    const last = first + this.ways - 1;
    const displaced = keys[last]!;
    for (let way = last; way > first; way--) keys[way] = keys[way - 1]!;
    keys[first] = key;
    this.#empty = false;
    return displaced;
  }

  drop(set: number, key: number): boolean {
    const keys = this.#keys;
    const end = (set + 1) * this.ways;
    for (let way = set * this.ways; way < end; way++) {
      if (keys[way] !== key) continue;
      for (; way < end - 1; way++) keys[way] = keys[way + 1]!;
      keys[end - 1] = FREE;
      return true;
    }
    return false;
  }

  dropWhere(unwanted: (key: number) => boolean): void {
    const keys = this.#keys;
    for (let first = 0; first < keys.length; first += this.ways) {
      let kept = first;
      for (let way = first; way < first + this.ways; way++) {
        const key = keys[way]!;
        if (key !== FREE && !unwanted(key)) keys[kept++] = key;
      }
      keys.fill(FREE, kept, first + this.ways);
    }
  }

  clear(): void {
    if (this.#empty) return;
    this.#keys.fill(FREE);
    this.#empty = true;
  }

  keys(set: number): number[] {
    return [...this.#keys.subarray(set * this.ways, (set + 1) * this.ways)].filter((key) => key !== FREE);
  }
}
