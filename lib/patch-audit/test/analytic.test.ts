import { describe, expect, it } from "vitest";
import { random } from "../../core/index.ts";
import {
  audit,
  audit2011,
  boundEventsPerS,
  type CodeFile,
  database,
  expectedPages,
  expectedPagesWithoutReplacement,
  generateEvents,
  identifiedAfter,
  identifiedWithoutReplacement,
  pagesNeeded,
  refreshOverheadPct,
} from "../index.ts";

/** Programs of as many pages each, of which the first ones are the same in the old and the new version. */
function programs(count: number, pages: number, shared: number) {
  const stream = random("programs");
  const hash = (): bigint => (BigInt(stream.bits()) << 32n) | BigInt(stream.bits());
  return database(
    Array.from({ length: count }, (_, program): CodeFile[] => {
      const common = Array.from({ length: shared }, hash);
      return (["old", "new"] as const).map((release) => ({
        package: `package-${program}`,
        version: release,
        release,
        file: `program-${program}`,
        addressPages: Array.from({ length: pages }, (__, page) => page),
        hashes: [...common, ...Array.from({ length: pages - shared }, hash)],
      }));
    }).flat(),
  );
}

describe("boot", () => {
  it("a page that nobody writes faults once: the audit's time is the distinct pages times the constants", async () => {
    const known = programs(20, 50, 10);
    const events = [...generateEvents(known, { seed: 1, durationS: 5 })];
    const distinct = new Set(events.flatMap(({ page }) => [...page])).size;
    const { row } = await audit(events, known, { costs: audit2011 });
    const { exitUs, hashUs, lookupUs } = audit2011;
    // Exact: both are the same products, in another order of sums.
    expect(row.execFaults).toBe(distinct);
    expect(row.auditS).toBeCloseTo(distinct * (exitUs + hashUs + lookupUs) * 1e-6, 12);
  });

  it("4 % at 25 µs an event are 1600 events a second, and an audit at that rate takes 4 %", async () => {
    expect(boundEventsPerS(4, 25)).toBeCloseTo(1600, 9);
    // 3200 pages, each executed once, in two seconds.
    const rows = 3200;
    const batch = {
      timeNs: Float64Array.from({ length: rows }, (_, row) => (row / (rows - 1)) * 2e9),
      kind: new Uint8Array(rows),
      space: new Uint32Array(rows),
      page: Uint32Array.from({ length: rows }, (_, row) => row),
      virtualPage: Float64Array.from({ length: rows }, (_, row) => row),
      hash: new Uint32Array(2 * rows).fill(7),
      to: new Uint32Array(rows),
      file: new Uint32Array(rows),
    };
    const costs = { label: "25 µs", exitUs: 5, hashUs: 19.5, lookupUs: 0.5, rehashUs: 0 };
    const { row } = await audit([batch], programs(1, 1, 0), { costs });
    expect(row.overheadPct).toBeCloseTo(4, 9);
  });
});

describe("refresh", () => {
  it("adds the working set's faults each period", async () => {
    // 40 pages, each executed every millisecond for a second: all of them belong to the working set of any period.
    const [pages, rounds] = [40, 1001];
    const rows = pages * rounds;
    const known = programs(1, pages, 0);
    const batch = {
      timeNs: Float64Array.from({ length: rows }, (_, row) => Math.floor(row / pages) * 1e6),
      kind: new Uint8Array(rows),
      space: new Uint32Array(rows),
      page: Uint32Array.from({ length: rows }, (_, row) => row % pages),
      virtualPage: Float64Array.from({ length: rows }, (_, row) => row % pages),
      hash: new Uint32Array(2 * rows),
      to: new Uint32Array(rows),
      file: new Uint32Array(rows),
    };
    const plain = (await audit([batch], known, { costs: audit2011 })).row.overheadPct;
    for (const periodS of [0.01, 0.05, 0.25]) {
      const costs = { ...audit2011, rehashUs: 3 };
      const { row } = await audit([batch], known, { costs, refreshS: periodS });
      const expected = refreshOverheadPct(pages, costs.exitUs + costs.rehashUs, periodS);
      // The last refresh comes with the last event: as many whole periods as the run has.
      expect((row.overheadPct - plain) / expected).toBeCloseTo(1, 9);
    }
  });
});

describe("pages needed", () => {
  it("sampling without replacement: the negative hypergeometric mean, and 1/u for large binaries", () => {
    expect(expectedPagesWithoutReplacement(3, 1)).toBe(2);
    expect(expectedPagesWithoutReplacement(1e6 - 1, 5e5 - 1)).toBeCloseTo(expectedPages(0.5), 3);
    for (const k of [0, 1, 5, 20]) {
      // A large binary is as good as drawing with replacement: k²/n at most.
      expect(Math.abs(identifiedWithoutReplacement(k, 1e6, 3e5) - identifiedAfter(k, 0.3))).toBeLessThan(
        k ** 2 / 1e6 + 1e-12,
      );
    }
    // The mean is the sum of the probabilities that so many pages are not enough.
    let mean = 0;
    for (let k = 0; k <= 30; k += 1) mean += 1 - identifiedWithoutReplacement(Math.min(k, 30), 30, 4);
    expect(mean).toBeCloseTo(expectedPagesWithoutReplacement(30, 4), 9);
  });

  it("the auditor needs as many as the closed form says", () => {
    // 40 pages, 30 of them shared by the versions: u = 1/4.
    const known = programs(10, 40, 30);
    const samples = 4000;
    const rows = pagesNeeded(known, { seed: 1, samples: samples / known.binaries.length });
    const mean = rows.reduce((sum, { meanPages }) => sum + meanPages, 0) / rows.length;
    // Four standard errors of the mean; the deviation is at most that of a geometric distribution, √(1-u)/u.
    const tolerance = (4 * Math.sqrt(0.75)) / 0.25 / Math.sqrt(samples);
    expect(Math.abs(mean - expectedPagesWithoutReplacement(40, 10))).toBeLessThan(tolerance);
    for (const row of rows) expect(row).toMatchObject({ pages: 40, uniquePages: 10, uniqueShare: 0.25, neverShare: 0 });
    // Shares of the samples identified after 1 and after 5 pages: four standard errors of a proportion.
    for (const k of [1, 5]) {
      const share = rows.reduce((sum, { identifiedAfterPages }) => sum + identifiedAfterPages[k - 1]!, 0) / rows.length;
      const p = identifiedWithoutReplacement(k, 40, 10);
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / samples));
    }
  });
});
