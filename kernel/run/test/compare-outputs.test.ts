import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compareOutputs } from "../compare-outputs.ts";
import type { Notebook, Output } from "../notebook.ts";
import { unifiedDiff } from "../text-diff.ts";

const notebook = (...outputs: Output[]): Notebook => ({
  cells: [
    { cell_type: "markdown", id: "m", metadata: {}, source: "text" },
    { cell_type: "code", id: "c", metadata: {}, source: "\n  compute()\nmore", execution_count: 1, outputs },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const text = (value: string): Output => ({ output_type: "stream", name: "stdout", text: value });
const shown = (data: Record<string, string | object>): Output =>
  ({ output_type: "display_data", data, metadata: {} }) as unknown as Output;
const lines = (was: Output[], is: Output[], anotherNode = false): string[] =>
  compareOutputs(notebook(...was), notebook(...is), { anotherNode }).flatMap((difference) => difference.lines);

describe("comparing outputs", () => {
  it("finds nothing where nothing changed, and does not mind execution counts", () => {
    const result = (count: number): Output => ({
      output_type: "execute_result",
      data: { "text/plain": "1" },
      metadata: {},
      execution_count: count,
    });
    expect(lines([result(1), text("a")], [result(7), text("a")])).toEqual([]);
  });

  it("does not mind a display without any form, which a page leaves of a progress bar", () => {
    expect(lines([shown({}), text("a")], [text("a")])).toEqual([]);
    expect(lines([shown({ "text/plain": "" })], [])).not.toEqual([]);
  });

  it("does not mind which widget of its kernel a cell shows", () => {
    const widget = (id: string, text: string): Output =>
      shown({ "application/vnd.jupyter.widget-view+json": { model_id: id }, "text/plain": text });
    expect(lines([widget("a", "slider: 1")], [widget("b", "slider: 1")])).toEqual([]);
    expect(lines([widget("a", "slider: 1")], [widget("a", "slider: 2")])).not.toEqual([]);
  });

  it("does not mind type problems, which a page shows", () => {
    const problems = shown({ "text/plain": "1:1 TS2322: ...", "application/vnd.veelab.problems+json": [{ line: 1 }] });
    expect(lines([text("a"), problems], [text("a")])).toEqual([]);
  });

  it("names the cell by number and first line, and shows a text's difference", () => {
    expect(compareOutputs(notebook(text("a\nb\nc\n")), notebook(text("a\nB\nc\n")), { anotherNode: false })).toEqual([
      {
        cell: 2,
        line: "compute()",
        lines: ["output 1, stdout:", "  @@ -1 +1 @@", "   a", "  -b", "  +B", "   c", "   "],
      },
    ]);
  });

  it("names MIME types that came and went, outputs that are new or gone, and kinds that changed", () => {
    expect(
      lines([shown({ "text/plain": "a", "text/html": "h" })], [shown({ "text/plain": "a", "image/png": "AA" })]),
    ).toEqual(["output 1: image/png is new", "output 1: text/html is gone"]);
    expect(lines([], [text("x\n")])).toEqual(["output 1: committed nothing, now text on stdout", "  +x", "  +"]);
    expect(lines([text("x")], [])).toEqual(["output 1: committed text on stdout, now nothing", "  -x"]);
    const error: Output = { output_type: "error", ename: "E", evalue: "v", traceback: [] };
    expect(lines([text("x")], [error])[0]).toBe("output 1: committed text on stdout, now the error E");
  });

  it("is exact with the same Node: the last digit, an image's bytes, a property's value", () => {
    expect(lines([text("0.1234567")], [text("0.1234568")])).not.toEqual([]);
    expect(lines([shown({ "image/png": "AAAA" })], [shown({ "image/png": "AAAB" })])).toEqual([
      "output 1: image/png differs (4 characters committed, 4 characters now)",
    ]);
    expect(
      lines([shown({ "application/json": { a: 1 } })], [shown({ "application/json": { a: 1 + 1e-12 } })]),
    ).not.toEqual([]);
    expect(
      lines([shown({ "application/json": { a: 1, b: 2 } })], [shown({ "application/json": { b: 2, a: 1 } })]),
    ).toEqual([]);
  });

  it("allows another Node to round differently, and nothing more", () => {
    const same = (was: Output, is: Output): boolean => lines([was], [is], true).length === 0;
    expect(same(text("x = 0.12 s"), text("x =  0.13 s"))).toBe(true);
    expect(same(text("x = 0.12 s"), text("x = 0.14 s"))).toBe(false);
    expect(same(text("1.500e-7"), text("1.501e-7"))).toBe(true);
    expect(same(text("1.500e-7"), text("1.503e-7"))).toBe(false);
    expect(same(text("1000 rows"), text("1001 rows"))).toBe(false);
    expect(same(text("mcf 3"), text("gcc 3"))).toBe(false);
    expect(same(shown({ "image/png": "AAAA" }), shown({ "image/png": "AAAB" }))).toBe(true);
    expect(same(shown({ "image/png": "AAAA" }), shown({ "text/plain": "" }))).toBe(false);
    const data = (x: number): Output => shown({ "application/json": [{ x, name: "a" }] });
    expect(same(data(1), data(1 + 1e-9))).toBe(true);
    expect(same(data(1), data(1 + 1e-4))).toBe(false);
  });

  it("finds any change of a text with the same Node", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (was, is) => {
        expect(lines([text(was)], [text(is)]).length === 0).toBe(was === is);
      }),
    );
  });
});

describe("a unified difference", () => {
  /** Applies the difference's own lines: what is common and added must be the new text, common and removed the old. */
  const side = (diff: readonly string[], marks: string): string =>
    diff
      .filter((line) => marks.includes(line.charAt(0)))
      .map((line) => line.slice(1))
      .join("\n");

  it("holds both texts, when all of it is near a change", () => {
    const source = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(source, source, (a, b) => {
        const diff = unifiedDiff(a.join("\n"), b.join("\n"));
        if (diff.length === 0) expect(a).toEqual(b);
        else if (!diff.slice(1).some((line) => line.startsWith("@@")) && diff.length > a.length + b.length) {
          expect(side(diff, " -")).toBe(a.join("\n"));
          expect(side(diff, " +")).toBe(b.join("\n"));
        }
      }),
    );
  });

  it("is shortest: one changed line among many is one removed and one added", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), fc.nat(), (numbers, at) => {
        const place = at % numbers.length;
        const changed = numbers.map((value, index) => (index === place ? 9 : value));
        const diff = unifiedDiff(numbers.join("\n"), changed.join("\n"));
        expect(diff.filter((line) => line.startsWith("-"))).toEqual([`-${numbers[place]}`]);
        expect(diff.filter((line) => line.startsWith("+"))).toEqual(["+9"]);
      }),
    );
  });

  it("cuts long lines to what differs, and long differences to a number of lines", () => {
    const [header, removed, added] = unifiedDiff(
      `${"x".repeat(5000)}A${"y".repeat(5000)}`,
      `${"x".repeat(5000)}B${"y".repeat(5000)}`,
    );
    expect(header).toBe("@@ -1 +1 @@");
    expect(removed).toMatch(/^-…x{40}Ay{119}…$/u);
    expect(added).toMatch(/^\+…x{40}By{119}…$/u);
    const many = Array.from({ length: 3000 }, (_, index) => `${index}`);
    const diff = unifiedDiff(many.join("\n"), many.map((line) => `${line}!`).join("\n"));
    expect(diff).toHaveLength(41);
    expect(diff.at(-1)).toBe("… and 5961 lines more");
  });
});
