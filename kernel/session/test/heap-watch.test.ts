import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createHeapWatch } from "../heap-watch.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A heap that a loop fills, in shares of its limit and of it a second; the loop stands while garbage is collected. */
async function watched(
  heap: { live: number; garbage: number; keeps: number; drops: number; collectMs: number },
  seconds: number,
): Promise<{ full: number | undefined; collected: number[] }> {
  const collected: number[] = [];
  let full: number | undefined;
  let collecting = false;
  const loop = setInterval(() => {
    if (collecting || full !== undefined) return;
    heap.live += heap.keeps / 1000;
    heap.garbage += heap.drops / 1000;
  }, 1);
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
  watch.begin();
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  watch.end();
  clearInterval(loop);
  return { full, collected };
}

it("a cell that fills the heap is stopped early, however long a collection takes and whatever it has found before", async () => {
  for (const garbage of [0.01, 0.3])
    for (const collectMs of [10, 1000]) {
      const { full } = await watched({ live: 0.5, garbage, keeps: 0.1, drops: 0.01, collectMs }, 20);
      expect(full, `${garbage} of garbage, ${collectMs} ms`).toBeGreaterThan(0.8);
      expect(full).toBeLessThan(0.92);
    }
});

it("garbage stops no cell, and each collection frees half of what can be free", async () => {
  for (const live of [0.3, 0.7, 0.79]) {
    const { full, collected } = await watched({ live, garbage: 0, keeps: 0, drops: 0.5, collectMs: 50 }, 20);
    expect(full).toBeUndefined();
    expect(collected.length).toBeGreaterThan(5);
    expect(Math.min(...collected.slice(1)), String(live)).toBeGreaterThanOrEqual((1 - live) / 2);
  }
});
