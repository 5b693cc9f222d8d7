import * as arrow from "apache-arrow";
import fc from "fast-check";
import { mean, median } from "simple-statistics";
import { describe as suite, expect, it } from "vitest";
import { describe } from "../describe.ts";
import {
  blockWorkload,
  memoryImage,
  memoryReferences,
  osNoise,
  profileSamples,
  radioFrames,
  vmExits,
} from "../generate/index.ts";

const column = async (vector: arrow.Vector) => (await describe(new arrow.Table({ x: vector }))).columns[0]!;

/** Copies of batches, whose numbers are overwritten once the next one is asked for, as those of a stream with `reuse` may be. */
function* passing(batches: readonly arrow.RecordBatch[]): Generator<arrow.RecordBatch, void> {
  for (const { schema, data } of batches) {
    const children = data.children.map((column: arrow.Data) => {
      const { type, length, nullCount, nullBitmap, dictionary } = column;
      const values: unknown = column.values;
      // Texts and nested values are always new.
      if (!ArrayBuffer.isView(values) || column.valueOffsets !== undefined || column.children.length > 0) return column;
      const own = (values as Uint8Array).slice();
      return arrow.makeData({ type, length, nullCount, nullBitmap, data: own, dictionary } as never) as arrow.Data;
    });
    const { type, length } = data;
    yield new arrow.RecordBatch(schema, arrow.makeData({ type, length, nullCount: 0, children }));
    for (const { values } of children) if (ArrayBuffer.isView(values)) new Uint8Array(values.buffer).fill(0xa5);
  }
}

