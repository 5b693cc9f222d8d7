import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCell, CellSyntaxError } from "../compile.ts";
import { completeness } from "../completeness.ts";
import { openRepl } from "./repl.ts";

/** Ways to give a name a value, as one statement. */
const declarations: ((name: string, value: number) => string)[] = [
  (name, value) => `let ${name}: number = ${value};`,
  (name, value) => `const ${name} = ${value};`,
  (name, value) => `var ${name} = ${value};`,
  (name, value) => `var [${name}] = [${value}];`,
  (name, value) => `export const { ${name} } = { ${name}: ${value} };`,
  (name, value) => `for (var ${name} = 0; ${name} < ${value}; ${name}++);`,
];

const names = ["a", "b", "c"];
const cell = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...names), way: fc.constantFrom(...declarations), value: fc.nat({ max: 50 }) }),
  { selector: ({ name }) => name, minLength: 1 },
);

describe("any chain of cells", () => {
  it("gives every name its latest value, to new cells and to closures of old ones", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 8 }), async (cells) => {
        const repl = openRepl();
        try {
          const latest = new Map<string, number>();
          const readers: string[] = [];
          for (const [index, statements] of cells.entries()) {
            for (const { name, value } of statements) latest.set(name, value);
            const known = [...latest.keys()];
            const reader = `read${index}`;
            readers.push(reader);
            // The function stands above what it reads, and is called before it is declared.
            const source = [
              ...statements.map(({ name, way, value }) => way(name, value)),
              `const seen${index} = ${reader}();`,
              `function ${reader}() { return JSON.stringify([${known.join(", ")}]); }`,
              `JSON.stringify([${readers.map((earlier) => `${earlier}()`).join(", ")}, seen${index}])`,
            ].join("\n");
            const outcome = await repl.run(source);
            if ("thrown" in outcome) throw outcome.thrown;
            const values = JSON.stringify([...latest.values()]);
            const read = JSON.parse(outcome.value as string) as string[];
            expect(read.slice(-2)).toEqual([values, values]);
            for (const [at, text] of read.slice(0, -2).entries()) {
              const count = (JSON.parse(text) as number[]).length;
              expect([at, text]).toEqual([at, JSON.stringify([...latest.values()].slice(0, count))]);
            }
          }
        } finally {
          repl.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("any text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(
        fc.constantFrom(
          "let",
          "a",
          "=",
          "{",
          "}",
          "(",
          ")",
          "`",
          "'",
          "${",
          "function",
          "=>",
          "\n",
          ";",
          "import",
          "from",
          "class",
          "await",
          "var",
          "1",
          ",",
          "export",
          "[",
          "]",
          ":",
          "enum",
          "/",
        ),
      )
      .map((words) => words.join(" ")),
  );

  it("compiles, or fails with a place inside it", () => {
    fc.assert(
      fc.property(text, (source) => {
        try {
          const { code, url } = compileCell(source, "cell [1]");
          expect(code.endsWith(`\n//# sourceURL=${url}`)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(CellSyntaxError);
          const { line, column } = error as CellSyntaxError;
          const lines = source.split(/\r\n|\r|\n/);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is complete, incomplete or invalid, and complete when it compiles", () => {
    fc.assert(
      fc.property(text, (source) => {
        const { status } = completeness(source);
        expect(["complete", "incomplete", "invalid"]).toContain(status);
        let compiles = true;
        try {
          compileCell(source, "cell [1]");
        } catch {
          compiles = false;
        }
        // An object literal and a function's signature alone are the two that may differ.
        if (compiles && !/^[\s;]*\{|function|\/\*|\/\//.test(source)) expect(status).toBe("complete");
      }),
      { numRuns: 2000 },
    );
  });
});
