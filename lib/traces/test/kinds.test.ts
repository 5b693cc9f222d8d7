import * as arrow from "apache-arrow";
import fc from "fast-check";
import { describe as suite, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { draw } from "../../core/test/drawn.ts";
import { toRows } from "../../core/table.ts";
import { describe } from "../describe.ts";
import * as traces from "../index.ts";

const f64 = (values: readonly (number | null)[]) => arrow.vectorFromArray(values, new arrow.Float64());
const words = (values: readonly (string | null)[]) =>
  arrow.vectorFromArray(values, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()));
const hashes = (values: readonly bigint[]) => arrow.vectorFromArray(values, new arrow.Uint64());
const reads = (times: readonly number[], offsets: readonly number[]) =>
  new arrow.Table({
    timeNs: f64(times),
    op: words(times.map(() => "read")),
    offsetBytes: f64(offsets),
    sizeBytes: f64(times.map(() => 4096)),
  });

suite("mixes, by hand", () => {
  it("operations: shares of an interval and of the whole", async () => {
    // Intervals of 1024 ns: two reads and a write in the first, a flush in the third.
    const table = new arrow.Table({
      timeNs: f64([0, 10, 20, 2048]),
      op: words(["read", "write", "read", "flush"]),
      offsetBytes: f64([0, 0, 0, 0]),
      sizeBytes: f64([512, 512, 512, 0]),
    });
    const mix = await traces.readWriteMix(table);
    expect(mix.parts).toEqual([
      { name: "read", total: 2, share: 0.5 },
      { name: "flush", total: 1, share: 0.25 },
      { name: "write", total: 1, share: 0.25 },
    ]);
    const at = (name: string) => toRows(mix.table).flatMap((row) => (row["name"] === name ? [row["share"]] : []));
    expect([at("read"), at("write"), at("flush")]).toEqual([
      [2 / 3, 0, 0],
      [1 / 3, 0, 0],
      [0, 0, 1],
    ]);
  });

  it("references: page runs count each reference, by codes and by words alike", async () => {
    const page = new Uint32Array(3);
    const count = Uint32Array.of(6, 3, 1);
    const codes = arrow.tableFromArrays({ page, count, kind: Uint8Array.of(0, 1, 2) });
    const named = new arrow.Table({
      page: arrow.makeVector(page),
      count: arrow.makeVector(count),
      kind: words(["fetch", "read", "write"]),
    });
    for (const trace of [codes, named])
      expect((await traces.referenceMix(trace)).parts.map(({ name, share }) => [name, share])).toEqual([
        ["fetch", 0.6],
        ["read", 0.3],
        ["write", 0.1],
      ]);
  });

  it("counters: a panel for each that changes", async () => {
    const counters = new arrow.Table({
      timeNs: f64([1, 1, 1e9, 1e9]),
      event: words(["constant", "rising", "constant", "rising"]),
      value: f64([9, 1, 9, 2]),
    });
    const { chart, parts } = await traces.countersOverTime(counters);
    const drawn = JSON.stringify(chart);
    expect(parts).toHaveLength(2);
    expect(drawn).toContain("1 do not change");
    expect(drawn).toContain('"rising"');
    expect(drawn).not.toContain('"constant"');
  });

  it("counters: totals, and the number of values in each interval", async () => {
    const counters = new arrow.Table({
      timeNs: f64([0, 0, 100, 5000]),
      event: words(["cycles", "misses", "cycles", "cycles"]),
      value: f64([10, 1, 30, 5]),
    });
    const { parts, table } = await traces.countersOverTime(counters);
    expect(parts.map(({ name, total }) => [name, total])).toEqual([
      ["cycles", 45],
      ["misses", 1],
    ]);
    const cycles = toRows(table).filter(({ name, rows }) => name === "cycles" && Number(rows) > 0);
    expect(cycles.map(({ total, rows }) => [total, rows])).toEqual([
      [40, 2],
      [5, 1],
    ]);
  });

  it("more than 256 different words are summed as others, and no row is lost", async () => {
    const names = Array.from({ length: 300 }, (_, at) => `event${at}`);
    const value = new arrow.Table({
      timeNs: f64(names.map(() => 0)),
      event: words(names),
      value: f64(names.map(() => 1)),
    });
    const { parts } = await traces.countersOverTime(value);
    expect(parts).toHaveLength(257);
    expect(parts[0]).toMatchObject({ name: "others", total: 44 });
  });
});

