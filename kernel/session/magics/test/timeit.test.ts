import { describe, expect, it } from "vitest";
import { formatDuration } from "../format-duration.ts";
import { timeit } from "../timeit.ts";

describe("%timeit", () => {
  it("runs the loops that it was told", async () => {
    const turns: number[] = [];
    const text = await timeit("-n 3 -r2", (count) => void turns.push(count));
    expect(turns).toEqual([1, 2, 3]);
    expect(text).toMatch(
      /^\S+ [mµn]?s ± \S+ [mµn]?s per loop \(mean ± std\. dev\. of 2 runs, 3 loops each; best \S+ [mµn]?s\)\n$/,
    );
  });

  it("finds as many as take 0.2 s", async () => {
    const turns: number[] = [];
    await timeit("-r 1", (count) => {
      turns.push(count);
      if (count >= 20) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 210);
    });
    expect(turns).toEqual([1, 2, 5, 10, 20, 20]);
  });

  it("waits for promises, one after the other", async () => {
    let open = 0;
    let most = 0;
    const wait = async (): Promise<void> => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
    };
    await timeit("-n 4 -r 2", (count, sink) => {
      for (let turn = 0; turn < count; turn++) sink.value = wait();
    });
    expect([most, open]).toEqual([1, 0]);
  });

  it("waits for a loop that waits, also where its value is a promise", async () => {
    let ended = 0;
    let early = 0;
    await timeit("-n 5 -r 2", async (count, sink) => {
      const begun = ended;
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (begun !== ended) early += 1;
      ended += count;
      sink.value = Promise.resolve(1);
    });
    expect([ended, early]).toEqual([10, 0]);
  });

  it("refuses what is no number of loops", async () => {
    await expect(timeit("-n 0", () => undefined)).rejects.toThrow("%timeit -n: expected a whole number > 0, got 0");
  });
});

it("a duration has three digits and a unit", () => {
  expect([0, 1.5e-9, 999.4e-9, 0.0123456, 59.99, 60, 3725, 90_000].map(formatDuration)).toEqual([
    ...["0 s", "1.5 ns", "999 ns", "12.3 ms", "60 s", "1min 0s", "1h 2min 5s", "1d 1h 0min 0s"],
  ]);
});
