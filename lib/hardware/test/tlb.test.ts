import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  everyPage,
  fifo,
  lru,
  pageSet,
  randomReplacement,
  singly,
  type ReplacementPolicy,
  sizedRanges,
  tlb,
  type Tlb,
  transparentHuge,
  treePlru,
} from "../index.ts";
import { batchFrom, expanded, type Run, runs } from "./arbitrary-trace.ts";
import { NaiveArray, NaiveTlb } from "./naive.ts";

const small = (policy: ReplacementPolicy = lru(), ways = 2): Tlb =>
  tlb({
    levels: [
      { instruction: [{ entries: 4, ways, sizes: ["4K"] }], data: [{ entries: 4, ways, sizes: ["4K"] }] },
      { unified: [{ entries: 8, ways: 4, sizes: ["4K"] }] },
    ],
    policy,
  });
const one = (entries: number, policy?: ReplacementPolicy): Tlb =>
  tlb({ levels: [{ unified: [{ entries, ways: entries, sizes: ["4K"] }] }], ...(policy && { policy }) });
const misses = (buffer: Tlb): number[][] => buffer.misses.map((level) => [...level]);
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

describe("by hand", () => {
  it("two levels: what leaves the first is found in the second", () => {
    // Pages 0 2 4 share set 0 of 2 ways in L1 D; all three fit into one set of 4 ways in L2.
    // 0: misses both. 2: misses both. 4: misses both, displaces 0 from L1. 0: misses L1, hits L2. 0: hits L1.
    const buffer = small();
    buffer.access(Uint32Array.of(0, 2, 4, 0, 0));
    expect(misses(buffer)).toEqual([
      [0, 4, 0],
      [0, 3, 0],
    ]);
    expect([...buffer.references]).toEqual([0, 5, 0]);
  });

  it("a fetch and a read of one page: apart in L1, shared in L2", () => {
    const buffer = small();
    buffer.access(batchFrom([0, 1, 2, 0].map((kind) => ({ page: 5, count: 3, kind }))));
    // The fetch misses both; the read misses L1 D and hits L2; the write hits L1 D; the last fetch hits L1 I.
    expect(misses(buffer)).toEqual([
      [1, 1, 0],
      [1, 0, 0],
    ]);
    expect([...buffer.references]).toEqual([6, 3, 3]);
  });

  it("a unified first level: a fetch may displace what data touched last", () => {
    // One way. Read 1 misses; fetch 3 misses and displaces it; read 1 misses again.
    const buffer = tlb({ levels: [{ unified: [{ entries: 1, ways: 1, sizes: ["4K"] }] }] });
    buffer.access(batchFrom([1, 0, 1].map((kind) => ({ page: kind === 0 ? 3 : 1, count: 2, kind }))));
    expect(misses(buffer)).toEqual([[1, 2, 0]]);
  });

  it("a first level for data only: data that miss it may displace what the last fetch touched in the second", () => {
    // One way in each. Fetch 3 misses; read 1 misses both and displaces 3 from the second level; fetch 3 misses again.
    const array = [{ entries: 1, ways: 1, sizes: ["4K"] }] as const;
    const buffer = tlb({ levels: [{ instruction: [], data: array }, { unified: array }] });
    buffer.access(batchFrom([0, 1, 0].map((kind) => ({ page: kind === 0 ? 3 : 1, count: 2, kind }))));
    expect(misses(buffer)).toEqual([
      [0, 1, 0],
      [2, 1, 0],
    ]);
  });

  it("page sizes: 512 neighbours are one 2M entry, 2^18 one 1G entry; 4K elsewhere", () => {
    const sizes = sizedRanges([
      { from: 512, to: 1024, size: "2M" },
      { from: 2 ** 18, to: 2 ** 19, size: "1G" },
    ]);
    const buffer = tlb({
      levels: [{ unified: [{ entries: 64, ways: 64, sizes: ["4K", "2M", "1G"] }] }],
      pageSizes: sizes,
    });
    buffer.access(Uint32Array.of(0, 1, 512, 513, 1023, 2 ** 18, 2 ** 19 - 1, 1));
    expect(sum(buffer.misses[0]!)).toBe(4); // pages 0 and 1, the huge page, the gigantic page
  });

  it("page 1 of 4K and page 1 of 2M are different entries of a shared structure", () => {
    const sizes = sizedRanges([{ from: 512, to: 1024, size: "2M" }]);
    const buffer = tlb({ levels: [{ unified: [{ entries: 4, ways: 4, sizes: ["4K", "2M"] }] }], pageSizes: sizes });
    buffer.access(Uint32Array.of(1, 512));
    expect(sum(buffer.misses[0]!)).toBe(2);
  });

  it("a size that a level does not hold passes it by", () => {
    const buffer = tlb({
      levels: [
        { unified: [{ entries: 1, ways: 1, sizes: ["2M"] }] },
        { unified: [{ entries: 64, ways: 4, sizes: ["4K"] }] },
      ],
      pageSizes: everyPage("2M"),
    });
    buffer.access(Uint32Array.of(0, 512, 0));
    expect(misses(buffer)).toEqual([
      [0, 3, 0],
      [0, 0, 0],
    ]);
  });

  it("address spaces: tags keep both, without tags a change flushes, one space can be flushed alone", () => {
    const visit = (tagged: boolean): Tlb => {
      const buffer = tlb({ levels: [{ unified: [{ entries: 4, ways: 4, sizes: ["4K"] }] }], tagged });
      for (const space of [1, 2, 1, 1]) {
        buffer.enter(space);
        buffer.access(Uint32Array.of(7));
      }
      return buffer;
    };
    expect(sum(visit(true).misses[0]!)).toBe(2);
    expect(sum(visit(false).misses[0]!)).toBe(3);
    const buffer = visit(true);
    buffer.flushSpace(2);
    buffer.access(Uint32Array.of(7)); // space 1: still there
    expect(sum(buffer.misses[0]!)).toBe(2);
    buffer.enter(2);
    buffer.access(Uint32Array.of(7)); // space 2: gone
    expect(sum(buffer.misses[0]!)).toBe(3);
  });

  it("scan stops at a miss and at a write to a page that is not writable", () => {
    const buffer = small();
    const writable = pageSet();
    const batch = batchFrom([
      { page: 1, count: 1, kind: 1 },
      { page: 1, count: 1, kind: 2 },
      { page: 1, count: 1, kind: 2 },
    ]);
    expect([buffer.scan(batch, 0, 3, writable), buffer.stoppedOnWrite]).toEqual([0, false]);
    buffer.fill(1, 1);
    expect([buffer.scan(batch, 0, 3, writable), buffer.stoppedOnWrite]).toEqual([1, true]);
    writable.add(1);
    expect([buffer.scan(batch, 1, 3, writable), buffer.stoppedOnWrite]).toEqual([3, false]);
    expect(misses(buffer)[0]).toEqual([0, 1, 0]);
  });
});

