import * as arrow from "apache-arrow";
import * as flechette from "@uwdata/flechette";
import * as aq from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml } from "../html.ts";
import type { MimeBundle } from "../publisher.ts";
import { render } from "../render.ts";

const options = { directory: "/" };

function bundle(value: unknown): MimeBundle {
  const rendering = render(value, options);
  if (rendering === undefined || rendering instanceof Promise) throw new Error("expected a rendering at once");
  return rendering.data;
}
const plain = (value: unknown): string => bundle(value)["text/plain"] as string;

describe("tables", () => {
  const long = arrow.tableFromArrays({
    page: Uint32Array.from({ length: 1234 }, (_, row) => row),
    time: Float64Array.from({ length: 1234 }, (_, row) => row / 3),
    name: Array.from({ length: 1234 }, (_, row) => `n<${row}>`),
  });

  it("of Arrow: size, names, types, first rows", () => {
    expect(plain(long).split("\n")).toEqual([
      "Arrow table: 1,234 rows × 3 columns",
      "  page      time  name",
      "Uint32   Float64  Dictionary<Int32, Utf8>",
      "──────  ────────  ───────────────────────",
      "     0         0  n<0>",
      "     1  0.333333  n<1>",
      "     2  0.666667  n<2>",
      "     3         1  n<3>",
      "     4   1.33333  n<4>",
      "     5   1.66667  n<5>",
      "     6         2  n<6>",
      "     7   2.33333  n<7>",
      "     8   2.66667  n<8>",
      "     9         3  n<9>",
      "… 1,224 more rows",
    ]);
    const html = bundle(long)["text/html"] as string;
    expect(html).toContain("Arrow table: 1,234 rows × 3 columns; 1,224 more rows");
    expect(html).toContain('<td style="text-align:left">n&#60;9&#62;</td>');
    expect(html).not.toContain("n&#60;10&#62;");
    expect(html.match(/<tr>/g)).toHaveLength(11);
  });

  it("are read for the rows that are shown alone", () => {
    const read: number[] = [];
    const fields = [{ name: "a", type: new arrow.Int32() }];
    const vector = { get: (row: number) => (read.push(row), row) };
    plain({ schema: { fields }, numRows: 1e9, batches: [], getChildAt: () => vector });
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("are shown whole up to twenty rows", () => {
    const short = arrow.tableFromArrays({ a: Int32Array.from({ length: 20 }, (_, row) => row) });
    expect(plain(short).split("\n")).toHaveLength(24);
    expect(plain(arrow.tableFromArrays({ a: new Int32Array(0) }))).toMatch(/^Arrow table: 0 rows × 1 column\n/);
  });

  it("of Arrow: record batches, and every kind of value", () => {
    expect(plain(long.batches[0])).toMatch(/^Arrow record batch: 1,234 rows × 3 columns\n/);
    const day = new Date("2011-03-09T00:00:00Z");
    const values = arrow.tableFromJSON([
      { when: day, flag: true, list: [1, 2], nested: { a: 1 } },
      { when: null, flag: false, list: null, nested: null },
    ]);
    const text = plain(values);
    expect(text).toContain("2011-03-09");
    expect(text).toContain("true");
    expect(text).toContain("[ 1, 2 ]");
    expect(text).toContain("{ a: 1 }");
    const wide = arrow.tableFromArrays(Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`c${at}`, [1]])));
    expect(plain(wide)).toMatch(/… 10 more columns$/);
    expect(plain(arrow.tableFromArrays({ s: ["x".repeat(100), "two\nlines"] }))).toMatch(/x{59}…\ntwo lines$/);
  });

  it("of arquero: filtered, ordered, grouped", () => {
    const table = aq.table({ k: ["b", "a", "b", "c"], v: [1, 2, 3, 4] });
    expect(plain(table).split("\n")).toEqual([
      "arquero table: 4 rows × 2 columns",
      "k  v",
      "─  ─",
      "b  1",
      "a  2",
      "b  3",
      "c  4",
    ]);
    const derived = table.filter(aq.escape((row: { v: number }) => row.v > 1)).orderby("k");
    expect(plain(derived).split("\n")).toEqual([
      "arquero table: 3 rows × 2 columns",
      "k  v",
      "─  ─",
      "a  2",
      "b  3",
      "c  4",
    ]);
    expect(plain(table.groupby("k"))).toMatch(/^arquero table: 4 rows × 2 columns, grouped by k\n/);
  });

  it("of flechette", () => {
    const table = flechette.tableFromArrays({ a: Int32Array.of(1, 2), b: ["x", "y"], c: Float64Array.of(0.5, 1) });
    expect(plain(table).split("\n")).toEqual([
      "flechette table: 2 rows × 3 columns",
      "    a  b                 c",
      "Int32  Dictionary  Float64",
      "─────  ──────────  ───────",
      "    1  x               0.5",
      "    2  y                 1",
    ]);
  });
});

