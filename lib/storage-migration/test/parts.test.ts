import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestChunk, countChunks, scoreChunks } from "../chunks.ts";
import { futureOf } from "../future.ts";
import { LatencyHistogram } from "../latency-histogram.ts";
import {
  cyclic,
  leastWritten,
  lowestFirst,
  migrate,
  oracle,
  type Order,
  popularFirst,
  workloadAware,
} from "../index.ts";
import { RequestWindow } from "../request-window.ts";
import { WaitingReads } from "../waiting-reads.ts";
import { small, traceOf, UNIT } from "./trace-of.ts";

it("quantiles lie at most 1.6 % above those of a sorted list", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (ns, p) => {
        const histogram = new LatencyHistogram();
        for (const value of ns) histogram.add(value);
        const exact = ns.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(p * ns.length)) - 1]! / 1e6;
        // A float's own rounding on top of the width of a bucket.
        expect(histogram.quantileMs(p)).toBeGreaterThanOrEqual(exact * (1 - 1e-7));
        expect(histogram.quantileMs(p)).toBeLessThanOrEqual(exact * (1 + 1 / 64 + 1e-6));
        expect(histogram.buckets().reduce((sum, { requests }) => sum + requests, 0)).toBe(ns.length);
      },
    ),
  );
});

it("a window keeps the last requests, in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.integer({ min: 1, max: 20 }), (list, capacity) => {
      const window = new RequestWindow(capacity);
      for (const block of list) window.add(block, block + 1);
      const kept: number[][] = [];
      window.each(0, window.size, (first, last) => kept.push([first, last]));
      expect(kept).toEqual(list.slice(-capacity).map((block) => [block, block + 1]));
    }),
  );
});

it("reads that wait take the places of those that were answered", () => {
  let answered = 0;
  const waiting = new WaitingReads(4, () => answered++);
  for (let round = 0; round < 100; round++) {
    const read = waiting.open(round, 0, 4096);
    for (const block of [0, 1, 2]) waiting.wait(read, block);
    for (const block of [0, 1, 2]) waiting.arrived(block, round);
  }
  expect(answered).toBe(100);
  // All sixteen places that there were at first are free again.
  const places = Array.from({ length: 16 }, () => waiting.open(0, 0, 4096));
  expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, place) => place));
});

describe("an order sees the reads and writes before it is asked for, and those alone", () => {
  const watching = (seen: string[]): Order => ({
    label: "watching",
    params: {},
    create: ({ blocks }) => ({
      read: (first, last) => seen.push(`r${first}-${last}`),
      write: (first, last) => seen.push(`w${first}-${last}`),
      order: () => Uint32Array.from({ length: blocks }, (_, block) => block),
    }),
  });
  const trace = traceOf([[0, "r", 1, 2], [1, "w", 3], [2, "w", 0], [2.5, "r", 1], [9, "w", 2]]); // prettier-ignore
  // From 2 s on, the bulk pass takes until 6 s.
  it.each([
    ["pre-copy", ["r1-2", "w3-3"], []],
    ["post-copy", [], ["r1-2", "w3-3", "w0-0"]],
    ["pre+post-copy", ["r1-2", "w3-3"], ["r1-2", "w3-3", "w0-0", "r1-1"]],
  ] as const)("%s", async (model, ofBulk, ofFollowing) => {
    const bulk: string[] = [];
    const following: string[] = [];
    const options = { ...small(4), model, startS: 2 } as const;
    await migrate(trace, { ...options, order: watching(bulk), postOrder: watching(following) });
    expect(bulk).toEqual(ofBulk);
    expect(following).toEqual(ofFollowing);
  });
});

describe("dirty orders", () => {
  it("agree with plain lists of marked blocks", () => {
    const action = fc.option(fc.nat(39), { nil: undefined }); // a block that is marked, or one that is taken
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const [least, lowest, round] = [leastWritten(), lowestFirst(), cyclic()].map((order) => order.create(40));
        const counts = { least: new Map<number, number>(), lowest: new Set<number>(), round: new Set<number>() };
        let from = 0;
        for (const block of actions)
          if (block !== undefined) {
            for (const order of [least, lowest, round]) order!.mark(block);
            counts.least.set(block, (counts.least.get(block) ?? 0) + 1);
            counts.lowest.add(block);
            counts.round.add(block);
          } else if (counts.round.size > 0) {
            const taken = least!.take();
            expect(counts.least.get(taken)).toBe(Math.min(...counts.least.values()));
            counts.least.delete(taken);
            const first = Math.min(...counts.lowest);
            expect(lowest!.take()).toBe(first);
            counts.lowest.delete(first);
            const ahead = [...counts.round].filter((dirty) => dirty >= from);
            const next = Math.min(...(ahead.length > 0 ? ahead : counts.round));
            expect(round!.take()).toBe(next);
            counts.round.delete(next);
            from = next + 1;
            for (const [order, set] of [
              [least, counts.least],
              [lowest, counts.lowest],
              [round, counts.round],
            ] as const) {
              // prettier-ignore
              expect(order!.size).toBe(set.size);
              expect(order!.has(39)).toBe(set.has(39));
            }
          }
      }),
    );
  });
});

