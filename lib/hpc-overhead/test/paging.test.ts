import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { exits2011, type Processor } from "../../hardware/index.ts";
import { crossoverLoadsPerS, measurePaging, opteron, randomMissRatio } from "../index.ts";

/** Without caches of the walker, so that a walk costs the same each time. */
const plain: Processor = {
  ...{ label: "plain", clockHz: 1e9, tagged: false, laterHitCycles: 0, dirtyAssistCycles: 0 },
  tlb: [{ unified: [{ entries: 64, ways: 64, sizes: ["4K", "2M"] }] }],
  caches: {},
  nestedCaches: {},
  entryCycles: [10],
  nestedEntryCycles: [10],
};

const cyclic = (pages: number, references: number, unit = 1): Uint32Array =>
  Uint32Array.from({ length: references }, (_, at) => (at % pages) * unit);

describe("paging of one node", () => {
  it("by hand: 100 pages in turn miss 64 entries each time", () => {
    const row = measurePaging(cyclic(100, 1000), {
      ...{ processor: plain, exits: exits2011, pageSize: "4K", referencesPerLoad: 500 },
    });
    // 1000 walks of 4 and of 24 entries; a fault for each page after each of two loads' beginnings.
    expect(row).toMatchObject({
      misses: 1000,
      loads: 2,
      hiddenFaults: 200,
      nativeCycles: 40_000,
      nestedCycles: 240_000,
    });
    // A failed walk reads 1 entry where the shadow is empty, else as many as there are tables: 1 + 99 · 4 = 397 reads, twice.
    expect(row.hiddenFaultCycles).toBe(5000 + (397 * 10) / 100);
    expect(row.shadowCycles).toBe(40_000 + 2 * 3970 + 200 * 5000 + 2 * 4000);
    // 2 MiB pages end a level earlier on both sides: 3 and 3 · 3 + 3 + 3 = 15.
    const large = measurePaging(cyclic(100, 1000, 512), {
      ...{ processor: plain, exits: exits2011, pageSize: "2M", referencesPerLoad: Infinity },
    });
    expect(large).toMatchObject({
      misses: 1000,
      loads: 0,
      hiddenFaults: 100,
      nativeCycles: 30_000,
      nestedCycles: 150_000,
    });
  });

  it("by hand: a load of CR3 empties the TLB and the walkers' caches", () => {
    const cached = { ...plain, caches: { pde: { entries: 16 } }, nestedCaches: { pde: { entries: 16 } } };
    const row = measurePaging(cyclic(10, 100), {
      ...{ processor: cached, exits: exits2011, pageSize: "4K", referencesPerLoad: 50 },
    });
    // Ten misses after each beginning: a walk of 4 entries, then nine of the leaf alone, its table's place cached.
    expect(row).toMatchObject({ misses: 20, loads: 2, hiddenFaults: 20, nativeCycles: 2 * (4 + 9) * 10 });
  });

  it("the rate of CR3 loads at which shadow and nested paging cost the same, by a sweep, is the closed form's", () => {
    const pages = 100;
    const run = (laps: number): ReturnType<typeof measurePaging> =>
      measurePaging(cyclic(pages, pages * laps * 2), {
        ...{ processor: plain, exits: exits2011, pageSize: "4K", referencesPerLoad: pages * laps },
      });
    // The first number of rounds over the pages between two loads at which the shadow is the cheaper one.
    let found = NaN;
    for (let laps = 1; Number.isNaN(found) && laps < 100; laps++) {
      const row = run(laps);
      if (row.shadowCycles <= row.nestedCycles) found = laps;
    }
    const {
      nestedWalkCycles: nestedWalk,
      nativeWalkCycles: nativeWalk,
      hiddenFaultCycles: hiddenFault,
      loadCycles: load,
    } = run(1);
    // Per reference, each of which misses.
    const perReference = crossoverLoadsPerS({ missesPerS: 1, nestedWalk, nativeWalk, pages, hiddenFault, load });
    const laps = 1 / perReference / pages;
    // The sweep goes in whole rounds: the closed form's point lies in the last step before it.
    expect(laps).toBeGreaterThan(found - 1);
    expect(laps).toBeLessThanOrEqual(found);
    // And on the line between: shadow − nested is linear in the rounds, as both sides' slopes are constant.
    const [a, b] = [run(found - 1), run(found)].map((row) => (row.shadowCycles - row.nestedCycles) / 2);
    expect(found - 1 + a! / (a! - b!)).toBeCloseTo(laps, 9);
  });

  it("random accesses to a table miss as often as the reach does not cover it", () => {
    const stream = random(9);
    for (const [pageSize, unit, tablePages] of [
      ["4K", 1, 256],
      ["2M", 512, 128],
    ] as const) {
      const references = Uint32Array.from({ length: 40_000 }, () => stream.int(tablePages) * unit);
      const row = measurePaging(references, {
        ...{ processor: plain, exits: exits2011, pageSize },
        referencesPerLoad: Infinity,
      });
      const expected = randomMissRatio({ entries: 64, pageBytes: 4096 * unit, tableBytes: 4096 * unit * tablePages });
      // Binomial: four standard deviations of a share over 40,000 draws, at most 0.01; LRU is full after some hundreds.
      expect(Math.abs(row.misses / row.references - expected)).toBeLessThan(0.01);
      // So the slowdown of an access of c cycles is the miss ratio times the walks' difference, by c.
      const added = (row.nestedCycles - row.nativeCycles) / row.references;
      expect(added / (expected * (pageSize === "4K" ? 200 : 120))).toBeCloseTo(1, 1);
    }
    const one = { processor: opteron, exits: exits2011, pageSize: "2M", referencesPerLoad: Infinity } as const;
    expect(measurePaging(cyclic(10, 100, 512), one).misses).toBe(10);
    expect(() => measurePaging(new Uint32Array(0), one)).toThrow("pages: expected at least one reference, got 0");
  });
});
