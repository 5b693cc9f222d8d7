import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { InputError } from "../input-error.ts";
import type { Cell, Notebook } from "../notebook.ts";
import { parseParameter, withParameters } from "../parameters.ts";

const code = (id: string, source: string, ...tags: string[]): Cell => ({
  cell_type: "code",
  id,
  metadata: tags.length > 0 ? { tags } : {},
  source,
  execution_count: null,
  outputs: [],
});
const notebook = (...cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
const parameters = code(
  "p",
  'const n: number = 3, mode: "sp" | "hap" = "sp";\nlet sizes = [1];\nconst { a } = b;\nfunction f() { const hidden = 1; }',
  "parameters",
);

describe("a parameter of the command line", () => {
  it("is JSON where it is JSON, else text", () => {
    expect(parseParameter("n=10")).toEqual(["n", 10]);
    expect(parseParameter("mode=sp")).toEqual(["mode", "sp"]);
    expect(parseParameter('mode="10"')).toEqual(["mode", "10"]);
    expect(parseParameter("sizes=[1,2]")).toEqual(["sizes", [1, 2]]);
    expect(parseParameter("x=a=b")).toEqual(["x", "a=b"]);
    expect(parseParameter("x=")).toEqual(["x", ""]);
  });

  it("gives any JSON value back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseParameter(`x=${JSON.stringify(value)}`)).toEqual(["x", JSON.parse(JSON.stringify(value))]);
      }),
    );
  });

  it.each(["n", "=3", "a b=1", "1x=2", "x;y=1"])("is refused as %s", (argument) => {
    expect(() => parseParameter(argument)).toThrow(InputError);
    expect(() => parseParameter(argument)).toThrow(/^--param: expected name=value, got "/u);
  });
});

describe("setting parameters", () => {
  it("injects a cell after the tagged one, declared as the notebook declares them", () => {
    const result = withParameters(
      notebook(code("0", "1"), parameters, code("9", "n")),
      { n: 5, sizes: [2, 3], mode: "hap" },
      "a.ipynb",
    );
    expect(result.cells.map((cell) => cell.id)).toEqual(["0", "p", "injected-parameters", "9"]);
    expect(result.cells[2]).toEqual({
      cell_type: "code",
      id: "injected-parameters",
      metadata: { tags: ["injected-parameters"] },
      source: '// Parameters\nconst n: number = 5;\nlet sizes = [2,3];\nconst mode: "sp" | "hap" = "hap";',
      execution_count: null,
      outputs: [],
    });
  });

  it("replaces what was injected before", () => {
    const once = withParameters(notebook(parameters), { n: 5 }, "a.ipynb");
    const twice = withParameters(once, { n: 6 }, "a.ipynb");
    expect(twice.cells).toHaveLength(2);
    expect(twice.cells[1]?.source).toContain("n: number = 6");
  });

  it("takes a free id when the notebook's own cells have that one", () => {
    const { cells } = withParameters(notebook(parameters, code("injected-parameters", "1")), { n: 1 }, "a.ipynb");
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(3);
  });

  it("changes nothing without parameters", () => {
    const source = notebook(code("0", "1"));
    expect(withParameters(source, {}, "a.ipynb")).toBe(source);
  });

  it("says so when there is no tagged cell, or a name that it does not declare", () => {
    expect(() => withParameters(notebook(code("0", "const n = 1")), { n: 1 }, "a.ipynb")).toThrow(
      'a.ipynb: expected a code cell tagged "parameters" to set n, got none',
    );
    for (const name of ["m", "a", "hidden"])
      expect(() => withParameters(notebook(parameters), { [name]: 1 }, "a.ipynb")).toThrow(
        `a.ipynb: expected a parameter of the notebook (n, mode, sizes), got ${name}`,
      );
  });

  it("writes values that TypeScript reads back the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { cells } = withParameters(notebook(parameters), { n: value }, "a.ipynb");
        const literal = /const n: number = (.*);$/su.exec(cells[1]!.source)![1]!;
        expect(JSON.parse(literal)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
