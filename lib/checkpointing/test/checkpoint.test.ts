import { Table, tableFromArrays, Uint32, Uint8, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkpoint,
  type CheckpointOptions,
  compressed,
  costs2011,
  costsToday,
  dirtyLog,
  events,
  exactContents,
  fullImage,
  incremental,
  modificationLog,
  pageBlockMap,
  publishedReductions,
  restoreTimes,
  skipEqual,
  skipMapped,
  skipMappedAndZero,
  skipZero,
  writeProtection,
} from "../index.ts";
import { ByteMachine, eventsOf, pageBytes, steps } from "./script.ts";

const base = { tracking: writeProtection(), costs: costs2011 };

describe("by hand", () => {
  // Eight pages: 0 and 1 read from blocks 10 and 11; 2 read from 12 and stored to; 3 written to 13; 4 to 7 never touched.
  const trace = events([
    ["read", 0, 10],
    ["read", 1, 11],
    ["read", 2, 12],
    ["store", 2],
    ["store", 3],
    ["write", 3, 13],
    ["checkpoint"],
  ]);
  // 4 to 6 are zeros; 7 equals block 10 by accident.
  const NONE = 2 ** 32 - 1;
  const contents = () => ({
    zero: Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 0),
    hash: new BigUint64Array(8),
    equalBlock: Uint32Array.of(10, 11, NONE, 13, NONE, NONE, NONE, 10),
    holds: (page: number, block: number) => [10, 11, NONE, 13, NONE, NONE, NONE, 10][page] === block,
  });
  const run = async (options: Partial<CheckpointOptions> & Pick<CheckpointOptions, "variant">) =>
    (await checkpoint(trace, { pages: 8, contents, ...base, ...options })).row;

  it("what each variant stores", async () => {
    const stored: number[] = [];
    for (const variant of [fullImage(), skipZero(), skipMapped(), skipMappedAndZero(), skipEqual()])
      stored.push((await run({ variant })).storedPages);
    // 8; without 4 to 6; without 0, 1, 3; without all of these; and without 7, too.
    expect(stored).toEqual([8, 5, 5, 2, 1]);
    const row = await run({ variant: skipMappedAndZero() });
    expect([row.equalPages, row.accidentalPages, row.falseExclusions, row.mapEntries]).toEqual([4, 1, 0, 3]);
    // Blocks 10, 11 and 13: pages 0 and 1 are one extent, 3 is another; two runs on the disk.
    expect([row.extents, row.runs, row.mapFlatBytes, row.mapExtentBytes]).toEqual([2, 2, 36, 28]);
    // Two pages, two extents, a byte of bits, the state.
    expect(row.imageBytes).toBe(2 * 4096 + 28 + 1 + 65_536);
  });

  it("what it takes: the fixed part, an access, look-ups, copies, and writing at 90 MB/s", async () => {
    const row = await run({ variant: skipMappedAndZero() });
    const s = 0.3 + 0.009 + 8 * 10e-9 + 2 * 2e-6 + row.imageBytes / 90e6;
    expect(row.checkpointS).toBeCloseTo(s, 12);
    expect(row.fullS).toBeCloseTo(0.309 + 8 * 2e-6 + (8 * 4096 + 65_536) / 90e6, 12);
  });

  it("compression: stored pages shrink, zeros more, and a slow compressor is waited for", async () => {
    const packing = { ratio: 0.5, zeroRatio: 0.25, megabytesPerS: 1 };
    const row = await run({ variant: compressed(fullImage(), packing) });
    // Five pages at a half and three of zeros at a quarter of eight: 40.6 %.
    expect(row.sizePct).toBeCloseTo((5 * 0.5 + 3 * 0.25) / 0.08, 10);
    expect(row.checkpointS).toBeCloseTo(0.309 + 8 * 2e-6 + (8 * 4096) / 1e6, 12);
  });

  it("tracking: what leaves the guest differs, the image does not", async () => {
    // Page 2's store ends an entry; page 3's was to an unmapped page, which the log sees too. Four transfers are marked.
    const costs = { ...costs2011, storeExitUs: 1, protectUs: 0 };
    const s: number[] = [];
    for (const tracking of [writeProtection(), dirtyLog(), modificationLog({ entries: 2 }), modificationLog()])
      s.push(Math.round((await run({ variant: skipMapped(), tracking, costs })).trackingS * 1e6));
    expect(s).toEqual([1, 2, 1, 0]);
    expect((await run({ variant: fullImage() })).trackingS).toBe(0);
    // The log is read in the pause, 64 pages at a time at 10 ns: one read for 8 pages, two for 100.
    const [log, none] = [
      await run({ variant: skipMapped(), tracking: dirtyLog() }),
      await run({ variant: skipMapped() }),
    ];
    expect(log.checkpointS - none.checkpointS).toBeCloseTo(10e-9, 12);
    expect(dirtyLog().pauseS(100, costs2011)).toBeCloseTo(20e-9, 15);
  });

  it("incremental: the second image has what was written to since the first", async () => {
    const twice = events([
      ["read", 0, 10],
      ["checkpoint"],
      ["store", 1],
      ["read", 2, 11],
      ["write", 3, 12],
      ["checkpoint"],
    ]);
    const { series, row } = await checkpoint(twice, {
      ...{ pages: 5, variant: incremental(skipMapped()), ...base, record: ["checkpoints"] },
    });
    // First: all but page 0. Second: page 1; pages 0, 2 and 3 are on the disk, 4 is unchanged.
    expect([...(series.checkpoints!.getChild("storedPages")! as Iterable<number>)]).toEqual([4, 1]);
    expect([...(series.checkpoints!.getChild("unchangedPages")! as Iterable<number>)]).toEqual([0, 1]);
    expect([row.checkpoint, row.storedPages, row.falseExclusions]).toEqual([2, 2.5, null]);
    // The second's bytes: a page, two extents (page 0; 2 and 3), a byte of bits, the state.
    const bytes = [...(series.checkpoints!.getChild("imageBytes")! as Iterable<number>)];
    expect(bytes[1]).toBe(4096 + 2 * 14 + 1 + 65_536);
  });

  it("incremental: a page that changed without an event is counted while the images have it wrong", async () => {
    const trace = events([
      ["checkpoint"],
      ["store", 1],
      ["checkpoint"],
      ["checkpoint"],
      ["checkpoint"],
      ["store", 2],
      ["checkpoint"],
    ]);
    // Pages 0 to 2 at each of five checkpoints. Page 1's change was seen; page 2's was not, until it is stored to.
    const hashes = [
      [7n, 7n, 7n],
      [7n, 8n, 9n],
      [7n, 8n, 9n],
      [7n, 8n, 7n],
      [7n, 8n, 9n],
    ] as const;
    const contents = (checkpoint: number) => ({
      zero: new Uint8Array(3),
      hash: BigUint64Array.from(hashes[checkpoint]!),
      equalBlock: new Uint32Array(3).fill(NONE),
      holds: () => false,
    });
    const options = { pages: 3, variant: incremental(skipZero()), ...base, record: ["checkpoints"] } as const;
    const { series, row } = await checkpoint(trace, { ...options, contents });
    const falseUnchanged = [...(series.checkpoints!.getChild("falseUnchanged")! as Iterable<number>)];
    expect([falseUnchanged, row.falseUnchanged]).toEqual([[0, 1, 1, 0, 0], 2]);
    // What is not left to an earlier image cannot be wrong there, and without contents nobody knows.
    expect((await checkpoint(trace, { ...options, contents, variant: skipZero() })).row.falseUnchanged).toBe(0);
    const unknown = await checkpoint(trace, { ...options, variant: incremental(fullImage()) });
    expect(unknown.row.falseUnchanged).toBeNull();
  });

  it("restore: an access for each extent in order of pages, for each run in the disk's, for each touched page if lazy", () => {
    const costs = { ...costs2011, fixedS: 0, storeExitUs: 0 };
    const image = { imageBytes: 0, mappedPages: 30, placement: { extents: 20, runs: 5, blocks: 25 }, touchedPages: 3 };
    const { inPageOrderS, sortedS, lazyS } = restoreTimes(image, costs);
    const page = 4096 / 90e6;
    expect(inPageOrderS).toBeCloseTo(0.009 + 20 * 0.009 + 30 * page, 12);
    expect(sortedS).toBeCloseTo(0.009 + 5 * 0.009 + 25 * page, 12);
    expect(lazyS).toBeCloseTo(0.009 + 3 * (0.009 + page), 12);
    // A latency of 1 ms: once for reads that overlap, and for each page that the guest waits for, which is an exit of 5 µs, too.
    const late = restoreTimes(image, { ...costs, storeExitUs: 5, disk: { ...costs.disk, latencyMs: 1 } });
    expect(late.inPageOrderS - inPageOrderS).toBeCloseTo(0.001, 12);
    expect(late.sortedS - sortedS).toBeCloseTo(0.001, 12);
    expect(late.lazyS - lazyS).toBeCloseTo(3 * (0.001 + 5e-6), 12);
  });
});

