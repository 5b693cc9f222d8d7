import { describe, expect, it } from "vitest";
import { type ReferenceBatch, singly } from "../../hardware/index.ts";
import { Guest, type GuestShape } from "../guest.ts";
import { clock, exactLru, invalidate, swapCache, twoLists } from "../index.ts";
import { noCounts } from "../counts.ts";

const shape: GuestShape = {
  ...{ frames: 2, slots: 8, cachePages: 8, bypass: true, forgets: false, reclaim: exactLru(), readAhead: 1 },
  ...{ referencesPerRootLoad: Infinity, emptied: true },
};
const rows = (...list: (readonly [page: number, count: number, kind: number])[]): ReferenceBatch => ({
  page: Uint32Array.from(list, ([page]) => page),
  count: Uint32Array.from(list, ([, count]) => count),
  kind: Uint8Array.from(list, ([, , kind]) => kind),
});
/** The counts that are not 0. */
function run(given: Partial<GuestShape>, ...batches: (ReferenceBatch & { rootLoad?: boolean })[]): object {
  const guest = new Guest({ ...shape, ...given });
  for (const batch of batches) guest.apply(batch);
  return Object.fromEntries(Object.entries(guest.end()).filter(([, count]) => count !== 0));
}
const counts = (given: Partial<ReturnType<typeof noCounts>>): object => given;

