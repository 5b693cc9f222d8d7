import * as arrow from "apache-arrow";
import { describe as suite, expect, it } from "vitest";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { toRows } from "../../core/table.ts";
import { numbersOf, wordsOf } from "../columns.ts";
import { describe, describedText } from "../describe.ts";
import * as traces from "../index.ts";

const folder = temporaryFolder();

const f64 = (values: readonly (number | null)[]) => arrow.vectorFromArray(values, new arrow.Float64());
const words = (values: readonly (string | null)[]) =>
  arrow.vectorFromArray(values, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()));

/** A block trace of rows [timeNs, op, offsetBytes, sizeBytes]. */
const block = (rows: readonly (readonly [number | null, string | null, number | null, number | null])[]) =>
  new arrow.Table({
    timeNs: f64(rows.map(([time]) => time)),
    op: words(rows.map(([, op]) => op)),
    offsetBytes: f64(rows.map(([, , offset]) => offset)),
    sizeBytes: f64(rows.map(([, , , size]) => size)),
  });

/** Four requests, each of which lacks something, between two that lack nothing. */
const gaps = block([
  [1000, "read", 4096, 4096],
  [null, "read", 8192, 4096],
  [2000, "write", null, 512],
  [3000, "read", 8192, null],
  [4000, null, 8192, 512],
  [5000, "write", 1 << 20, 1024],
]);

