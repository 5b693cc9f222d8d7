import { Table, vectorFromArray } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import {
  checkpoint,
  costs2011,
  dirtyLog,
  eventKinds,
  fullImage,
  guestEvents,
  skipEqual,
  skipMappedAndZero,
} from "../index.ts";

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
  it("whole pieces, a partial one, a discard, and a page whose content has changed", () => {
    const guest = guestEvents({ requests, pieces, pages: pagesTable });
    expect(guest.pages).toBe(3);
    // Page 0 differs from block 5 at the second dump: it was stored to.
    expect(kindsOf(guest.events.kind)).toEqual([
      ...["read", "partialRead", "write", "checkpoint", "partialWrite", "partialWrite", "store", "checkpoint"],
    ]);
    expect([...guest.events.block].slice(4, 6)).toEqual([1, 2]);
    const options = { pages: 3, contents: guest.contents, tracking: dirtyLog(), costs: costs2011 };
    const { series } = checkpoint(guest.events, { ...options, variant: skipMappedAndZero(), record: ["checkpoints"] });
    expect([...(series.checkpoints!.getChild("storedPages")! as Iterable<number>)]).toEqual([0, 1]);
    expect(() => guest.contents(2)).toThrow("2 dumps were captured, checkpoint 2 is none of them");
  });

  it("recorded stores end entries made before them, and none made after", () => {
    const stores = (lastStoreNs: readonly (number | null)[]) =>
      new Table({
        dump: vectorFromArray(Uint32Array.of(0, 0, 0)),
        timeNs: vectorFromArray(Float64Array.of(50, 50, 50)),
        page: vectorFromArray(Float64Array.of(0, 1, 2)),
        lastStoreNs: vectorFromArray(lastStoreNs),
      });
    const mapped = (times: readonly (number | null)[]) => {
      const { events, contents } = guestEvents({ requests, pieces, pages: pagesTable, stores: stores(times) });
      return checkpoint(events, {
        ...{ pages: 3, contents, tracking: dirtyLog(), costs: costs2011, variant: skipMappedAndZero() },
      }).row.mappedPages;
    };
    // Page 0 is read at 10, page 2 written at 20. A store at the very time of the issue counts as after it.
    expect([mapped([null, null, null]), mapped([5, 5, 5]), mapped([11, 5, 19]), mapped([10, 5, 20])]).toEqual([
      2, 2, 1, 0,
    ]);
  });

  it("says what is missing", () => {
    expect(() => guestEvents({ requests, pieces, pages: pagesTable }, { stores: "recorded" })).toThrow("got none");
    expect(() => guestEvents({ requests, pieces, pages: requests })).toThrow("expected a column dump, got none");
  });
});

describe("the shipped guests", () => {
  for (const workload of ["idle", "compile", "sqlite", "fileserver", "webserver"])
    it(`${workload}: the map is a part of the content-equal pages`, async () => {
      const guest = guestEvents({
        requests: await open(`guest/blkio-${workload}`),
        pieces: await open(`guest/block-pages-${workload}`),
        pages: await open(`guest/pages-${workload}`),
      });
      const options = { pages: guest.pages, contents: guest.contents, tracking: dirtyLog(), costs: costs2011 };
      const of = (variant: ReturnType<typeof fullImage>) => checkpoint(guest.events, { ...options, variant }).row;
      const [map, oracle, full] = [of(skipMappedAndZero()), of(skipEqual()), of(fullImage())];
      expect(map.falseExclusions).toBe(0);
      expect(map.mappedPages - map.unverifiedPages!).toBeLessThanOrEqual(oracle.mappedPages);
      expect(full.storedPages).toBe(65_536);
      expect(map.storedPages).toBeCloseTo(65_536 - map.mappedPages - map.zeroPages, 6);
    });
});
