import { describe, expect, it } from "vitest";
import { murmur2 } from "../murmur2.ts";

describe("murmur2", () => {
  // From ipykernel 6.17's murmur2_x86, with the seed that it uses and with 0.
  it.each([
    ["", 0, 0],
    ["", 0xc70f6907, 3990065800],
    ["a", 0, 2456313694],
    ["a", 0xc70f6907, 2167009006],
    ["ab", 0, 446775395],
    ["abc", 0, 324500635],
    ["abc", 0xc70f6907, 3350977461],
    ["1 + 1", 0xc70f6907, 2359671083],
    ["const answer: number = 6 * 7;\nanswer", 0xc70f6907, 626911754],
    ["größe 😀", 0xc70f6907, 2658148817],
    ["x".repeat(1000), 0xc70f6907, 2976633443],
  ])("hashes %j with the seed %i", (text, seed, hash) => {
    expect(murmur2(text, seed)).toBe(hash);
  });
});
