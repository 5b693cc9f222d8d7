import type { ReferenceBatch } from "../../hardware/index.ts";

interface Level {
  readonly tags: Float64Array;
  readonly used: Float64Array;
  readonly ways: number;
  readonly mask: number;
}

const level = (entries: number, ways: number): Level => ({
  tags: new Float64Array(entries).fill(-1),
  used: new Float64Array(entries),
  ways,
  mask: entries / ways - 1,
});

/** The benchmark's peer: the same two-level TLB written the straightforward way, every entry with the time of its last use. */
export class StampTlb {
  readonly misses: [number, number] = [0, 0];
  readonly #fetch: Level = level(128, 4);
  readonly #data: Level = level(64, 4);
  readonly #second: Level = level(512, 4);
  #now = 0;

  access({ page, count, kind }: ReferenceBatch): void {
    for (let row = 0; row < page.length; row++)
      for (let left = count[row]!; left > 0; left--)
        this.#reference(page[row]!, kind[row] === 0 ? this.#fetch : this.#data);
  }

  #reference(page: number, first: Level): void {
    this.#now++;
    if (this.#touch(first, page)) return;
    this.misses[0]++;
    if (!this.#touch(this.#second, page)) {
      this.misses[1]++;
      this.#fill(this.#second, page);
    }
    this.#fill(first, page);
  }

  #touch({ tags, used, ways, mask }: Level, page: number): boolean {
    const from = (page & mask) * ways;
    for (let way = from; way < from + ways; way++)
      if (tags[way] === page) {
        used[way] = this.#now;
        return true;
      }
    return false;
  }

  #fill({ tags, used, ways, mask }: Level, page: number): void {
    const from = (page & mask) * ways;
    let victim = from;
    for (let way = from + 1; way < from + ways; way++) if (used[way]! < used[victim]!) victim = way;
    tags[victim] = page;
    used[victim] = this.#now;
  }
}
