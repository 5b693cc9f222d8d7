import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CellSyntaxError, compileCell } from "../compile.ts";
import { openRepl, type Outcome } from "./repl.ts";

/** Runs a chain of cells in a context of its own; gives the outcome of the last, and fails when an earlier one throws. */
async function chain(...cells: string[]): Promise<Outcome> {
  const repl = openRepl();
  try {
    let last: Outcome = { value: undefined };
    for (const [index, cell] of cells.entries()) {
      last = await repl.run(cell);
      if (index < cells.length - 1 && "thrown" in last) throw last.thrown;
    }
    return last;
  } finally {
    repl.close();
  }
}

/** The value as plain data: objects of another context have other prototypes. */
async function value(...cells: string[]): Promise<unknown> {
  const outcome = await chain(...cells);
  if ("thrown" in outcome) throw outcome.thrown;
  return outcome.value === undefined ? undefined : JSON.parse(JSON.stringify(outcome.value));
}

async function message(...cells: string[]): Promise<string> {
  const outcome = await chain(...cells);
  return "thrown" in outcome ? String(outcome.thrown) : `no error, but ${JSON.stringify(outcome.value)}`;
}

/** Each declares `name` so that `Number(name)`, or calling it, gives the number. */
const declarations: Record<string, (name: string, number: number) => string> = {
  let: (name, number) => `let ${name} = () => ${number}`,
  const: (name, number) => `const ${name} = () => ${number}`,
  var: (name, number) => `var ${name} = () => ${number}`,
  "var in a block": (name, number) => `if (true) { var ${name} = () => ${number} }`,
  "var of a loop": (name, number) => `for (var ${name} of [() => ${number}]) {}`,
  "destructured const": (name, number) => `const { ${name} } = { ${name}: () => ${number} }`,
  "destructured var": (name, number) => `var [${name}] = [() => ${number}]`,
  function: (name, number) => `function ${name}(): number { return ${number} }`,
  "exported function": (name, number) => `export function ${name}(): number { return ${number} }`,
  "async function": (name, number) => `async function ${name}() { return ${number} }`,
  class: (name, number) => `class ${name} { static apply() { return ${number} } }`,
  "exported class": (name, number) => `export class ${name} { static apply() { return ${number} } }`,
  enum: (name, number) => `enum ${name} { apply = ${number} }`,
  "exported enum": (name, number) => `export enum ${name} { apply = ${number} }`,
  namespace: (name, number) => `namespace ${name} { export const apply = ${number} }`,
  import: (name, number) => `import { "${number}" as ${name} } from "numbers"`,
  "namespace import": (name) => `import * as ${name} from "numbers"`,
};

/** Reads back the number, whatever the declaration was. */
const read = (name: string) =>
  `typeof ${name} === "string" ? (${name}[0] === "*" ? 2 : Number.parseInt(${name})) : await (/^class/.test(String(${name})) || typeof ${name} === "object" ? (typeof ${name}.apply === "number" ? ${name}.apply : ${name}.apply()) : ${name}())`;

describe("a name declared again", () => {
  for (const first of Object.keys(declarations)) {
    for (const second of Object.keys(declarations)) {
      it(`${first}, then ${second}`, async () => {
        const repl = openRepl();
        try {
          const run = async (cell: string): Promise<unknown> => {
            const outcome = await repl.run(cell);
            if ("thrown" in outcome) throw outcome.thrown;
            return outcome.value;
          };
          await run(declarations[first]!("x", 1));
          await run(`const seen = () => x`);
          await run(declarations[second]!("x", 2));
          expect(await run(read("x"))).toBe(2);
          expect(await run("seen() === x")).toBe(true);
          await run("let x = 3");
          expect(await run("[seen(), x]")).toEqual(expect.objectContaining({ 0: 3, 1: 3 }));
        } finally {
          repl.close();
        }
      });
    }
  }
});

