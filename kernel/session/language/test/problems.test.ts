import { afterAll, describe, expect, it } from "vitest";
import { testFolder } from "./folder.ts";
import { openNotebook } from "./notebook.ts";

const folder = testFolder({
  "local.ts": "export const local = 1;\nexport default function hello(): string { return 'x'; }\n",
  "plain.js": "export function twice(a) { return { a, two: 2 * a }; }\n",
  "data.json": '{ "a": { "b": 1 } }',
  "node_modules/dep/package.json":
    '{ "name": "dep", "version": "1.0.0", "type": "module", "exports": { ".": { "types": "./index.d.ts", "default": "./index.js" }, "./sub": "./sub.js" } }',
  "node_modules/dep/index.d.ts": "export declare const d: { deep: string };\n",
  "node_modules/dep/index.js": "export const d = { deep: '' };\n",
  "node_modules/dep/sub.js": "export const s = 1;\n",
});
afterAll(() => {
  folder.remove();
});

/** One for all: what a test declares is declared again in the next. */
const notebook = openNotebook(folder.path);

/** Runs cells of which none must have a problem. */
function fine(...cells: readonly string[]): void {
  for (const cell of cells) expect(notebook.run(cell), cell).toEqual([]);
}

describe("a cell", () => {
  it("has its own problems, in its own lines", () => {
    expect(notebook.run("const a = 1;\n\nconst b: string = a;\nb.lenght")).toEqual([
      "3:7 TS2322 Type 'number' is not assignable to type 'string'.",
      "4:3 TS2551 Property 'lenght' does not exist on type 'string'. Did you mean 'length'?",
    ]);
  });

  it("has `using`, and the classes for it where the Node that runs has them", () => {
    fine("const held: Disposable = { [Symbol.dispose]() {} };\n{ using a = held; void a; }");
    const missing = "DisposableStack" in globalThis ? [] : ["1:5 TS2304 Cannot find name 'DisposableStack'."];
    expect(notebook.run("new DisposableStack()")).toEqual(missing);
  });

  it("sees the types of the cells before it", () => {
    fine(
      "interface Row { page: number }\nconst rows: Row[] = [{ page: 1 }];\nlet n = 0;\nfunction inc(by = 1) { return (n += by); }",
    );
    expect(notebook.run("rows[0]!.name")).toEqual(["1:10 TS2339 Property 'name' does not exist on type 'Row'."]);
    expect(notebook.run('inc("x")')).toEqual([
      "1:5 TS2345 Argument of type 'string' is not assignable to parameter of type 'number'.",
    ]);
    fine("n = 10; n.toFixed(); const more: Row = rows[0]!");
    expect(notebook.run("n = 'x'")).toEqual(["1:1 TS2322 Type 'string' is not assignable to type 'number'."]);
  });

  it("is given names that TypeScript knows of packages and of browsers, by a later cell", () => {
    const { cell } = notebook.start("const early = () => [test, $, document, Bun]");
    expect(notebook.check(cell)).toEqual([
      "1:22 TS2593 Cannot find name 'test'.",
      "1:28 TS2592 Cannot find name '$'.",
      "1:31 TS2584 Cannot find name 'document'.",
      "1:41 TS2868 Cannot find name 'Bun'.",
    ]);
    const later = notebook.start("const test = 1, $ = 2, document = 3, Bun = 4");
    expect(later.again).toEqual([cell]);
    expect(notebook.check(cell)).toEqual([]);
  });

  it("does not see what is typed elsewhere", () => {
    notebook.complete("declare global { const zc: number }\nconsole.‸");
    fine("declare global { const zc: number }\nzc.toFixed()");
  });

  it("may be written as in a file of any other extension, and set what is global", () => {
    fine("let same = <T>(x: T) => x; const cast = <any>same; globalThis.foo = 1");
  });

  it("narrows a variable of an earlier cell by what it assigns", () => {
    fine("let data: number[] | undefined;", "data = [1];\ndata.length");
    expect(notebook.run("data.length")).toEqual(["1:1 TS18048 'data' is possibly 'undefined'."]);
  });

  it("declares again what was declared, by any kind, and from then on the latest is meant", () => {
    fine(
      "const a = 1; class A { x = 1 } interface I { i: number } import { join } from 'node:path'",
      "a.toFixed(); new A().x; join('a')",
      "let a = 'text'; class A { y = 1 } type I = string; const join = 3",
      "a.length; new A().y; join.toFixed(); const i: I = 'i'",
      "function a() { return [1] } enum A { B }",
      "a().length; A.B",
    );
    expect(notebook.run("a.length.length")).not.toEqual([]);
  });

  it("keeps the types that it was run with", () => {
    fine(
      "class A { x = 1 }\nfunction make() { return new A() }",
      "class A { y = '' }",
      "make().x.toFixed(); new A().y.length",
    );
    expect(notebook.run("const a: A = make()")[0]).toMatch(
      /^1:7 TS2741 Property 'y' is missing in type 'import\("cell \[\d+\]"\)\.A' but required in type/,
    );
  });

  it("that is run again with other code replaces what it declared", () => {
    fine("const size = 3", "size.toFixed()", "const size = 'three'", "size.length");
    expect(notebook.run("size.toFixed()")).not.toEqual([]);
  });

  it("knows a var wherever it stands, a pattern's names, and what is used above its declaration", () => {
    fine(
      "if (true) { var inner = 's' }\nfor (var i = 0; i < 1; i++);\nconst { x, y: [z], ...others } = { x: 1, y: ['z'], w: true };\nlater();\nfunction later() {}",
      "inner.length; i.toFixed(); x.toFixed(); z.length; others.w; later(); var i = i + 1;",
    );
  });

  it("may export, and may assign what the kernel lets it", () => {
    fine(
      "export const a = 1; export function f() {} export { a as renamed }; export default class C { m() { return a } }",
      "a.toFixed(); f(); new C().m()",
      "const a = 2; export { a }",
    );
    expect(notebook.run("a = 3")).toEqual(["1:1 TS2588 Cannot assign to 'a' because it is a constant."]);
  });

  it("may await, iterate asynchronously, dispose, decorate and be one object", () => {
    fine(
      "await Promise.resolve(1);\nfor await (const x of [1]) x.toFixed();\nusing r = { [Symbol.dispose]() {} };",
      "function logged(target: object, key: string) {}\nclass A { @logged m() {} }",
      "{ a: 1, b: [2] }",
      "({ a: 1 });",
    );
  });

  it("is told from where a name that nothing declares can be imported", () => {
    expect(notebook.run("barsOfNothing; existsSync('a')")).toEqual([
      "1:1 TS2304 Cannot find name 'barsOfNothing'.",
      "1:16 TS2304 Cannot find name 'existsSync'. It can be imported: import { existsSync } from \"node:fs\";",
    ]);
    expect(notebook.run("basename('a')")[0]).toContain('import { basename } from "node:path";');
    expect(notebook.run("sweep")).toEqual([expect.stringContaining('import { sweep } from "veelab";')]);
  });

  it("is not told that a type could be written", () => {
    fine(
      "function f(a, { b }, ...c) { return [a, b, c] }\nconst g = (x) => x;\nlet h;\nconst rows = [];\nrows.push(1);",
      "rows.push(2); h = g(1); f(1, { b: 2 })",
    );
  });

  it("may silence the checker", () => {
    fine(
      "// @ts-expect-error\nconst a: number = 'x';",
      "// @ts-ignore\nconst b: number = 'x';",
      "// @ts-nocheck\nconst c: number = 'x';",
    );
    expect(notebook.run("// @ts-expect-error\nconst d: number = 1;")).toEqual([
      "1:1 TS2578 Unused '@ts-expect-error' directive.",
    ]);
  });

  it("may name what a later cell declares: its problem is gone then", () => {
    const { cell } = notebook.start("const later = () => missing(1);");
    expect(notebook.check(cell)).toEqual(["1:21 TS2304 Cannot find name 'missing'."]);
    const declarer = notebook.start("const missing = (n: number) => [n];");
    expect(declarer.again).toEqual([cell]);
    expect(notebook.check(cell)).toEqual([]);
    expect(notebook.check(declarer.cell)).toEqual([]);
    expect(notebook.run("later().length.x")).toEqual(["1:16 TS2339 Property 'x' does not exist on type 'number'."]);
  });

  it("that was refused declares nothing", () => {
    fine("const a = 1");
    notebook.program.refused(notebook.start("let a = 'x'; let undeclared = ;").cell);
    fine("a.toFixed()");
    expect(notebook.run("undeclared")).toEqual(["1:1 TS2304 Cannot find name 'undeclared'."]);
  });

  it("can be forgotten once nothing needs it", () => {
    notebook.complete("‸");
    const before = notebook.program.size;
    for (let i = 0; i < 10; i++) fine(`const same = ${i}; 1 + ${i}`);
    fine("same");
    notebook.complete("‸");
    expect(notebook.program.size).toBeLessThanOrEqual(before + 1);
    fine("declare global { var glob: number }", "1", "glob.toFixed()");
  });
});

