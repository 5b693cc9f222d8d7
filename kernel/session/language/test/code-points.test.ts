import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCodePoints, toCodeUnits } from "../code-points.ts";

describe("places in code points and in code units", () => {
  it("differ behind characters outside the basic plane", () => {
    expect(toCodeUnits("a😀b", 2)).toBe(3);
    expect(toCodePoints("a😀b", 3)).toBe(2);
    expect(toCodeUnits("😀", 7)).toBe(2);
  });

  it("are each other's inverse", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const points = Array.from(text);
        const places = Array.from({ length: points.length + 1 }, (_, at) => points.slice(0, at).join("").length);
        expect(places.map((_, at) => toCodeUnits(text, at))).toEqual(places);
        expect(places.map((units) => toCodePoints(text, units))).toEqual([...places.keys()]);
      }),
    );
  });
});
