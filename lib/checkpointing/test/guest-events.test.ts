import { Table, vectorFromArray } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { toRows } from "../../core/table.ts";
import {
  checkpoint,
  costs2011,
  dirtyLog,
  eventKinds,
  fullImage,
  guestEvents,
  incremental,
  skipEqual,
  skipMapped,
  skipMappedAndZero,
  type Variant,
} from "../index.ts";
import { stalePages } from "./stale-pages.ts";

const pagesTable = new Table({
  dump: vectorFromArray(Uint32Array.of(0, 0, 0, 1, 1, 1)),
  timeNs: vectorFromArray(Float64Array.of(50, 50, 50, 90, 90, 90)),
  page: vectorFromArray(Float64Array.of(0, 1, 2, 0, 1, 2)),
  class: vectorFromArray(["data", "zero", "data", "data", "zero", "data"]),
  hash: vectorFromArray(BigUint64Array.of(1n, 0n, 3n, 2n, 0n, 3n)),
  diskBlock: vectorFromArray([5, null, 7, null, null, 7]),
});
// A read of 5 KiB from byte 20480 into pages 0 and 1; a write of page 2 to block 7; a discard of blocks 1 and 2.
const requests = new Table({
  timeNs: vectorFromArray(Float64Array.of(10, 20, 60)),
  op: vectorFromArray(["read", "write", "discard"]),
  offsetBytes: vectorFromArray(Float64Array.of(20_480, 28_672, 4096)),
  sizeBytes: vectorFromArray(Float64Array.of(5120, 4096, 8192)),
});
const pieces = new Table({
  request: vectorFromArray(Uint32Array.of(0, 0, 1)),
  offsetBytes: vectorFromArray(Float64Array.of(20_480, 24_576, 28_672)),
  guestPage: vectorFromArray(Float64Array.of(0, 1, 2)),
});
const kindsOf = (kind: Uint8Array): string[] =>
  [...kind].map((of) => Object.entries(eventKinds).find(([, number]) => number === of)![0]);

describe("by hand", () => {
  it("whole pieces, a partial one, a discard, and a page whose content has changed", async () => {
    const guest = guestEvents({ requests, pieces, pages: pagesTable });
    expect(guest.pages).toBe(3);
    // Page 0 differs from block 5 at the second dump: it was stored to.
    expect(kindsOf(guest.events.kind)).toEqual([
      ...["read", "partialRead", "write", "checkpoint", "partialWrite", "partialWrite", "store", "checkpoint"],
    ]);
    expect([...guest.events.block].slice(4, 6)).toEqual([1, 2]);
    const options = { pages: 3, contents: guest.contents, tracking: dirtyLog(), costs: costs2011 };
    const { series } = await checkpoint(guest.events, {
      ...options,
      variant: skipMappedAndZero(),
      record: ["checkpoints"],
    });
    expect([...(series.checkpoints!.getChild("storedPages")! as Iterable<number>)]).toEqual([0, 1]);
    expect(() => guest.contents(2)).toThrow("2 dumps were captured, checkpoint 2 is none of them");
  });

  it("recorded stores end entries made before them, and none made after", async () => {
    const stores = (lastStoreNs: readonly (number | null)[]) =>
      new Table({
        dump: vectorFromArray(Uint32Array.of(0, 0, 0)),
        timeNs: vectorFromArray(Float64Array.of(50, 50, 50)),
        page: vectorFromArray(Float64Array.of(0, 1, 2)),
        lastStoreNs: vectorFromArray(lastStoreNs),
      });
    const mapped = async (times: readonly (number | null)[]) => {
      const { events, contents } = guestEvents({ requests, pieces, pages: pagesTable, stores: stores(times) });
      const { row } = await checkpoint(events, {
        ...{ pages: 3, contents, tracking: dirtyLog(), costs: costs2011, variant: skipMappedAndZero() },
      });
      return row.mappedPages;
    };
    // Page 0 is read at 10, page 2 written at 20. A store at the very time of the issue counts as after it.
    expect(await mapped([null, null, null])).toBe(2);
    expect(await mapped([5, 5, 5])).toBe(2);
    expect(await mapped([11, 5, 19])).toBe(1);
    expect(await mapped([10, 5, 20])).toBe(0);
  });

  it("says what is missing", () => {
    expect(() => guestEvents({ requests, pieces, pages: pagesTable }, { stores: "recorded" })).toThrow("got none");
    expect(() => guestEvents({ requests, pieces, pages: requests })).toThrow("expected a column dump, got none");
  });
});

