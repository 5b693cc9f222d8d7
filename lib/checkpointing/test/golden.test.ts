import { expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import {
  checkpoint,
  compressed,
  costs2011,
  costsToday,
  dirtyLog,
  fullImage,
  guestEvents,
  gzip1,
  incremental,
  modificationLog,
  skipEqual,
  skipMapped,
  skipMappedAndZero,
  skipZero,
  writeProtection,
} from "../index.ts";

it("the shipped guests give the rows that they gave, to twelve digits", async () => {
  const rows: Record<string, unknown>[] = [];
  for (const name of ["fileserver", "mixed"]) {
    const { events, pages, contents } = guestEvents({
      requests: await open(`guest/blkio-${name}`),
      pieces: await open(`guest/block-pages-${name}`),
      pages: await open(`guest/pages-${name}`),
      ...(name === "mixed" ? { stores: await open(`guest/stores-${name}`) } : {}),
    });
    const both = skipMappedAndZero();
    for (const variant of [
      fullImage(),
      skipZero(),
      skipMapped(),
      both,
      skipEqual(),
      incremental(both),
      compressed(both, gzip1),
    ])
      for (const [costs, tracking] of [
        [costs2011, writeProtection()],
        [costs2011, dirtyLog()],
        [costsToday, modificationLog()],
      ] as const) {
        const { row } = await checkpoint(events, { pages, contents, variant, costs, tracking });
        const digits = Object.entries(row).map(([key, value]) => [
          key,
          typeof value === "number" ? Number(value.toPrecision(12)) : value,
        ]);
        rows.push({ guest: name, prices: costs.label, ...(Object.fromEntries(digits) as object) });
      }
  }
  await expect(`${JSON.stringify(rows, undefined, 2)}\n`).toMatchFileSnapshot("golden/guests.json");
});
