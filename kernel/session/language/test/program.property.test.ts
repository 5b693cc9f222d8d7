import fc from "fast-check";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { openNotebook } from "./notebook.ts";

const notebook = openNotebook(tmpdir());

/** What a name can be declared as, and an expression of its type that must be right. */
const kinds = [
  { declare: (name: string) => `const ${name} = { n: 1 };`, use: (name: string) => `${name}.n.toFixed()` },
  { declare: (name: string) => `let ${name} = "s";`, use: (name: string) => `(${name} = "t").length` },
  { declare: (name: string) => `var ${name} = [1];`, use: (name: string) => `${name}.push(2)` },
  { declare: (name: string) => `function ${name}() { return true }`, use: (name: string) => `${name}() === true` },
  { declare: (name: string) => `class ${name} { x = 1n }`, use: (name: string) => `new ${name}().x * 2n` },
  { declare: (name: string) => `enum ${name} { A, B }`, use: (name: string) => `${name}.A` },
  {
    declare: (name: string) => `interface ${name} { y: string }`,
    use: (name: string) => `({ y: "" }) satisfies ${name}`,
  },
  { declare: (name: string) => `import * as ${name} from "node:path";`, use: (name: string) => `${name}.join("a")` },
] as const;
const names = ["a", "B", "ünïcode", "$d"] as const;

const cell = fc.record({
  /** Names that the cell declares, each as one of the kinds. */
  declares: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.nat(kinds.length - 1)), {
    selector: ([name]) => name,
    maxLength: 2,
  }),
  /** Names that it uses, where they are declared by then. */
  uses: fc.array(fc.constantFrom(...names), { maxLength: 3 }),
});

describe("any notebook", () => {
  it(
    "whose cells are well typed, each for itself and after those before it, has no problems",
    { timeout: 120_000 },
    () => {
      const declared = new Map<string, number>();
      fc.assert(
        fc.property(fc.array(cell, { minLength: 1, maxLength: 6 }), (cells) => {
          for (const { declares, uses } of cells) {
            for (const [name, kind] of declares) declared.set(name, kind);
            const code = [
              ...declares.map(([name, kind]) => kinds[kind]!.declare(name)),
              ...uses.filter((name) => declared.has(name)).map((name) => `${kinds[declared.get(name)!]!.use(name)};`),
            ].join("\n");
            expect(notebook.run(code), code).toEqual([]);
          }
        }),
        { numRuns: 25 },
      );
    },
  );

  it("whatever its text is, is completed, inspected and checked without a failure", { timeout: 120_000 }, () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "const a = ",
        "import x from '",
        "`${",
        "/*",
        "{",
        "}",
        "(",
        "\n",
        "// @ts-expect-error\n",
        "a.",
        '"./',
        "<T>",
        "😀",
        "class ",
        "export { a as b }",
        "declare global {",
        "%check",
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(), (pieces, place) => {
        const code = pieces.join("");
        const at = place % (code.length + 1);
        const marked = `${code.slice(0, at)}‸${code.slice(at)}`;
        const { start, end } = notebook.complete(marked);
        expect(start).toBeLessThanOrEqual(at);
        expect(end).toBe(at);
        notebook.inspect(marked, 1);
        notebook.run(code);
      }),
      { numRuns: 60 },
    );
    expect(notebook.run("const after = 1; after.toFixed()")).toEqual([]);
  });
});
