import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { everyPage, goldenCove, nehalem, type ReferenceBatch, tlb, type Tlb, type TlbOptions } from "../index.ts";
import { batchFrom } from "./arbitrary-trace.ts";

/** What `access` does, row by row, in TypeScript alone: the reference. */
function accessInTypeScript(buffer: Tlb, batch: ReferenceBatch): void {
  const { page, kind } = batch;
  for (let row = buffer.scan(batch, 0, page.length); row < page.length; row = buffer.scan(batch, row, page.length))
    buffer.fill(page[row]!, kind[row]!);
}

/**
 * References with locality: steps from page to page, and repeats; some pages have all 32 bits. `again` of the rows have the kind of the row
 * before them, and mostly its page.
 */
function locality(seed: number, rows: number, pages: number, again = 0): ReferenceBatch {
  const stream = random(seed);
  const at = [0, 0];
  let kind = 0;
  return batchFrom(
    Array.from({ length: rows }, () => {
      const repeats = stream.float() < again;
      if (!repeats) kind = stream.int(3);
      const side = kind === 0 ? 0 : 1;
      if (stream.float() < (repeats ? 0.02 : 0.4)) at[side] = stream.int(pages);
      const high = stream.float() < 0.02 ? 0xffff_ffff - at[side]! : at[side]!;
      return { page: high, count: 1 + stream.int(3) * (stream.float() < 0.01 ? 0x4000_0000 : 1), kind };
    }),
  );
}

const misses = (buffer: Tlb): unknown => [buffer.misses.map((level) => [...level]), buffer.laterHits];
const counts = (buffer: Tlb): unknown => [[...buffer.references], misses(buffer)];

const split = (ways: number): TlbOptions => ({
  levels: [
    { instruction: [{ entries: 4 * ways, ways, sizes: ["4K"] }], data: [{ entries: 8 * ways, ways, sizes: ["4K"] }] },
    { unified: [{ entries: 64, ways: 8, sizes: ["4K"] }] },
    { unified: [{ entries: 256, ways: 16, sizes: ["4K"] }] },
  ],
});

describe("a TLB in WebAssembly", () => {
  const shapes: readonly (readonly [string, TlbOptions])[] = [
    ["Nehalem", { levels: nehalem.tlb }],
    ["Golden Cove", { levels: goldenCove.tlb }],
    ["Golden Cove with pages of 2M", { levels: goldenCove.tlb, pageSizes: everyPage("2M") }],
    ["three levels, one way in front", split(1)],
    ["three levels, three ways in front", split(3)],
  ];
  for (const [name, options] of shapes)
    it(`is the one in TypeScript, also after other commands: ${name}`, () => {
      const [ours, reference] = [tlb(options), tlb(options)];
      const stream = random(name);
      for (let step = 0; step < 30; step++) {
        // Above and below what is worth it, and no multiple of what is looked at or handed over at once.
        const batch = locality(step, 1 + stream.int(20_000), step % 3 === 0 ? 40 : 3000, step % 2 === 0 ? 0 : 0.8);
        ours.access(batch);
        accessInTypeScript(reference, batch);
        expect(counts(ours)).toEqual(counts(reference));
        const [command, page] = [stream.int(5), batch.page[stream.int(batch.page.length)]!];
        if (command === 0) expect(ours.invalidate(page)).toBe(reference.invalidate(page));
        for (const buffer of [ours, reference]) {
          if (command === 1) buffer.flush();
          if (command === 2) buffer.enter(stream.split(step).int(3));
          if (command === 3) buffer.flushSpace(0);
          if (command === 4) buffer.fill(page, 1);
        }
      }
    });

  it("stops where the one in TypeScript stops: at the first row that cannot be", () => {
    fc.assert(
      fc.property(fc.nat(19_999), fc.boolean(), fc.constantFrom(0, 0.9), (bad, noCount, again) => {
        const batch = locality(1, 20_000, 500, again);
        if (noCount) batch.count[bad] = 0;
        else batch.kind[bad] = 3;
        const [ours, reference] = [tlb({ levels: nehalem.tlb }), tlb({ levels: nehalem.tlb })];
        const message = noCount ? `batch.count[${bad}]: expected at least 1` : `batch.kind[${bad}]: expected 0 (fetch)`;
        expect(() => {
          ours.access(batch);
        }).toThrow(message);
        expect(() => {
          accessInTypeScript(reference, batch);
        }).toThrow(message);
        expect(misses(ours)).toEqual(misses(reference));
      }),
      { numRuns: 40 },
    );
  });
});
