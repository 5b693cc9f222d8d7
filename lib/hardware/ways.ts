import { FREE } from "./replacement.ts";

/** Sets whose entries stay in the way they were filled into; the state of the policy lies beside them. */
export class Ways {
  readonly keys: Float64Array;
  readonly ways: number;
  #empty = true;

  constructor(sets: number, ways: number) {
    this.keys = new Float64Array(sets * ways).fill(FREE);
    this.ways = ways;
  }

  /** The way that holds a key (or the first free way for {@link FREE}), or -1. */
  find(set: number, key: number): number {
    const keys = this.keys;
    const first = set * this.ways;
    const end = first + this.ways;
    for (let at = first; at < end; at++) if (keys[at] === key) return at - first;
    return -1;
  }

  /** Replaces what a way holds; gives what it held. */
  put(set: number, way: number, key: number): number {
    const at = set * this.ways + way;
    const displaced = this.keys[at]!;
    this.keys[at] = key;
    this.#empty = false;
    return displaced;
  }

  drop(set: number, key: number): boolean {
    const way = this.find(set, key);
    if (way < 0) return false;
    this.keys[set * this.ways + way] = FREE;
    return true;
  }

  dropWhere(unwanted: (key: number) => boolean): void {
    const keys = this.keys;
    for (let at = 0; at < keys.length; at++) if (keys[at] !== FREE && unwanted(keys[at]!)) keys[at] = FREE;
  }

  /** Empties every way; gives whether there was anything to empty. */
  clear(): boolean {
    if (this.#empty) return false;
    this.keys.fill(FREE);
    this.#empty = true;
    return true;
  }

  of(set: number): number[] {
    return [...this.keys.subarray(set * this.ways, (set + 1) * this.ways)].filter((key) => key !== FREE);
  }
}
