import { describe, expect, it } from "vitest";
import { compileCell, CellSyntaxError } from "../../compile.ts";
import { readMagics } from "../read-magics.ts";

/** The names and arguments of the magics of a cell. */
function found(source: string, variables: readonly string[] = []): string[] {
  const uses = readMagics(source, (name) => variables.includes(name))?.uses ?? [];
  return uses.map(({ name, argument, body }) => [name, argument, ...(body === undefined ? [] : [body])].join("|"));
}

describe("the magics of a cell", () => {
  it("are lines, each with its name and argument", () => {
    expect(found("%cd ..\nlet a = 1;\n  %env A=1  \n!ls -la | wc\n%pwd")).toEqual([
      "cd|..",
      "env|A=1",
      "!|ls -la | wc",
      "pwd|",
    ]);
  });

  it("leave a text of the same length in every line", () => {
    const source = "%cd ..\r\nlet a = 1\r\n  %time a + 1 // c\r\n!echo `";
    const { text } = readMagics(source, () => false)!;
    expect(text).toBe(";     \r\nlet a = 1\r\n  ;     a + 1 // c\r\n;      ");
  });

  it("at the top of a cell have the rest as their body", () => {
    expect(found("\n%%bash -x\necho 1\n%cd\n")).toEqual(["bash|-x|echo 1\n%cd\n"]);
    expect(found("%%html")).toEqual(["html||"]);
    expect(found("%%unheard of\n1")).toEqual(["unheard|of|1"]);
    expect(readMagics("%%time\nlet a = 1", () => false)?.text).toBe(";     \nlet a = 1");
    expect(found("%%time\n%cd ..\n!echo a b")).toEqual(["time||%cd ..\n!echo a b", "cd|..", "!|echo a b"]);
    expect(found("%%timeit\n!ls\nlet ok = 1;\n!ok")).toEqual(["timeit||!ls\nlet ok = 1;\n!ok", "!|ls"]);
  });

  it("are asked about by a question mark", () => {
    expect(found("%time?")).toEqual(["help|time"]);
    expect(found("%%bash?")).toEqual(["help|bash"]);
    expect(found("%cd ..\nconst q = n\n  %m? 1 : 2;", ["m"])).toEqual(["cd|.."]);
  });

  it("of an unknown name are those by which the cell fails", () => {
    expect(found("1;\n%foo bar")).toEqual(["foo|bar"]);
    expect(found("1\n%foo\n!echo 'x")).toEqual(["!|echo 'x"]);
  });

  it("are no lines within strings, comments, brackets and statements that go on", () => {
    for (const within of [
      "`\n%cd ..\n`",
      "/*\n%cd ..\n!cat x y\n*/",
      "f(\n%cd ..\n)",
      "if (a)\n%cd ..",
      "{\n!cat x y\n}",
    ])
      expect(found(`${within};\n%env`)).toEqual(within.startsWith("`") || within.startsWith("/*") ? ["env|"] : []);
  });
});