describe("the value of a cell", () => {
  const values: Record<string, [cells: string[], value: unknown]> = {
    "the last expression": [["1; 2"], 2],
    "with a semicolon": [["1 + 1;"], 2],
    "with semicolons": [["3;;;"], 3],
    "a string alone": [['"use this"'], "use this"],
    "an assignment": [["let a = 1; a = 5"], 5],
    "a trailing declaration gives none": [["1; let a = 5"], undefined],
    "a trailing function gives none": [["1; function f() {}"], undefined],
    "a trailing class gives none": [["1; class A {}"], undefined],
    "a trailing export list gives none": [["let a = 1; a; export { a }"], undefined],
    "a trailing var gives none": [["1; var a = 5"], undefined],
    "an if gives none": [["if (true) 3"], undefined],
    "a loop gives none": [["for (let i = 0; i < 3; i++) i"], undefined],
    "a block gives none": [["{ let a = 1; a }"], undefined],
    "types after the expression do not hide it": [["1 + 1\ninterface A {}\ntype B = A"], 2],
    "an export default": [["export default { a: 1 }"], { a: 1 }],
    "an object literal": [["{ a: 1 }"], { a: 1 }],
    "an object literal, after a comment, with a semicolon": [
      ["// first\n/* and */ { a: 1, b: [2] };\n"],
      { a: 1, b: [2] },
    ],
    "an object literal with a comment at its end": [["{ a: 1 } // one"], { a: 1 }],
    "an object literal with types": [["{ a: 1 as number }"], { a: 1 }],
    "an empty object": [["{}"], {}],
    "a block that is no literal": [["{ const a = 1 }\n7"], 7],
    await: [["await Promise.resolve(4)"], 4],
    "await in a declaration": [["const { a } = await Promise.resolve({ a: 6 })", "a"], 6],
    "for await": [["let t = 0; for await (const n of [Promise.resolve(1), 2]) t += n; t"], 3],
    "nothing at all": [[""], undefined],
    "comments only": [["// nothing"], undefined],
    "a moved function does not take the last place": [["let a = f(); a; function f() { return 8 }"], undefined],
    "an awaited import leaves no value": [['import "x"'], undefined],
  };
  for (const [name, [cells, expected]] of Object.entries(values)) {
    it(name, async () => {
      expect(await value(...cells)).toEqual(expected);
    });
  }

  it("a promise is shown, not awaited", async () => {
    const outcome = await chain("Promise.resolve(4)");
    expect("value" in outcome && Object.prototype.toString.call(outcome.value)).toBe("[object Promise]");
  });
});

describe("declarations", () => {
  const chains: Record<string, [cells: string[], value: unknown]> = {
    "a closure sees a later assignment": [["let n = 0; function inc() { return ++n }", "n = 10; inc()"], 11],
    "a closure sees a later declaration": [["let n = 0; const get = () => n", "const n = 4", "get()"], 4],
    "a recursive function can be wrapped": [
      ["function f(n: number): number { return n === 0 ? 0 : f(n - 1) + 1 }", "const g = f; f = () => 100", "g(1)"],
      101,
    ],
    "functions are hoisted": [
      ["const a = f() + g(); function f() { return 1 }\nfunction g() { return f() + 1 }", "a"],
      3,
    ],
    "hoisted functions keep their name": [
      ["f.name + g.name; function f() {} async function* g() {}", "f.name + g.name"],
      "fg",
    ],
    "the last of two functions wins": [["function f() { return 1 } function f() { return 2 } f()"], 2],
    "a function over several lines moves whole": [
      ["const a = f(`x\n`)\nfunction f(s: string) {\n  return s + `\n${s}`\n}\na"],
      "x\n\nx\n",
    ],
    "var keeps its earlier value": [["var count = 1", "var count; count + 1"], 2],
    "var or else": [["var ns = ns || { a: 1 }", "var ns = ns || { a: 2 }; ns.a"], 1],
    "var twice in a cell": [["var a = 1; var a; a"], 1],
    "var without a value": [["var a, b = 2, c; [typeof a, b, typeof c]"], ["undefined", 2, "undefined"]],
    "var in loops": [
      ["for (var i = 0, n = 3; i < n; i++); for (var k in { a: 1 }); for (var [p] of [[9]]); [i, n, k, p]"],
      [3, 3, "a", 9],
    ],
    "var destructured": [["var { a, b: [c = 5] } = { a: 1, b: [] }, d = a + c; [a, c, d]"], [1, 5, 6]],
    "var inside a function stays there": [
      ["var f = function () { var z = 1; return z }; [f(), typeof z]"],
      [1, "undefined"],
    ],
    "var without braces": [["if (true) var y = 1; else var z = 2;\n[y, z]"], [1, null]],
    "a re-run enum starts anew": [["enum E { A, B }", "enum E { B }", "E"], { "0": "B", B: 0 }],
    "an enum in two parts": [["enum E { A } enum E { B = 7 }", "E"], { "0": "A", "7": "B", A: 0, B: 7 }],
    "a const enum": [["const enum E { A = 3 }", "E.A"], 3],
    "a namespace": [["namespace N { export const a = 1; export function f() { return a } }", "N.f()"], 1],
    "parameter properties": [
      [
        "class P { constructor(readonly x: number, private y = 2) {} sum() { return this.x + this.y } }",
        "new P(1).sum()",
      ],
      3,
    ],
    "abstract and generic classes": [
      ["abstract class A<T> { abstract get(): T }\nclass B extends A<number> { get() { return 4 } }", "new B().get()"],
      4,
    ],
    "a cell that failed can be run again": [
      ["let ok = 1", "try { (() => { throw 1 })() } catch {}", "let ok = 2; ok"],
      2,
    ],
    "names of JavaScript's own globals": [
      ["const crypto = 1; const fetch = 2; let name = 3; const process = 4", "[crypto, fetch, name, process]"],
      [1, 2, 3, 4],
    ],
    generators: [
      ["function* g() { yield 1; yield 2 }", "[...g()]"],
      [1, 2],
    ],
    "exports are declarations": [
      ["export const a = 1, b = a + 1; export let c = 3; export default function d() { return 4 }", "[a, b, c, d()]"],
      [1, 2, 3, 4],
    ],
    "an anonymous export default": [["export default function () {}", "1"], 1],
    "strict code": [["(function () { return this === undefined })()"], true],
    "satisfies, as, non-null": [["const a = { b: 1 } satisfies object; (a as { b: number }).b! + 1"], 2],
    overloads: [
      ["function f(a: string): string; function f(a: number): number; function f(a: any) { return a }", "f(3)"],
      3,
    ],
  };
  for (const [name, [cells, expected]] of Object.entries(chains)) {
    it(name, async () => {
      expect(await value(...cells)).toEqual(expected);
    });
  }

  it("a name that is not declared is an error", async () => {
    expect(await message("undeclared = 1")).toBe("ReferenceError: undeclared is not defined");
  });
});

