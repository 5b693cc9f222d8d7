import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import {
  cyclic,
  expectedDirty,
  expectedDirtyOf,
  geometricPreCopy,
  linear,
  migrate,
  missingShare,
  type Order,
  popularFirst,
  stallS,
} from "../index.ts";
import { blockPerS, small, traceOf, UNIT, type Request } from "./trace-of.ts";

/** Poisson writes to blocks at given rates from 0 to `untilS`. */
function poisson(ratesPerS: readonly number[], untilS: number, seed: string): Request[] {
  const stream = random(seed);
  return ratesPerS
    .flatMap((rate, block) => {
      const writes: Request[] = [];
      for (let at = stream.exponential(1 / rate); at < untilS; at += stream.exponential(1 / rate))
        writes.push([at, "w", block]);
      return writes;
    })
    .sort(([a], [b]) => a - b);
}

const inOrder = (places: readonly number[]): Order => ({
  label: "given",
  params: {},
  create: () => ({ order: () => Uint32Array.from(places) }),
});

describe("dirty blocks at the end of the bulk pass under Poisson writes", () => {
  const BLOCKS = 40;
  const RUNS = 200;
  // Rates from 0.0005 to 0.25 a second, in no order of place: 40 s of bulk pass.
  const rates = Array.from({ length: BLOCKS }, (_, i) => 0.0005 * 500 ** (((i * 17) % BLOCKS) / (BLOCKS - 1)));
  const mean = async (orderOf: (run: number) => readonly number[]): Promise<number> => {
    let sum = 0;
    for (let run = 0; run < RUNS; run++) {
      // Nothing is written after the bulk pass, so that it ends.
      const trace = traceOf(poisson(rates, BLOCKS, `run ${run}`));
      const { row } = await migrate(trace, { ...small(BLOCKS), model: "pre-copy", order: inOrder(orderOf(run)) });
      sum += row.dirtyAtBulkEnd;
    }
    return sum / RUNS;
  };
  // A run's count is a sum of 40 independent yes or no, variance at most 10; the mean of 200 runs has a standard deviation
  // of at most 0.224. Four of them: 0.9. Fixed before the run.
  const TOLERANCE = 0.9;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => i);
  // Places are discrete: in random order a block waits 1, 2, … 40 s, each as likely. Over the 40 rotations of an order it is in each place once.
  const inRandomOrder =
    blocks.reduce((sum, shift) => sum + expectedDirtyOf(rates, blocks.map((b) => (b + shift) % BLOCKS), BLOCKS), 0) / BLOCKS; // prettier-ignore

  it("random order", async () => {
    const found = await mean((run) => random(`order ${run}`).shuffle(blocks));
    expect(Math.abs(found - inRandomOrder)).toBeLessThan(TOLERANCE);
  });
  it("of places without end, the integral over them", () => {
    // The mean over n places, 1/n to n/n of the pass, is the right Riemann sum of a function that rises by at most 1 a block: it lies above the
    // integral, by at most an n-th of that.
    const places = 10_000;
    let sum = 0;
    for (let k = 1; k <= places; k++) sum += expectedDirtyOf(rates, blocks.map(() => BLOCKS * (1 - k / places)), BLOCKS); // prettier-ignore
    const above = sum / places - expectedDirty(rates, BLOCKS);
    expect(above).toBeGreaterThan(0);
    expect(above).toBeLessThan(BLOCKS / places);
  });
  it("a fixed order, ascending and descending in rate", async () => {
    const ascending = blocks.toSorted((a, b) => rates[a]! - rates[b]!);
    for (const order of [ascending, ascending.toReversed()]) {
      const sentS = blocks.map((block) => order.indexOf(block));
      const expected = expectedDirtyOf(rates, sentS, BLOCKS);
      expect(Math.abs((await mean(() => order)) - expected)).toBeLessThan(TOLERANCE);
    }
  });

  it("ascending rates are the best of all orders for two classes, and not always for three", () => {
    const best = (ratesPerS: readonly number[]): { readonly all: number; readonly ascending: number } => {
      let all = Infinity;
      const visit = (left: readonly number[], order: readonly number[]): void => {
        if (left.length === 0) all = Math.min(all, cost(order));
        left.forEach((rate, i) => {
          visit(left.toSpliced(i, 1), [...order, rate]);
        });
      };
      const cost = (order: readonly number[]): number =>
        expectedDirtyOf(order, order.map((_, i) => i), order.length); // prettier-ignore
      visit(ratesPerS, []);
      return { all, ascending: cost(ratesPerS.toSorted((a, b) => a - b)) };
    };
    for (const rates of [
      [0, 0, 0, 1, 1, 1],
      [0.3, 0.3, 0.3, 0.3],
      [0, 0, 50, 50, 50],
    ]) {
      // prettier-ignore
      const { all, ascending } = best(rates);
      expect(ascending).toBeCloseTo(all, 12);
    }
    // A block that is written all the time is dirty wherever it is sent (but in the last slot too: it waits a slot): its place is wasted last.
    const { all, ascending } = best([0.1, 0.5, 9, 9]);
    expect(ascending).toBeGreaterThan(all + 0.01);
  });
});

