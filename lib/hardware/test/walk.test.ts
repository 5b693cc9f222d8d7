import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  coldWalkReferences,
  cyclesOfWalks,
  frames,
  nativeWalker,
  nestedWalker,
  type NestedWalkerOptions,
  pageTable,
  paging,
  type PagingMode,
  type Walker,
} from "../index.ts";
import { naiveNestedWalk } from "./naive-walk.ts";

const modes = Object.values(paging);

/** A guest on a nested page table that maps its whole memory from the start, at leaves of one level. */
function virtualMachine(guestMode: PagingMode, nestedMode: PagingMode, nestedLeaf = 1) {
  const machine = frames();
  const nested = pageTable(nestedMode, machine);
  const unit = 512 ** (nestedLeaf - 1);
  let mapped = 0;
  const memory = frames((first, count) => {
    for (; mapped < first + count; mapped += unit) nested.map(mapped, machine.take(unit), nestedLeaf);
  });
  const guest = pageTable(guestMode, memory);
  return { guest, nested, memory };
}

const total = (walker: Walker): number =>
  [...walker.references, ...walker.nestedReferences].reduce((sum, count) => sum + count, 0);

describe("cycles of walks", () => {
  it("by hand: each level at its price, those above the list at its last, and the nested table at its own", () => {
    const prices = { entryCycles: [10, 4], nestedEntryCycles: [100, 30, 7] };
    expect(cyclesOfWalks(prices, [1, 2, 3, 4], [])).toBe(10 + (2 + 3 + 4) * 4);
    expect(cyclesOfWalks(prices, [], Float64Array.of(1, 2, 3, 4))).toBe(100 + 60 + (3 + 4) * 7);
    expect(cyclesOfWalks(prices, [1], [1])).toBe(110);
  });
});

describe("page tables", () => {
  it("by hand: new tables are written once, a neighbour needs its leaf only", () => {
    const memory = frames();
    const table = pageTable(paging.fourLevel, memory);
    expect(table.map(0, 100)).toBe(4); // PML4E, PDPTE, PDE, PTE
    expect(table.map(1, 101)).toBe(1);
    expect(table.map(512, 102)).toBe(2); // another table of leaves
    expect(table.map(2 ** 18, 103)).toBe(3); // another GiB
    expect(table.map(2 ** 27, 104)).toBe(4); // another 512 GiB
    expect(table.tables).toBe(1 + 2 + 3 + 4);
    expect([0, 1, 512, 2 ** 18, 2 ** 27, 2].map((page) => table.frameOf(page))).toEqual([100, 101, 102, 103, 104, -1]);
  });

  it("a large leaf maps its neighbours, aligned", () => {
    const table = pageTable(paging.fourLevel, frames());
    expect(table.map(700, 5 * 512 + 188, 2)).toBe(3);
    expect([512, 700, 1023, 1024].map((page) => table.frameOf(page))).toEqual([2560, 2748, 3071, -1]);
    expect(() => table.map(513, 7)).toThrow("page table: page 513 lies in a page mapped with another size");
  });

  it("agrees with a Map under any sequence of map, unmap and clear", () => {
    const step = fc.record({ page: fc.nat(2 ** 20 - 1), frame: fc.nat(2 ** 24), action: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), fc.constantFrom(...modes), (steps, mode) => {
        const table = pageTable(mode, frames());
        const plain = new Map<number, number>();
        for (const { page, frame, action } of steps) {
          if (action === 0) {
            table.clear();
            plain.clear();
          } else if (action < 5) expect(table.unmap(page)).toBe(plain.delete(page));
          else {
            table.map(page, frame);
            plain.set(page, frame);
          }
        }
        for (const { page } of steps) expect(table.frameOf(page)).toBe(plain.get(page) ?? -1);
      }),
    );
  });

  it("refuses a page beyond the mode's space and a leaf that the mode has not", () => {
    const table = pageTable(paging.twoLevel, frames());
    expect(() => table.map(2 ** 20, 1)).toThrow("page 1048576 lies beyond the 2^20 pages of 2-level 32-bit");
    expect(() => table.map(0, 1, 2)).toThrow("level: expected a leaf level from 1 to 1 (2-level 32-bit), got 2");
  });

  it("physical memory ends", () => {
    const memory = frames(undefined, 4);
    expect([memory.take(), memory.take(2)]).toEqual([0, 2]); // frame 1 is the gap of alignment
    expect(() => memory.take()).toThrow("frames: all 4 page frames are in use");
  });
});

