import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceIndex } from "../mapped-source.ts";
import { createImporter, type Importer } from "../modules.ts";
import { openRepl } from "./repl.ts";

let directory: string;
let sources: SourceIndex;
let importer: Importer;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "veelab-modules-")));
  sources = new Map();
  importer = createImporter({ directory, sources, provided: { tslab: { display: "ours" } } });
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const names = async (specifier: string, ...wanted: string[]): Promise<unknown[]> =>
  Object.values(await importer.cell.names(specifier, wanted, {}));

describe("local files", () => {
  const files: Record<string, [specifier: string, files: Record<string, string>]> = {
    TypeScript: ["./a.ts", { "a.ts": "export const a: number = 7" }],
    "TypeScript without extension": ["./a", { "a.ts": "export const a: number = 7" }],
    "TypeScript by its JavaScript name": ["./a.js", { "a.ts": "export const a: number = 7" }],
    "TypeScript rather than what was compiled from it": [
      "./a.js",
      { "a.ts": "export const a = 7", "a.js": "export const a = 0" },
    ],
    ".mts": ["./a.mts", { "a.mts": "export const a: number = 7" }],
    ".mts by its JavaScript name": ["./a.mjs", { "a.mts": "export const a: number = 7" }],
    ".cts": ["./a.cts", { "a.cts": "const b: number = 7; exports.a = b" }],
    ".cjs": ["./a.cjs", { "a.cjs": "exports.a = 7" }],
    ".mjs": ["./a.mjs", { "a.mjs": "export const a = 7" }],
    ".js with ES syntax": ["./a.js", { "a.js": "export const a = 7" }],
    ".js that is CommonJS": ["./a.js", { "a.js": "module.exports = { a: 7 }" }],
    ".js in a package of modules": [
      "./p/a.js",
      {
        "p/package.json": '{"type":"module"}',
        "p/a.js": "globalThis.veelabTest = 7; export { veelabTest as a } ; const veelabTest = 7",
      },
    ],
    ".ts that is CommonJS": ["./a.ts", { "a.ts": "const b: number = 7; module.exports = { a: b }" }],
    "a folder": ["./a", { "a/index.ts": "export const a = 7" }],
    "in a folder above": ["../a.ts", {}],
    "by way of others": [
      "./a.ts",
      {
        "a.ts": 'export { b as a } from "./b"',
        "b.ts": 'import { c } from "./c/index.js"; export const b = c + 1',
        "c/index.ts": "export const c = 6",
      },
    ],
    "in a circle": [
      "./a.ts",
      {
        "a.ts": 'import { b } from "./b.ts"; export const six = 6; export const a = b()',
        "b.ts": 'import { six } from "./a.ts"; export const b = () => 1 + (six ?? 0) - six + 6',
      },
    ],
    "with top-level await": ["./a.ts", { "a.ts": "export const a = await Promise.resolve(7)" }],
    "with a dynamic import": [
      "./a.ts",
      { "a.ts": 'export const { b: a } = await import("./b")', "b.ts": "export const b = 7" },
    ],
    "with a namespace of a built-in": [
      "./a.ts",
      {
        "a.ts":
          'import * as path from "node:path"; import { sep } from "path"; export const a = path.sep === sep ? 7 : 0',
      },
    ],
    "CommonJS that requires": [
      "./a.cjs",
      {
        "a.cjs": 'exports.a = require("./b").b + require("./d.json").d',
        "b.cts": "exports.b = 5 as number",
        "d.json": '{"d":2}',
      },
    ],
    "a module that imports CommonJS": [
      "./a.ts",
      {
        "a.ts": 'import { b } from "./b.cjs"; import c from "./b.cjs"; export const a = b + c.b',
        "b.cjs": "exports.b = 3.5",
      },
    ],
    "a module that imports JSON": [
      "./a.ts",
      { "a.ts": 'import d from "./d.json" with { type: "json" }; export const a = d.d', "d.json": '{"d":7}' },
    ],
    enums: ["./a.ts", { "a.ts": "export enum E { a = 7 }; export const a = E.a" }],
  };
  for (const [name, [specifier, contents]] of Object.entries(files)) {
    it(name, async () => {
      write(contents);
      if (specifier.startsWith("../")) {
        write({ "a.ts": "export const a = 7", "sub/x": "" });
        importer = createImporter({ directory: join(directory, "sub"), sources });
      }
      expect(await names(specifier, "a")).toEqual([7]);
    });
  }

  it("JSON", async () => {
    write({ "d.json": '{"d":[1]}' });
    expect(await names("./d.json", "default")).toEqual([{ d: [1] }]);
  });

  it("by absolute path and by URL, the same module", async () => {
    write({ "a.ts": "export const a = {}" });
    const [a] = await names("./a.ts", "a");
    expect((await names(join(directory, "a.ts"), "a"))[0]).toBe(a);
    expect((await names(`file://${join(directory, "a.ts")}`, "a"))[0]).toBe(a);
  });

  it("import.meta", async () => {
    write({
      "a.ts": 'export const { url, dirname, filename } = import.meta; export const other = import.meta.resolve("./b")',
      "b.ts": "",
    });
    expect(await names("./a.ts", "url", "dirname", "filename", "other")).toEqual([
      `file://${directory}/a.ts`,
      directory,
      join(directory, "a.ts"),
      `file://${directory}/b.ts`,
    ]);
    expect(importer.cell.meta).toMatchObject({ url: `file://${directory}/`, dirname: directory });
  });
});

