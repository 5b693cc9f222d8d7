import { describe, expect, it } from "vitest";
import { memorySource } from "./conformance.ts";

describe("a source in memory", () => {
  it.each([
    ["passing", [0xa5, 3]],
    [undefined, [1, 3]],
  ] as const)("whose chunks are asked for with %s gives them back changed, or not", async (passing, firsts) => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const held: Uint8Array[] = [];
    const seen: number[] = [];
    for await (const chunk of memorySource({ content: "", rows: 0 }, bytes, 2).chunks(passing)) {
      held.push(chunk);
      seen.push(...chunk);
      if (held.length === 2) expect(held.map(([first]) => first)).toEqual(firsts);
    }
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});