describe("properties", () => {
  const policies = fc.constantFrom<ReplacementPolicy>(lru(), fifo(), treePlru(), randomReplacement(9));

  it("splitting the trace into other batches changes nothing", () => {
    fc.assert(
      fc.property(runs(24), policies, fc.array(fc.nat(40), { minLength: 1 }), (rows, policy, cuts) => {
        const whole = small(policy);
        whole.access(batchFrom(rows));
        const split = small(policy);
        let from = 0;
        for (let i = 0; from < rows.length; i++) {
          const to = from + cuts[i % cuts.length]! + (i % cuts.length === 0 ? 1 : 0);
          split.access(batchFrom(rows.slice(from, to)));
          from = to;
        }
        expect([misses(split), [...split.references]]).toEqual([misses(whole), [...whole.references]]);
      }),
    );
  });

  it("run lengths and single references are the same, page sizes mixed too", () => {
    fc.assert(
      fc.property(runs(3000), policies, (rows, policy) => {
        const make = (): Tlb =>
          tlb({
            levels: [
              {
                unified: [
                  { entries: 4, ways: 2, sizes: ["4K"] },
                  { entries: 2, ways: 2, sizes: ["2M"] },
                ],
              },
              { unified: [{ entries: 8, ways: 4, sizes: ["4K", "2M"] }] },
            ],
            policy,
            pageSizes: transparentHuge(0.5, 3),
          });
        const [inRuns, single] = [make(), make()];
        inRuns.access(batchFrom(rows));
        single.access(batchFrom(expanded(rows)));
        expect([misses(single), [...single.references]]).toEqual([misses(inRuns), [...inRuns.references]]);
      }),
    );
  });

  it("misses never exceed references, nor a level's those of the level before; first touches always miss", () => {
    fc.assert(
      fc.property(runs(40), policies, (rows, policy) => {
        const buffer = small(policy);
        buffer.access(batchFrom(rows));
        const [first, second] = misses(buffer);
        for (const kind of [0, 1, 2]) {
          expect(first![kind]).toBeLessThanOrEqual(buffer.references[kind]!);
          expect(second![kind]).toBeLessThanOrEqual(first![kind]!);
        }
        expect(sum(second!)).toBeGreaterThanOrEqual(new Set(rows.map((row) => row.page)).size);
      }),
    );
  });

  it("nothing hits right after a flush or an invalidation", () => {
    fc.assert(
      fc.property(runs(24), policies, fc.boolean(), (rows, policy, all) => {
        fc.pre(rows.length > 0);
        const buffer = small(policy);
        buffer.access(batchFrom(rows));
        for (const kind of [0, 1] as const) {
          const { page } = rows.at(-1)!;
          if (all) buffer.flush();
          else buffer.invalidate(page);
          const before = buffer.misses[1]![kind]!;
          buffer.access(batchFrom([{ page, count: 2, kind }]));
          expect(buffer.misses[1]![kind]! - before).toBe(1);
        }
      }),
    );
  });

  it("an invalidated page is reported once, and only it is gone", () => {
    const buffer = one(8);
    buffer.access(Uint32Array.of(1, 2, 3));
    expect([buffer.invalidate(2), buffer.invalidate(2)]).toEqual([true, false]);
    buffer.access(Uint32Array.of(1, 3, 2));
    expect(sum(buffer.misses[0]!)).toBe(4);
  });

  it("Mattson's inclusion: fully associative LRU misses never rise with the entries, nor per-set LRU with the ways", () => {
    fc.assert(
      fc.property(runs(30), (rows) => {
        const batch = batchFrom(rows);
        const count = (entries: number, ways: number): number => {
          const buffer = tlb({ levels: [{ unified: [{ entries, ways, sizes: ["4K"] }] }] });
          buffer.access(batch);
          return sum(buffer.misses[0]!);
        };
        const associative = [1, 2, 3, 5, 8, 13, 21].map((entries) => count(entries, entries));
        const fourSets = [1, 2, 3, 4, 6, 8].map((ways) => count(4 * ways, ways));
        for (const series of [associative, fourSets]) expect(series).toEqual([...series].sort((a, b) => b - a));
      }),
    );
  });
});