describe("a changed file", () => {
  it("is imported again, with what imports it; the others keep their identity", async () => {
    write({
      "top.ts": 'import { left } from "./left.ts"; import { right } from "./right.ts"; export { left, right }',
      "left.ts": 'import { leaf } from "./leaf.ts"; export const left = { leaf }',
      "right.ts": "export const right = {}",
      "leaf.ts": "export const leaf = 1",
    });
    const [left, right] = (await names("./top.ts", "left", "right")) as [{ leaf: number }, object];
    expect(left.leaf).toBe(1);
    expect((await names("./top.ts", "left"))[0]).toBe(left);
    write({ "leaf.ts": "export const leaf = 2" });
    const [newLeft, newRight] = (await names("./top.ts", "left", "right")) as [{ leaf: number }, object];
    expect(newLeft.leaf).toBe(2);
    expect(newRight).toBe(right);
    expect((await names("./right.ts", "right"))[0]).toBe(right);
  });

  it("that is JSON or CommonJS, too", async () => {
    write({
      "a.ts": 'import { b } from "./b.cjs"; export { b }',
      "b.cjs": 'exports.b = require("./c.json").c',
      "c.json": '{"c":1}',
    });
    expect(await names("./a.ts", "b")).toEqual([1]);
    write({ "c.json": '{"c":2}' });
    expect(await names("./a.ts", "b")).toEqual([2]);
    expect(importer.require("./b.cjs")).toEqual({ b: 2 });
  });

  it("in a circle", async () => {
    write({
      "a.ts": 'import { b } from "./b.ts"; export const a = 1; export const sum = () => a + b',
      "b.ts": 'import { a } from "./a.ts"; export const b = 1; export const other = () => a',
    });
    const [sum] = (await names("./a.ts", "sum")) as [() => number];
    expect(sum()).toBe(2);
    write({ "b.ts": 'import { a } from "./a.ts"; export const b = 10; export const other = () => a' });
    const [again] = (await names("./a.ts", "sum")) as [() => number];
    expect(again()).toBe(11);
  });

  it("that failed is tried again", async () => {
    write({
      "a.ts": 'import { b } from "./b.ts"; export const a = b',
      "b.ts": 'throw new Error("no"); export const b = 1',
    });
    await expect(names("./a.ts", "a")).rejects.toThrow("no");
    await expect(names("./a.ts", "a")).rejects.toThrow("no");
    write({ "b.ts": "export const b = 1" });
    expect(await names("./a.ts", "a")).toEqual([1]);
    write({ "b.ts": "export const b: number = (" });
    await expect(names("./a.ts", "a")).rejects.toThrow(
      expect.objectContaining({ name: "SyntaxError", source: "./b.ts", line: 1 }),
    );
    write({ "b.ts": "export const c = 1" });
    await expect(names("./a.ts", "a")).rejects.toThrow(/does not provide an export named 'b'/);
    write({ "b.ts": "export const b = 3" });
    expect(await names("./a.ts", "a")).toEqual([3]);
  });

  it("that throws once is evaluated again without a change", async () => {
    write({
      "a.ts":
        "globalThis.veelabOnce = (globalThis.veelabOnce ?? 0) + 1; if (globalThis.veelabOnce === 1) throw new Error('first'); export const a = globalThis.veelabOnce",
    });
    await expect(names("./a.ts", "a")).rejects.toThrow("first");
    expect(await names("./a.ts", "a")).toEqual([2]);
    Reflect.deleteProperty(globalThis, "veelabOnce");
  });
});