describe("a line that begins with !", () => {
  it("is TypeScript where it can be", () => {
    for (const line of ["!a && b()", "!a", "!(a)", "!a.b(\n  c,\n)", "![a].length", "!true", "!!a"])
      expect([line, found(line, ["a", "b", "c"])]).toEqual([line, []]);
    // Also in a cell that has other magics.
    expect(found("%env A\n!a.some((x) => {\n  return x;\n}) && b();", ["a", "b"])).toEqual(["env|A"]);
    expect(found("let ls = 1;\n!ls")).toEqual([]);
    expect(found("import { ls } from 'x';\n!ls")).toEqual([]);
  });

  it("is TypeScript where the cell itself makes its name", () => {
    for (const cell of [
      "const ok = flags.every((f) =>\n  !f\n);\n!ok",
      "let h1 = false;\nif (\n  !h1\n) {}\n!h1",
      "const x = 10\n  % 3, done = false;\n!done",
      "globalThis.foo = 1;\n!foo",
      "{ function gg(){} }\n!gg",
      "!later\nfunction later() {}",
      "const n = f(\n  !a\n)\n!n\n.x",
    ])
      expect([cell, found(cell)]).toEqual([cell, []]);
    expect(found("%env A\nglobalThis.foo = 1;\n!foo")).toEqual(["env|A"]);
    expect(found("%env A\nconst ok = f(\n  !a\n);\n!ok")).toEqual(["env|A"]);
    expect(found("%env A\n!later\nfunction later() {}")).toEqual(["env|A"]);
  });

  it("is a command where it is none, or its first word is no variable", () => {
    for (const line of [
      "!cat file",
      "!ls",
      "!ls -la",
      "!ls *",
      "!du .",
      "!./run",
      "!git commit -m 'x",
      "!echo {",
      "!~/x",
      "!",
    ])
      expect([line, found(line)]).toEqual([line, [`!|${line.slice(1)}`]]);
    expect(found("// ls lists\n!ls")).toEqual(["!|ls"]);
    expect(found("!lst(a) && f()")).toEqual([]);
  });
});

describe("a cell with magics", () => {
  const compiled = (source: string, names: string[] = []): string =>
    compileCell(source, "cell [1]", new Set(), new Set(names)).code;

  it("calls them in their lines", () => {
    const code = compiled("1;\n%cd ..\n!ls");
    expect(code).toContain('await __veelab__.magic("cd", "..");');
    expect(code).toContain('await __veelab__.magic("!", "ls");');
    expect(compiled("%%bash a\necho 1")).toContain('await __veelab__.magic("bash", "a", "echo 1");');
    expect(compiled("let b = 1;\n%who", ["a"])).toMatch(/\{\s*a: \(\) => a,\s*b: \(\) => b\s*\}/);
  });

  it("measures statements and keeps their value", () => {
    expect(compiled("%time f()")).toMatch(/startTimer\(\);\s*await __veelab__\.stopTimer\(f\(\)\);/);
    expect(compiled("%time const a = 1")).toMatch(/startTimer\(\);\s*let a = 1;\s*await __veelab__.stopTimer\(\);/);
    expect(compiled("%timeit -n 3 f()")).toContain('timeit("-n 3", ($turns, $sink) =>');
    expect(compiled("%timeit await f()")).toContain('timeit("", async ($turns, $sink) =>');
  });

  it("measures also magics", () => {
    expect(compiled("%%time\n!echo a\n%pwd")).toMatch(
      /startTimer\(\);[\s;]*await __veelab__\.magic\("!", "echo a"\);[\s;]*await __veelab__\.magic\("pwd", ""\);[\s;]*await __veelab__\.stopTimer\(\);/,
    );
    expect(compiled("%%timeit -n 1\n!echo a\n1 + 1")).toMatch(
      /async \(\$turns, \$sink\) => \{\s*for \(.*\) \{[\s;]*await __veelab__\.magic\("!", "echo a"\);\s*\$sink\.value = 1 \+ 1;/,
    );
  });

  it("installs before it imports", () => {
    const code = compiled("%npm install x\nimport y from 'x'; y");
    expect(code.indexOf('import("%npm install x")')).toBeLessThan(code.indexOf('names("x"'));
    expect(code).toContain('import("%npm install x")');
  });

  it("has errors at their own places", () => {
    const failure = (source: string): unknown => {
      try {
        return compiled(source);
      } catch (error) {
        const { source, line, column, frame } = error as CellSyntaxError;
        return [source, line, column, frame.split("\n").find((text) => text.startsWith(">"))];
      }
    };
    expect(failure("%cd ..\n%time let v: number = = 5")).toEqual([
      "cell [1]",
      2,
      23,
      "> 2 | %time let v: number = = 5",
    ]);
    expect(failure("%cd ..\nconst = 5;")).toEqual(["cell [1]", 2, 7, "> 2 | const = 5;"]);
  });
});