describe("cold walks", () => {
  it.each(modes.map((mode) => [mode.label, mode] as const))("native, %s: one entry a level", (_, mode) => {
    const table = pageTable(mode, frames());
    table.map(77, 5);
    const walker = nativeWalker({ table });
    expect(walker.walk(77)).toBe(mode.bits.length);
    expect([walker.end, walker.frame, [...walker.references]]).toEqual(["translated", 5, mode.bits.map(() => 1)]);
  });

  const pairs = modes.flatMap((guest) =>
    modes.map((nested) => [`${guest.label} on ${nested.label}`, guest, nested] as const),
  );
  it.each(pairs)("nested, %s: nm + n + m, and n with a perfect nested TLB", (_, guestMode, nestedMode) => {
    const { guest, nested, memory } = virtualMachine(guestMode, nestedMode);
    guest.map(77, memory.take());
    const [n, m] = [guest.levels, nested.levels];
    const walker = nestedWalker({ guest, nested });
    expect(walker.walk(77)).toBe(n * m + n + m);
    expect(walker.frame).toBe(nested.frameOf(guest.frameOf(77)));
    expect([...walker.references]).toEqual(Array.from({ length: n }, () => 1));
    expect([...walker.nestedReferences]).toEqual(Array.from({ length: m }, () => n + 1));
    expect(walker.walk(77)).toBe(n * m + n + m); // without caches a second walk is as cold
    expect(nestedWalker({ guest, nested, nestedTlb: "perfect" }).walk(77)).toBe(n);
  });

  it("the numbers of the literature: 24, 14, 19 and 35", () => {
    expect([
      coldWalkReferences(4, 4),
      coldWalkReferences(2, 4),
      coldWalkReferences(3, 4),
      coldWalkReferences(5, 5),
    ]).toEqual([24, 14, 19, 35]);
    expect(coldWalkReferences(4)).toBe(4);
  });

  it("large pages shorten every dimension: n' m' + n' + m' with n' guest and m' nested levels read", () => {
    for (const guestLeaf of [1, 2, 3])
      for (const nestedLeaf of [1, 2, 3]) {
        const { guest, nested, memory } = virtualMachine(paging.fourLevel, paging.fourLevel, nestedLeaf);
        guest.map(2 ** 18 + 5, memory.take(512 ** (guestLeaf - 1)), guestLeaf);
        const [n, m] = [5 - guestLeaf, 5 - nestedLeaf];
        const walker = nestedWalker({ guest, nested });
        expect(walker.walk(2 ** 18 + 5)).toBe(coldWalkReferences(n, m));
        expect(walker.frame).toBe(nested.frameOf(guest.frameOf(2 ** 18 + 5)));
      }
  });

  it("a walk that faults reads up to the absent entry", () => {
    const { guest, nested, memory } = virtualMachine(paging.fourLevel, paging.fourLevel);
    const walker = nestedWalker({ guest, nested });
    // Only the root: its frame takes a nested walk of 4, its entry 1.
    expect([walker.walk(9), walker.end, walker.frame]).toEqual([5, "page fault", -1]);
    guest.map(8, memory.take());
    expect([walker.walk(9), walker.end]).toEqual([4 * 5, "page fault"]);
    const native = nativeWalker({ table: guest });
    expect([native.walk(9), native.end]).toEqual([4, "page fault"]);
  });

  it("a guest frame that the nested table does not map is a nested fault", () => {
    const guest = pageTable(paging.fourLevel, frames());
    const nested = pageTable(paging.fourLevel, frames());
    guest.map(3, 1000);
    const walker = nestedWalker({ guest, nested, caches: { pde: { entries: 4 } } });
    expect([walker.walk(3), walker.end]).toEqual([1, "nested fault"]);
    nested.map(0, 1);
    expect([walker.walk(3), walker.end]).toEqual([4 + 1 + 4, "nested fault"]); // the next guest table is in frame 1
    for (const frame of [1, 2, 3]) nested.map(frame, frame + 1);
    expect([walker.walk(3), walker.end]).toEqual([4 * 5 + 3, "nested fault"]); // the data, in another nested leaves' table
    nested.map(1000, 77);
    walker.walk(3);
    expect([walker.end, walker.frame]).toEqual(["translated", 77]);
  });
});