suite("rows without a value are left out of what needs it", () => {
  it("columns: NaN for no number, the last code for no word, and no copy where all have one", () => {
    const [batch] = gaps.batches as [arrow.RecordBatch];
    expect([...numbersOf(batch, "timeNs").subarray(0, 6)]).toEqual([1000, NaN, 2000, 3000, 4000, 5000]);
    const { codes, texts } = wordsOf(batch, "op");
    expect(Array.from(codes.subarray(0, 6), (code) => texts[code])).toEqual([
      "read",
      "read",
      "write",
      "read",
      "",
      "write",
    ]);
    const [whole] = block([[1, "read", 0, 1]]).batches as [arrow.RecordBatch];
    expect(numbersOf(whole, "timeNs").buffer).toBe(numbersOf(whole, "timeNs").buffer);
  });

  it("numbers that stand for words, 64 bits wide and in a slice", () => {
    const table = new arrow.Table({
      wide: arrow.vectorFromArray([1n, null, 3n], new arrow.Uint64()),
      kind: arrow.vectorFromArray([0, null, 1], new arrow.Uint8()),
    }).slice(1);
    const [batch] = table.batches as [arrow.RecordBatch];
    expect([...numbersOf(batch, "wide")]).toEqual([NaN, 3]);
    const { codes, texts } = wordsOf(batch, "kind", ["fetch", "read"]);
    expect([...codes].map((code) => texts[code])).toEqual(["", "read"]);
  });

  it("rates and gaps: of rows with a time; bytes: of rows with a size", async () => {
    expect(await traces.requestRate(gaps)).toMatchObject({
      ...{ requests: 5, durationNs: 4000, readShare: 0.5, outOfOrder: 0 },
      ...{ readBytes: 4096, writtenBytes: 1536 },
    });
    expect(await traces.interArrivals(gaps)).toMatchObject({ meanNs: 1000, outOfOrder: 0 });
    expect((await traces.readWriteMix(gaps)).parts.map(({ name, total }) => [name, total])).toEqual([
      ["read", 2],
      ["write", 2],
      ["(none)", 1],
    ]);
  });

  it("sizes, hot spots, runs and blocks", async () => {
    const { meanBytes, maxBytes, table } = await traces.requestSizes(gaps);
    expect({ meanBytes, maxBytes }).toEqual({ meanBytes: (2 * 4096 + 512 + 512 + 1024) / 5, maxBytes: 4096 });
    expect(toRows(table).reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(5);
    const spots = toRows((await traces.hotSpots(gaps)).table);
    expect(spots.reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(4);
    // Of four requests with a place and a size, the second begins where the first ends.
    expect((await traces.sequentiality(gaps)).sequentialShare).toBe(1 / 4);
    // Blocks 1, 2, 2 (of no size), 2, 256.
    expect((await traces.reuseDistances(gaps)).distinct).toBe(3);
    // The same but one of block 2, whose time is not known.
    expect(Math.round((await traces.workingSet(gaps)).totalBytes / 4096)).toBe(3);
  });

  it("frames without a time count, and do not stretch the trace", async () => {
    const frames = new arrow.Table({
      timeNs: f64([1e9, null, 1e9 + 1e6]),
      lengthBytes: arrow.makeVector(Uint32Array.of(14, 14, 14)),
      type: words(["ack", "ack", "ack"]),
      transmitter: words(["a", "a", "a"]),
      rateMbps: f64([24, 24, null]),
    });
    const { frames: count, framesWithRate, busyShare } = await traces.airtime(frames);
    expect({ count, framesWithRate, busyShare }).toEqual({ count: 3, framesWithRate: 2, busyShare: 0.056 });
  });

  it("interruptions, weights, calls and pages", async () => {
    const noise = new arrow.Table({ startNs: f64([0, 1000, null]), durationNs: f64([10, null, 10]) });
    expect(await traces.noiseProfile(noise)).toMatchObject({ interruptions: 1, longestNs: 10 });
    const profile = new arrow.Table({ stack: words(["a", "a", "b"]), weight: f64([1, null, 3]) });
    expect((await traces.topFunctions(profile)).functions.map(({ name, selfShare }) => [name, selfShare])).toEqual([
      ["b", 0.75],
      ["a", 0.25],
    ]);
    const calls = new arrow.Table({ rank: f64([null, 0]), call: words(["send", "send"]) });
    const mix = await traces.callMix(calls);
    expect(toRows(mix.table).map(({ rank }) => rank)).toContain(null);
    expect(JSON.stringify(mix.chart)).toContain('"not said"');
    const image = new arrow.Table({
      page: f64([0, 1, 2]),
      class: words(["zero", "data", null]),
      hash: arrow.vectorFromArray([0n, 5n, null], new arrow.Uint64()),
    });
    expect(await traces.pageDuplicates(image)).toMatchObject({ pages: 2, zeroShare: 0.5, uniqueShare: 0.5 });
  });
});

suite("traces that lack a column's values", () => {
  it("oracle-general of hashes: each object is a block of its own, and has no place", async () => {
    const [records, objects] = [4000, 2000];
    const bytes = new DataView(new ArrayBuffer(24 * records));
    for (let row = 0; row < records; row += 1) {
      bytes.setUint32(24 * row, row, true);
      // Beyond 2^53, and alike in their lower halves.
      bytes.setBigUint64(24 * row + 4, (1n << 63n) + (BigInt(row % objects) << 32n), true);
      bytes.setUint32(24 * row + 12, 1000, true);
      bytes.setBigInt64(24 * row + 16, row < objects ? BigInt(row + objects + 1) : -1n, true);
    }
    const file = folder.write("hashes.bin", new Uint8Array(bytes.buffer));
    const description = await describe(file, { as: "oracle-general" });
    expect(Object.keys(description.characteristics)).toEqual([
      "requestRate",
      "readWriteMix",
      "requestSizes",
      "reuseDistances",
      "workingSet",
      "interArrivals",
    ]);
    expect(description.characteristics["reuseDistances"]).toMatchObject({ distinct: objects, exact: true });
    const { totalBytes } = description.characteristics["workingSet"] as unknown as traces.WorkingSet;
    expect(Math.abs(totalBytes / 4096 / objects - 1)).toBeLessThan(0.1);
    expect(describedText(description)).toContain("an object without an offset counts as 4 KiB");
  });

  it("libcachesim-txt: no times and no sizes, so no rates, sizes, places or gaps", async () => {
    const file = folder.write("objects.txt", Array.from({ length: 3000 }, (_, row) => `${8 * (row % 100)}\n`).join(""));
    const { characteristics } = await describe(file, { as: "libcachesim-txt" });
    expect(Object.keys(characteristics)).toEqual(["readWriteMix", "reuseDistances", "workingSet"]);
    expect(characteristics["reuseDistances"]).toMatchObject({ distinct: 100, hottest1Share: 0.01 });
    // By references: three intervals of 1024.
    expect(characteristics["workingSet"]).toMatchObject({ interval: 1024 });
    expect(characteristics["workingSet"]!.table.numRows).toBe(3);
  });
});
