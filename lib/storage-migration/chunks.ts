import type { RequestWindow } from "./request-window.ts";

/** The chunk sizes that are tried, in blocks: 1 to 512, which is MB with blocks of 1 MB. [authors' 2014 code release] */
export const chunkSizes: readonly number[] = Array.from({ length: 10 }, (_, power) => 2 ** power);

/** How often each chunk was touched: once for each request and chunk, not once for each byte. */
export function countChunks(window: RequestWindow, blocks: number, chunkBlocks: number): Uint32Array {
  const counts = new Uint32Array(Math.ceil(blocks / chunkBlocks));
  window.each(0, window.size, (first, last) => {
    const to = Math.floor(last / chunkBlocks);
    for (let chunk = Math.floor(first / chunkBlocks); chunk <= to; chunk++) counts[chunk]!++;
  });
  return counts;
}

/** The blocks of chunks in an order, those of one chunk one after the other. */
export function unfold(chunks: Uint32Array, blocks: number, chunkBlocks: number): Uint32Array {
  const order = new Uint32Array(blocks);
  let at = 0;
  for (const chunk of chunks) {
    const end = Math.min(blocks, (chunk + 1) * chunkBlocks);
    for (let block = chunk * chunkBlocks; block < end; block++) order[at++] = block;
  }
  return order;
}

/**
 * How well a chunk size predicts: (1 − share of the disk that the first half's chunks take) + share of the blocks of the
 * second half that lie in them. [authors' 2014 code release]
 */
export interface ChunkScore {
  readonly chunkBlocks: number;
  readonly storage: number;
  readonly coverage: number;
  readonly score: number;
}

/** The scores of all chunk sizes over a history, its older half against its newer one. */
export function scoreChunks(window: RequestWindow, blocks: number): ChunkScore[] {
  const half = Math.floor(window.size / 2);
  const later = new Uint8Array(blocks);
  let laterBlocks = 0;
  window.each(half, window.size, (first, last) => {
    for (let block = first; block <= last; block++) {
      laterBlocks += 1 - later[block]!;
      later[block] = 1;
    }
  });
  return chunkSizes.map((chunkBlocks) => {
    const chunks = Math.ceil(blocks / chunkBlocks);
    const seen = new Uint8Array(chunks);
    let taken = 0;
    window.each(0, half, (first, last) => {
      const to = Math.floor(last / chunkBlocks);
      for (let chunk = Math.floor(first / chunkBlocks); chunk <= to; chunk++) {
        taken += 1 - seen[chunk]!;
        seen[chunk] = 1;
      }
    });
    let covered = 0;
    for (let block = 0; block < blocks; block++) covered += later[block]! & seen[Math.floor(block / chunkBlocks)]!;
    const storage = taken / chunks;
    const coverage = laterBlocks === 0 ? 0 : covered / laterBlocks;
    return { chunkBlocks, storage, coverage, score: 1 - storage + coverage };
  });
}

/** The size with the highest score, the smallest of equal ones. */
export function bestChunk(scores: readonly ChunkScore[]): number {
  let best = scores[0]!;
  for (const score of scores) if (score.score > best.score) best = score;
  return best.chunkBlocks;
}
