import * as arrow from "apache-arrow";
import fc from "fast-check";
import { createReadStream } from "node:fs";
import { describe, expect, it } from "vitest";
import { lackeyPages } from "../capture/lackey-text.ts";
import { stream } from "../open.ts";
import { toPageRuns } from "../to-page-runs.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

const trace = (kind: arrow.Vector, addresses: readonly bigint[], sizes: readonly number[]) =>
  new arrow.Table({
    kind,
    address: arrow.vectorFromArray(addresses, new arrow.Uint64()),
    sizeBytes: arrow.vectorFromArray(sizes, new arrow.Uint32()),
  });

async function runsOf(table: arrow.Table): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of toPageRuns(table.batches))
    rows.push(...batch.toArray().map((row: { toArray: () => unknown[] }) => row.toArray()));
  return rows;
}

describe("references to page runs", () => {
  it("by hand: fetches and data are visits of their own; an access over a page's end touches both", async () => {
    const kinds = arrow.vectorFromArray(
      ["fetch", "read", "read", "fetch", "write", "read"],
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
    );
    // Page 1 fetched twice; page 2 read twice and written from its last byte on into page 3, which is read then.
    const table = trace(kinds, [4096n, 8192n, 8200n, 4100n, 12_287n, 12_290n], [4, 8, 8, 4, 2, 4]);
    expect(await runsOf(table)).toEqual([
      [1, 2, 0],
      [2, 2, 1],
      [2, 1, 2],
      [3, 1, 2],
      [3, 1, 1],
    ]);
  });

  it("are those that a capture makes of the same text", async () => {
    const line = fc
      .tuple(fc.constantFrom("I ", " L", " S", " M"), fc.integer({ min: 1, max: 6 }), fc.constantFrom(0, 8, 4092, 4095))
      .map(([mark, page, at]) => `${mark} ${(page * 4096 + at).toString(16).padStart(8, "0")},8\n`);
    const rowsOf = async (batches: AsyncIterable<arrow.RecordBatch>): Promise<unknown[]> => {
      const rows: unknown[] = [];
      for await (const batch of batches)
        rows.push(...batch.toArray().map((row: { toArray: () => unknown[] }) => row.toArray()));
      return rows;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 80 }), async (lines) => {
        const path = folder.write("trace.lackey", lines.join(""));
        const file = await rowsOf(toPageRuns(stream(path, { as: "lackey" })));
        expect(file).toEqual(await rowsOf(lackeyPages(createReadStream(path, { highWaterMark: 100 }))));
      }),
      { numRuns: 50 },
    );
  });

  it("refuses other columns and addresses whose page has no number", async () => {
    await expect(runsOf(arrow.tableFromArrays({ x: [1] }))).rejects.toThrow(
      "expected references to memory with kind, address",
    );
    const high = trace(arrow.vectorFromArray([1], new arrow.Uint8()), [2n ** 47n], [8]);
    await expect(runsOf(high)).rejects.toThrow('batches: expected addresses below 2^44, got "0x800000000000"');
  });
});