/**
 * Of each guest: the map's entries at both dumps, those of them that the table cannot check, and the pages that changed between the dumps
 * without a store or a request's data. In a boot of the same kernel whose disk's log was read, the disk's queue of completions was pages
 * 22004 to 22007, its indices of events 21929 (real-guest.test.ts looks in a boot of its own); these captures' logs were not kept.
 */
const shipped: Readonly<Record<string, { entries: number; unverified: number; stale: readonly number[] }>> = {
  idle: { entries: 1154, unverified: 2, stale: [21_925, 22_004] },
  compile: { entries: 2910, unverified: 6, stale: [21_923, 22_004] },
  sqlite: { entries: 4315, unverified: 0, stale: [21_925, 22_004, 22_005, 22_006, 22_007] },
  fileserver: { entries: 13_339, unverified: 4151, stale: [21_929, 22_005] },
  webserver: { entries: 2077, unverified: 4, stale: [21_928, 22_032] },
};

describe("the shipped guests", () => {
  for (const [workload, { entries, unverified, stale }] of Object.entries(shipped))
    it(`${workload}: with real stores nothing is falsely excluded, and inferred ones give no smaller map`, async () => {
      const tables = {
        requests: await open(`guest/blkio-${workload}-tracked`),
        pieces: await open(`guest/block-pages-${workload}-tracked`),
        pages: await open(`guest/pages-${workload}-tracked`),
        stores: await open(`guest/stores-${workload}-tracked`),
      };
      const guest = guestEvents(tables);
      const options = { pages: guest.pages, contents: guest.contents, tracking: dirtyLog(), costs: costs2011 };
      const of = async (variant: Variant, events = guest.events) =>
        (await checkpoint(events, { ...options, variant })).row;
      const [map, oracle, full] = [await of(skipMappedAndZero()), await of(skipEqual()), await of(fullImage())];
      expect(map.falseExclusions).toBe(0);
      expect([2 * map.mappedPages, map.unverifiedPages]).toEqual([entries, unverified]);
      expect(stalePages(guest)).toEqual(stale);
      const series = await of(incremental(skipMappedAndZero()));
      expect(series.falseUnchanged).toBe(stale.length);
      expect(map.mappedPages - map.unverifiedPages!).toBeLessThanOrEqual(oracle.mappedPages);
      // The least of what the guests gave was 92.6 %, the file server's.
      expect(map.mappedPages).toBeGreaterThan(0.9 * oracle.mappedPages);
      expect(full.storedPages).toBe(65_536);
      expect(map.storedPages).toBeCloseTo(65_536 - map.mappedPages - map.zeroPages, 6);
      const inferred = await of(skipMappedAndZero(), guestEvents(tables, { stores: "inferred" }).events);
      expect([inferred.falseExclusions, inferred.mappedPages >= map.mappedPages]).toEqual([0, true]);
      if (workload !== "fileserver") return;
      const { row } = await checkpoint(guest.events, { ...options, variant: skipMapped(), without: ["stored"] });
      expect(row.falseExclusions).toBeGreaterThan(100);
    });

  it("QEMU counts the same zeros when it migrates a stopped guest, but for its firmware's pages", async () => {
    const rows = toRows(await open("guest/migration-counts")) as Record<string, number>[];
    expect(rows).toHaveLength(3);
    for (const { qemuZeroPages, qemuNormalPages, zeroPages, normalPages, otherBlocksPages, memoryMegabytes } of rows) {
      expect(zeroPages! + normalPages!).toBe(memoryMegabytes! * 256);
      expect(qemuZeroPages! + qemuNormalPages!).toBe(zeroPages! + normalPages! + otherBlocksPages!);
      expect(qemuZeroPages! - zeroPages!).toBeGreaterThanOrEqual(0);
      expect(qemuZeroPages! - zeroPages!).toBeLessThanOrEqual(otherBlocksPages!);
    }
  });
});
