import * as arrow from "apache-arrow";
import { compile } from "vega-lite";
import { describe as suite, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { toRows } from "../../core/table.ts";
import { describe, describedText } from "../describe.ts";
import * as traces from "../index.ts";

const block = (rows: readonly (readonly [timeNs: number, op: string, offset: number, size: number])[]) =>
  new arrow.Table({
    timeNs: arrow.vectorFromArray(
      rows.map(([time]) => time),
      new arrow.Float64(),
    ),
    op: arrow.vectorFromArray(
      rows.map(([, op]) => op),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
    ),
    offsetBytes: arrow.vectorFromArray(
      rows.map(([, , offset]) => offset),
      new arrow.Float64(),
    ),
    sizeBytes: arrow.vectorFromArray(
      rows.map(([, , , size]) => size),
      new arrow.Float64(),
    ),
  });

/** Five requests: two follow each other, one comes late, one repeats a block. */
const five = block([
  [0, "read", 0, 4096],
  [1000, "read", 4096, 4096],
  [500, "write", 1 << 20, 8192],
  [3000, "flush", 0, 0],
  [4000, "read", 0, 4096],
]);

suite("block traces, by hand", () => {
  it("request rate: mix, bytes, duration, and times out of order", async () => {
    const rate = await traces.requestRate(five);
    expect(rate).toMatchObject({
      requests: 5,
      durationNs: 4000,
      readShare: 3 / 4,
      readBytes: 12_288,
      writtenBytes: 8192,
      outOfOrder: 1,
    });
    // Intervals of 1 µs: reads at 0 (bin 0), 1000 (1), 4000 (4); the write at 500 is in bin 0.
    const rows = toRows(rate.table).filter(({ perS }) => Number(perS) > 0);
    expect(rows.map(({ timeS, op, perS }) => [timeS, op, perS])).toEqual([
      [0, "read", 1e6],
      [0, "write", 1e6],
      [1e-6, "read", 1e6],
      [4e-6, "read", 1e6],
    ]);
  });

  it("request sizes: mean, median, largest", async () => {
    expect(await traces.requestSizes(five)).toMatchObject({ meanBytes: 4096, medianBytes: 4096, maxBytes: 8192 });
  });

  it("request sizes: the largest is exact beyond 65,536 different ones", async () => {
    const sizes = Array.from({ length: 70_001 }, (_, at) => [at, "read", 0, 512 * at + 512] as const);
    expect((await traces.requestSizes(block(sizes))).maxBytes).toBe(512 * 70_001);
  });

  it("request sizes: the smallest bar says that it has all sizes up to its own", async () => {
    const drawn = JSON.stringify(
      (
        await traces.requestSizes(
          block([
            [0, "read", 0, 1],
            [1, "read", 0, 4096],
          ]),
        )
      ).chart,
    );
    expect(drawn).toContain('"up to 512 B"');
    expect(drawn).toContain("each other bar: more than half of its size, up to it");
    const large = JSON.stringify((await traces.requestSizes(block([[0, "read", 0, 4096]]))).chart);
    expect(large).toContain("each bar: more than half of its size, up to it");
  });

  it("sequentiality: one request of five goes on; the flush at 0 does not", async () => {
    const { sequentialShare, meanRun, table } = await traces.sequentiality(five);
    // The last read begins where the flush (of no size) ended.
    expect(sequentialShare).toBe(2 / 5);
    // Runs: [0, 4096), the write, [flush, read].
    expect(meanRun).toBe(5 / 3);
    expect(toRows(table)).toEqual([
      { runLength: 1, runs: 1, requests: 1 },
      { runLength: 2, runs: 2, requests: 4 },
    ]);
  });

  it("reuse: blocks 0, 1, 256, 257, 0 (flush), 0", async () => {
    const { distinct, exact, table } = await traces.reuseDistances(five);
    expect({ distinct, exact }).toEqual({ distinct: 4, exact: true });
    // The flush touches block 0 at distance 3, the read at 0: of 6 uses one hits in 1 entry, two in 4.
    expect(toRows(table)).toEqual([
      { entries: 1, bytes: 4096, missRatio: 5 / 6 },
      { entries: 4, bytes: 16_384, missRatio: 4 / 6 },
    ]);
  });

  it("working set: four blocks in all", async () => {
    const { totalBytes } = await traces.workingSet(five);
    expect(Math.round(totalBytes / 4096)).toBe(4);
  });

  it("hot spots: four requests in the first region, one in the second", async () => {
    const { table, regionBytes, hottest10Share } = await traces.hotSpots(five);
    expect(regionBytes).toBe(1 << 20);
    expect(hottest10Share).toBe(4 / 5);
    expect(toRows(table).reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(5);
  });

  it("gaps: 1000, 0 (late), 2500, 1000", async () => {
    const { meanNs, outOfOrder, tailIndex } = await traces.interArrivals(five);
    expect({ meanNs, outOfOrder, tailIndex }).toEqual({ meanNs: 4500 / 4, outOfOrder: 1, tailIndex: null });
  });
});

suite("against closed forms", () => {
  it("Poisson arrivals have a coefficient of variation of 1 and an exponential tail", async () => {
    const gaps = await traces.interArrivals(traces.blockWorkload({ requests: 50_000, ratePerS: 1000, seed: 4 }));
    // Of 50,000 exponential gaps, four standard errors: 4 / sqrt(50,000).
    expect(Math.abs(gaps.coefficientOfVariation - 1)).toBeLessThan(0.018);
    for (const { gapNs, longer } of toRows(gaps.table)) {
      const expected = Math.exp(-Number(gapNs) / 1e6);
      if (expected * 50_000 < 50) continue;
      // A bucket's width (12 %) and four binomial standard errors.
      expect(Number(longer)).toBeGreaterThan(
        Math.exp((-Number(gapNs) * 1.13) / 1e6) - 4 * Math.sqrt(expected / 50_000),
      );
      expect(Number(longer)).toBeLessThan(expected + 4 * Math.sqrt(expected / 50_000));
    }
  });

  it("Pareto gaps have the tail index that they were drawn with", async () => {
    const stream = random(5);
    let time = 0;
    const rows = Array.from({ length: 50_000 }, () => {
      time += Math.round(1e6 * (1 - stream.float()) ** (-1 / 1.5));
      return [time, "read", 0, 512] as const;
    });
    const { tailIndex } = await traces.interArrivals(block(rows));
    // Hill's standard error is the index over sqrt(k): four of them at k = 1000.
    expect(Math.abs(tailIndex! - 1.5)).toBeLessThan((4 * 1.5) / Math.sqrt(1000));
  });

  it("a loop over n pages misses always in a smaller LRU cache and never in one of n", async () => {
    const pages = Array.from({ length: 4000 }, (_, at) => [at, "read", (at % 40) * 4096, 4096] as const);
    const { table } = await traces.reuseDistances(block(pages));
    expect(toRows(table)).toEqual([
      { entries: 1, bytes: 4096, missRatio: 1 },
      { entries: 40, bytes: 40 * 4096, missRatio: 0.01 },
    ]);
  });

  it("TLB reach: 100 pages in turn, 4 KiB and 2 MiB", async () => {
    const pages = new Uint32Array(10_000).map((_, at) => at % 100);
    const table = arrow.tableFromArrays({
      page: pages,
      count: new Uint32Array(10_000).fill(2),
      kind: new Uint8Array(10_000),
    });
    const { missRatio } = await traces.tlbReach(table);
    // Each page comes twice in a row, so half of all references hit in any TLB; the others miss in 64 entries, and only cold in 1536.
    expect(missRatio.small64).toBeCloseTo(0.5, 10);
    expect(missRatio.small1536).toBeCloseTo(100 / 20_000, 10);
    expect(missRatio.large64).toBeCloseTo(1 / 20_000, 10);
  });
});

suite("other kinds", () => {
  it("equal pages: shares and what merging saves", async () => {
    const image = new arrow.Table({
      page: arrow.vectorFromArray([0, 1, 2, 3, 4], new arrow.Float64()),
      class: arrow.vectorFromArray(
        ["zero", "zero", "data", "data", "data"],
        new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint8()),
      ),
      hash: arrow.vectorFromArray([9n, 9n, 7n, 7n, 2n ** 63n], new arrow.Uint64()),
    });
    // Kept: one page of zeros, one of 7, one of 2^63: two of five are saved.
    expect(await traces.pageDuplicates(image)).toMatchObject({
      pages: 5,
      zeroShare: 0.4,
      uniqueShare: 0.2,
      duplicateShare: 0.4,
      savedShare: 0.4,
    });
  });

  it("a difference flame graph: shares before and after, frames that went, the largest changes first", async () => {
    const profile = (stacks: readonly string[], weights: readonly number[]) =>
      new arrow.Table({
        weight: arrow.vectorFromArray(weights, new arrow.Float64()),
        stack: arrow.vectorFromArray(stacks, new arrow.Utf8()),
      });
    // Half of the weight in f, a quarter in g, a quarter in h; then, in another unit, three quarters in f and a quarter in g.
    const before = profile(["main;f", "main;g", "h"], [2, 1, 1]);
    const after = profile(["main;f", "main;g"], [30, 10]);
    const { table, changes, toSpec } = await traces.differenceFlameGraph(before, after);
    const rows = toRows(table).map((row) => [
      row["name"],
      row["depth"],
      row["start"],
      row["total"],
      row["before"],
      row["change"],
    ]);
    expect(rows).toEqual([
      ["all", 0, 0, 1, 1, 0],
      ["main", 1, 0, 1, 0.75, 0.25],
      ["f", 2, 0, 0.75, 0.5, 0.25],
      ["g", 2, 0.75, 0.25, 0.25, 0],
      ["h", 1, null, 0, 0.25, -0.25],
    ]);
    expect(changes).toEqual([
      { stack: "h", change: -0.25 },
      { stack: "main;f", change: 0.25 },
      { stack: "main;g", change: 0 },
    ]);
    expect(JSON.stringify(toSpec())).toContain('"shade":25');
    await expect(traces.differenceFlameGraph(before, profile(["f"], [0]))).rejects.toThrow("after: expected a profile");
  });

  it("a flame graph: widths, places, and a recursive function counted once", async () => {
    const stacks = ["main;f;f", "main;g", "main;f", "main"];
    const profile = new arrow.Table({
      weight: arrow.vectorFromArray([1, 2, 1, 4], new arrow.Float64()),
      stack: arrow.vectorFromArray(stacks, new arrow.Utf8()),
    });
    const { table, top, weight } = await traces.flameGraph(profile);
    expect(weight).toBe(8);
    expect(toRows(table).map(({ name, depth, start, total, self }) => [name, depth, start, total, self])).toEqual([
      ["all", 0, 0, 1, 0],
      ["main", 1, 0, 1, 0.5],
      ["f", 2, 0, 0.25, 0.125],
      ["f", 3, 0, 0.125, 0.125],
      ["g", 2, 0.25, 0.25, 0.25],
    ]);
    expect(top[0]).toEqual({ name: "main", selfShare: 0.5, totalShare: 1 });
    expect(top.find(({ name }) => name === "f")).toEqual({ name: "f", selfShare: 0.25, totalShare: 0.25 });
  });

  it("exits, airtime, noise and tasks: their figures", async () => {
    const reasons = { A: { ratePerS: 10, medianNs: 1000, sigma: 0 }, B: { ratePerS: 10, medianNs: 5000, sigma: 0 } };
    const { groups } = await traces.exitReasons(traces.vmExits({ exits: 400, reasons, seed: 1 }));
    expect(groups.map(({ name, rows, total }) => [name, total / rows])).toEqual([
      ["B", 5000],
      ["A", 1000],
    ]);
    // 1500 bytes at 54 Mb/s take 244 µs, the ACK at 24 Mb/s 28 µs.
    const air = await traces.airtime(traces.radioFrames({ frames: 200, stations: 1 }));
    expect(toRows(air.table).map(({ type, frames, airtimeNs }) => [type, frames, airtimeNs])).toEqual([
      ["Data", 100, 100 * 244_000],
      ["Acknowledgement", 100, 100 * 28_000],
    ]);
    const noise = await traces.noiseProfile(
      traces.osNoise({ interruptions: 1000, tickNs: 4000, jitter: 0, daemonTicks: 1e9 }),
    );
    expect(noise.lostShare).toBeCloseTo(0.001, 4);
    expect(noise.periodNs).toBe(4_000_000);
  });
});

suite("describe of traces", () => {
  const every: readonly (readonly [string, traces.Trace, readonly string[]])[] = [
    [
      "block",
      five,
      [
        "requestRate",
        "readWriteMix",
        "requestSizes",
        "sequentiality",
        "hotSpots",
        "reuseDistances",
        "workingSet",
        "interArrivals",
      ],
    ],
    [
      "memory",
      [...traces.memoryReferences({ references: 300 })],
      ["referenceMix", "reuseDistances", "workingSet", "tlbReach"],
    ],
    ["pages", [...traces.memoryImage({ pages: 300 })], ["pageDuplicates"]],
    [
      "profile",
      [...traces.profileSamples({ samples: 300, stacks: { "a;b": 1, a: 2 } })],
      ["flameGraph", "topFunctions"],
    ],
    ["exits", [...traces.vmExits({ exits: 30, reasons: { HLT: { ratePerS: 1, medianNs: 10 } } })], ["exitReasons"]],
    ["radio", [...traces.radioFrames({ frames: 30 })], ["airtime", "airtimeOverTime", "frameTypes"]],
    ["noise", [...traces.osNoise({ interruptions: 30 })], ["noiseProfile"]],
    ["code", [...traces.codeVersions({ files: 3 })], ["codeSharing"]],
  ];

  it.each(every)(
    "%s: what fits, each with a chart that Vega-Lite takes, and all in one figure",
    async (_, trace, names) => {
      const description = await describe(trace);
      expect(Object.keys(description.characteristics)).toEqual(names);
      for (const { chart, table } of Object.values(description.characteristics)) {
        expect(() => compile(chart as never)).not.toThrow();
        expect(table.numRows).toBeGreaterThan(0);
      }
      const { toSpec } = description as unknown as { toSpec: () => object };
      expect(() => compile(toSpec() as never)).not.toThrow();
      expect(describedText(description)).toContain(`${description.rows.toLocaleString("en")} rows`);
    },
  );

  it("batches of any size give the same figures as the whole", async () => {
    const options = { requests: 3000, seed: 8 };
    const whole = await describe(traces.blockWorkload(options));
    const parts = await describe(traces.blockWorkload({ ...options, batchRows: 17 }));
    for (const [name, { table }] of Object.entries(whole.characteristics))
      expect(toRows(parts.characteristics[name]!.table), name).toEqual(toRows(table));
  });

  it("a trace without rows is described without charts, and a characterisation of it is refused", async () => {
    const empty = five.slice(0, 0);
    expect((await describe(empty)).characteristics).toEqual({});
    await expect(traces.requestRate(empty)).rejects.toThrow("trace: expected a block trace, at least one row");
    await expect(traces.requestRate(arrow.tableFromArrays({ x: [1] }))).rejects.toThrow("a trace with a column timeNs");
  });
});
