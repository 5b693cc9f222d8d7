import { chunkSizes, unfold } from "./chunks.ts";
import { ascending, type Sequencer } from "./order.ts";

/** A round's write counts, in chunks of one size, and when each chunk was last counted. */
interface Round {
  readonly chunkBlocks: number;
  readonly counts: Uint32Array;
  readonly countedAt: Uint32Array;
}

/**
 * The write history as the authors' code of 2014 keeps it: rounds of so many writes, counted in chunks of the size that the
 * round before has learnt. In a round's first half a write whose chunks were all seen already returns before the smaller sizes
 * are marked, so that those are seen to cover too little: the learnt size is biased once it has left one block. Only a
 * completed round is used, and without one the order is linear.
 */
export class ReleasedHistory implements Sequencer {
  readonly #blocks: number;
  readonly #ops: number;
  readonly #fixed: number | undefined;
  readonly #biased: boolean;
  #done: Round | undefined;
  #round: Round;
  #op = 0;
  #seen: Uint8Array[] = [];
  #taken: number[] = [];
  #covered: number[] = [];
  readonly #later: Uint8Array;
  #laterBlocks = 0;

  /** `biased`: with the early return. */
  constructor(blocks: number, ops: number, fixed: number | undefined, biased: boolean) {
    this.#blocks = blocks;
    this.#ops = ops;
    this.#fixed = fixed;
    this.#biased = biased;
    this.#later = new Uint8Array(blocks);
    this.#round = this.#begin(fixed ?? 1);
  }

  get chunkBlocks(): number {
    return this.#done?.chunkBlocks ?? 1;
  }

  write(first: number, last: number): void {
    this.#op++;
    const { chunkBlocks, counts, countedAt } = this.#round;
    const to = Math.floor(last / chunkBlocks);
    for (let chunk = Math.floor(first / chunkBlocks); chunk <= to; chunk++) {
      counts[chunk]!++;
      countedAt[chunk] = this.#op;
    }
    if (this.#fixed === undefined) {
      if (this.#op <= this.#ops / 2) this.#mark(first, last);
      else this.#cover(first, last);
    }
    if (this.#op === this.#ops) this.#end();
  }

  order(): Uint32Array {
    const round = this.#done;
    if (round === undefined) return ascending(this.#blocks);
    const { chunkBlocks, counts, countedAt } = round;
    // Within a frequency the code's lists have the chunk first that came last, of one write's the highest; never-written ones are in ascending order.
    const chunks = ascending(counts.length).sort(
      (a, b) => counts[a]! - counts[b]! || countedAt[b]! - countedAt[a]! || (countedAt[a]! > 0 ? b - a : a - b),
    );
    return unfold(chunks, this.#blocks, chunkBlocks);
  }

  #mark(first: number, last: number): void {
    if (this.#biased && !this.#anyNew(first, last)) return;
    chunkSizes.forEach((size, index) => {
      const seen = this.#seen[index]!;
      for (let chunk = Math.floor(first / size); chunk <= Math.floor(last / size); chunk++) {
        this.#taken[index]! += 1 - seen[chunk]!;
        seen[chunk] = 1;
      }
    });
  }

  #anyNew(first: number, last: number): boolean {
    const { chunkBlocks } = this.#round;
    const seen = this.#seen[chunkSizes.indexOf(chunkBlocks)]!;
    const to = Math.floor(last / chunkBlocks);
    for (let chunk = Math.floor(first / chunkBlocks); chunk <= to; chunk++) if (seen[chunk] === 0) return true;
    return false;
  }

  #cover(first: number, last: number): void {
    for (let block = first; block <= last; block++) {
      if (this.#later[block] === 1) continue;
      this.#later[block] = 1;
      this.#laterBlocks++;
      chunkSizes.forEach((size, index) => {
        this.#covered[index]! += this.#seen[index]![Math.floor(block / size)]!;
      });
    }
  }

  #end(): void {
    this.#done = this.#round;
    this.#round = this.#begin(this.#fixed ?? this.#learn());
    this.#op = 0;
  }

  #learn(): number {
    let best = 1;
    let bestScore = -Infinity;
    chunkSizes.forEach((size, index) => {
      const storage = this.#taken[index]! / Math.ceil(this.#blocks / size);
      const score = 1 - storage + (this.#laterBlocks === 0 ? 0 : this.#covered[index]! / this.#laterBlocks);
      if (score > bestScore) {
        best = size;
        bestScore = score;
      }
    });
    return best;
  }

  #begin(chunkBlocks: number): Round {
    const chunks = Math.ceil(this.#blocks / chunkBlocks);
    this.#seen = chunkSizes.map((size) => new Uint8Array(Math.ceil(this.#blocks / size)));
    this.#taken = chunkSizes.map(() => 0);
    this.#covered = chunkSizes.map(() => 0);
    this.#later.fill(0);
    this.#laterBlocks = 0;
    return { chunkBlocks, counts: new Uint32Array(chunks), countedAt: new Uint32Array(chunks) };
  }
}