suite("other kinds, by hand", () => {
  it("functions: a recursive one counts once, one without samples of its own is there", async () => {
    const profile = new arrow.Table({
      weight: f64([3, 1]),
      stack: words(["main;f;f", "main;g"]),
    });
    expect((await traces.topFunctions(profile)).functions).toEqual([
      { name: "f", selfShare: 0.75, totalShare: 0.75 },
      { name: "g", selfShare: 0.25, totalShare: 0.25 },
      { name: "main", selfShare: 0, totalShare: 1 },
    ]);
  });

  it("calls: by rank, with bytes where they are known", async () => {
    const calls = new arrow.Table({
      rank: arrow.makeVector(Uint32Array.of(0, 0, 1, 0)),
      call: words(["send", "send", "recv", "barrier"]),
      sizeBytes: f64([100, 50, 150, null]),
    });
    const { table, imbalance, bytes, ranks } = await traces.callMix(calls);
    expect({ imbalance, bytes, ranks }).toEqual({ imbalance: 1.5, bytes: 300, ranks: 2 });
    expect(toRows(table)).toEqual([
      { rank: 0, call: "send", calls: 2, bytes: 150, durationNs: null },
      { rank: 0, call: "barrier", calls: 1, bytes: 0, durationNs: null },
      { rank: 1, call: "recv", calls: 1, bytes: 150, durationNs: null },
    ]);
  });

  it("code in common: a content twice in one file is its own, until another file has it", async () => {
    const code = new arrow.Table({
      file: words(["a", "a", "a", "b", "b", "c"]),
      addressPage: f64([0, 1, 2, 0, 1, 0]),
      hash: hashes([7n, 7n, 8n, 7n, 9n, 9n]),
    });
    // 7 is in a (twice) and b, 9 in b and c; 8 is a's own: five of six pages are in more than one.
    const { table, sharedShare, distinct, files } = await traces.codeSharing(code);
    expect({ sharedShare, distinct, files }).toEqual({ sharedShare: 5 / 6, distinct: 3, files: 3 });
    expect(toRows(table)).toEqual([
      { file: "a", pages: 3, sharedPages: 2 },
      { file: "b", pages: 2, sharedPages: 2 },
      { file: "c", pages: 1, sharedPages: 1 },
    ]);
  });

  it("equal pages: of several dumps each is taken by itself", async () => {
    const of = (dump: readonly number[]) =>
      new arrow.Table({
        dump: arrow.makeVector(Uint32Array.from(dump)),
        page: f64([0, 1, 0, 1]),
        class: words(["zero", "data", "zero", "data"]),
        hash: hashes([0n, 5n, 0n, 5n]),
      });
    // The same page in two dumps is no duplicate; twice in one it is.
    expect(await traces.pageDuplicates(of([0, 0, 1, 1]))).toMatchObject({ savedShare: 0, uniqueShare: 0.5 });
    expect(await traces.pageDuplicates(of([0, 0, 0, 0]))).toMatchObject({ savedShare: 0.5, uniqueShare: 0 });
  });

  it("exits whose end is not in the trace count, but not into the mean time", async () => {
    const exits = new arrow.Table({
      timeNs: f64([0, 1, 2]),
      reason: words(["A", "A", "B"]),
      durationNs: f64([10, null, null]),
    });
    const { groups } = await traces.exitReasons(exits);
    expect(groups).toEqual([
      { name: "A", rows: 2, total: 10, mean: 10 },
      { name: "B", rows: 1, total: 0, mean: null },
    ]);
  });

  it("a frame that does not say its transmitter belongs to no other's", async () => {
    const frames = new arrow.Table({
      timeNs: f64([0, 1e6]),
      lengthBytes: arrow.makeVector(Uint32Array.of(14, 14)),
      type: words(["ack", "ack"]),
      transmitter: words(["a", null]),
      rateMbps: f64([24, 24]),
    });
    // 14 bytes at 24 Mb/s: 20 µs and two symbols of 4 µs.
    expect(toRows((await traces.airtime(frames)).table)).toEqual([
      { transmitter: "", type: "ack", frames: 1, airtimeNs: 28_000 },
      { transmitter: "a", type: "ack", frames: 1, airtimeNs: 28_000 },
    ]);
    expect((await traces.airtimeOverTime(frames)).parts.map(({ name, total }) => [name, total])).toEqual([
      ["a", 28_000],
      ["not said (ACK, CTS)", 28_000],
    ]);
  });

  it("signals: nulls are left out", async () => {
    const frames = new arrow.Table({
      transmitter: words(["a", "a", "a", "b"]),
      signalDbm: arrow.vectorFromArray([-50, null, -40, -90], new arrow.Int8()),
    });
    const { table, frames: count, medianDbm } = await traces.signalStrength(frames);
    expect({ count, medianDbm }).toEqual({ count: 3, medianDbm: -50 });
    expect(toRows(table)).toEqual([
      { transmitter: "a", signalDbm: -50, frames: 1 },
      { transmitter: "a", signalDbm: -40, frames: 1 },
      { transmitter: "b", signalDbm: -90, frames: 1 },
    ]);
  });
});

