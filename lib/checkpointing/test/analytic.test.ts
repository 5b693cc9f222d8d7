import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { realSample } from "../../../datasets/readers/test/real-sample.ts";
import { random } from "../../core/random.ts";
import {
  checkpoint,
  costs2011,
  dirtyLog,
  events,
  type EventKind,
  extentBytes,
  fixedShare,
  flatEntryBytes,
  pageBlockMap,
  placement,
  skipMapped,
  steadyEntries,
  survival,
  timeRatio,
} from "../index.ts";

describe("time and size", () => {
  it("the abstract's pairs give a fixed share of 8.6 % (PV) and 3.1 % (HVM), and back", () => {
    // (0.26 - 0.19) / 0.81 and (0.38 - 0.36) / 0.64
    expect(fixedShare(0.26, 0.19)).toBeCloseTo(0.0864, 4);
    expect(fixedShare(0.38, 0.36)).toBeCloseTo(0.03125, 10);
    expect(timeRatio(fixedShare(0.26, 0.19), 0.19)).toBeCloseTo(0.26, 12);
    expect(() => fixedShare(0.5, 1)).toThrow("sizeRatio: expected a share below 1");
  });

  it("the simulator's T/T0 is a + (1 - a) S where only the fixed part and writing cost", async () => {
    // Without a state, a look-up or a copy, and pages left out as one extent of 14 bytes: a is the fixed part of T0.
    const pages = 10_000;
    const costs = { ...costs2011, stateBytes: 0, pageUs: 0, lookUpNs: 0 };
    for (const mapped of [0, 1, 5000, 9999]) {
      const trace = events([
        ...Array.from({ length: mapped }, (_, at) => ["read", at, 100 + at] as const),
        ["checkpoint"] as const,
      ]);
      const { row } = await checkpoint(trace, { pages, variant: skipMapped(), tracking: dirtyLog(), costs });
      const transferS = (pages * 4096) / (costs.storage.sequentialMBps * 1e6);
      const fixed = 1 - transferS / row.fullS;
      // 14 bytes of map in 41 MB: 4e-7 at most.
      expect(row.timePct / 100).toBeCloseTo(timeRatio(fixed, 1 - mapped / pages), 6);
      expect(row.storedPages).toBe(pages - mapped);
    }
  });
});

describe("the size of a map", () => {
  // Pages of a Debian guest of 256 MB, one a line: number, class, first equal block. In the folder above that of the samples.
  const table = realSample("../guest256_pages.csv.gz");
  it.skipIf(table === undefined)(
    "of a real guest is what its data sheet says: 298,500 bytes as pairs, 37.6 KB as extents",
    () => {
      const lines = gunzipSync(readFileSync(table!)).toString().trimEnd().split("\n").slice(1);
      const onDisk = lines.map((line) => line.split(",")).filter(([, kind]) => kind === "d");
      const where = placement(
        onDisk.map(([page]) => Number(page)),
        onDisk.map(([, , block]) => Number(block)),
      );
      expect([lines.length, onDisk.length]).toEqual([65_536, 24_875]);
      expect(where).toEqual({ extents: 2687, runs: 45, blocks: 24_722 });
      expect([onDisk.length * flatEntryBytes, where.extents * extentBytes]).toEqual([298_500, 37_618]);
    },
  );

  it("by hand: extents, runs and distinct blocks", () => {
    // Pages 1 2 3 on blocks 10 11 12: an extent. 4 on 11: another, of a block met before. 6 on 13: after a gap in memory.
    expect(placement([1, 2, 3, 4, 6], [10, 11, 12, 11, 13])).toEqual({ extents: 3, runs: 1, blocks: 4 });
    expect(placement([], [])).toEqual({ extents: 0, runs: 0, blocks: 0 });
  });
});

/** Independent references: exponential times between the events of each of many pages, in one order of time. */
function poisson(
  pages: number,
  seconds: number,
  rates: Readonly<Partial<Record<EventKind, number>>>,
): { readonly atS: number; readonly row: readonly [EventKind, number, number] }[] {
  const stream = random(11);
  const list: { atS: number; row: readonly [EventKind, number, number] }[] = [];
  for (const [kind, rate] of Object.entries(rates) as [EventKind, number][])
    for (let page = 0; page < pages; page++)
      for (let atS = 0; ;) {
        atS += stream.exponential(1 / rate);
        if (atS > seconds) break;
        list.push({ atS, row: [kind, page, page] });
      }
  return list.sort((a, b) => a.atS - b.atS);
}

describe("independent writes", () => {
  it("entries survive t seconds with probability exp(-wt)", () => {
    const [pages, w] = [20_000, 0.08];
    const list = poisson(pages, 40, { store: w });
    for (const t of [1, 5, 20, 40]) {
      const map = pageBlockMap({ pages });
      map.apply(events(Array.from({ length: pages }, (_, page) => ["read", page, page] as const)));
      map.apply(events(list.filter(({ atS }) => atS <= t).map(({ row }) => row)));
      // Binomial: four standard deviations of a share, at most 4 sqrt(0.25 / 20000) = 0.0142.
      expect(Math.abs(map.size / pages - survival(w, t))).toBeLessThan(0.0142);
    }
  });

  it("the steady size follows Little's law", () => {
    const [pages, r, w, e] = [5000, 0.02, 0.05, 0.03];
    const list = poisson(pages, 400, { read: r, store: w, release: e });
    const map = pageBlockMap({ pages });
    const warm = list.findIndex(({ atS }) => atS > 100); // ten mean lives of an entry and more
    map.apply(events(list.slice(0, warm).map(({ row }) => row)));
    const before = map.counts;
    let [area, at] = [0, 100];
    for (const { atS, row } of list.slice(warm)) {
      area += map.size * (atS - at);
      at = atS;
      map.apply(events([row]));
    }
    const seconds = at - 100;
    const madePerS = (map.counts.made - map.counts.moved - (before.made - before.moved)) / seconds;
    // Little's law: tolerance 2 %, from some 20,000 entries made and ended (1/sqrt(2e4) = 0.7 %, thrice).
    const expected = steadyEntries({ madePerS, writesPerS: w, evictionsPerS: e });
    expect(Math.abs(area / seconds / expected - 1)).toBeLessThan(0.02);
    // And from the rates alone: a page has an entry for r/(r + w + e) of the time.
    expect(Math.abs(area / seconds / ((pages * r) / (r + w + e)) - 1)).toBeLessThan(0.02);
  });
});
