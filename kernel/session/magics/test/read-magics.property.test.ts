import fc from "fast-check";
import { parseSync } from "oxc-parser";
import { expect, it } from "vitest";
import { magicForms, type MagicName } from "../names.ts";
import { readMagics } from "../read-magics.ts";

const isTypeScript = (source: string): boolean =>
  parseSync("cell.ts", source, { lang: "ts", sourceType: "module" }).errors.length === 0;

/** TypeScript that looks like magics, and its surroundings. */
const pieces = [
  ..."a b time cd env pwd ls % ! !! %% ( ) [ ] { } ; , . = => + && | ` ${ /* */ // ' \" / await let if else 5 ..".split(
    " ",
  ),
  ...["\n", "\n%", "\n!", "\n%time", "\n%cd", "\n!ls", "\n  % "],
];
const anything = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((words) => words.join(" "));

it("TypeScript is never taken for a magic where its names are variables", () => {
  let typescript = 0;
  fc.assert(
    fc.property(anything, (source) => {
      if (!isTypeScript(source)) return;
      typescript += 1;
      expect(readMagics(source, () => true)).toBeUndefined();
    }),
    { numRuns: 20_000 },
  );
  expect(typescript).toBeGreaterThan(1000);
});

it("of anything else only lines of magics are taken, and the text stays as long in every line", () => {
  fc.assert(
    fc.property(anything, (source) => {
      const cell = readMagics(source, () => false);
      if (cell === undefined) return;
      const lengths = (text: string): number[] => text.split("\n").map((line) => line.length);
      expect(lengths(cell.text)).toEqual(lengths(source));
      for (const { start, end } of cell.uses) {
        expect(source.slice(0, start)).toMatch(/(?:^|\n)[^\S\n]*$/);
        expect(source[start]).toMatch(/[%!]/);
        expect(end).toBeGreaterThan(start);
      }
    }),
    { numRuns: 5000 },
  );
});

const statements = fc.constantFrom(
  "let a = 1;",
  "a\n% time",
  "a\n  %b",
  "const s = `\n%cd ..\n!cat x\n${a}\n!ls`;",
  "/*\n%env\n!git commit -m x\n*/",
  "!a && f(\n  a,\n)",
  "!f",
  "function f() {\n  !a && b\n}",
  "// %cd\n",
  "x = {\n  y: [\n    !a,\n  ],\n}",
  "",
);
const lines = fc.oneof(
  fc
    .constantFrom(...(Object.keys(magicForms) as MagicName[]).filter((name) => magicForms[name].form === "line"))
    .map((name) => `%${name} ..`),
  fc.constantFrom("!git status", "!ls", "!ls -la | wc", "!echo 'x", "!./run --fast"),
);

it("of a cell of statements and magics in turn, exactly the magics are found", () => {
  const known = new Set(["a", "b", "f", "x", "s", "time"]);
  fc.assert(
    fc.property(fc.array(fc.tuple(statements, lines), { minLength: 1, maxLength: 6 }), (parts) => {
      const source = parts.map(([statement, line]) => `${statement};\n${line}`).join("\n");
      const cell = readMagics(source, (name) => known.has(name));
      expect(cell?.uses.map(({ start, end }) => source.slice(start, end))).toEqual(parts.map(([, line]) => line));
      expect(isTypeScript(cell!.text)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** Pieces of TypeScript that use the names that they declare themselves, with lines that begin with operators. */
const declaring = fc.tuple(fc.nat(9), fc.nat(13)).map(([number, kind]) => {
  const name = `own${number}_${kind}`;
  return [
    `let ${name} = 1;\n!${name}`,
    `const ${name} = 10\n  % 3;\n!${name}`,
    `if (\n  !globalThis\n) {}\nvar ${name} = [\n  !0,\n];\n!${name} || f(\n  !1\n)`,
    `globalThis.${name} = 1;\n!${name}`,
    `globalThis["x"] = \`\n!ls\n%cd\`;\nfunction ${name}() {\n  !${name}\n}\n!${name}`,
    `{ function ${name}() {} }\n!${name}`,
    `!${name}\nfunction ${name}() {}`,
    `import ${name} from "x";\n!${name}`,
    `import { a as ${name} } from "x";\n!${name}\n  .b`,
    `class ${name} { x = [\n  !1\n] }\n!${name}`,
    `enum ${name} { A }\n!${name}`,
    `for (var ${name} of [1]) {\n  !${name}\n}\n!${name}`,
    `const { a: [${name}] } = { a: [(x) =>\n  !x\n] };\n!${name}`,
    `try { ${name} = 1 } catch {}\n/*\n!ls\n*/\n!${name}\n  && ${name}`,
  ][kind]!;
});

it("TypeScript that makes its own names is never changed", () => {
  fc.assert(
    fc.property(fc.array(declaring, { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, isBroken) => {
      const source = parts.join(";\n");
      expect(isTypeScript(source)).toBe(true);
      expect(readMagics(source, () => false)).toBeUndefined();
      // Nor is it above and below a magic.
      const uses = isBroken ? readMagics(`%cd ..\n${source}\n;\n!cat a b`, () => false)!.uses : [];
      expect(uses.map(({ name }) => name)).toEqual(isBroken ? ["cd", "!"] : []);
    }),
    { numRuns: 1000 },
  );
});