describe("SwapBypass by hand", () => {
  it("maps a swapped-out page of the cache, and the guest keeps its frames", () => {
    // 1, 2: first touches, each with a hidden fault for its new entry. 3: the same, 1 goes to slot 0, one INVLPG.
    // 1: in the cache, so a symcall. 1 again: mapped. 2: still resident.
    expect(run({}, singly([1, 2, 3, 1, 1, 2]))).toEqual(
      counts({
        ...{
          references: 6,
          minorFaults: 3,
          firstTouches: 3,
          hiddenFaults: 3,
          invalidations: 1,
          unmapped: 1,
          pagesOut: 1,
        },
        ...{ symcalls: 1, bypassed: 1, live: 1, mostLive: 1, residentPages: 2, swappedPages: 1, cachedPages: 1 },
      }),
    );
  });

  it("without it the guest swaps the page in, and another out", () => {
    // The second 1: a major fault; 2 is the oldest and goes; 1 is read from the cache. It keeps slot 0: two of eight are in use.
    // 2: the same, 3 goes (3 slots in use). All hidden faults: 3 first touches and 2 swap-ins.
    expect(run({ bypass: false }, singly([1, 2, 3, 1, 1, 2]))).toEqual(
      counts({
        ...{ references: 6, minorFaults: 3, firstTouches: 3, majorFaults: 2, hiddenFaults: 5, pagesOut: 3 },
        ...{
          invalidations: 3,
          unmapped: 3,
          pagesIn: 2,
          cacheHits: 2,
          residentPages: 2,
          swappedPages: 1,
          cachedPages: 1,
        },
      }),
    );
  });

  it("a load of CR3 ends every mapping, and what is resident is shadowed anew", () => {
    // After three first touches, 1 is bypassed. The load ends that. 1: another symcall. 3: a hidden fault.
    const batches = [singly([1, 2, 3, 1]), { ...singly([1, 3]), rootLoad: true }];
    expect(run({}, ...batches)).toMatchObject({
      ...{ rootLoads: 1, symcalls: 2, bypassed: 2, endedByRootLoad: 1, live: 1, hiddenFaults: 4 },
    });
    // Kept shadows keep what is resident, and lose the bypassed page all the same.
    expect(run({ emptied: false }, ...batches)).toMatchObject({ symcalls: 2, endedByRootLoad: 1, hiddenFaults: 3 });
  });

  it("a load of CR3 may fall into a run", () => {
    // References 1, 2, 3, then a run of 5 on page 1: loads after the 4th and the 8th reference.
    expect(run({ referencesPerRootLoad: 4 }, rows([1, 1, 1], [2, 1, 1], [3, 1, 1], [1, 5, 1]))).toMatchObject({
      ...{ references: 8, rootLoads: 2, symcalls: 2, bypassed: 2, endedByRootLoad: 2 },
    });
  });

  it("INVLPG ends one mapping", () => {
    expect(run({}, rows([1, 1, 1], [2, 1, 1], [3, 1, 1], [1, 1, 1], [1, 1, invalidate], [1, 1, 1]))).toMatchObject({
      ...{ references: 5, symcalls: 2, bypassed: 2, endedByInvalidation: 1, live: 1, invalidations: 2 },
    });
  });

  it("the cache's eviction ends a mapping, and then the guest swaps in", () => {
    // One frame, a cache of one page. 1, 2: 1 to slot 0, in the cache. 1: bypassed. 3: 2 to slot 1; slot 0 to the disk, which ends
    // the mapping. 1: not in the cache: a major fault; 3 to slot 2, slot 1 to the disk; slot 0 is read from the disk.
    expect(run({ frames: 1, cachePages: 1 }, singly([1, 2, 1, 3, 1]))).toMatchObject({
      ...{ symcalls: 1, bypassed: 1, endedByEviction: 1, diskWrites: 2, diskReads: 1, pagesIn: 1 },
    });
  });

  it("reading ahead ends a mapping, and the guest then says no", () => {
    // 8 frames, groups of 2 slots, a cache of 1 page. 0 to 9: 0 and 1 go to slots 0 and 1; the cache has 1.
    const guest = new Guest({ ...shape, frames: 8, slots: 64, readAhead: 2, cachePages: 1 });
    guest.apply(singly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    // 0: major, 2 goes to slot 2. Ahead: slot 1, 3 goes to slot 3; the cache has 3. Then 1 and 0 are the oldest, and clean.
    guest.apply(singly([0, 4, 5, 6, 7, 8, 9]));
    expect(guest.end()).toMatchObject({ majorFaults: 1, pagesIn: 2, diskReads: 2, pagesOut: 4, symcalls: 0 });
    // 3: bypassed. 2: from the disk, 1 goes (clean). Ahead: slot 3, which ends the mapping; 0 goes.
    guest.apply(singly([3, 2]));
    expect(guest.end()).toMatchObject({ bypassed: 1, endedByRead: 1, live: 0, cleanEvictions: 2, pagesOut: 4 });
    // 3 is in the guest's swap cache, its slot in the hypervisor's: a symcall in vain, then a minor fault.
    guest.apply(singly([3]));
    expect(guest.end()).toMatchObject({ symcalls: 2, refused: 1, minorFaults: 11, majorFaults: 2, cacheHits: 1 });
    // 1 was never mapped: no INVLPG for it. 2, 3 (first two), 0, 1 (at the beginning): 5 in all.
    expect(guest.end()).toMatchObject({ invalidations: 5, unmapped: 5, firstTouches: 10, swappedPages: 2 });
    // For 0 and 2 the disk read; INVLPG of the trace's own is no eviction.
    guest.apply(rows([9, 1, invalidate]));
    expect(guest.end()).toMatchObject({ diskFaults: 2, invalidations: 6, unmapped: 5 });
  });

  it.each([true, false])(
    "a page whose mapping ended by CR3 and that is read ahead has no entry, emptied %s",
    (emptied) => {
      // As above: slots 0 to 3 have pages 0 to 3, the cache has 3. 3: bypassed. The load of CR3 ends that. 2: from the disk, and 3 ahead.
      const guest = new Guest({ ...shape, frames: 8, slots: 64, readAhead: 2, cachePages: 1, emptied });
      guest.apply(singly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 4, 5, 6, 7, 8, 9, 3]));
      guest.apply({ ...singly([2]), rootLoad: true });
      const { minorFaults, hiddenFaults } = guest.end();
      expect(guest.end()).toMatchObject({ bypassed: 1, endedByRootLoad: 1, endedByRead: 0, majorFaults: 2 });
      // Its entry of the guest's page table still names the slot: a symcall in vain, a minor fault, then the new shadow entry.
      guest.apply(singly([3]));
      expect(guest.end()).toMatchObject({ refused: 1, minorFaults: minorFaults + 1, hiddenFaults: hiddenFaults + 1 });
    },
  );

  it("a fault whose page the cache has waits for the disk if what is read ahead lies there", () => {
    // 8 frames, groups of 2. 0 to 9 put 0 and 1 into slots 0 and 1.
    const run = (cachePages: number): Guest => {
      const guest = new Guest({ ...shape, frames: 8, slots: 64, readAhead: 2, cachePages, bypass: false });
      guest.apply(singly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]));
      return guest;
    };
    // A cache of 2. 0: 2 goes to slot 2 and slot 0 to the disk, from where it is read; slot 1 ahead from the cache; 3 goes to slot 3, slot 1 to
    // the disk.
    const guest = run(2);
    expect(guest.end()).toMatchObject({ majorFaults: 1, diskFaults: 1, diskReads: 1, cacheHits: 1 });
    // 3: 4 goes to slot 4, slot 2 to the disk; slot 3 is read from the cache, slot 2 ahead from the disk.
    guest.apply(singly([3]));
    expect(guest.end()).toMatchObject({ majorFaults: 2, diskFaults: 2, diskReads: 2, cacheHits: 2 });
    // With one page more both are still there.
    const larger = run(3);
    larger.apply(singly([3]));
    expect(larger.end()).toMatchObject({ majorFaults: 2, diskFaults: 0, diskReads: 0, cacheHits: 4 });
  });
});

