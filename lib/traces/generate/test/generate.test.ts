import type * as arrow from "apache-arrow";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { columnTypeOf } from "../../../../datasets/column-type.ts";
import { kindColumns, type TraceKind } from "../../../../datasets/formats/kinds.ts";
import { random } from "../../../core/random.ts";
import * as generate from "../index.ts";
import { zipf } from "../zipf.ts";

const stacks = { "main;parse": 1, "main;solve;dot": 3 };
const reasons = {
  HLT: { ratePerS: 100, medianNs: 3000 },
  EPT_VIOLATION: { ratePerS: 300, medianNs: 20_000, sigma: 0 },
};
const devices = {
  cpu: { launchS: 0, flopsPerS: 1e9, bytesPerS: 1e9 },
  gpu: { launchS: 1e-3, flopsPerS: 1e12, bytesPerS: 1e11 },
};

type Generator = (options: { seed?: number; batchRows?: number }) => Iterable<arrow.RecordBatch>;

const generators: readonly (readonly [TraceKind, number, Generator])[] = [
  ["block", 500, (of) => generate.blockWorkload({ requests: 500, ...of })],
  ["memory", 500, (of) => generate.memoryReferences({ references: 500, threads: 3, ...of })],
  ["pages", 500, (of) => generate.memoryImage({ pages: 500, ...of })],
  ["profile", 500, (of) => generate.profileSamples({ samples: 500, stacks, ...of })],
  ["exits", 500, (of) => generate.vmExits({ exits: 500, reasons, ...of })],
  ["radio", 500, (of) => generate.radioFrames({ frames: 500, ...of })],
  ["noise", 500, (of) => generate.osNoise({ interruptions: 500, ...of })],
  ["tasks", 6, (of) => generate.taskCosts({ flopsPerByte: { gemm: 64 }, devices, sizesBytes: [1e3, 1e6, 1e9], ...of })],
];

const rowsOf = (batches: Iterable<arrow.RecordBatch>): Record<string, unknown>[] =>
  [...batches].flatMap((batch) =>
    batch.toArray().map((row: { toJSON: () => Record<string, unknown> }) => row.toJSON()),
  );

describe.each(generators)("a generated %s trace", (kind, count, make) => {
  it("has its kind's columns and as many rows as were asked for", () => {
    const [batch] = make({});
    const types = batch!.schema.fields.map(({ name, type }) => [name, columnTypeOf(type as arrow.DataType)]);
    expect(Object.fromEntries(types)).toMatchObject(kindColumns[kind]);
    expect(batch!.schema.metadata.get("veelab.kind")).toBe(kind);
    expect(rowsOf(make({}))).toHaveLength(count);
  });

  it("is the same for a seed, in batches of any size, and another for another seed", () => {
    const rows = rowsOf(make({ seed: 4 }));
    expect(rowsOf(make({ seed: 4, batchRows: 7 }))).toEqual(rows);
    expect(rowsOf(make({ seed: 5 }))).not.toEqual(rows);
  });

  it("refuses options that it does not know", () => {
    expect(() => make({ sed: 1 } as never)).toThrow(`got "sed"`);
  });
});

