import * as arrow from "apache-arrow";
import fc from "fast-check";
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { open } from "../open.ts";
import { writeParquet } from "../write/parquet.ts";
import { rows, sample } from "./plain-rows.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

describe("Parquet files that are written", () => {
  it("come back with their types, nulls and metadata", async () => {
    const path = folder.path("all.parquet");
    await writeParquet(path, sample, { metadata: { "veelab.kind": "block", "it's": 'a "quote"' } });
    const back = await open(path);
    expect(rows(back)).toEqual(rows(sample));
    expect(Object.fromEntries(back.schema.metadata)).toEqual({ "veelab.kind": "block", "it's": 'a "quote"' });
  });

  it("come back whatever the values, from a table and from a stream", async () => {
    const path = folder.path("random.parquet");
    const row = fc.record({
      number: fc.option(fc.double({ noNaN: true })),
      big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      text: fc.option(fc.string({ unit: "binary" })),
      flag: fc.option(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (values) => {
        const table = new arrow.Table({
          number: arrow.vectorFromArray(
            values.map(({ number }) => number),
            new arrow.Float64(),
          ),
          big: arrow.vectorFromArray(
            values.map(({ big }) => big),
            new arrow.Int64(),
          ),
          text: arrow.vectorFromArray(
            values.map(({ text }) => text),
            new arrow.Utf8(),
          ),
          flag: arrow.vectorFromArray(
            values.map(({ flag }) => flag),
            new arrow.Bool(),
          ),
        });
        await writeParquet(path, table);
        expect(rows(await open(path))).toEqual(rows(table));
        await writeParquet(path, table.batches);
        expect(rows(await open(path))).toEqual(rows(table));
      }),
      { numRuns: 25 },
    );
  });

  it("are whole or not there", async () => {
    const path = folder.path("failed.parquet");
    const failing = function* () {
      yield sample.batches[0]!;
      throw new Error("the source failed");
    };
    await expect(writeParquet(path, failing())).rejects.toThrow("the source failed");
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder.path(".")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
