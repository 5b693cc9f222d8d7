import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CellSyntaxError, compileCell } from "../compile.ts";
import { describeError, installStackTraces } from "../errors.ts";
import type { SourceIndex } from "../mapped-source.ts";
import { createImporter } from "../modules.ts";
import { bareGlobal, openRepl, type Repl } from "./repl.ts";

let directory: string;
let sources: SourceIndex;
let repl: Repl;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "veelab-errors-"));
  sources = new Map();
  repl = openRepl(createImporter({ directory, sources }).cell, (cell) => sources.set(cell.url, cell));
});
afterAll(() => {
  repl.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The error message of a cell that throws, without colours. */
async function failure(...cells: string[]): Promise<{ ename: string; evalue: string; text: string }> {
  let thrown: unknown;
  for (const cell of cells) {
    const outcome = await repl.run(cell);
    thrown = "thrown" in outcome ? outcome.thrown : undefined;
  }
  const { ename, evalue, traceback } = describeError(thrown, sources);
  const number = repl.cells.length;
  return {
    ename,
    evalue,
    text: stripVTControlCharacters(traceback.join("\n")).replaceAll(`cell [${number}]`, "cell [N]"),
  };
}

describe("the error of a cell", () => {
  it("has the failing line, and frames of the cell alone", async () => {
    const { ename, evalue, text } = await failure(
      "interface A {\n  b: number\n}\nfunction f(a: A | null) {\n  return a!.b\n}\n\nf(null)",
    );
    expect({ ename, evalue }).toEqual({ ename: "TypeError", evalue: "Cannot read properties of null (reading 'b')" });
    expect(text).toBe(
      [
        "TypeError: Cannot read properties of null (reading 'b')",
        "",
        "  3 | }",
        "  4 | function f(a: A | null) {",
        "> 5 |   return a!.b",
        "    |             ^",
        "  6 | }",
        "  7 |",
        "",
        "    at f (cell [N]:5:13)",
        "    at cell [N]:8:1",
      ].join("\n"),
    );
  });

  it("after an await", async () => {
    const { text } = await failure(
      "const wait = async () => {\n  await 1\n  throw new RangeError('late')\n}\nawait wait()",
    );
    expect(text).toContain("> 3 |   throw new RangeError('late')");
    expect(text).toMatch(/at wait \(cell \[N\]:3:9\)\n {4}at async cell \[N\]:5:1$/);
  });

  it("in a function of an earlier cell", async () => {
    const { text } = await failure("const boom = () => {\n  throw new Error('far')\n}", "\n[1].map(boom)");
    const first = repl.cells.length - 1;
    expect(text).toMatch(
      new RegExp(
        `at boom \\(cell \\[${first}\\]:2:9\\)\\n {4}at Array.map \\(<anonymous>\\)\\n {4}at cell \\[N\\]:2:5$`,
      ),
    );
  });

  it("in a built-in of Node: no frames of Node", async () => {
    const { ename, text } = await failure('import { readFileSync } from "node:fs"\nreadFileSync("/none/such")');
    expect(ename).toBe("Error");
    expect(text).toContain("> 2 | readFileSync");
    expect(text.split("\n    at ")).toHaveLength(2);
    expect(text).toMatch(/at cell \[N\]:2:1$/);
  });

  it("in a local module", async () => {
    writeFileSync(
      join(directory, "m.ts"),
      "type A = 1\n\nexport function m(): never {\n  throw new Error('in m')\n}\n",
    );
    const { text } = await failure('import { m } from "./m.ts"\nm()');
    expect(text).toContain("> 4 |   throw new Error('in m')");
    expect(text).toMatch(/at m \(\.\/m\.ts:4:9\)\n {4}at cell \[N\]:2:1$/);
  });

  it("a missing module, at the import's line", async () => {
    const { ename, text } = await failure('let before = 1\n\nimport { x } from "./none.ts"');
    expect(ename).toBe("ImportError");
    expect(text).toContain("> 3 | import { x }");
    expect(text).toMatch(/at cell \[N\]:3:1$/);
  });

  const failing: Record<string, [file: string, cell: string, last: RegExp]> = {
    "statically, deep": ['import "./deeper.ts"', 'let q = 1\nimport "./fails.ts"', /at cell \[N\]:2:1$/],
    "dynamically, deep": ['import "./deeper.ts"', 'await 1\nawait import("./fails.ts")', /at cell \[N\]:2:7$/],
    "a package of a module": ['import { a } from "gone"', 'await import("./fails.ts")', /at cell \[N\]:1:7$/],
    "when the module runs": [
      "\nthrow new Error('at load')",
      'import "./fails.ts"',
      /at \.\/fails\.ts:2:7\n {4}at (?:async )?cell \[N\]:1:1$/,
    ],
    "an export that a module's import lacks": [
      'import { none } from "node:path"',
      'import "./fails.ts"',
      /at cell \[N\]:1:1$/,
    ],
  };
  for (const [name, [file, cell, last]] of Object.entries(failing)) {
    it(`an import that fails: ${name}`, async () => {
      writeFileSync(join(directory, "fails.ts"), file);
      const { text } = await failure(cell);
      expect(text).toMatch(last);
      expect(text).toMatch(/^> \d+ \|/m);
    });
  }

  it("causes, also in a circle", async () => {
    const { text } = await failure(
      "const inner: Error = new Error('inner')\nconst outer = new Error('outer', { cause: inner })\ninner.cause = outer\nthrow outer",
    );
    expect(text).toMatch(/^Error: outer\n\n/);
    expect(text).toMatch(/\n\nCaused by: Error: inner\n\n(?:.*\n)+?\nCaused by: Error: outer$/);
    expect(text).toContain("> 1 | const inner");
  });

  it("AggregateError", async () => {
    const { ename, text } = await failure(
      "await Promise.any([Promise.reject(new TypeError('one')), Promise.reject(2)])",
    );
    expect(ename).toBe("AggregateError");
    expect(text).toMatch(/\n\[0\] TypeError: one\n(?:.*\n)+?\n\[1\] Uncaught: 2$/);
  });

  const thrown: Record<string, [cell: string, evalue: string]> = {
    "a number": ["throw 5", "5"],
    "a string": ["throw 'text'", "'text'"],
    undefined: ["throw undefined", "undefined"],
    null: ["throw null", "null"],
    "an object": ["throw { a: { b: 1 } }", "{ a: { b: 1 } }"],
    "a rejection with nothing": ["await Promise.reject()", "undefined"],
  };
  for (const [name, [cell, evalue]] of Object.entries(thrown)) {
    it(`thrown: ${name}`, async () => {
      expect(await failure(cell)).toEqual({ ename: "Uncaught", evalue, text: `Uncaught: ${evalue}` });
    });
  }

  it("an error of several lines, of no message, of an own class", async () => {
    expect((await failure("throw new Error('a\\nb')")).text).toMatch(/^Error: a\nb\n\n> 1/);
    expect((await failure("throw new Error()")).text).toMatch(/^Error\n\n> 1/);
    expect((await failure("class Own extends Error { override name = 'Own' }; throw new Own('x')")).ename).toBe("Own");
  });

  it("a stack overflow", async () => {
    const { ename, text } = await failure("function deep(): number {\n  return deep() + 1\n}\ndeep()");
    expect(ename).toBe("RangeError");
    expect(text).toContain("> 2 |   return deep() + 1");
  });

  it("values that cannot be looked at", () => {
    const hostile = [
      Object.defineProperty(new Error("a"), "stack", {
        get: () => {
          throw new Error("no");
        },
      }),
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("no");
          },
          has: () => {
            throw new Error("no");
          },
        },
      ),
      Object.assign(new Error("b"), { stack: 5 }),
      Object.assign(new Error("c"), { message: Symbol("d") }),
      Object.assign(new Error("e"), { name: undefined }),
    ];
    for (const value of hostile) {
      const { ename, evalue, traceback } = describeError(value, sources);
      expect([typeof ename, typeof evalue]).toEqual(["string", "string"]);
      expect(traceback.length).toBeGreaterThan(0);
    }
  });
});

