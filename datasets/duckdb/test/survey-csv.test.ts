import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { surveyCsv } from "../survey-csv.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The survey by regular expressions over the whole text. Of more than 32 digits across a cut, the survey does not see what stands before them. */
const wholly = (text: string) => ({
  sameFields: !/["\r]|,(\n|$)/.test(text),
  sameNumbers:
    !/\+-|\d_\d|nan\(/i.test(text) &&
    !(text.match(/(?<![\d.:-\u{10ffff}])\d{16,}(?![\d.:-\u{10ffff}])/gu) ?? []).some(
      (whole) => whole.length > 16 || whole.startsWith("9"),
    ),
});

const clean = [
  "1,2\n3,4\n",
  "0.12345678901234567,1577808000000290\n",
  "1234567890123456.5,12345678901234567e3\n",
  "a_1,1_a,_1,f(x),nano(1)\n",
  "\ufeffa,b\n\n1,,2\n",
];
const odd: readonly (readonly [string, "sameFields" | "sameNumbers"])[] = [
  ['"a"\n', "sameFields"],
  ["a\r\n", "sameFields"],
  ["a,\n1,2\n", "sameFields"],
  ["1,2,", "sameFields"],
  ["1_000\n", "sameNumbers"],
  ["+-1\n", "sameNumbers"],
  ["NaN(1)\n", "sameNumbers"],
  ["9007199254740993\n", "sameNumbers"],
  ["-12345678901234567", "sameNumbers"],
  [`1${"0".repeat(400)}\n`, "sameNumbers"],
];

describe("the survey of a CSV file's bytes", () => {
  it.each(clean)("finds nothing in %j", async (text) => {
    expect(await surveyCsv([bytesOf(text)])).toEqual({ sameFields: true, sameNumbers: true });
  });

  it.each(odd)("finds %j", async (text, which) => {
    const filler = "1,ab\n".repeat(60_000);
    for (const before of ["", "7\n", filler])
      expect(await surveyCsv([bytesOf(before + text)])).toEqual({
        sameFields: true,
        sameNumbers: true,
        [which]: false,
      });
  });

  it("finds a long whole number at each place of a piece, and no shorter one", async () => {
    const found = async (text: string, offset: number) =>
      (await surveyCsv([bytesOf("x".repeat(offset) + text).subarray(offset)])).sameNumbers;
    for (let before = 0; before <= 12; before += 1)
      for (let behind = 0; behind <= 12; behind += 1)
        for (let offset = 0; offset < 4; offset += 1) {
          const at = (number: string) => found(`${"x".repeat(before)},${number},${"x".repeat(behind)}`, offset);
          expect(await at("9007199254740993"), `${before}, ${behind}, ${offset}`).toBe(false);
          expect(await at("8007199254740993")).toBe(true);
          expect(await at("0.9007199254740993")).toBe(true);
        }
  });

  it("finds what is there, wherever it stands and however the file is cut", async () => {
    const token = fc.oneof(
      { weight: 6, arbitrary: fc.stringMatching(/^[0-9]{1,40}$/) },
      { weight: 6, arbitrary: fc.constantFrom(",", "\n", ".", "e", "x", " ", "-", "1", "12345678", "é") },
      { weight: 1, arbitrary: fc.constantFrom("+", "_", "nan", "NaN", "(", '"', "\r") },
    );
    const cut = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 30 }), cut, fc.boolean(), async (tokens, sizes, isLong) => {
        const text = `${isLong ? "3,x\n".repeat(50_000) : ""}${tokens.join("")}`;
        const bytes = bytesOf(text);
        const chunks: Uint8Array[] = [];
        let at = isLong ? 200_000 - 10 : 0;
        if (at > 0) chunks.push(bytes.subarray(0, at));
        for (let turn = 0; at < bytes.length; turn += 1) {
          chunks.push(bytes.subarray(at, at + sizes[turn % sizes.length]!));
          at += sizes[turn % sizes.length]!;
        }
        const found = await surveyCsv(chunks);
        const there = wholly(text);
        // Of a file that differs in both ways the pass ends early; of one whose numbers differ, either may come first.
        if (there.sameFields || there.sameNumbers) expect(found.sameFields).toBe(there.sameFields);
        if (!there.sameNumbers) expect(found.sameFields && found.sameNumbers).toBe(false);
        if (!there.sameNumbers && there.sameFields) expect(found.sameNumbers).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
