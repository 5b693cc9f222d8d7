import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { testFolder } from "./folder.ts";
import { openNotebook } from "./notebook.ts";

const folder = testFolder({
  "local.ts": "export const local = 1;\nexport interface Shape { sides: number }\n",
  "data/one.csv": "",
  "data/.hidden": "",
  "node_modules/dep/package.json":
    '{ "name": "dep", "version": "1.0.0", "type": "module", "exports": { ".": "./index.js", "./sub": "./sub.js" } }',
  "node_modules/dep/index.js": "",
  "node_modules/dep/sub.js": "",
});
afterAll(() => {
  folder.remove();
});
const notebook = openNotebook(folder.path);
const { texts, complete } = notebook;

describe("completion before the first cell", () => {
  it("knows globals, keywords and the cell's own names, what was typed first", () => {
    expect(texts("con‸")).toEqual(["console", "const", "continue"]);
    expect(texts("const sum = 1; s‸")[0]).toBe("sum");
    expect(texts("function f(first: string) { return fi‸ }")).toEqual([
      "first",
      "finally",
      "File",
      "FinalizationRegistry",
    ]);
    expect(texts("displ‸")).toEqual(["display"]);
  });

  it("knows members, also in the middle of a cell that is not finished", () => {
    expect(texts("console.lo‸")).toEqual(["log"]);
    expect(texts("const o = { alpha: 1, beta: 'b' };\no.‸\nconst after = 1")).toEqual(["alpha", "beta"]);
    expect(texts("for (const x of ['a']) { x.toUpp‸")).toEqual(["toUpperCase"]);
    expect(texts("MATH‸")).toEqual(["Math"]);
  });

  const members: Readonly<Record<string, object>> = {
    "new Map()": Map.prototype,
    "new Set()": Set.prototype,
    '""': String.prototype,
    "[0]": Array.prototype,
    "(function* () { yield 0; })()": (function* () {
      yield 0;
    })(),
    "new Uint8Array()": Uint8Array.prototype,
    "new ArrayBuffer(0)": ArrayBuffer.prototype,
    "new Date()": Date.prototype,
    "/a/": /a/,
    Array,
    Atomics,
    Error,
    Intl,
    Map,
    Object,
    Promise,
    RegExp,
  };
  it.each(Object.entries(members))("%s: members that this Node has, no others", (expression, value) => {
    const found = texts(`${expression}.‸`);
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((name) => !(name in value))).toEqual([]);
  });

  it("says where the matches go, in code units", () => {
    const { start, end, items } = complete("'😀'; console.lo‸");
    expect([start, end]).toEqual([14, 16]);
    expect(items).toEqual([
      { text: "log", type: "method", signature: "log(message?: any, ...optionalParams: any[]): void" },
    ]);
  });

  it("knows modules: Node's, packages with their paths, our own, local files", () => {
    expect(texts('import { readFileSync } from "node:fs‸"')).toEqual(["node:fs", "node:fs/promises"]);
    expect(texts('import x from "de‸"')).toContain("dep");
    expect(texts('import x from "dep/‸"')).toEqual(["sub"]);
    expect(texts('import x from "veelab/‸"')).toEqual(
      expect.arrayContaining(["datasets", "kernel", "selective-paging"]),
    );
    expect(texts('import x from "vee‸"')).toContain("veelab/datasets");
    expect(texts('import * as t from "ts‸"')).toContain("tslab");
    expect(texts('import * as aq from "arq‸"')).toEqual(["arquero"]);
    expect(texts('import { local } from "./lo‸"')).toEqual(["local.ts"]);
    expect(texts('await import("./lo‸")')).toEqual(["local.ts"]);
  });

  it("imports a name that nothing declares", () => {
    expect(texts("const there = existsS‸")).toEqual([
      'import { existsSync } from "node:fs";\nconst there = existsSync',
    ]);
    expect(complete("1;\nreadFileS‸(1)")).toMatchObject({ start: 0, end: 12 });
    expect(texts("swe‸")).toContain('import { sweep } from "veelab";\nsweep');
    expect(texts("con.existsS‸")).toEqual([]);
    expect(texts("pickled‸")).toEqual([]);
    writeFileSync(join(folder.path, "node_modules/dep/index.d.ts"), "export const pickledOnions: number;");
    writeFileSync(join(folder.path, "package.json"), '{ "dependencies": { "dep": "1.0.0" } }');
    expect(texts("pickled‸")).toEqual(['import { pickledOnions } from "dep";\npickledOnions']);
    expect(texts("const existsS‸")).toEqual([]);
  });

  it("knows what a module exports", () => {
    expect(texts('import { lo‸ } from "./local.ts"')).toEqual(["local"]);
    expect(texts('import { sw‸ } from "veelab"')).toContain("sweep");
  });

  it("knows the strings that a type allows, and otherwise the files of the notebook's folder", () => {
    expect(texts("const side: 'left' | 'right' = '‸'")).toEqual(["left", "right"]);
    expect(texts('open("da‸')).toEqual(["data/"]);
    expect(texts('open("data/‸")')).toEqual(["one.csv"]);
    expect(texts("open(`./data/o‸`)")).toEqual(["one.csv"]);
    expect(complete('open("data/o‸n")')).toMatchObject({ start: 11, end: 12 });
    expect(texts('open("https://example.org/‸")')).toEqual([]);
    expect(texts('"no such folder/‸"')).toEqual([]);
  });
});

describe("completion after cells have run", () => {
  it("knows their names and types, the latest of each", () => {
    notebook.run("const table = [{ page: 1, name: 'a' }]; let counter = 0; interface Totals { sum: number }");
    expect(texts("table[0].‸")).toEqual(["name", "page"]);
    expect(texts("tab‸")).toEqual(["table"]);
    expect(texts("counter.toFi‸")).toEqual(["toFixed"]);
    expect(texts("const t: Tot‸")).toEqual(["Totals"]);
    notebook.run("const table = 'text'");
    expect(texts("table.toUpp‸")).toEqual(["toUpperCase"]);
  });

  it("lets the text declare again what they declared", () => {
    expect(texts("const table = new Map<string, number>();\ntable.ge‸")).toEqual(["get"]);
  });
});