describe("constants", () => {
  const refusal = "TypeError: Assignment to constant variable.";
  const refused: Record<string, string[]> = {
    "in the same cell": ["const a = 1; a = 2"],
    "in a later cell": ["const a = 1", "a = 2"],
    "by an operator": ["const a = 1", "a += 2"],
    "by ++": ["const a = 1", "a++"],
    "by a pattern": ["const a = 1; let b", "[b, { c: a }] = [1, { c: 2 }]"],
    "by a loop": ["const a = 1", "for (a of [1]);"],
    "from a function": ["const a = 1", "const set = () => { a = 2 }", "set()"],
    "of an import": ['import { a } from "m"', "a = 2"],
    "in a parenthesis": ["const a = 1; (a) = 2"],
  };
  for (const [name, cells] of Object.entries(refused)) {
    it(`refused: ${name}`, async () => {
      expect(await message(...cells)).toBe(refusal);
    });
  }

  const allowed: Record<string, string[]> = {
    "a parameter of the same name": ["const a = 1", "((a: number) => { a = 2; return a })(1)"],
    "an inner declaration": ["const a = 1", "{ let a = 1; a = 2 }\n2"],
    "an inner var": ["const a = 1", "(() => { a = 2; var a; return a })()"],
    "a loop's variable": ["const a = 1", "for (let a = 0; a < 1; a++);\n2"],
    "a caught value": ["const a = 1", "try { throw 1 } catch (a) { a = 2 }\n2"],
    "a function's own name": ["const a = 1", "(() => { function a() {} a = 2 as any; return a })()"],
    "a property": ["const a = { b: 1 }", "a.b = 2; a.b"],
    "a variable since": ["const a = 1", "let a = 1", "a = 2; a"],
  };
  for (const [name, cells] of Object.entries(allowed)) {
    it(`allowed: ${name}`, async () => {
      expect(await value(...cells)).toBe(2);
    });
  }

  it("keeps the value", async () => {
    expect(await value("const a = 1", "try { a = 2 } catch {}", "a")).toBe(1);
  });
});