describe("analytic", () => {
  it("a cyclic scan over more pages than entries misses always, over no more only at first (LRU and FIFO)", () => {
    for (const policy of [lru(), fifo()]) {
      const scan = (pages: number): number => {
        const buffer = one(16, policy);
        for (let round = 0; round < 5; round++) buffer.access(Uint32Array.from({ length: pages }, (_, page) => page));
        return sum(buffer.misses[0]!);
      };
      expect([scan(16), scan(17), scan(40)]).toEqual([16, 5 * 17, 5 * 40]);
    }
  });

  it("random pages: the hit rate of any policy without knowledge is entries over pages", () => {
    // Independent uniform references to P pages, E entries kept by any policy that cannot see the future: the next
    // page is held with probability E / P. 200,000 references: standard deviation of the rate about 0.001; tolerance 5 of it.
    let state = 12345;
    const pages = Uint32Array.from({ length: 200_000 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24; // the high bits of a linear congruential generator: 256 pages
    });
    for (const policy of [lru(), fifo(), treePlru(), randomReplacement(2)]) {
      const buffer = tlb({ levels: [{ unified: [{ entries: 32, ways: 32, sizes: ["4K"] }] }], policy });
      buffer.access(pages);
      expect(Math.abs(1 - sum(buffer.misses[0]!) / pages.length - 32 / 256)).toBeLessThan(0.005);
    }
  });
});