describe("the guest's slots", () => {
  it("a page that is only read goes again without being written", () => {
    // One frame. 1, 2: 1 out. 1: in, 2 out. 2: in; 1 has slot 0 still: a clean eviction.
    expect(run({ frames: 1, bypass: false }, singly([1, 2, 1, 2, 1]))).toMatchObject({
      ...{ pagesOut: 2, cleanEvictions: 2, pagesIn: 3 },
    });
  });

  it("a page that is written to gives its slot up, by a further fault if it was read first", () => {
    // 1 is read in (clean, slot 0), then written: a minor fault and a new shadow entry; so it is written out again for 2.
    const trace = rows([1, 1, 1], [2, 1, 1], [1, 1, 1], [1, 1, 2], [2, 1, 1]);
    expect(run({ frames: 1, bypass: false }, trace)).toMatchObject({ minorFaults: 3, pagesOut: 3, hiddenFaults: 5 });
    // Written to at once: no further fault.
    expect(run({ frames: 1, bypass: false }, rows([1, 1, 1], [2, 1, 1], [1, 1, 2], [2, 1, 1]))).toMatchObject({
      ...{ minorFaults: 2, pagesOut: 3 },
    });
  });

  it("the first write to a page without a slot is an exit only", () => {
    expect(run({}, rows([1, 1, 1], [1, 1, 2], [1, 1, 2]))).toMatchObject({ minorFaults: 1, dirtyFaults: 1 });
  });

  it("more than half full, they are not kept", () => {
    // Two slots, one frame: after 1 and 2 are out and 1 is in, two of two are in use: 1's is freed.
    expect(run({ frames: 1, slots: 2, bypass: false }, singly([1, 2, 1, 2, 1]))).toMatchObject({
      ...{ pagesOut: 4, pagesIn: 3 },
    });
  });

  it("exactly half full, they still are", () => {
    // Four slots: 1 and 2 have two when 1 is read in, which keeps its own; then it goes without being written.
    expect(run({ frames: 1, slots: 4, bypass: false }, singly([1, 2, 1, 2]))).toMatchObject({
      ...{ pagesOut: 2, cleanEvictions: 1 },
    });
  });

  it("no frame and no slot is out of memory", () => {
    expect(() => run({ frames: 1, slots: 1 }, singly([1, 2, 3]))).toThrow(
      "symbiotic-swap: out of memory: every frame and all 1 swap slots are in use",
    );
  });

  it("a bad row is refused", () => {
    expect(() => run({}, rows([1, 0, 1]))).toThrow("batch.count[0]: expected at least 1, got 0");
    expect(() => run({}, rows([1, 1, 4]))).toThrow(
      "batch.kind[0]: expected 0 (fetch), 1 (read), 2 (write) or 3 (invalidate), got 4",
    );
  });
});

describe("the cache", () => {
  it("makes room before it looks, and keeps the order of first writes", () => {
    const cache = swapCache(2, 8);
    expect([cache.write(1), cache.write(2), cache.size]).toEqual([-1, -1, 2]);
    expect([cache.write(2), cache.has(1), cache.has(2), cache.size]).toEqual([1, false, true, 1]);
    expect([cache.write(3), cache.write(4), cache.has(3)]).toEqual([-1, 2, true]);
    // The oldest itself: it goes to the disk and comes in again, as the youngest.
    expect([cache.write(3), cache.has(3), cache.write(5), cache.has(3)]).toEqual([3, true, 4, true]);
  });

  it("has at least one page and a whole number of slots", () => {
    expect(() => swapCache(0, 8)).toThrow("pages: expected a whole number from 1 to 1073741824, got 0");
    expect(() => swapCache(1.5, 8)).toThrow("pages: expected a whole number from 1 to 1073741824, got 1.5");
    expect(() => swapCache(1, -1)).toThrow("slots: expected a whole number from 0 to 268435456, got -1");
  });
});

describe("reclaim", () => {
  it("the clock gives one more chance", () => {
    const order = clock().create(3);
    for (const frame of [0, 1, 2]) order.fill(frame);
    order.touch(0);
    order.touch(2);
    expect(order.victim()).toBe(1); // the hand clears 0
    order.fill(1);
    expect(order.victim()).toBe(0); // clears 2 on its way round
  });

  it("two lists: a second round through the inactive list makes active", () => {
    const order = twoLists().create(4);
    for (const frame of [0, 1, 2, 3]) order.fill(frame);
    order.touch(0);
    expect(order.victim()).toBe(1); // 0 goes round: 0 3 2
    order.fill(1); // 1 0 3 2
    order.touch(0);
    expect([order.victim(), order.victim()]).toEqual([2, 3]); // left: 1 0
    order.fill(2);
    order.fill(3); // 3 2 1 0
    expect(order.victim()).toBe(1); // 0 becomes active
    order.fill(1); // inactive 1 3 2, active 0
    expect([order.victim(), order.victim()]).toEqual([2, 3]);
  });
});