describe("imports", () => {
  const chains: Record<string, [cells: string[], value: unknown]> = {
    named: [
      ['import { a, b as c, default as d } from "m"', "[a, c, d]"],
      ["a of m", "b of m", "default of m"],
    ],
    default: [['import a from "m"', "a"], "default of m"],
    namespace: [['import * as a from "m"', "a"], "* of m"],
    mixed: [
      ['import a, * as b from "m"; import c, { d } from "n"', "[a, b, c, d]"],
      ["default of m", "* of m", "default of n", "d of n"],
    ],
    "a string name": [['import { "a-b" as c } from "m"', "c"], "a-b of m"],
    attributes: [['import a from "./a.json" with { type: "json" }', "a"], "default of ./a.json as json"],
    hoisted: [['const before = a; import { a } from "m"; before'], "a of m"],
    dynamic: [['(await import("m")).default'], "module m"],
    "dynamic with a computed name": [
      ['const load = (n: string) => import(n + "!")', '(await load("m")).default'],
      "module m!",
    ],
    "re-exports are imported for effect": [['export * from "m"; export { a } from "n"; 1'], 1],
    "types only": [['import type { A } from "m"; import { type B } from "n"; 1'], 1],
    meta: [["import.meta.url"], "file:///notebooks/"],
  };
  for (const [name, [cells, expected]] of Object.entries(chains)) {
    it(name, async () => {
      expect(await value(...cells)).toEqual(expected);
    });
  }

  it("an import that no cell uses yet is kept", () => {
    expect(compileCell('import { a } from "m"', "cell").code).toContain('["a"]');
  });
});

describe("syntax errors", () => {
  const errors: Record<string, [source: string, line: number, column: number]> = {
    "an unclosed brace": ["let a = 1\nif (a) {\n", 3, 1],
    "a name declared twice": ["let b = 1\n  let b = 2", 2, 7],
    "after other scripts' characters": ['const s = "é😀"; let b; let b', 1, 29],
    "a stray token": ["1 +* 2", 1, 4],
    "await in a plain function": ["function f() {\n  await 1\n}", 2, 3],
    return: ["return 1", 1, 1],
    "a variable that a namespace exports": ["namespace N {\n  export let a = 1\n}", 2, 14],
    "an object that is none": ["{ a: 1, b }", 1, 0],
  };
  for (const [name, [source, line, column]] of Object.entries(errors)) {
    it(name, () => {
      if (column === 0) {
        expect(() => compileCell(source, "cell [1]")).not.toThrow();
        return;
      }
      const error = caught(() => compileCell(source, "cell [1]"));
      expect(error).toBeInstanceOf(CellSyntaxError);
      expect(error).toMatchObject({ name: "SyntaxError", source: "cell [1]", line, column });
      expect((error as CellSyntaxError).message).toMatch(/^[A-Z`'].*\w/);
      expect((error as CellSyntaxError).frame).toContain(`> ${line} | ${source.split("\n")[line - 1]}`.trimEnd());
    });
  }
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

describe("positions", () => {
  let repl: ReturnType<typeof openRepl>;
  beforeAll(() => {
    repl = openRepl();
  });
  afterAll(() => {
    repl.close();
  });

  /** Where the innermost frame of a cell's error lies in the cell, by V8's own stack and our map. */
  async function thrownAt(source: string): Promise<string> {
    const outcome = await repl.run(source);
    if (!("thrown" in outcome)) throw new Error("expected an error");
    const cell = repl.cells.at(-1)!;
    const frame = String((outcome.thrown as Error).stack).split(cell.url)[1];
    const [, line, column] = /^:(\d+):(\d+)/.exec(frame ?? "")!;
    const position = cell.position(Number(line), Number(column))!;
    return `${position.line}:${position.column}`;
  }

  const cells: Record<string, [source: string, place: string]> = {
    "the first line": ["null.x", "1:6"],
    "after types": ["interface A {\n  b: number\n}\ntype C = A\nconst d: C | null = null\n;(d as any).b.c", "6:13"],
    "after an enum": ["enum Color {\n  Red,\n  Green,\n}\n\nnull.x", "6:6"],
    "a hoisted function": ["const p = 1\nq()\nfunction q() {\n  const s: string = 'x'\n  null.x\n}", "5:8"],
    "after an import": ['import { m } from "m"\n\nnull.x', "3:6"],
    "after await": ["await 1\n\n\nnull.x", "4:6"],
    "after a template of many lines": ["const u = `\n\n${1}\n`\nnull.x", "5:6"],
    "after comments": ["// a\n/* b\n c */\nnull.x // d", "4:6"],
    "an object literal": ["{ a: null.x }", "1:11"],
    "after other scripts' characters": ['const v = "é😀"; null.x', "1:23"],
    "a constant": ["const w = 1\nw = 2", "2:5"],
  };
  for (const [name, [source, place]] of Object.entries(cells)) {
    it(name, async () => {
      expect(await thrownAt(source)).toBe(place);
    });
  }

  it("names what a namespace may export", () => {
    expect(() => compileCell("namespace N { export var a = 1 }", "cell [1]")).toThrow(
      "A namespace that exports a variable cannot be run: expected const, got let or var",
    );
  });
});
