import fc from "fast-check";
import { parseSync, type Program } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { freeNames } from "../free-names.ts";
import { functionText } from "../function-text.ts";

const parsed = (code: string): Program =>
  parseSync("a.js", code, { lang: "js", range: true, preserveParens: false }).program;
const freeIn = (code: string): string[] => [...freeNames(parsed(code)).names].sort();

/** A function of this text, as a notebook's cell or a module would have it. */
const made = (expression: string): (() => unknown) => (0, eval)(expression) as () => unknown;

describe("free names", () => {
  it.each<[string, string[]]>([
    ["(a, { b, c: [d = e, ...f] }, ...g) => a + b + c + d + f + g", ["c", "e"]],
    ["function f(n) { return n < 2 ? 1 : n * f(n - 1) + arguments.length; }", []],
    ["() => { { let a = 1; } return a; }", ["a"]],
    ["() => { { var a = 1; } return a; }", []],
    [
      "() => { for (const i of items) sum += i; for (let j = 0; j < 2; j++); return i + j; }",
      ["i", "items", "j", "sum"],
    ],
    ["() => { try { risk(); } catch ({ message }) { return message; } return message; }", ["message", "risk"]],
    ["() => ({ a, b: 1, [c]: 2, d() { return e; } }).f.g[h]?.i", ["a", "c", "e", "h"]],
    ["() => { class A extends B { static #p = q; m() { return new A(this.#p, super.r); } } return A; }", ["B", "q"]],
    ["() => { outer: for (;;) { if (done) break outer; else continue outer; } }", ["done"]],
    ["() => { switch (x) { case y: let z = 1; return z; default: return z; } }", ["x", "y"]],
    ["() => typeof maybe === 'undefined' ? `${text}` : tag`${value}`", ["maybe", "tag", "text", "value"]],
    ["() => { class A { x = this.y; static { this.z; } m() { return this; } } return [A, this]; }", ["this"]],
    ["() => new.target", ["new.target"]],
    ["(a = b) => { var b; return [a, b]; }", ["b"]],
    ["() => { class A { [this.x] = this.y; } return A; }", ["this"]],
    ["() => { const inner = () => late; let late = 1; return [inner, () => arguments]; }", ["arguments"]],
    ["() => { ({ a: b.c, d: e = f } = g); h++; new.target; }", ["b", "e", "f", "g", "h"]],
    ["async () => { const { x } = await import('y'); for await (const z of x) await z; }", []],
  ])("of %s", (code, names) => {
    expect(
      freeIn(
        `(${code.startsWith("() => {") && code.includes("new.target") ? code.replace("() =>", "function ()") : code})`,
      ),
    ).toEqual(names);
  });

  it("are told apart where they are assigned", () => {
    const code =
      "() => { let own; own = read; a += 1; b++; [c, { d, e: f.g }] = h; for (i of []); for (const j of []); own++; }";
    const { assigned } = freeNames(parsed(code));
    expect([...assigned].sort()).toEqual(["a", "b", "c", "d", "i"]);
  });

  it("are exactly the names that fail where nothing else is declared", () => {
    // Nested blocks that declare and read names at random; the engine itself says which reads fail.
    const name = fc.constantFrom("a", "b", "c");
    const { body } = fc.letrec<{ body: string; statement: string }>((tie) => ({
      statement: fc.oneof(
        { depthSize: "small" },
        fc.tuple(fc.constantFrom("let", "var"), name).map(([kind, id]) => `${kind} ${id}$ = 0;`),
        name.map((id) => `read("${id}", () => ${id}$);`),
        tie("body").map((inner) => `{ ${inner} }`),
        fc.tuple(name, tie("body")).map(([id, inner]) => `((${id}$) => { ${inner} })(0);`),
      ),
      body: fc.array(tie("statement"), { maxLength: 5 }).map((all) => all.join(" ")),
    }));
    fc.assert(
      fc.property(body, (text) => {
        const code = `(function (read) { ${text} })`;
        let call: (read: unknown) => void;
        try {
          call = made(code);
        } catch {
          return; // the same name twice
        }
        const failing = new Set<string>();
        const read = (id: string, get: () => unknown): void => {
          // Called at the end: a name that is declared further below is no free one.
          later.push(() => {
            try {
              get();
            } catch {
              failing.add(`${id}$`);
            }
          });
        };
        const later: (() => void)[] = [];
        call(read);
        for (const readLate of later) readLate();
        expect(freeIn(code)).toEqual([...failing].sort());
      }),
      { numRuns: 500 },
    );
  });
});

describe("the text of a function", () => {
  it.each<[string, string]>([
    ["an arrow", "(x) => x + 1"],
    ["a function", "(function add(x) { return x + 1; })"],
    ["a method", "({ add(x) { return x + 1; } }).add"],
    ["an asynchronous method", "({ async add(x) { return x + 1; } }).add"],
    ["a method with a computed name", "({ ['a' + 'dd'](x) { return x + 1; } }).add"],
  ])("of %s gives the function again", async (_, expression) => {
    const { text, free } = functionText("f", made(expression));
    expect(await (made(text) as unknown as (x: number) => unknown)(4)).toBe(5);
    expect([...free.names].filter((name) => name !== "Object")).toEqual([]);
  });

  it("names the modules that it imports, also where a notebook's kernel has rewritten them", () => {
    const given = made(
      "async () => [await import('veelab'), await __veelab__.import(\"./model.ts\"), await import(`./v.mjs`), require('./m.cjs'), await import(`${1}`), require(m)]",
    );
    const { imports, computedImports, text } = functionText("f", given);
    expect(imports).toEqual(["veelab", "./model.ts", "./v.mjs", "./m.cjs"]);
    expect(computedImports).toEqual(["import(`${1}`)", "require(m)"]);
    expect(text).toContain("__import__('veelab')");
  });

  it.each<[string, boolean]>([
    ["(p) => 1", false],
    ["(p, { random, signal: s }) => 1", false],
    ["(p, { random } = {}) => 1", false],
    ["function (p) { return 1; }", false],
    ["(p, c) => 1", true],
    ["(p, { index: i }) => 1", true],
    ["(p, { 'index': i }) => 1", true],
    ["(p, { ['in' + 'dex']: i }) => 1", true],
    ["(p, { random, ...rest }) => 1", true],
    ["(...all) => 1", true],
    ["function (p) { return arguments[1]; }", true],
  ])("%s sees its point's place: %s", (expression, sees) => {
    expect(functionText("f", made(`(${expression})`)).seesIndex).toBe(sees);
  });

  it.each<[string, () => unknown]>([
    ["a bound function", made("(function () {}).bind(1)")],
    ["a function of the platform", Math.random],
  ])("refuses %s", (_, given) => {
    expect(() => functionText("share.f", given)).toThrow("share.f: expected a function whose text can be sent");
  });
});
