import { makeVector, Table, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import * as aq from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromArquero, toArquero } from "../arquero.ts";
import { type Cell, fromRows, toRows } from "../table.ts";

const types = (table: Table): string[] => table.schema.fields.map((field) => `${field.name} ${String(field.type)}`);

describe("rows and Arrow tables", () => {
  it("types follow the kind of the values alone", () => {
    const table = fromRows([
      { n: 1, s: "a", b: true, nothing: null },
      { n: 2.5, s: null, b: false, late: 3 },
    ]);
    expect(types(table)).toEqual(["n Float64", "s Utf8", "b Bool", "nothing Float64", "late Float64"]);
    expect(toRows(table)).toEqual([
      { n: 1, s: "a", b: true, nothing: null, late: null },
      { n: 2.5, s: null, b: false, nothing: null, late: 3 },
    ]);
  });

  it("a column of numbers without nulls is one array without padding, ready for .values", () => {
    const values = fromRows([{ n: 1 }, { n: 2 }, { n: 3 }]).getChild("n")?.data[0]?.values as Float64Array;
    expect(values).toEqual(Float64Array.of(1, 2, 3));
  });

  it("any rows come back as they went, also through IPC and through arquero", () => {
    const cell = (kind: string): fc.Arbitrary<Cell> =>
      kind === "n"
        ? fc.option(fc.double({ noNaN: true }).map((n) => n + 0))
        : kind === "s"
          ? fc.option(fc.string())
          : fc.option(fc.boolean());
    const rows = fc.array(fc.record({ n: cell("n"), s: cell("s"), b: cell("b"), m: cell("n") }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (given) => {
        // -0 + 0 is 0: toEqual tells them apart, results do not.
        const table = fromRows(given);
        expect(toRows(table)).toEqual(given);
        expect(toRows(tableFromIPC(tableToIPC(table, "file")))).toEqual(given);
        expect(toRows(fromArquero(toArquero(table)))).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });

  it("reads other types and several batches", () => {
    const batch = (n: number): Table =>
      new Table({
        page: makeVector(Uint32Array.of(n, n + 1)),
        big: makeVector(BigInt64Array.of(5n, 6n)),
        name: vectorFromArray(["x", "x"]),
      });
    expect(toRows(batch(0).concat(batch(7)))).toEqual([
      { page: 0, big: 5, name: "x" },
      { page: 1, big: 6, name: "x" },
      { page: 7, big: 5, name: "x" },
      { page: 8, big: 6, name: "x" },
    ]);
    const huge = new Table({ big: makeVector(BigInt64Array.of(2n ** 60n)) });
    expect(() => toRows(huge)).toThrow("column big: expected numbers within 2^53");
  });

  it("refuses what is no result", () => {
    expect(() => fromRows([{ "a.b": 1 }])).toThrow(
      'rows[0]: expected column names in camelCase without dots, got "a.b"',
    );
    expect(() => fromRows([{ a: 1 }, { a: "x" }])).toThrow(
      'rows[1].a: expected a number like the values before it, or null, got "x"',
    );
    expect(() => fromRows([{ a: [1] as unknown as Cell }])).toThrow(
      "rows[0].a: expected a number, text, boolean or null",
    );
    expect(fromRows([]).numRows).toBe(0);
  });
});

describe("arquero", () => {
  const table = fromRows([
    { mode: "hap", timeS: 383, runs: 6 },
    { mode: "sp", timeS: 329, runs: 6 },
    { mode: "hap", timeS: 385, runs: 6 },
  ]);

  it("verbs work on a bridged table, and their result fits ours", () => {
    const means = toArquero(table)
      .groupby("mode")
      .rollup({ timeS: aq.op.mean("timeS"), count: aq.op.count() })
      .orderby("timeS");
    const back = fromArquero(means);
    expect(types(back)).toEqual(["mode Utf8", "timeS Float64", "count Float64"]);
    expect(toRows(back)).toEqual([
      { mode: "sp", timeS: 329, count: 1 },
      { mode: "hap", timeS: 384, count: 2 },
    ]);
  });

  it("types survive the round trip", () => {
    expect(types(fromArquero(toArquero(table)))).toEqual(types(table));
    expect(fromArquero(toArquero(table).filter(aq.escape(() => false))).schema.names).toEqual([
      "mode",
      "timeS",
      "runs",
    ]);
  });
});
