import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tableFromArrays } from "apache-arrow";
import { type CodeFile, database, patternOf, residents } from "../index.ts";

/** A page of code and its relocations: each a place and a number of bytes. */
const images = fc.record({
  // Few different words: anchors of different pages are often the same.
  words: fc.array(fc.constantFrom(0n, 0x0102030405060708n, 0x1112131415161718n, 0x2122232425262728n, 0x90n), {
    minLength: 512,
    maxLength: 512,
  }),
  relocations: fc.array(fc.tuple(fc.nat(4088), fc.constantFrom(1, 4, 5, 8)), { maxLength: 60 }),
});

const pageOf = ({
  words,
  relocations,
}: {
  words: readonly bigint[];
  relocations: readonly (readonly [number, number])[];
}) => {
  const page = new Uint8Array(BigUint64Array.from(words).buffer);
  const mask = new Uint8Array(512);
  for (const [place, bytes] of relocations)
    for (let at = place; at < place + bytes; at += 1) mask[at >> 3]! |= 1 << (at & 7);
  return { page, mask, isKept: (at: number): boolean => (mask[at >> 3]! & (1 << (at & 7))) === 0 };
};

const fileOf = (
  version: string,
  { page, mask }: ReturnType<typeof pageOf>,
  release: "old" | "new" = "new",
): CodeFile[] => {
  const pattern = patternOf(page, mask);
  if (pattern === undefined) return [];
  return [
    {
      package: "p",
      version,
      release,
      file: `${version}.ko`,
      addressPages: [0],
      hashes: [pattern.hash],
      patterns: [pattern],
    },
  ];
};

describe("a page that loading changes", () => {
  it("by hand: what is kept, where it is looked for, and that a masked byte is not one of 0", () => {
    const page = new Uint8Array(4096).fill(7, 0, 256);
    page.set([1, 2, 3, 4, 5, 6, 7, 8], 64);
    page.set([1, 2, 3, 4, 5, 6, 7, 7], 128);
    const mask = new Uint8Array(512);
    expect(patternOf(page, mask)).toMatchObject({ anchorByte: 64, anchor: 0x0807060504030201n });
    mask[8] = 0b1000_0000;
    const masked = patternOf(page, mask);
    expect(masked).toMatchObject({ anchorByte: 128, anchor: 0x0707060504030201n });
    page[71] = 0;
    expect(patternOf(page, mask)?.hash).toBe(masked?.hash);
    expect(patternOf(page, new Uint8Array(512))?.hash).not.toBe(masked?.hash);
    // 63 bytes left: too few; 64 are enough.
    const short = new Uint8Array(4096).map((_, at) => (at < 63 ? at + 1 : 0));
    expect(patternOf(short, new Uint8Array(512))).toBeUndefined();
    short[63] = 64;
    expect(patternOf(short, new Uint8Array(512))).toMatchObject({ anchorByte: 0 });
    expect(() => patternOf(page, new Uint8Array(4096))).toThrow("mask: expected 512 bytes, got 4096");
    expect(() => patternOf(new Uint8Array(8), mask)).toThrow("page: expected 4096 bytes, got 8");
  });

  it("is found wherever it was relocated to, and not when another byte is changed; as a comparison of all bytes says", () => {
    fc.assert(
      fc.property(
        fc.array(images, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(4095), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
        fc.uint8Array({ minLength: 4096, maxLength: 4096 }),
        (list, pick, damage, bytes) => {
          const pages = list.map(pageOf);
          const files = pages.map((page, at) => fileOf(String(at), page));
          const known = database(files.flat());
          const of = pages[pick % pages.length]!;
          // The loader writes what it likes where the mask is, and damage is anywhere.
          const image = of.page.map((byte, at) => (of.isKept(at) ? byte : bytes[at]!));
          for (const [at, by] of damage) image[at]! ^= by;
          const expected = pages
            .map(({ page, isKept }, at) => ({
              at,
              fits: page.every((byte, place) => !isKept(place) || byte === image[place]),
            }))
            .filter(({ at, fits }) => fits && files[at]!.length > 0)
            .map(({ at }) => `${at}.ko`);
          const found = known
            .maskedPageIds(image)
            .flatMap((id) => [...known.postingBinary.subarray(known.firstPosting[id], known.firstPosting[id + 1])])
            .map((binary) => known.binaries[binary]!.file);
          expect([...found].sort()).toEqual(expected.sort());
          if (damage.every(([at]) => !of.isKept(at)) && files[pick % pages.length]!.length > 0)
            expect(found).toContain(`${pick % pages.length}.ko`);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("that can be of either version names both", async () => {
    // The new version has an address where the old one has a number: the old page is the new one, too, relocated to that number.
    const words = Array.from({ length: 512 }, (_, at) => BigInt(at + 1) * 0x0123_4567_89abn);
    const one = fileOf("1", pageOf({ words, relocations: [[100, 4]] }), "old")[0]!;
    const two = fileOf(
      "2",
      pageOf({
        words,
        relocations: [
          [100, 4],
          [208, 4],
        ],
      }),
    )[0]!;
    const known = database([
      { ...one, file: "a.ko" },
      { ...two, file: "a.ko" },
    ]);
    const nothing = tableFromArrays({ hash: BigUint64Array.of(1n) });
    const image = pageOf({ words, relocations: [] }).page;
    const rows = await residents(nothing, known, [image]);
    expect(rows).toMatchObject([{ versions: ["1", "2"], verdict: "ambiguous", pages: 1, ownPages: 1, ofPages: 1 }]);
    // Relocated to another place, it is the new one alone; two pages of a piece are looked at.
    image[209]! ^= 1;
    const both = await residents(nothing, known, [Buffer.concat([new Uint8Array(4096), image])]);
    expect(both).toMatchObject([{ versions: ["2"], verdict: "up to date" }]);
  });

  it("that several files have is one page of the database", () => {
    const page = pageOf({ words: Array.from({ length: 512 }, (_, at) => BigInt(at) ** 7n), relocations: [[80, 8]] });
    const known = database([...fileOf("1", page), ...fileOf("2", page)]);
    expect(known.maskedPages).toBe(1);
    expect(known.maskedPageIds(page.page)).toEqual([0]);
  });

  it("a database with another number of patterns than pages", () => {
    const file = fileOf(
      "1",
      pageOf({ words: Array.from({ length: 512 }, (_, at) => BigInt(at) ** 7n), relocations: [] }),
    )[0]!;
    expect(() => database([{ ...file, patterns: [] }])).toThrow("p 1: 1.ko: expected 1 patterns, got 0");
  });
});