describe("caches of the walker", () => {
  it("by hand, native: the lowest cached entry decides where a walk starts", () => {
    const memory = frames();
    const table = pageTable(paging.fourLevel, memory);
    for (const page of [0, 1, 512, 2 ** 18, 2 ** 27]) table.map(page, memory.take());
    const caches = { pde: { entries: 1 }, pdpte: { entries: 1 }, pml4e: { entries: 2 } };
    const walker = nativeWalker({ table, caches });
    // 0 cold: 4. 1: PDE hit: 1. 512: its PDPTE is cached: 2, and displaces the PDE. 1: 2 again.
    // 2^18: the PML4E: 3. 2^27: nothing: 4. 0: PML4E 0 is the second of two: 3.
    expect([0, 1, 512, 1, 2 ** 18, 2 ** 27, 0].map((page) => walker.walk(page))).toEqual([4, 1, 2, 2, 3, 4, 3]);
    walker.flush();
    expect(walker.walk(0)).toBe(4);
  });

  it("by hand, nested: a PDE hit leaves the leaf and the data's nested walk, a nested TLB hit only the guest's", () => {
    const { guest, nested, memory } = virtualMachine(paging.fourLevel, paging.fourLevel);
    for (const page of [0, 1]) guest.map(page, memory.take());
    const withPde = nestedWalker({ guest, nested, caches: { pde: { entries: 8 } } });
    expect([withPde.walk(0), withPde.walk(1)]).toEqual([24, 1 + 4]);
    const withTlb = nestedWalker({ guest, nested, nestedTlb: { entries: 16 } });
    expect([withTlb.walk(0), withTlb.walk(1), withTlb.walk(1)]).toEqual([24, 4 + 4, 4]);
    // Nested PDE cache: after the first translation each other reads 1 nested leaf: 4 + 4 x 1 + the guest's 4.
    const withNestedPde = nestedWalker({ guest, nested, nestedCaches: { pde: { entries: 8 } } });
    expect([withNestedPde.walk(0), withNestedPde.walk(1)]).toEqual([4 + 4 + 4, 4 + 5]);
  });

  it("a cached entry that now points to an unmapped leaf still faults", () => {
    const memory = frames();
    const table = pageTable(paging.fourLevel, memory);
    table.map(0, memory.take());
    const walker = nativeWalker({ table, caches: { pde: { entries: 4 } } });
    walker.walk(0);
    expect([walker.walk(1), walker.end]).toEqual([1, "page fault"]);
  });

  const pages = fc.array(fc.nat(2 ** 20 - 1), { minLength: 1, maxLength: 60 });
  const walks = (trace: readonly number[], caches: Omit<NestedWalkerOptions, "guest" | "nested">): number => {
    const { guest, nested, memory } = virtualMachine(paging.fourLevel, paging.fourLevel);
    for (const page of trace) if (guest.frameOf(page) < 0) guest.map(page, memory.take());
    const walker = nestedWalker({ guest, nested, ...caches });
    for (const page of [...trace, ...trace]) walker.walk(page);
    return total(walker);
  };

  it("references fall from nm + n + m to n as the nested TLB grows (monotone), and no walk reads less than one", () => {
    fc.assert(
      fc.property(pages, (trace) => {
        const series = [1, 2, 4, 8, 16, 64, 1024].map((entries) => walks(trace, { nestedTlb: { entries } }));
        const bounds = [walks(trace, {}), walks(trace, { nestedTlb: "perfect" })];
        expect(bounds).toEqual([2 * trace.length * 24, 2 * trace.length * 4]);
        const all = [bounds[0]!, ...series, bounds[1]!];
        expect(all).toEqual([...all].sort((a, b) => b - a));
      }),
      { numRuns: 30 },
    );
  });

  it("each paging-structure cache added, and each entry added to one, never adds references (LRU)", () => {
    fc.assert(
      fc.property(pages, (trace) => {
        const stages = [{}, { pml4e: { entries: 4 } }, { pml4e: { entries: 4 }, pdpte: { entries: 4 } }];
        const added = [...stages, { ...stages[2], pde: { entries: 32 } }].map((caches) => walks(trace, { caches }));
        expect(added).toEqual([...added].sort((a, b) => b - a));
        const grown = [1, 2, 4, 8, 32].map((entries) => walks(trace, { caches: { pde: { entries } } }));
        expect(grown).toEqual([...grown].sort((a, b) => b - a));
      }),
      { numRuns: 30 },
    );
  });

  it("differential: a plain recursion over Maps, caches as recency lists, reads as many entries", () => {
    const size = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
    const sizes = fc.record({ pde: size, pdpte: size, pml4e: size, nestedPde: size, nestedTlb: size });
    fc.assert(
      fc.property(
        pages,
        sizes,
        fc.constantFrom(...modes),
        fc.constantFrom(...modes),
        (trace, entries, guestMode, nestedMode) => {
          const { guest, nested, memory } = virtualMachine(guestMode, nestedMode);
          for (const page of trace) if (guest.frameOf(page) < 0) guest.map(page, memory.take());
          const { pde, pdpte, pml4e, nestedPde, nestedTlb } = entries;
          const cache = (count: number | undefined) => count && { entries: count };
          const given = (caches: object): object =>
            Object.fromEntries(Object.entries(caches).filter(([, value]) => value));
          const walker = nestedWalker({
            guest,
            nested,
            caches: given({ pde: cache(pde), pdpte: cache(pdpte), pml4e: cache(pml4e) }),
            nestedCaches: given({ pde: cache(nestedPde) }),
            ...given({ nestedTlb: cache(nestedTlb) }),
          });
          const plain = naiveNestedWalk(guestMode.bits, nestedMode.bits, trace, entries);
          for (const page of [...trace, ...trace]) expect(walker.walk(page)).toBe(plain(page));
        },
      ),
    );
  });
});