describe("iterative pre-copy at a constant dirty rate", () => {
  // 1024 blocks, every write to a block that is clean, evenly in time, from the first slot on: r blocks dirty a slot. With r = 1/4 and 1/2 all
  // rounds are whole numbers of slots: exact but for one block a round, at its border.
  it.each([1 / 2, 1 / 4])("ratio %f", async (ratio) => {
    const blocks = 1024;
    // Writes go round the blocks behind the copy: at time t the copy has sent t blocks, block floor(t·ratio) was sent before.
    const writes = Array.from({ length: 4000 }, (_, i): Request => [(i + 0.5) / ratio, "w", i % blocks]);
    const { row } = await migrate(traceOf(writes), {
      ...{ ...small(blocks), model: "pre-copy", dirtyOrder: cyclic(), maxDowntimeMs: 1000 },
    });
    const closed = geometricPreCopy({
      ...{ volumeBytes: blocks, dirtyBytesPerS: ratio, bytesPerS: 1, thresholdBytes: 1 },
    });
    // A block a round may fall on either side of its border.
    expect(Math.abs(row.sentBytes / UNIT - closed.totalBytes)).toBeLessThanOrEqual(closed.rounds);
  });
  it("in closed form", () => {
    const given = { volumeBytes: 1000, dirtyBytesPerS: 1, bytesPerS: 10, thresholdBytes: 1 };
    expect(geometricPreCopy(given)).toEqual({ rounds: 3, totalBytes: expect.closeTo(1111, 9) as number });
    expect(geometricPreCopy({ ...given, dirtyBytesPerS: 0 }).totalBytes).toBe(1000);
    expect(() => geometricPreCopy({ ...given, dirtyBytesPerS: 10 })).toThrow("never converges");
  });
});

describe("post-copy", () => {
  it("a read that finds its block missing, and the link at a border between two blocks, waits RTT + block/B", async () => {
    const link = { ...blockPerS, rttMs: 2000 };
    // The machine moves from 0 to 2 s. The read of trace time 5 s happens at 7 s, is known at the source at 8 s, when a block has just left.
    const { row } = await migrate(traceOf([[5, "r", 90]]), {
      ...{ ...small(100), link, model: "post-copy", postOrder: linear() },
    });
    expect(row.delayMeanMs).toBeCloseTo(1000 * stallS({ rttMs: 2000, blockBytes: UNIT, bytesPerS: UNIT }), 6);
  });

  it("popular first and Zipf reads: the share that waits falls as 1 − H(k)/H(N)", async () => {
    const [blocks, exponent, runs] = [100, 1, 120];
    const weights = Array.from({ length: blocks }, (_, i) => (i + 1) ** -exponent);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const missing = new Float64Array(4);
    const reads = new Float64Array(4);
    // History: block i is read 1000/i times, so that popularity is known. Block i is at rank i.
    const history = weights.flatMap((w, i) => Array.from({ length: Math.round(1000 * w) }, (): Request => [0, "r", i]));
    for (let run = 0; run < runs; run++) {
      const stream = random(`reads ${run}`);
      const pick = (): number => {
        let left = stream.float() * total;
        return Math.max(
          0,
          weights.findIndex((w) => (left -= w) < 0),
        );
      };
      // One read a run, at the middle of a quarter: it meets exactly the blocks that were pushed.
      const quarter = run % 4;
      const at = 1 + 12.5 + 25 * quarter + 0.5;
      const list = [...history, ...Array.from({ length: 50 }, (): Request => [at, "r", pick()])];
      const { row } = await migrate(traceOf(list), {
        ...{ ...small(blocks), model: "post-copy", startS: 1, postOrder: popularFirst(), record: ["timeline"] },
      });
      missing[quarter]! += row.delayedRequests;
      reads[quarter]! += row.reads;
    }
    for (let quarter = 0; quarter < 4; quarter++) {
      // Sending began at 1 s: 13 blocks of 12.5 + 25 q + 0.5 slots have arrived.
      const expected = missingShare(13 + 25 * quarter, blocks, exponent);
      // 1500 reads a quarter: standard deviation of at most 0.013; four of them.
      expect(Math.abs(missing[quarter]! / reads[quarter]! - expected)).toBeLessThan(0.052);
    }
  });
});
