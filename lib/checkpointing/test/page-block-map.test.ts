import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { events, exactContents, pageBlockMap, rules } from "../index.ts";
import { NaiveMap } from "./naive.ts";
import { ByteMachine, eventsOf, steps } from "./script.ts";

const entries = (map: { blockOf(page: number): number | undefined }, pages: number): [number, number][] =>
  Array.from({ length: pages }, (_, page) => [page, map.blockOf(page)] as const).filter(
    (entry): entry is [number, number] => entry[1] !== undefined,
  );

describe("by hand", () => {
  it("reads, a store, an overwriting write, a partial transfer of each kind and a release", () => {
    const map = pageBlockMap({ pages: 8 });
    // Blocks 10 to 13 are read into pages 0 to 3; block 10 also into page 4.
    map.apply(events([0, 1, 2, 3].map((at) => ["read", at, 10 + at] as const)));
    map.apply(events([["read", 4, 10]]));
    expect(entries(map, 8)).toEqual([
      [0, 10],
      [1, 11],
      [2, 12],
      [3, 13],
      [4, 10],
    ]);
    // The processor writes to page 1. Page 5 is written to block 10: pages 0 and 4 hold its old content.
    map.apply(
      events([
        ["store", 1],
        ["write", 5, 10],
      ]),
    );
    expect(entries(map, 8)).toEqual([
      [2, 12],
      [3, 13],
      [5, 10],
    ]);
    // A part of page 2 is filled; a part of block 13 is written; page 5 leaves the guest.
    map.apply(
      events([
        ["partialRead", 2],
        ["partialWrite", 0, 13],
        ["release", 5],
      ]),
    );
    expect(map.size).toBe(0);
    // Seven entries were made (five reads, one write; block 10's second page), and each ended in its way.
    expect(map.counts).toEqual({
      ...{ made: 6, moved: 0, stored: 1, overwritten: 3, partial: 1, released: 1, firstStores: 1 },
    });
  });

  it("a page written back to its own block keeps one entry, and a store after the write's issue ends it", () => {
    const map = pageBlockMap({ pages: 2 });
    map.apply(
      events([
        ["read", 0, 5],
        ["store", 0],
        ["write", 0, 5],
        ["write", 0, 5],
      ]),
    );
    expect([map.size, map.blockOf(0), map.counts.moved]).toEqual([1, 5, 1]);
    map.apply(events([["store", 0]]));
    expect(map.size).toBe(0);
  });

  it("the log of dirty pages sees a page's first store since its last transfer", () => {
    const map = pageBlockMap({ pages: 3 });
    map.beginEpoch();
    map.apply(
      events([
        ["store", 0],
        ["store", 0],
        ["read", 1, 4],
        ["store", 1],
      ]),
    );
    expect(map.counts.firstStores).toBe(2);
    expect([0, 1, 2].map((page) => map.isDirty(page))).toEqual([true, true, false]);
    map.beginEpoch();
    map.apply(events([["store", 0]]));
    expect(map.counts.firstStores).toBe(3);
  });
});

describe("properties", () => {
  const [pages, blocks] = [6, 7];

  it("whatever the script, each entry's page equals its block: the map is a part of the content-equal pages", () => {
    fc.assert(
      fc.property(steps(pages, blocks), (script) => {
        const machine = new ByteMachine(pages, blocks);
        const map = pageBlockMap({ pages });
        for (const step of script) {
          machine.do(step);
          map.apply(eventsOf([step]));
          for (const [page, block] of entries(map, pages))
            expect(Buffer.compare(machine.page(page), machine.block(block))).toBe(0);
        }
        const { equalBlock, zero } = exactContents(machine.memory, machine.disk);
        for (const [page] of entries(map, pages))
          expect(zero[page] === 1 || equalBlock[page] !== 2 ** 32 - 1).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("each rule is needed: without it, some script leaves a page to a block that it does not equal", () => {
    for (const rule of rules) {
      const right = fc.check(
        fc.property(steps(pages, blocks), (script) => {
          const machine = new ByteMachine(pages, blocks);
          const map = pageBlockMap({ pages, without: [rule] });
          for (const step of script) machine.do(step);
          map.apply(eventsOf(script));
          return entries(map, pages).every(
            ([page, block]) => Buffer.compare(machine.page(page), machine.block(block)) === 0,
          );
        }),
        { numRuns: 1000, seed: 1 },
      );
      expect(right.failed, rule).toBe(true);
    }
  });

  it("what was made is there or was ended once", () => {
    fc.assert(
      fc.property(steps(pages, blocks), (script) => {
        const map = pageBlockMap({ pages });
        map.apply(eventsOf(script));
        const { made, moved, stored, overwritten, partial, released } = map.counts;
        expect(map.size).toBe(made - moved - stored - overwritten - partial - released);
        expect(map.size).toBe(entries(map, pages).length);
      }),
    );
  });

  it("a map that is searched from end to end agrees, entries and dirty pages", () => {
    fc.assert(
      fc.property(steps(40, 9), fc.nat(120), (script, cut) => {
        const map = pageBlockMap({ pages: 40 });
        const naive = new NaiveMap();
        map.apply(eventsOf(script.slice(0, cut)));
        naive.apply(eventsOf(script.slice(0, cut)));
        map.beginEpoch();
        naive.dirty.clear();
        map.apply(eventsOf(script.slice(cut)));
        naive.apply(eventsOf(script.slice(cut)));
        expect(entries(map, 40)).toEqual([...naive.blocks].sort(([a], [b]) => a - b));
        for (let page = 0; page < 40; page++) expect(map.isDirty(page)).toBe(naive.dirty.has(page));
      }),
      { numRuns: 300 },
    );
  });
});

it("says what it expects", () => {
  expect(() => pageBlockMap({ pages: 0 })).toThrow("pages: expected a whole number");
  expect(() => pageBlockMap({ pages: 2, without: ["never" as "stored"] })).toThrow("without: expected rules (stored");
  const map = pageBlockMap({ pages: 2 });
  expect(() => map.apply(events([["read", 2, 1]]))).toThrow("events.page[0]: expected a page below 2, got 2");
  const [kind, page, block] = [Uint8Array.of(7), new Uint32Array(1), new Uint32Array(1)];
  expect(() => map.apply({ kind, page, block })).toThrow("events.kind[0]: expected 0 to 6, got 7");
  expect(() => map.apply({ kind: Uint8Array.of(0), page, block: Uint32Array.of(2 ** 32 - 1) })).toThrow(
    "events.block[0]: expected a block below 4294967295",
  );
  expect(() => events([["read", -1, 0]])).toThrow("rows[0].page: expected an integer from 0");
});