describe("properties", () => {
  const [pages, blocks] = [7, 6];
  const run = (script: Parameters<typeof eventsOf>[0]) => {
    const machine = new ByteMachine(pages, blocks);
    for (const step of script) machine.do(step);
    const contents = exactContents(machine.memory, machine.disk);
    const of = async (variant: CheckpointOptions["variant"]) =>
      (await checkpoint(eventsOf(script, "checkpoint"), { pages, variant, contents: () => contents, ...base })).row;
    return { machine, contents, of };
  };

  it("image = N − map − zero, no false exclusion, and the oracle is never larger", async () => {
    await fc.assert(
      fc.asyncProperty(steps(pages, blocks), async (script) => {
        const { of } = run(script);
        for (const variant of [fullImage(), skipZero(), skipMapped(), skipMappedAndZero(), skipEqual()]) {
          const row = await of(variant);
          expect(row.storedPages).toBe(pages - row.mappedPages - row.zeroPages);
          expect([row.falseExclusions, row.unverifiedPages]).toEqual([0, 0]);
          expect(row.storedPages).toBeGreaterThanOrEqual((await of(skipEqual())).storedPages);
        }
        const map = await of(skipMapped());
        expect(map.mappedPages).toBe(map.mapEntries);
      }),
      { numRuns: 100 },
    );
  });

  it("a restore from the stored pages and the disk gives the memory back, byte for byte", () => {
    fc.assert(
      fc.property(steps(pages, blocks), (script) => {
        const { machine, contents } = run(script);
        const map = pageBlockMap({ pages });
        map.apply(eventsOf(script));
        const restored = new Uint8Array(machine.memory.length);
        for (let page = 0; page < pages; page++) {
          const block = map.blockOf(page);
          if (contents.zero[page] === 1) continue;
          restored.set(block === undefined ? machine.page(page) : machine.block(block), page * pageBytes);
        }
        expect(Buffer.compare(restored, machine.memory)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("an incremental image, its base and both disks give the memory back", () => {
    fc.assert(
      fc.property(steps(pages, blocks), steps(pages, blocks), (before, after) => {
        const machine = new ByteMachine(pages, blocks);
        const map = pageBlockMap({ pages });
        const restored = new Uint8Array(machine.memory.length);
        // What an image has, over what the image before it gave: nothing for pages that were not written to.
        const checkpointAndRestore = (number: number): void => {
          for (let page = 0; page < pages; page++) {
            const block = map.blockOf(page);
            if (block === undefined && number > 0 && !map.isDirty(page)) continue;
            restored.set(block === undefined ? machine.page(page) : machine.block(block), page * pageBytes);
          }
          expect(Buffer.compare(restored, machine.memory)).toBe(0);
          map.beginEpoch();
        };
        for (const [number, script] of [before, after].entries()) {
          for (const step of script) machine.do(step);
          map.apply(eventsOf(script));
          checkpointAndRestore(number);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("leaves no changed page to an earlier image, unless the trace lacks a store", async () => {
    let lacking = 0;
    await fc.assert(
      fc.asyncProperty(steps(pages, blocks), steps(pages, blocks), async (before, after) => {
        const machine = new ByteMachine(pages, blocks);
        const contents = [before, after].map((script) => {
          for (const step of script) machine.do(step);
          return exactContents(machine.memory.slice(), machine.disk.slice());
        });
        const wrong = async (second: typeof after) => {
          const trace = [eventsOf(before, "checkpoint"), eventsOf(second, "checkpoint")];
          const options = { pages, ...base, contents: (checkpoint: number) => contents[checkpoint]! };
          const { row } = await checkpoint(trace, { ...options, variant: incremental(fullImage()) });
          return row.falseUnchanged!;
        };
        expect(await wrong(after)).toBe(0);
        lacking += await wrong(after.filter(({ kind }) => kind !== "store"));
      }),
      { numRuns: 100 },
    );
    expect(lacking).toBeGreaterThan(0);
  });

  it("does not depend on where batches end, or on whether they are Arrow's, or come one by one", async () => {
    await fc.assert(
      fc.asyncProperty(steps(pages, blocks), fc.nat(120), async (script, cut) => {
        const whole = eventsOf(script, "checkpoint");
        const part = (from: number, to?: number) => ({
          kind: whole.kind.subarray(from, to),
          page: whole.page.subarray(from, to),
          block: whole.block.subarray(from, to),
        });
        const options = { pages, variant: skipMapped(), ...base };
        const arrow = tableFromArrays({ ...whole });
        const { row } = await checkpoint(whole, options);
        const later = async function* () {
          yield await Promise.resolve(part(0, cut));
          yield* (await Promise.resolve(arrow.slice(cut))).batches;
        };
        for (const trace of [[part(0, cut), part(cut)], arrow, later()])
          expect((await checkpoint(trace, options)).row).toEqual(row);
      }),
      { numRuns: 50 },
    );
  });
});

it("published: the four numbers of the abstract", async () => {
  expect(await publishedReductions()).toEqual(
    (
      [
        ["PV", "size", 81],
        ["PV", "time", 74],
        ["HVM", "size", 64],
        ["HVM", "time", 62],
      ] as const
    ).map(([guests, what, reductionPct]) => ({ guests, what, reductionPct, source: "abstract [paper]" })),
  );
});

it("says what it expects", async () => {
  const options: CheckpointOptions = { pages: 2, variant: skipMapped(), ...base };
  const one = events([["checkpoint"]]);
  await expect(checkpoint(events([["read", 0, 1]]), options)).rejects.toThrow(
    "checkpointing: the trace ends without a checkpoint",
  );
  await expect(checkpoint(one, { ...options, variant: skipZero() })).rejects.toThrow('for the variant "zero-skipping"');
  await expect(checkpoint(one, { ...options, variant: "map" as never })).rejects.toThrow("variant: expected a variant");
  await expect(checkpoint(one, { ...options, tracking: "PV" as never })).rejects.toThrow(
    "tracking: expected a tracking",
  );
  await expect(checkpoint(one, { ...options, touchedShare: 2 })).rejects.toThrow("touchedShare: expected");
  await expect(checkpoint(one, { ...options, costs: { ...costsToday, pageUs: -1 } })).rejects.toThrow(
    "costs.pageUs: expected",
  );
  await expect(checkpoint(one, { ...options, record: ["pages"] as never })).rejects.toThrow(
    'record: expected only "checkpoints"',
  );
  const contents = () => exactContents(new Uint8Array(pageBytes), new Uint8Array(0));
  await expect(checkpoint(one, { ...options, contents })).rejects.toThrow(
    "the contents of checkpoint 0 have 1 pages, the guest 2",
  );
  await expect(checkpoint(3 as never, options)).rejects.toThrow("events: expected an Arrow table or batches");
  await expect(checkpoint(tableFromArrays({ kind: Uint8Array.of(6) }), options)).rejects.toThrow('field "page"');
  const uneven = { kind: Uint8Array.of(6), page: new Uint32Array(1), block: new Uint32Array(2) };
  await expect(checkpoint(uneven, options)).rejects.toThrow("events: expected arrays of equal lengths, got [1, 1, 2]");
  const nulls = new Table({
    kind: vectorFromArray([0, 6], new Uint8()),
    page: vectorFromArray([null, 0], new Uint32()),
    block: vectorFromArray([0, 0], new Uint32()),
  });
  await expect(checkpoint(nulls, options)).rejects.toThrow("expected no nulls, got 1");
  expect(() => compressed(fullImage(), { ratio: 0, zeroRatio: 1, megabytesPerS: 1 })).toThrow(
    "packing.ratio: expected a share",
  );
});