it("imports at the same time share their modules", async () => {
  write({
    "a.ts": 'import { c } from "./c.ts"; export const a = c',
    "b.ts": 'import { c } from "./c.ts"; export const b = c',
    "c.ts": "await new Promise((resolve) => setTimeout(resolve, 20)); export const c = {}",
  });
  const [[a], [b], [c]] = await Promise.all([names("./a.ts", "a"), names("./b.ts", "b"), names("./c.ts", "c")]);
  expect(a).toBe(b);
  expect(a).toBe(c);
});

describe("packages", () => {
  const packages: Record<string, [specifier: string, files: Record<string, string>]> = {
    "ESM-only": [
      "p",
      { "package.json": '{"name":"p","type":"module","exports":"./i.js"}', "i.js": "export const a = 7" },
    ],
    "import-only": [
      "p",
      { "package.json": '{"name":"p","exports":{"import":"./i.mjs"}}', "i.mjs": "export const a = 7" },
    ],
    "require-only": ["p", { "package.json": '{"name":"p","exports":{"require":"./i.cjs"}}', "i.cjs": "exports.a = 7" }],
    CommonJS: ["p", { "package.json": '{"name":"p","main":"i.js"}', "i.js": "exports.a = 7" }],
    "CommonJS with names that cannot be seen": [
      "p",
      { "package.json": '{"name":"p"}', "index.js": 'const key = "a"; module.exports = { [key]: 7 }' },
    ],
    "a subpath": [
      "p/sub",
      { "package.json": '{"name":"p","exports":{"./sub":"./s.mjs"}}', "s.mjs": "export const a = 7" },
    ],
    "a file of a package": ["p/lib/s.js", { "package.json": '{"name":"p"}', "lib/s.js": "exports.a = 7" }],
    scoped: ["@s/p", { "package.json": '{"name":"@s/p","main":"./i.js"}', "i.js": "exports.a = 7" }],
    "with a default": [
      "p",
      {
        "package.json": '{"name":"p","type":"module","exports":"./i.js"}',
        "i.js": "export default 1; export const a = 7",
      },
    ],
  };
  for (const [name, [specifier, files]] of Object.entries(packages)) {
    it(name, async () => {
      const folder = `node_modules/${specifier.startsWith("@") ? specifier : "p"}`;
      write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text])));
      write({ "local.ts": `import { a } from "${specifier}"; export { a }` });
      expect(await names(specifier, "a")).toEqual([7]);
      expect(await names("./local.ts", "a")).toEqual([7]);
    });
  }

  it("the notebook's own package, by its exports", async () => {
    write({
      "package.json":
        '{"name":"own","type":"module","exports":{".":"./i.js","./ts":"./src/t.ts"},"imports":{"#in":"./src/t.ts"}}',
      "i.js": "export const a = 1",
      "src/t.ts": 'import { u } from "./u.ts"; export const t: number = u',
      "src/u.ts": "export const u = 2",
    });
    expect(await names("own", "a")).toEqual([1]);
    expect(await names("own/ts", "t")).toEqual([2]);
    expect(await names("#in", "t")).toEqual([2]);
    write({ "src/u.ts": "export const u = 3", "local.ts": 'export { t } from "own/ts"' });
    expect(await names("own/ts", "t")).toEqual([3]);
    expect(await names("./local.ts", "t")).toEqual([3]);
  });

  it("the libraries that veelab's notebooks are written with, in a folder that has none", async () => {
    expect(await names("arquero", "table")).toEqual([expect.any(Function)]);
    expect(await names("simple-statistics", "mean")).toEqual([expect.any(Function)]);
    expect(await names("veelab", "sweep")).toEqual([expect.any(Function)]);
  });

  it("built-ins", async () => {
    const [sep, join2] = await names("node:path", "sep", "join");
    expect([sep, (join2 as typeof join)("a", "b")]).toEqual(["/", "a/b"]);
    expect((await names("fs", "default"))[0]).toBe((await import("node:fs")).default);
  });

  it("what the kernel provides comes before any package", async () => {
    write({
      "node_modules/tslab/package.json": '{"name":"tslab"}',
      "node_modules/tslab/index.js": 'exports.display = "theirs"',
      "l.ts": 'import { display } from "tslab"; export { display }',
      "l.cjs": 'exports.display = require("tslab").display',
    });
    expect(await names("tslab", "display", "default")).toEqual(["ours", { display: "ours" }]);
    expect(await names("./l.ts", "display")).toEqual(["ours"]);
    expect(await names("./l.cjs", "display")).toEqual(["ours"]);
    expect(importer.require("tslab")).toEqual({ display: "ours" });
  });

  it("require", () => {
    write({
      "node_modules/p/package.json": '{"name":"p"}',
      "node_modules/p/index.js": "exports.a = 7",
      "b.cts": "exports.b = 8 as number",
    });
    expect(importer.require("p")).toEqual({ a: 7 });
    expect(importer.require("./b")).toEqual({ b: 8 });
    expect(importer.require.resolve("p")).toBe(join(directory, "node_modules/p/index.js"));
  });
});