suite("against closed forms and definitions", () => {
  it("uniform access to n blocks: the miss ratio of LRU is 1 - c/n", async () => {
    const [n, requests] = [512, 60_000];
    const stream = random(11);
    const times = Array.from({ length: requests }, (_, at) => at);
    const offsets = times.map(() => stream.int(n) * 4096);
    const { table } = await traces.reuseDistances(reads(times, offsets));
    for (const { entries, missRatio } of toRows(table)) {
      if (Number(entries) > n) continue;
      // First uses miss in any cache: n of them; four binomial standard errors beside.
      const expected = 1 - Number(entries) / n;
      const error = 4 * Math.sqrt((expected * (1 - expected)) / requests) + n / requests;
      expect(Math.abs(Number(missRatio) - expected)).toBeLessThanOrEqual(error + 1e-12);
    }
  });

  it("working sets are those of sets, within HyperLogLog's error", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(300), { minLength: 1, maxLength: 300 }), async (blocks) => {
        const times = blocks.map((_, at) => at * 100);
        const { table, interval, totalBytes } = await traces.workingSet(
          reads(
            times,
            blocks.map((block) => block * 4096),
          ),
        );
        // Linear counting: keys that meet in a register count once, a few in small sets. The seed is fixed, since
        // search finds such sets.
        const near = (bytes: number, set: ReadonlySet<number>) => {
          expect(Math.abs(bytes / 4096 - set.size)).toBeLessThan(Math.max(4, 0.1 * set.size));
        };
        near(totalBytes, new Set(blocks));
        for (const [bin, { bytes, cumulativeBytes }] of toRows(table).entries()) {
          near(Number(bytes), new Set(blocks.filter((_, at) => Math.floor((at * 100) / interval) === bin)));
          near(Number(cumulativeBytes), new Set(blocks.filter((_, at) => Math.floor((at * 100) / interval) <= bin)));
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it("sequentiality is what 32 places for the last ends say", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { minLength: 1, maxLength: 400 }), async (blocks) => {
        // Places; a stream stays at its own. Of those that end at one block the first goes on; the one that was used least recently goes.
        const ends = Array.from({ length: 32 }, () => ({ end: -1, use: -1 }));
        let sequential = 0;
        for (const [use, block] of blocks.entries()) {
          const goesOn = ends.find(({ end }) => end === block);
          if (goesOn !== undefined) sequential += 1;
          const place = goesOn ?? ends.toSorted((a, b) => a.use - b.use)[0]!;
          Object.assign(place, { end: block + 1, use });
        }
        const { sequentialShare } = await traces.sequentiality(
          reads(
            blocks.map((_, at) => at),
            blocks.map((block) => block * 4096),
          ),
        );
        expect(sequentialShare).toBe(sequential / blocks.length);
      }),
      { numRuns: 50 },
    );
  });

  it("a period is found among other noise, and none in noise at random times", async () => {
    const stream = random(3);
    const noise = (periodic: boolean) => {
      const starts = Array.from({ length: 4000 }, (_, at) =>
        periodic && at % 2 === 0 ? at * 5e5 : stream.float() * 2e9,
      );
      starts.sort((a, b) => a - b);
      return traces.noiseProfile(new arrow.Table({ startNs: f64(starts), durationNs: f64(starts.map(() => 1000)) }));
    };
    // Every 1 ms, with as many at random: modal gaps would be short ones.
    expect(Math.abs((await noise(true)).periodNs! / 1e6 - 1)).toBeLessThan(0.06);
    expect((await noise(false)).periodNs).toBeNull();
  });

  it("addresses of a kernel, beyond what a double holds, are told apart by page", async () => {
    const base = 0xffff_8880_0000_0000n;
    const address = hashes([base + 4095n, base + 4096n, base, base + 0xfffn + 4096n]);
    const table = new arrow.Table({
      kind: words(["read", "read", "read", "read"]),
      address,
      sizeBytes: arrow.makeVector(new Uint32Array(4).fill(8)),
    });
    const { distinct, table: curve } = await traces.reuseDistances(table);
    expect(distinct).toBe(2);
    // Pages 0, 1, 0, 1: both returns at distance 1.
    expect(toRows(curve)).toEqual([
      { entries: 1, bytes: 4096, missRatio: 1 },
      { entries: 2, bytes: 8192, missRatio: 0.5 },
    ]);
  });
});