suite("describe", () => {
  it.for([
    blockWorkload({ batchRows: 700, requests: 5000 }),
    memoryImage({ batchRows: 700, pages: 5000 }),
    memoryReferences({ batchRows: 700, references: 5000 }),
    osNoise({ batchRows: 700, interruptions: 5000 }),
    profileSamples({ batchRows: 700, samples: 5000, stacks: { "a;b": 0.7, "a;c": 0.3 } }),
    radioFrames({ batchRows: 700, frames: 5000 }),
    vmExits({
      exits: 5000,
      reasons: { HLT: { ratePerS: 100, medianNs: 2000 }, CPUID: { ratePerS: 50, medianNs: 1500 } },
    }),
  ])("keeps no batch", async (trace) => {
    const batches = [...trace];
    const [whole, inPlace] = [await describe(batches), await describe(passing(batches))];
    expect(Object.keys(whole.characteristics)).not.toHaveLength(0);
    expect(inPlace.columns).toEqual(whole.columns);
    expect(JSON.stringify(inPlace.characteristics)).toBe(JSON.stringify(whole.characteristics));
  });

  it("options are of reading, and are checked", async () => {
    const table = new arrow.Table({ a: arrow.vectorFromArray([1], new arrow.Int8()) });
    await expect(describe(table, { columns: ["a"] })).rejects.toThrow(
      "options: expected none for what has been read already, got an object with columns",
    );
    await expect(describe(table, { nonsense: 1 } as never)).rejects.toThrow("options.nonsense: expected one of");
  });

  it("by hand: nulls, NaN, extremes, mean, median and distinct values", async () => {
    const { rows, columns, table } = await describe(
      new arrow.Table({
        real: arrow.vectorFromArray([4, null, NaN, 1, 4, 2], new arrow.Float64()),
        wide: arrow.vectorFromArray([2n ** 62n, 1n, null, 1n, 5n, 5n], new arrow.Int64()),
        text: arrow.vectorFromArray(["b", "a", null, "b", "é", ""], new arrow.Utf8()),
        truth: arrow.vectorFromArray([true, null, false, true, true, true], new arrow.Bool()),
        time: arrow.vectorFromArray(
          [0, 1, 2, 3, 4, null].map((day) => (day === null ? null : new Date(day * 864e5))),
          new arrow.TimestampSecond(),
        ),
        list: arrow.vectorFromArray(
          [[1], null, [], [2], [3], [4]],
          new arrow.List(new arrow.Field("item", new arrow.Int8())),
        ),
      }),
    );
    expect(rows).toBe(6);
    expect(
      columns.map(({ nulls, nans, distinct, min, max, mean: m, median: middle }) => [
        nulls,
        nans,
        distinct,
        min,
        max,
        m,
        middle,
      ]),
    ).toEqual([
      [1, 1, 3, 1, 4, 2.75, 3],
      [1, 0, 3, 1n, 2n ** 62n, 2 ** 62 / 5, 5],
      [1, 0, 4, "", "é", null, null],
      [1, 0, 2, 0, 1, 0.8, 1],
      [1, 0, 5, 0, 4 * 864e5, 2 * 864e5, 2 * 864e5],
      [1, 0, null, null, null, null, null],
    ]);
    expect(table.getChild("min")!.toJSON()).toEqual([1, 1, null, 0, 0, null]);
    expect(table.getChild("column")!.toJSON()).toEqual(["real", "wide", "text", "truth", "time", "list"]);
  });

  it("distributions: the share of rows up to a value, of columns of numbers with several; steps by hand", async () => {
    const { characteristics } = await describe(
      new arrow.Table({
        // 1 to 100 backwards: the k-th percent of the rows are those up to k.
        n: arrow.vectorFromArray(
          Array.from({ length: 100 }, (_, at) => 100 - at),
          new arrow.Int32(),
        ),
        one: arrow.vectorFromArray(new Array<number>(100).fill(7), new arrow.Int32()),
        text: arrow.vectorFromArray(new Array<string>(100).fill("a"), new arrow.Utf8()),
        time: arrow.vectorFromArray(
          Array.from({ length: 100 }, (_, at) => new Date(at)),
          new arrow.TimestampMillisecond(),
        ),
      }),
    );
    expect(Object.keys(characteristics)).toEqual(["distributions"]);
    const rows = characteristics["distributions"]!.table.toArray() as {
      column: string;
      value: number;
      share: number;
    }[];
    expect(new Set(rows.map(({ column: name }) => name))).toEqual(new Set(["n"]));
    expect(rows.filter((_, at) => at % 50 === 0).map(({ value, share }) => [share, value])).toEqual([
      [0, 1],
      [0.25, 25],
      [0.5, 50],
      [0.75, 75],
      [1, 100],
    ]);
    expect((await describe(new arrow.Table({ one: arrow.vectorFromArray([1, 1]) }))).characteristics).toEqual({});
  });

  it("agrees with simple-statistics, in batches and with slices", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 50 }),
        async (numbers) => {
          const whole = new arrow.Table({ x: arrow.vectorFromArray(numbers, new arrow.Int32()) });
          for (const table of [whole, whole.slice(0, 1).concat(whole.slice(1))]) {
            const { columns } = await describe(table);
            expect(columns[0]!.mean).toBeCloseTo(mean(numbers), 9);
            expect(columns[0]!.median).toBe(median(numbers));
            expect(columns[0]!.distinct).toBe(new Set(numbers).size);
            expect([columns[0]!.min, columns[0]!.max]).toEqual([Math.min(...numbers), Math.max(...numbers)]);
          }
        },
      ),
    );
  });

  it("a long column has a sampled median that says so, and stops counting different values", async () => {
    const numbers = Float64Array.from({ length: 200_000 }, (_, row) => (row * 7919) % 200_000);
    const { median: middle, medianOf, distinct, mean: m } = await column(arrow.makeVector(numbers));
    expect(medianOf).toBe("a uniform sample of 65536 values");
    // The median of a sample of 65,536 has a standard error of 1/(2 sqrt(65536)) = 0.2 % of the range; five of them.
    expect(Math.abs(middle! - 100_000)).toBeLessThan(2000);
    expect([distinct, m]).toEqual([null, 99_999.5]);
  });

  it("a sum of a long column keeps its small terms", async () => {
    const { mean: m } = await column(arrow.makeVector(Float64Array.of(1e16, 1, 1, 1, 1, -1e16)));
    expect(m).toBe(4 / 6);
  });

  it("shows itself, escaped", async () => {
    const description = await describe(new arrow.Table({ "<b>": arrow.vectorFromArray(["<i>"], new arrow.Utf8()) }));
    const shown = (description as unknown as Record<symbol, () => Record<string, string>>)[
      Symbol.for("Jupyter.display")
    ]!();
    expect(shown["text/html"]).toContain("<td>&lt;b&gt;</td>");
    expect(shown["text/plain"]).toContain("1 rows");
  });

  it("refuses what is no dataset", async () => {
    await expect(describe(7 as never)).rejects.toThrow(
      "trace: expected a name, a file, an Arrow table or record batches, got 7",
    );
  });
});
