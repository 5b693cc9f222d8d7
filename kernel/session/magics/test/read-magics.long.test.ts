import { parseSync } from "oxc-parser";
import { expect, it, vi } from "vitest";
import { readMagics } from "../read-magics.ts";

// The parser itself; its calls are counted.
vi.mock("oxc-parser", { spy: true });

it("a long cell is parsed a few times only", () => {
  const long = `const text = \`\n${"!x y z\n".repeat(5000)}\`;\n`;
  const parsed = vi.mocked(parseSync);
  const lengthOf = (source: string): [number, number | undefined] => {
    parsed.mockClear();
    const uses = readMagics(source, () => false)?.uses.length;
    return [parsed.mock.calls.reduce((sum, [, text]) => sum + text.length, 0) / source.length, uses];
  };
  for (const [source, count] of [
    [long, undefined],
    [`${long}!cat a b`, 1],
    [`%cd ..\n${long}!cat a b`, 2],
    ["!cat a b\n".repeat(5000), 5000],
    ["!./run\n".repeat(5000), 5000],
    [`!(\n${"!x\n".repeat(5000)}`, 5001],
    [`f(\n${"!x y\n".repeat(5000)}`, undefined],
  ] as const) {
    const [times, uses] = lengthOf(source);
    expect(uses).toBe(count);
    expect(times).toBeLessThan(50);
  }
});
