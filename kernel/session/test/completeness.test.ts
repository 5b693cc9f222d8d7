import { describe, expect, it } from "vitest";
import { completeness } from "../completeness.ts";

const complete = [
  "",
  "1 + 1",
  "let a: number = 1",
  "function f() { return 1 }",
  "class A {}",
  'import { a } from "b"',
  "if (a) {\n  b()\n}",
  "await f()",
  "`a\nb`",
  "type A = { b: string }",
  "declare function f(): void",
  "// comment",
  'console.log("hello, world")',
];
const incomplete: Record<string, string> = {
  "if (a) {": "  ",
  "function f()": "",
  "function f(": "  ",
  "  for (const a of b) {": "    ",
  "const f = () =>": "  ",
  "const a = [\n  1,": "  ",
  "a +": "",
  "a.": "",
  "`abc": "",
  "`abc ${d} e": "",
  "/* abc": "",
  "let a =": "",
  "class A {\n\tb() {": "\t  ",
  "import { a } from": "",
  "interface A {": "  ",
  "type A =": "",
  "@d": "",
  "try {}": "",
};
const invalid = [
  ")",
  "let a; let a",
  "a b",
  "'abc",
  "'abc\nd",
  "/abc",
  "1 = 2 +* 3",
  "if (a) }",
  "import { a } from b",
];

describe("completeness", () => {
  it.each(complete)("complete: %j", (source) => {
    expect(completeness(source)).toEqual({ status: "complete" });
  });
  it.each(Object.entries(incomplete))("incomplete: %j", (source, indent) => {
    expect(completeness(source)).toEqual({ status: "incomplete", indent });
  });
  it.each(invalid)("invalid: %j", (source) => {
    expect(completeness(source)).toEqual({ status: "invalid" });
  });
});