describe("what is not there", () => {
  const errors: Record<string, [specifier: string, name: string, message: RegExp]> = {
    "a file": ["./none.ts", "a", /^Cannot find the module "\.\/none\.ts": looked for \/.*\/none\.ts, also/],
    "a package": [
      "no-such-package/sub",
      "a",
      /^Cannot find the package "no-such-package": looked in the node_modules folders of \/.* and above/,
    ],
    "a built-in": ["node:none", "a", /No such built-in module: node:none/],
    "a subpath": ["p/none", "a", /^Cannot import "p\/none": its package does not export it/],
    "a package's file": [
      "q",
      "a",
      /^Cannot find the module "q": its package has no file \/.*\/node_modules\/q\/gone\.js$/,
    ],
    "an export of a file": ["./a.ts", "b", /^The module "\.\/a\.ts" has no export named "b"; it has a, c$/],
    "an export of a package": [
      "node:path",
      "nothing",
      /^The module "node:path" has no export named "nothing"; it has .* and \d+ more$/,
    ],
    "a file's import": [
      "./b.ts",
      "b",
      /^Cannot find the module "\.\/gone": looked for \/.*\/gone, .*\(imported at \.\/b\.ts:3\)$/,
    ],
    "a file's package": ["./d.ts", "d", /^Cannot find the package "gone": .* \(imported at \.\/d\.ts\)$/],
  };
  for (const [name, [specifier, wanted, message]] of Object.entries(errors)) {
    it(name, async () => {
      write({
        "a.ts": "export const a = 1, c = 2",
        "b.ts": "interface A {}\n\nimport { x } from './gone'",
        "d.ts": 'import { x } from "gone"',
        "node_modules/p/package.json": '{"name":"p","exports":{".":"./i.js"}}',
        "node_modules/q/package.json": '{"name":"q","exports":"./gone.js"}',
      });
      await expect(names(specifier, wanted)).rejects.toThrow(message);
    });
  }
});

it("an error in a local module, and a missing one, have the place in the cell and in the module", async () => {
  write({ "a.ts": "interface A {}\n\nexport function fail(): never {\n  throw new Error('at line 4')\n}" });
  const repl = openRepl(importer.cell);
  try {
    const missing = await repl.run('1\n\nimport { x } from "./none"');
    if (!("thrown" in missing)) throw new Error("expected an error");
    expect(placeOf(missing.thrown, repl.cells[0]!)).toBe("3:1");
    const thrown = await repl.run('import { fail } from "./a"\n\nfail()');
    if (!("thrown" in thrown)) throw new Error("expected an error");
    expect(placeOf(thrown.thrown, repl.cells[1]!)).toBe("3:1");
    const [url, source] = [...sources][0]!;
    expect([source.name, placeOf(thrown.thrown, { ...source, url })]).toEqual(["./a.ts", "4:9"]);
    const named = await repl.run('1\nimport { nothing } from "./a"');
    if (!("thrown" in named)) throw new Error("expected an error");
    expect(placeOf(named.thrown, repl.cells[2]!)).toBe("2:1");
  } finally {
    repl.close();
  }
});

function placeOf(error: unknown, source: { url: string; position: (line: number, column: number) => unknown }): string {
  const rest = String((error as Error).stack).split(source.url)[1];
  const [, line, column] = /^:(\d+):(\d+)/.exec(rest ?? "") ?? [];
  const place = source.position(Number(line), Number(column)) as { line: number; column: number };
  return `${place.line}:${place.column}`;
}
