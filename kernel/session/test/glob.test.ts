import fc from "fast-check";
import { expect, it } from "vitest";
import { glob } from "../glob.ts";

it("fits what a regular expression of the same meaning fits", () => {
  const text = (letters: readonly string[]) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text(["a", "b", "*", "?", "[", "😀"]), text(["a", "b", "*", "[", "\n", "😀"]), (pattern, given) => {
      const source = pattern.replaceAll("[", "\\[").replaceAll("*", "[^]*").replaceAll("?", "[^]");
      expect(glob(pattern)(given)).toBe(new RegExp(`^${source}$`, "u").test(given));
    }),
    { numRuns: 2000 },
  );
});

it("takes no longer for many stars", () => {
  expect(glob("*a".repeat(20) + "*b")("a".repeat(5000))).toBe(false);
});
