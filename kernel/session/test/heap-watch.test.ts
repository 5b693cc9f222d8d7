import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createHeapWatch } from "../heap-watch.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Heap {
  /** What is in use and what is garbage, shares of the limit. */
  live: number;
  garbage: number;
  /** How much a second of the loop adds to each. */
  keeps: number;
  drops: number;
  /** How long a collection takes: the loop stands meanwhile. */
  readonly collectMs: number;
}

/** A watch over a heap, and what it has done to it; `run` is a cell with a loop. */
function watched(heap: Heap): { collected: number[]; run(seconds: number): Promise<number | undefined> } {
  const collected: number[] = [];
  let full: number | undefined;
  let collecting = false;
  const watch = createHeapWatch({
    limit: 1,
    session: {
      async post(method) {
        if (method === "Runtime.getHeapUsage") return { usedSize: heap.live + heap.garbage };
        collecting = true;
        await new Promise((resolve) => setTimeout(resolve, heap.collectMs));
        collecting = false;
        collected.push(heap.garbage);
        heap.garbage = 0;
        return {};
      },
    },
    full(used) {
      full = used;
    },
  });
  return {
    collected,
    async run(seconds) {
      full = undefined;
      const loop = setInterval(() => {
        if (collecting || full !== undefined) return;
        heap.live += heap.keeps / 1000;
        heap.garbage += heap.drops / 1000;
      }, 1);
      watch.begin();
      await vi.advanceTimersByTimeAsync(seconds * 1000);
      watch.end();
      clearInterval(loop);
      return full;
    },
  };
}

it("a cell that fills the heap is stopped early, however long a collection takes and whatever it has found before", async () => {
  for (const garbage of [0.01, 0.3])
    for (const collectMs of [10, 1000]) {
      const full = await watched({ live: 0.5, garbage, keeps: 0.1, drops: 0.01, collectMs }).run(20);
      expect(full, `${garbage} of garbage, ${collectMs} ms`).toBeGreaterThan(0.8);
      expect(full).toBeLessThan(0.92);
    }
});

it("the cells after it have half of what is left, until one lets go of something", async () => {
  const heap = { live: 0.7, garbage: 0, keeps: 0.1, drops: 0, collectMs: 100 };
  const cells = watched(heap);
  expect(await cells.run(20)).toBeCloseTo(0.8, 2);
  expect(await cells.run(20)).toBeCloseTo(0.9, 2);
  // One that finds little to collect, and one after it that drops much and then fills the heap again.
  Object.assign(heap, { live: 0.945, garbage: 0.02, keeps: 0 });
  expect(await cells.run(1)).toBeUndefined();
  expect(cells.collected.at(-1)).toBe(0.02);
  Object.assign(heap, { live: 0.7, garbage: 0, keeps: 0.1 });
  expect(await cells.run(20)).toBeCloseTo(0.8, 2);
});

it("garbage stops no cell, and each collection frees half of what can be free", async () => {
  for (const live of [0.3, 0.7, 0.79]) {
    const cells = watched({ live, garbage: 0, keeps: 0, drops: 0.5, collectMs: 50 });
    expect(await cells.run(20)).toBeUndefined();
    const { collected } = cells;
    expect(collected.length).toBeGreaterThan(5);
    expect(Math.min(...collected.slice(1)), String(live)).toBeGreaterThanOrEqual((1 - live) / 2);
  }
});