it("a cell that does not compile", () => {
  let error: unknown;
  try {
    compileCell("let a = 1\nlet b = +", "cell [7]");
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(CellSyntaxError);
  const { ename, traceback } = describeError(error, sources);
  expect(ename).toBe("SyntaxError");
  expect(stripVTControlCharacters(traceback.join("\n"))).toBe(
    "SyntaxError: Unexpected token\n\n  1 | let a = 1\n> 2 | let b = +\n    |          ^\n\n    at cell [7]:2:10",
  );
  expect(traceback[0]).toBe("\x1b[31mSyntaxError\x1b[39m: Unexpected token");
});

describe("error.stack in user code", () => {
  const { prepareStackTrace, stackTraceLimit } = Error as { prepareStackTrace?: unknown; stackTraceLimit: number };
  afterEach(() => {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  });

  it("is right by itself, and describing it gives the same frames", async () => {
    installStackTraces(sources);
    const main = openRepl(bareGlobal, (cell) => sources.set(cell.url, cell), "main");
    try {
      const outcome = await main.run(
        "interface B {}\nfunction where() {\n  return new TypeError('here')\n}\nconst e = where(); [e, e.stack]",
      );
      const [error, stack] = (outcome as { value: [Error, string] }).value;
      expect(stack).toBe("TypeError: here\n    at where (cell [1]:3:10)\n    at cell [1]:5:11");
      const { traceback } = describeError(error, sources);
      expect(stripVTControlCharacters(traceback.join("\n"))).toMatch(
        /> 3 .*\n.*\n(?:.*\n)+ {4}at where \(cell \[1\]:3:10\)\n {4}at cell \[1\]:5:11$/,
      );
      expect(new Error("not of a cell").stack).toMatch(/^Error: not of a cell\n {4}at /);
    } finally {
      main.close();
    }
  });
});