describe("what generated traces are like", () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const numbers = (rows: readonly Record<string, unknown>[], name: string) => rows.map((row) => Number(row[name]));

  it("block: rate, shares and popularity are those asked for", () => {
    const rows = rowsOf(
      generate.blockWorkload({ requests: 40_000, ratePerS: 200, readShare: 0.7, sequentialShare: 0.25, seed: 9 }),
    );
    // Four standard errors: sqrt(p (1 - p) / n) of shares, 1/sqrt(n) of the mean gap.
    expect(Math.abs(rows.filter(({ op }) => op === "read").length / 40_000 - 0.7)).toBeLessThan(0.0092);
    expect(numbers(rows, "timeNs").at(-1)! / 39_999 / 5e6).toBeCloseTo(1, 1);
    const offsets = numbers(rows, "offsetBytes");
    const goesOn = offsets.slice(1).filter((offset, at) => offset === offsets[at]! + 4096).length / 39_999;
    expect(Math.abs(goesOn - 0.25)).toBeLessThan(0.0095);
    expect(Math.max(...offsets)).toBeLessThan(16 * 2 ** 30);
  });

  it("memory: threads have pages of their own, and some in common", () => {
    const rows = rowsOf(generate.memoryReferences({ references: 30_000, threads: 3, sharedShare: 0.2, seed: 2 }));
    for (const { address, thread } of rows) {
      const region = Number((address as bigint) >> 32n);
      expect(region === 0 || region === Number(thread) + 1).toBe(true);
    }
    const shared = rows.filter(({ address }) => (address as bigint) < 2n ** 32n).length / rows.length;
    // References that go on stay in their region: the effective number of draws is half, 4 × sqrt(0.16 / 15,000).
    expect(Math.abs(shared - 0.2)).toBeLessThan(0.02);
  });

  it("an image: zero pages have the hash that readers give them, cached pages that of their block", () => {
    const digest = createHash("sha1").update(new Uint8Array(4096)).digest();
    const rows = rowsOf(generate.memoryImage({ pages: 20_000, diskBlocks: 500, seed: 6 }));
    const zeros = rows.filter((row) => row["class"] === "zero");
    expect(zeros.every(({ hash }) => hash === digest.readBigUInt64BE(0))).toBe(true);
    expect(Math.abs(zeros.length / 20_000 - 0.3)).toBeLessThan(0.013);
    const byBlock = new Map<unknown, unknown>();
    for (const { diskBlock, hash } of rows) {
      if (diskBlock === null) continue;
      expect(byBlock.get(diskBlock) ?? hash).toBe(hash);
      byBlock.set(diskBlock, hash);
    }
    expect(byBlock.size).toBeGreaterThan(400);
  });

  it("a profile: shares of its stacks", () => {
    const rows = rowsOf(generate.profileSamples({ samples: 20_000, stacks, seed: 8 }));
    const dot = rows.filter(({ stack }) => stack === "main;solve;dot").length / 20_000;
    expect(Math.abs(dot - 0.75)).toBeLessThan(0.0123);
  });

  it("exits never overlap, and a reason without spread takes its median", () => {
    const rows = rowsOf(generate.vmExits({ exits: 2000, reasons }));
    let free = 0;
    for (const { timeNs, durationNs, reason } of rows) {
      expect(timeNs).toBeGreaterThanOrEqual(free);
      free = Number(timeNs) + Number(durationNs);
      if (reason === "EPT_VIOLATION") expect(durationNs).toBe(20_000);
    }
  });

  it("frames: 1500 bytes at 54 Mb/s take 244 µs, their acknowledgement 28 µs, 16 µs later", () => {
    // 8 × 1500 + 22 bits are 12,022, of 216 a symbol 55.7, so 56: 20 + 56 × 4 = 244 µs. The ACK: (8 × 14 + 22) / 96 = 1.4, so 2: 28 µs.
    const [data, ack, next] = numbers(rowsOf(generate.radioFrames({ frames: 3 })), "timeNs") as [
      number,
      number,
      number,
    ];
    expect(ack - data).toBe(244_000 + 16_000);
    expect(next - ack).toBeGreaterThanOrEqual(28_000 + 34_000);
  });

  it("noise: a tick a period", () => {
    const starts = numbers(rowsOf(generate.osNoise({ interruptions: 1000, daemonNs: 1000 })), "startNs");
    expect(mean(starts.slice(1).map((start, at) => start - starts[at]!))).toBe(4_000_000);
  });

  it("tasks: launch, then the longer of computing and moving", () => {
    const options = { flopsPerByte: { scan: 0.5, gemm: 64 }, devices, sizesBytes: [1e6], noise: 0 };
    const costs = rowsOf(generate.taskCosts(options)).map((row) => [row["task"], row["device"], row["meanSeconds"]]);
    expect(costs).toEqual([
      ["scan", "cpu", 1e-3],
      ["scan", "gpu", 1e-3 + 1e-5],
      ["gemm", "cpu", 0.064],
      ["gemm", "gpu", 1e-3 + 64e6 / 1e12],
    ]);
  });

  it("code: a version that is unchanged keeps its pages", () => {
    const rows = rowsOf(generate.codeVersions({ files: 40, versions: 2, unchangedShare: 1, seed: 3 }));
    const first = rows.filter(({ version }) => version === 1).map(({ hash }) => hash);
    expect(rows.filter(({ version }) => version === 2).map(({ hash }) => hash)).toEqual(first);
    const rebuilt = rowsOf(generate.codeVersions({ files: 40, versions: 2, unchangedShare: 0, keptShare: 0 }));
    expect(new Set(rebuilt.map(({ hash }) => hash)).size).toBe(rebuilt.length);
  });
});

describe("Zipf's law", () => {
  it.each([0.5, 0.9, 1, 1.000000001, 1.4, 3])("with exponent %d has its probabilities (chi-squared)", (exponent) => {
    const n = 50;
    const draws = 200_000;
    const draw = zipf(random(12), n, exponent);
    const counts = new Float64Array(n);
    for (let at = 0; at < draws; at += 1) counts[draw()]! += 1;
    const weights = Array.from({ length: n }, (_, rank) => (rank + 1) ** -exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Ranks that are expected fewer than 5 times are one class.
    let chi = 0;
    let rareSeen = 0;
    let rareExpected = 0;
    for (const [rank, weight] of weights.entries()) {
      const expected = (draws * weight) / total;
      if (expected >= 5) chi += (counts[rank]! - expected) ** 2 / expected;
      else {
        rareSeen += counts[rank]!;
        rareExpected += expected;
      }
    }
    if (rareExpected > 0) chi += (rareSeen - rareExpected) ** 2 / rareExpected;
    // The 99.99 % quantile of 49 degrees of freedom is 95.
    expect(chi).toBeLessThan(95);
  });
});