describe("what cells use", () => {
  it("is typed: globals, Node, and no more than this Node has", () => {
    fine(
      "await display(1, { id: 'a' }); display.html('<b>b</b>'); await updateDisplay(2, { id: 'a' }); clearOutput({ wait: true });",
      "process.stdout.write(Buffer.from('x')); require('node:fs'); import.meta.dirname; setTimeout(() => 1, 2).unref(); new URL('x:y'); structuredClone(1); [2, 1].toSorted()",
      "import * as tslab from 'tslab'; tslab.display.html('x'); tslab.newDisplay().text('t'); import { display as d } from 'tslab'; d.png(new Uint8Array())",
    );
    expect(notebook.run("display.html(1); updateDisplay(2); window")).toHaveLength(3);
  });

  it("is found where it is found when a cell runs", () => {
    fine(
      "import hello, { local } from './local'; import { local as same } from './local.js'; import data from './data.json'; import { a } from './data.json';\nimport { twice } from './plain.js'; import { d } from 'dep'; import { s } from 'dep/sub'; const { local: dynamic } = await import('./local.ts');",
      "hello().length; local.toFixed(); data.a.b.toFixed(); a.b.toFixed(); twice(1).two; d.deep.length; s; dynamic.toFixed()",
      "import * as aq from 'arquero'; aq.table({ a: [1] }).numRows().toFixed(); import { sweep } from 'veelab'; import { open } from 'veelab/datasets'; import { display as show } from 'veelab/kernel'; await show(sweep); await open('x')",
    );
    expect(
      notebook.run("import { wrong } from './local.ts'; import './none.ts'; import p from 'nopackage'"),
    ).toHaveLength(3);
  });

  it("is a local file as it is now", () => {
    folder.write("changing.ts", "export const value = 1;\n");
    fine("import { value } from './changing.ts'; value.toFixed()");
    folder.write("changing.ts", "export const value = 'text';\n");
    fine("import { value } from './changing.ts'; value.length");
    expect(notebook.texts("value.toUpp‸")).toEqual(["toUpperCase"]);
  });

  it("fails to import a type as a value, as it does when it runs", () => {
    expect(notebook.run("import { Comparison } from 'veelab'")).toEqual([
      "1:10 TS1484 'Comparison' is a type and must be imported using a type-only import.",
    ]);
    fine("import { type Comparison, bars } from 'veelab'", "const none: Comparison[] = []; bars");
  });
});
