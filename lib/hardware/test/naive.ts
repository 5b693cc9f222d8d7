// A second implementation of TLBs, as plain as can be: one Map a set in recency (or arrival) order, one reference at a
// time. It shares nothing with the product's.

export interface NaiveShape {
  readonly entries: number;
  readonly ways: number;
}

export class NaiveArray {
  readonly sets: Map<string, true>[];
  readonly ways: number;
  readonly moves: boolean;

  constructor({ entries, ways }: NaiveShape, policy: "LRU" | "FIFO" = "LRU") {
    this.sets = Array.from({ length: entries / ways }, () => new Map<string, true>());
    this.ways = ways;
    this.moves = policy === "LRU";
  }

  touch(page: number, space = 0): boolean {
    const set = this.sets[page % this.sets.length]!;
    const name = `${space}:${page}`;
    if (!set.has(name)) return false;
    if (this.moves) {
      set.delete(name);
      set.set(name, true);
    }
    return true;
  }

  fill(page: number, space = 0): void {
    const set = this.sets[page % this.sets.length]!;
    if (set.size === this.ways) set.delete([...set.keys()][0]!);
    set.set(`${space}:${page}`, true);
  }

  flush(): void {
    for (const set of this.sets) set.clear();
  }
}

/** A split first level, either side of which may be absent, and a unified second; misses as [level][kind]. */
export class NaiveTlb {
  readonly fetch: NaiveArray | undefined;
  readonly data: NaiveArray | undefined;
  readonly second: NaiveArray;
  readonly misses: number[][] = [
    [0, 0, 0],
    [0, 0, 0],
  ];

  constructor(
    fetch: NaiveShape | undefined,
    data: NaiveShape | undefined,
    second: NaiveShape,
    policy: "LRU" | "FIFO" = "LRU",
  ) {
    this.fetch = fetch && new NaiveArray(fetch, policy);
    this.data = data && new NaiveArray(data, policy);
    this.second = new NaiveArray(second, policy);
  }

  reference(page: number, kind: number): void {
    const first = kind === 0 ? this.fetch : this.data;
    if (first?.touch(page)) return;
    if (first) this.misses[0]![kind]!++;
    if (!this.second.touch(page)) {
      this.misses[1]![kind]!++;
      this.second.fill(page);
    }
    first?.fill(page);
  }
}
