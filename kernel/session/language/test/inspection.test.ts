import { afterAll, describe, expect, it } from "vitest";
import { testFolder } from "./folder.ts";
import { openNotebook } from "./notebook.ts";

const folder = testFolder();
afterAll(() => {
  folder.remove();
});
const notebook = openNotebook(folder.path);
const code = `/**
 * Adds one, or more.
 *
 * @param by - how much
 * @returns the new count
 * @example
 * inc(2);
 */
function inc(by = 1): number { return (n += by); }
/** How often. */
let n = 0;`;
notebook.run(code);

describe("inspection", () => {
  it("gives the signature and what was written about it, as text and as Markdown", () => {
    const expected = {
      plain:
        "function inc(by?: number): number\n\nAdds one, or more.\n\n@param by - how much\n@returns the new count\n@example inc(2);",
      markdown:
        "```typescript\nfunction inc(by?: number): number\n```\n\nAdds one, or more.\n\n`by` — how much\n\n*@returns* the new count\n\n*Example*\n\n```typescript\ninc(2);\n```",
    };
    for (const marked of ["in‸c", "inc‸", "‸inc; 1", "[in‸c]"]) {
      expect(notebook.inspect(marked), marked).toEqual(expected);
    }
  });

  it("gives the callee's signatures inside of its parentheses", () => {
    expect(notebook.inspect("inc(‸)")?.plain).toMatch(/^inc\(by\?: number\): number\n\nAdds one/);
    expect(notebook.inspect("inc(‸")?.plain).toMatch(/^inc\(by\?: number\): number/);
    expect(notebook.inspect('"abc".replace("a", ‸)')?.plain.split("\n").slice(0, 2)).toHaveLength(2);
  });

  it("knows what was written about a variable of an earlier cell", () => {
    expect(notebook.inspect("‸n")).toMatchObject({ plain: "let n: number\n\nHow often." });
  });

  it("shows the definition on request, as it was typed", () => {
    expect(notebook.inspect("inc‸", 1)?.plain).toContain("function inc(by = 1): number { return (n += by); }");
    expect(notebook.inspect("n‸", 1)?.plain).toMatch(/let n = 0;$/);
  });

  it("knows Node, packages and the kernel's globals", () => {
    expect(notebook.inspect('import { join } from "node:path"; jo‸in("a")')?.markdown).toMatch(
      /join\(\.\.\.paths: string\[\]\): string/,
    );
    expect(notebook.inspect('import { swe‸ep } from "veelab"')?.markdown).toContain("`axes` — parameter names");
    expect(notebook.inspect("displ‸ay(1)")?.plain).toContain("Shows a value under the cell");
  });

  it("finds nothing where there is nothing", () => {
    for (const marked of ["‸", "  ‸ ", "1 +‸ 2", "'text‸'", "// com‸ment", "nosuch‸"])
      expect(notebook.inspect(marked), marked).toBeUndefined();
  });
});