describe("differential", () => {
  it.each([
    ["LRU", lru()],
    ["FIFO", fifo()],
  ] as const)("a plain Map-based %s gives the same misses, level by level and kind by kind", (name, policy) => {
    fc.assert(
      fc.property(runs(40, 500), (rows: Run[]) => {
        const buffer = small(policy);
        buffer.access(batchFrom(rows));
        const naive = new NaiveTlb({ entries: 4, ways: 2 }, { entries: 4, ways: 2 }, { entries: 8, ways: 4 }, name);
        for (const { page, kind } of expanded(rows)) naive.reference(page, kind);
        expect(misses(buffer)).toEqual(naive.misses);
      }),
    );
  });
});

describe("differential, a first level for one side only", () => {
  const four = { entries: 4, ways: 2 };
  it.each([
    ["fetches", four, undefined],
    ["data", undefined, four],
  ] as const)("for %s: a plain Map-based LRU gives the same misses", (_side, fetch, data) => {
    const side = (shape: typeof four | undefined) => (shape ? [{ ...shape, sizes: ["4K"] as const }] : []);
    fc.assert(
      fc.property(runs(16, 500), (rows: Run[]) => {
        const buffer = tlb({
          levels: [
            { instruction: side(fetch), data: side(data) },
            { unified: [{ entries: 8, ways: 4, sizes: ["4K"] }] },
          ],
        });
        buffer.access(batchFrom(rows));
        const naive = new NaiveTlb(fetch, data, { entries: 8, ways: 4 });
        for (const { page, kind } of expanded(rows)) naive.reference(page, kind);
        expect(misses(buffer)).toEqual(naive.misses);
      }),
    );
  });
});

describe("differential, unified first level", () => {
  it("a plain Map-based LRU gives the same misses where fetches and data compete for one array", () => {
    fc.assert(
      fc.property(runs(12, 500), (rows: Run[]) => {
        const buffer = tlb({ levels: [{ unified: [{ entries: 6, ways: 3, sizes: ["4K"] }] }] });
        buffer.access(batchFrom(rows));
        const naive = new NaiveArray({ entries: 6, ways: 3 });
        const missed = [0, 0, 0];
        for (const { page, kind } of expanded(rows)) {
          if (naive.touch(page)) continue;
          missed[kind]!++;
          naive.fill(page);
        }
        expect(misses(buffer)).toEqual([missed]);
      }),
    );
  });
});

describe("options", () => {
  const level = { unified: [{ entries: 4, ways: 2, sizes: ["4K"] }] } as const;

  it.each([
    [{ levels: [] }, "levels: expected at least one level"],
    [
      { levels: [{ unified: [{ entries: 6, ways: 2, sizes: ["4K"] }] }] },
      "levels[0].unified[0].ways: expected entries / ways to be a power of two",
    ],
    [{ levels: [level], pageSizes: everyPage("2M") }, "levels: expected a structure for 2M pages of instructions"],
    [
      { levels: [{ unified: [level.unified[0], level.unified[0]] }] },
      "levels[0].unified[1].sizes: expected sizes that no other",
    ],
    [
      { levels: [{ unified: [{ entries: 4, ways: 0, sizes: ["4K"] }] }] },
      "levels[0].unified[0].ways: expected a whole number",
    ],
  ] as const)("%j", (options, message) => {
    expect(() => tlb(options)).toThrow(message);
  });

  it("a batch with a count of 0, a kind of 3 or unequal lengths is refused", () => {
    const buffer = one(4);
    expect(() => {
      buffer.access({ ...singly([1, 2]), count: Uint32Array.of(1, 0) });
    }).toThrow("batch.count[1]: expected at least 1, got 0");
    expect(() => {
      buffer.access({ ...singly([1, 2]), kind: Uint8Array.of(3, 1) });
    }).toThrow("batch.kind[0]: expected 0 (fetch)");
    expect(() => {
      buffer.access({ ...singly([1, 2]), kind: Uint8Array.of(1) });
    }).toThrow("batch: expected arrays of equal lengths, got [2, 2, 1]");
    expect(() => {
      buffer.enter(2 ** 19);
    }).toThrow("space: expected a whole number from 0 to 524287");
  });
});
