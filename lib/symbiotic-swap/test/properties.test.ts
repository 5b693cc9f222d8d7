import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReferenceBatch } from "../../hardware/index.ts";
import { clock, costs2011, exactLru, hostSwap, ramDisk, twoLists, zswap } from "../index.ts";
import { Guest, type GuestShape } from "../guest.ts";
import { naiveSwap } from "./naive.ts";

const rows = fc.array(
  fc.record({
    page: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 1, max: 5 }),
    kind: fc.constantFrom(0, 1, 1, 2, 2, 3),
  }),
  { minLength: 1, maxLength: 400 },
);
const batchOf = (list: readonly { page: number; count: number; kind: number }[]): ReferenceBatch => ({
  // Pages of several chunks of the index.
  page: Uint32Array.from(list, ({ page }) => page * 700),
  count: Uint32Array.from(list, ({ count }) => count),
  kind: Uint8Array.from(list, ({ kind }) => kind),
});
const shape = fc.record({
  frames: fc.integer({ min: 1, max: 30 }),
  slots: fc.integer({ min: 40, max: 90 }),
  cachePages: fc.integer({ min: 0, max: 40 }),
  bypass: fc.boolean(),
  referencesPerRootLoad: fc.constantFrom(Infinity, 1, 3, 50),
});

describe("a guest that swaps", () => {
  it("counts what the plain implementation counts", () => {
    fc.assert(
      fc.property(rows, shape, (list, given) => {
        const batch = batchOf(list);
        const guest = new Guest({ ...given, forgets: false, reclaim: exactLru(), readAhead: 1, emptied: true });
        guest.apply(batch);
        const { mostLive, ...counts } = guest.end();
        expect(mostLive).toBeGreaterThanOrEqual(counts.live);
        const some = Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
        expect(some).toEqual(naiveSwap([batch], given));
      }),
      { numRuns: 60 },
    );
  });

  it("loses no page, whatever the policy and however much is read ahead", () => {
    const more = fc.record({
      reclaim: fc.constantFrom(exactLru(), clock(), twoLists()),
      readAhead: fc.constantFrom(1, 2, 4),
      emptied: fc.boolean(),
      forgets: fc.boolean(),
    });
    fc.assert(
      fc.property(rows, shape, more, (list, given, other) => {
        const whole: GuestShape = { ...given, ...other, frames: Math.max(given.frames, 4 * other.readAhead) };
        const guest = new Guest(whole);
        const touched = new Set<number>();
        // In two batches: where one ends makes no difference.
        for (const part of [list.slice(0, 100), list.slice(100)]) {
          guest.apply(batchOf(part));
          for (const { page, kind } of part) if (kind !== 3) touched.add(page);
        }
        const c = guest.end();
        expect(c.residentPages + c.swappedPages).toBe(touched.size);
        expect(c.residentPages).toBe(Math.min(touched.size, whole.frames));
        // The mappings: made less ended are what is left, and each symcall maps or is refused.
        const ended = c.endedByRead + c.endedByEviction + c.endedByRootLoad + c.endedByInvalidation;
        expect(c.bypassed - ended).toBe(c.live);
        expect([c.live >= 0, c.live <= c.cachedPages, c.mostLive <= whole.cachePages]).toEqual([true, true, true]);
        expect(c.symcalls).toBe(c.bypassed + c.refused);
        // The device: what is read comes from one of two places; what is not in the cache has been written to the disk.
        expect(c.cacheHits + c.diskReads).toBe(c.pagesIn);
        expect(c.diskWrites).toBeGreaterThanOrEqual(c.swappedPages - Math.min(whole.cachePages, whole.slots));
        expect(c.diskWrites).toBeLessThanOrEqual(c.pagesOut);
        expect(c.majorFaults).toBeLessThanOrEqual(c.pagesIn);
        expect(c.diskFaults).toBeLessThanOrEqual(Math.min(c.majorFaults, c.diskReads));
        expect(c.firstTouches).toBe(touched.size);
        expect(c.unmapped).toBeLessThanOrEqual(Math.min(c.invalidations, c.pagesOut + c.cleanEvictions));
        for (const mechanism of [hostSwap(), zswap({ poolShare: 0.5, ratio: 3 }), ramDisk()])
          for (const part of Object.values(mechanism.price(c, costs2011))) expect(part).toBeGreaterThanOrEqual(0);
        if (other.readAhead === 1) expect(c.majorFaults).toBe(c.pagesIn);
        expect(c.pagesOut + c.cleanEvictions).toBe(c.swappedPages + c.pagesIn);
        if (!whole.bypass || whole.cachePages === 0) expect(c.symcalls).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("has other hidden and dirty faults where shadows are kept, and nothing else", () => {
    // So that pages are bypassed, loads of CR3 end that, and then their neighbours come from the disk.
    const small = fc.record({
      cachePages: fc.integer({ min: 10, max: 30 }),
      readAhead: fc.constantFrom(1, 2, 2, 4),
      referencesPerRootLoad: fc.integer({ min: 40, max: 200 }),
    });
    const many = fc.array(
      fc.record({ page: fc.nat(40), count: fc.constant(1), kind: fc.constantFrom(1, 1, 1, 2, 3) }),
      {
        ...{ minLength: 300, maxLength: 400 },
      },
    );
    fc.assert(
      fc.property(many, small, (list, given) => {
        const run = (emptied: boolean) => {
          const more = { frames: 4 * given.readAhead, slots: 80, bypass: true, forgets: false, reclaim: exactLru() };
          const guest = new Guest({ ...given, ...more, emptied });
          guest.apply(batchOf(list));
          return guest.end();
        };
        const { hiddenFaults, dirtyFaults, ...emptied } = run(true);
        const kept = run(false);
        expect(kept).toEqual({ ...emptied, hiddenFaults: kept.hiddenFaults, dirtyFaults: kept.dirtyFaults });
        expect(kept.hiddenFaults).toBeLessThanOrEqual(hiddenFaults);
        expect(kept.dirtyFaults).toBeGreaterThanOrEqual(dirtyFaults);
      }),
      { numRuns: 200 },
    );
  });

  it("does the same however a run is cut", () => {
    fc.assert(
      fc.property(rows, shape, (list, given) => {
        const run = (batches: readonly ReferenceBatch[]) => {
          const guest = new Guest({ ...given, forgets: false, reclaim: clock(), readAhead: 1, emptied: false });
          for (const batch of batches) guest.apply(batch);
          return guest.end();
        };
        const singles = list.flatMap((row) =>
          Array.from({ length: row.kind === 3 ? 1 : row.count }, () => ({ ...row, count: 1 })),
        );
        expect(run(singles.map((row) => batchOf([row])))).toEqual(run([batchOf(list)]));
      }),
      { numRuns: 50 },
    );
  });
});
