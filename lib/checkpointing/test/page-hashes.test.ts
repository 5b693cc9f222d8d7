import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { xxh64 } from "../../bench/reference/xxh64.ts";
import { random } from "../../core/random.ts";
import { PageHashes } from "../image/page-hashes.ts";

const page = 4096;

const hashesOf = (contents: Uint8Array): bigint[] => {
  const pages = new PageHashes(contents.length / page);
  pages.bytes.set(contents);
  pages.hash(contents.length / page);
  return Array.from({ length: contents.length / page }, (_, at) => {
    const [low, high] = pages.hashes.subarray(2 * at);
    return (BigInt(high!) << 32n) | BigInt(low!);
  });
};

describe("PageHashes", () => {
  it("golden: what libxxhash 0.8.1 gives, and 0 of zeros", () => {
    const contents = new Uint8Array(4 * page);
    contents.fill(255, page, 2 * page);
    for (let at = 0; at < page; at++) contents[2 * page + at] = at & 255;
    contents[4 * page - 1] = 1;
    expect(hashesOf(contents).map((hash) => hash.toString(16))).toEqual([
      "0",
      "10af2cb94282321f",
      "f6e64be186af6a4",
      "2fbbd317c8cabf7c",
    ]);
  });

  it("is XXH64 as its specification says, of any pages", () => {
    const stream = random("pages");
    const contents = new Uint8Array(Uint32Array.from({ length: (64 * page) / 4 }, () => stream.bits()).buffer);
    const expected = Array.from({ length: 64 }, (_, at) => xxh64(contents.subarray(at * page, (at + 1) * page)));
    expect(hashesOf(contents)).toEqual(expected);
  });

  it("finds a page of zeros and nothing else, wherever the only bit lies", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: page - 1 }), fc.integer({ min: 1, max: 255 }), (at, byte) => {
        const contents = new Uint8Array(3 * page);
        contents[page + at] = byte;
        const [before, between, after] = hashesOf(contents);
        expect([before, after]).toEqual([0n, 0n]);
        expect(between).toBe(xxh64(contents.subarray(page, 2 * page)));
      }),
      { numRuns: 50 },
    );
  });
});