describe("what is learnt from history", () => {
  it("a request counts once for each chunk that it touches", () => {
    const window = new RequestWindow(10);
    window.add(0, 3); // chunks of 2: 0 and 1
    window.add(3, 3);
    window.add(3, 4);
    expect([...countChunks(window, 7, 2)]).toEqual([1, 3, 1, 0]);
  });
  it("the older half is held against the newer one, and of equal scores the smallest size wins", () => {
    const window = new RequestWindow(4);
    // Older: blocks 0 and 8 of 16. Newer: 1 and 2.
    for (const block of [0, 8, 1, 2]) window.add(block, block);
    const scores = scoreChunks(window, 16).map(({ score }) => score);
    // Size 1: 1 − 2/16 + 0; 2: 1 − 2/8 + 1/2; 4: 1 − 2/4 + 1; 8: 1 − 2/2 + 1; from 16 on one chunk: 1 − 1 + 1.
    expect(scores.slice(0, 5)).toEqual([0.875, 1.25, 1.5, 1, 1]);
    expect(bestChunk(scoreChunks(window, 16))).toBe(4);
    expect(bestChunk(scoreChunks(new RequestWindow(4), 16))).toBe(1); // all equal
  });
  it("popular first counts reads, most first, ties by number", () => {
    const run = popularFirst().create({ blocks: 4 });
    for (const block of [3, 1, 3]) run.read?.(block, block);
    run.write?.(2, 2);
    expect([...run.order()]).toEqual([3, 1, 0, 2]);
  });
  it("as released, of equal counts the chunk counted last is first, also within a write", () => {
    const run = workloadAware({ history: "as released", historyOps: 2, chunkBlocks: 1 }).create({ blocks: 6 });
    run.write?.(1, 2);
    run.write?.(4, 4);
    expect([...run.order()]).toEqual([0, 3, 5, 4, 2, 1]);
  });
  it("as released, a write within chunks that were seen marks no smaller size", () => {
    // Rounds of 8 writes on 1024 blocks. The first round is counted by single blocks: 0 to 3, then 0 to 3 again in 0, 1, 0, 1: sizes 1 and 2 cover
    // all of it at 4/1024 and 2/512, size 4 at 1/256: equal storage, so that 1 wins. So the rounds go to 2 first: older half 0, 2, 4, 6 and
    // newer half 1, 3, 5, 7: learnt 2.
    const learnt = (
      rounds: readonly (readonly number[])[],
      history: "as released" | "in rounds" = "as released",
    ): number | undefined => {
      const run = workloadAware({ history, historyOps: 8 }).create({ blocks: 1024 });
      for (const round of rounds) for (const block of round) run.write?.(block, block);
      run.order();
      return run.chunkBlocks;
    };
    const teachTwo = [0, 2, 4, 6, 1, 3, 5, 7];
    expect(learnt([teachTwo, teachTwo])).toBe(2); // the second round is counted by 2
    // Counted by 2: 0, 1, 2, 3 and then 0, 1, 2, 3. Ideally size 1 has all four marked and covers all at 4/1024: it wins (first of equals). As
    // released, 1 and 3 lie in chunks that were seen: size 1 has 0 and 2 alone, covers half, and 2 is learnt again.
    const round = [0, 1, 2, 3, 0, 1, 2, 3];
    expect(learnt([teachTwo, round, round])).toBe(2);
    expect(learnt([teachTwo, round, round], "in rounds")).toBe(1); // the same rounds, ideally
    // Counted by 1, the same round has no bias: 1 is learnt.
    expect(learnt([round, round])).toBe(1);
  });
});

describe("the future", () => {
  it("is of the bulk pass alone", async () => {
    const trace = traceOf([[0, "w", 0], [5, "w", 1], [6, "r", 2], [7, "w", 3], [9, "w", 1], [9.5, "w", 2]]); // prettier-ignore
    // From 5 s, four blocks of a second: to 9 s, included.
    const future = await futureOf(trace, { blocks: 4, blockBytes: UNIT, startNs: 5e9, blockNs: 1e9 });
    expect([...future.lastWriteNs]).toEqual([-1, 9e9, -1, 7e9]);
  });
  it("a block that is written at the moment of its place is in time", () => {
    const future = { startNs: 0, blockNs: 10, lastWriteNs: Float64Array.of(10, -1) };
    expect([...oracle().create({ blocks: 2, future }).order()]).toEqual([1, 0]);
  });
});