describe("plain values", () => {
  const values: [unknown, string][] = [
    [1, "1"],
    [-0, "-0"],
    [10n, "10n"],
    ["text", "'text'"],
    [null, "null"],
    [{ a: { b: [1, { c: 2 }] } }, "{\n  a: { b: [ 1, { c: 2 } ] }\n}"],
    [new Map([["a", 1]]), "Map(1) { 'a' => 1 }"],
    [new Set([1]), "Set(1) { 1 }"],
    [Float64Array.of(1, 2), "Float64Array(2) [ 1, 2 ]"],
    [Symbol("s"), "Symbol(s)"],
    [Object.create(null), "[Object: null prototype] {}"],
  ];
  it.each(values)("%o", (value, text) => {
    expect(bundle(value)).toEqual({ "text/plain": text });
  });

  it("undefined is not shown", () => {
    expect(render(undefined, options)).toBeUndefined();
  });
  it("long ones are cut", () => {
    expect(plain(new Float64Array(1e6))).toMatch(/^Float64Array\(1000000\) \[[^]*... 999900 more items\n\]$/);
    expect(plain("x".repeat(1e6)).length).toBeLessThan(10_100);
  });
  it("errors, with their stack", () => {
    expect(plain(new TypeError("no"))).toMatch(/^TypeError: no\n {4}at /);
  });
  it("any value at all renders without throwing", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
        (value) => {
          const rendering = render(value, options);
          if (value === undefined) expect(rendering).toBeUndefined();
          else expect(rendering).toMatchObject({ data: { "text/plain": expect.any(String) as string } });
        },
      ),
    );
    const hostile = new Proxy({}, { get: () => 1, has: () => true });
    expect(plain(hostile)).toEqual(expect.any(String));
  });
});

describe("Jupyter.display", () => {
  const key = Symbol.for("Jupyter.display");
  it("gives the value's own bundle; bytes become base64, absent forms go", () => {
    expect(
      bundle({
        [key]: () => ({
          "text/plain": "p",
          "image/png": Uint8Array.of(1, 2),
          "application/json": { a: 1 },
          "text/html": undefined,
        }),
      }),
    ).toEqual({
      "text/plain": "p",
      "image/png": "AQI=",
      "application/json": { a: 1 },
    });
  });
  it("may be asynchronous, a method of a class, or of a function", async () => {
    class Own {
      readonly #text = "own";
      [key](): object {
        return { "text/plain": this.#text };
      }
    }
    expect(bundle(new Own())).toEqual({ "text/plain": "own" });
    expect(await render({ [key]: () => Promise.resolve({ "text/plain": "later" }) }, options)).toEqual({
      data: { "text/plain": "later" },
      metadata: {},
    });
    expect(bundle(Object.assign(() => 1, { [key]: () => ({ "text/plain": "f" }) }))).toEqual({ "text/plain": "f" });
  });
  it("comes before what the kernel would do", () => {
    const table = Object.assign(arrow.tableFromArrays({ a: [1] }), { [key]: () => ({ "text/plain": "mine" }) });
    expect(bundle(table)).toEqual({ "text/plain": "mine" });
  });
  it("that gives no bundle is an error, and so is one that throws", () => {
    const metadata = { "image/png": { width: 10 } };
    const pair = [{ "image/png": new Uint8Array([1]) }, metadata];
    expect(render({ [key]: () => pair }, options)).toEqual({ data: { "image/png": "AQ==" }, metadata });
    expect(() => bundle({ [key]: () => [pair[0], 5] })).toThrow("expected a MIME bundle, got [ { 'image/png'");
    expect(() => bundle({ [key]: () => 5 })).toThrow('Symbol.for("Jupyter.display"): expected a MIME bundle, got 5');
    expect(() =>
      bundle({
        [key]: () => {
          throw new Error("own");
        },
      }),
    ).toThrow("own");
  });
});

it("escaped text cannot leave its place", () => {
  expect(escapeHtml(`<b a="1" c='2'>&`)).toBe("&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;");
  fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(escapeHtml(text))));
});