suite("damaged values", () => {
  it("times and offsets that are none end nothing, and the others count", async () => {
    const odd = reads([NaN, 0, Infinity, -5, 1000], [0, NaN, 4096, -4096, Infinity]);
    const { characteristics } = await describe(odd);
    expect(Object.keys(characteristics)).toHaveLength(8);
    expect((await traces.hotSpots(odd)).table.numRows).toBeGreaterThan(0);
    // One of the five has no time.
    expect((await traces.requestRate(odd)).requests).toBe(4);
  });
});

suite("what describe picks", () => {
  it("goes by the kind in the metadata where columns leave it open", async () => {
    const columns = {
      stack: words(["a;b"]),
      weight: f64([1]),
      reason: words(["HLT"]),
      durationNs: f64([5]),
    };
    const plain = new arrow.Table(columns);
    const schema = new arrow.Schema(plain.schema.fields, new Map([["veelab.kind", "exits"]]));
    const named = new arrow.Table(
      schema,
      plain.batches.map((batch) => new arrow.RecordBatch(schema, batch.data)),
    );
    expect(Object.keys((await describe(plain)).characteristics)).toEqual(["flameGraph", "topFunctions"]);
    expect(Object.keys((await describe(named)).characteristics)).toEqual(["exitReasons"]);
  });
});

suite("charts", () => {
  const every: readonly (readonly [string, traces.Trace])[] = [
    ["block", [...traces.blockWorkload({ requests: 3000 })]],
    ["memory", [...traces.memoryReferences({ references: 3000 })]],
    ["pages", [...traces.memoryImage({ pages: 3000 })]],
    ["profile", [...traces.profileSamples({ samples: 300, stacks: { "a;b": 1, a: 2, "c;d;e": 1 } })]],
    ["exits", [...traces.vmExits({ exits: 300, reasons: { HLT: { ratePerS: 1, medianNs: 10 } } })]],
    ["radio", [...traces.radioFrames({ frames: 300 })]],
    ["noise", [...traces.osNoise({ interruptions: 300 })]],
    ["code", [...traces.codeVersions({ files: 30 })]],
    ["counters", new arrow.Table({ timeNs: f64([1, 2, 1e9]), event: words(["a", "b", "a"]), value: f64([1, 2, 3]) })],
    ["mpi", new arrow.Table({ rank: arrow.makeVector(Uint32Array.of(0, 1)), call: words(["send", "recv"]) })],
    [
      "signals",
      new arrow.Table({
        ...{ timeNs: f64([0, 1e6]), lengthBytes: arrow.makeVector(Uint32Array.of(9, 9)), type: words(["x", "y"]) },
        ...{ transmitter: words(["a", null]), signalDbm: arrow.makeVector(Int8Array.of(-3, -4)) },
      }),
    ],
  ];

  it.each(every)("%s: drawn without a warning, in the trace's own words", async (_, trace) => {
    const { toSpec, characteristics } = (await describe(trace)) as Awaited<ReturnType<typeof describe>> & {
      toSpec: () => object;
    };
    const svg = await draw(toSpec());
    // A trace is described, nothing is reproduced.
    expect(svg).not.toContain("reproduced");
    for (const { chart } of Object.values(characteristics)) expect(chart.description).not.toContain("reproduced");
  });
});
