import { type RecordBatch, tableFromArrays } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyPage, paging, type Processor } from "../../hardware/index.ts";
import { batchFrom, expanded, type Run, runs } from "../../hardware/test/arbitrary-trace.ts";
import { oracle, page, type StructuralOptions } from "../index.ts";
import { naiveRun } from "./naive-guest.ts";
import { plain, plainProcessor, row, run } from "./plain.ts";

describe("differential", () => {
  it("a plain model, one reference at a time, counts the same walks, faults, exits and entries read", async () => {
    const setting = fc.record({
      mode: fc.constantFrom("native" as const, "HAP" as const, "SP" as const),
      entries: fc.constantFrom(1, 2, 5, 16),
      tagged: fc.boolean(),
      guest: fc.constantFrom(paging.pae, paging.fourLevel, paging.fiveLevel),
      nested: fc.constantFrom(...Object.values(paging)),
      sync: fc.constantFrom("trap" as const, "out of sync" as const),
      unsyncedPages: fc.integer({ min: 1, max: 3 }),
    });
    const spread = fc.constantFrom(1, 300, 80_000);
    await fc.assert(
      fc.asyncProperty(withFetchOver(12), spread, setting, async (rows, stride, { entries, tagged, ...rest }) => {
        const spaced = rows.map((each) => ({ ...each, page: each.page * stride }));
        const processor: Processor = {
          ...plainProcessor,
          tagged,
          tlb: [{ unified: [{ entries, ways: entries, sizes: ["4K"] }] }],
        };
        const { mode, guest, nested, sync, unsyncedPages } = rest;
        const result = await run(spaced, {
          paging: mode,
          guest,
          nested,
          sync,
          unsyncedPages,
          hardware: { ...plain, processor },
          intervalInstructions: 1,
        });
        const naive = naiveRun(expanded(spaced), {
          mode,
          entries,
          tagged,
          sync,
          unsyncedPages,
          bits: guest.bits,
          nestedLevels: nested.bits.length,
        });
        const { reads, nestedReads, ...counts } = naive;
        expect(result).toMatchObject(counts);
        expect(result.reads1 + result.reads2 + result.reads3 + result.reads4 + result.reads5).toBe(reads);
        const nestedSum =
          result.nestedReads1 + result.nestedReads2 + result.nestedReads3 + result.nestedReads4 + result.nestedReads5;
        expect(nestedSum).toBe(nestedReads);
      }),
      { numRuns: 300 },
    );
  });

  function withFetchOver(pages: number): fc.Arbitrary<Run[]> {
    return runs(pages, 150).map((rows) => [row(0, 1), ...rows]);
  }
});

describe("options and inputs", () => {
  const trace = [batchFrom([row(0, 1, 10)])];
  it.each([
    [{ paging: "KVM" }, 'paging: expected "native", "HAP", "SP", "oracle" or a policy such as dsp(), got "KVM"'],
    [
      { paging: oracle() },
      'paging: expected a policy that decides from samples (there is "oracle" for the bound), got "oracle"',
    ],
    [{ paging: "HAP", intervalInstructions: 0 }, "intervalInstructions: expected a whole number >= 1, got 0"],
    [{ paging: "HAP", interval: 5 }, 'got "interval"'],
    [{ paging: "HAP", record: ["samples"] }, 'record: expected only "intervals"'],
    [{ paging: "HAP", guestPages: everyPage("1G"), backing: "1G" }, "levels: expected a structure for 1G pages"],
    [{ paging: "SP", unsyncedPages: 0 }, "unsyncedPages: expected a whole number"],
    [{ paging: "SP", cyclesPerInstruction: -1 }, "cyclesPerInstruction: expected a finite number > 0"],
  ])("%j", async (options, message) => {
    await expect(page(trace, options as StructuralOptions)).rejects.toThrow(message);
  });

  it("a page beyond the guest's address space, a wrong column, a bad row: one sentence each", async () => {
    const options = { paging: "HAP", intervalInstructions: 1 } as const;
    await expect(run([row(0, 2 ** 20)], { ...options, guest: paging.twoLevel })).rejects.toThrow(
      "selective-paging: the trace has pages beyond the 2^20 of 2-level 32-bit",
    );
    const wrong = tableFromArrays({ page: Float64Array.of(1) });
    await expect(page(wrong, options)).rejects.toThrow('trace, field "page": expected a Uint32 column, got Float64');
    const absent: RecordBatch[] = tableFromArrays({ vpn: Uint32Array.of(1) }).batches;
    await expect(page(absent, options)).rejects.toThrow(
      'trace, field "page": expected a Uint32 column, got the columns vpn',
    );
    await expect(run([row(0, 1), row(3, 1)], options)).rejects.toThrow(
      "batch.kind[1]: expected 0 (fetch), 1 (read) or 2 (write), got 3",
    );
    await expect(page(7 as never, options)).rejects.toThrow(
      "trace: expected an Arrow table or record batches, as open and stream of veelab/datasets give, got 7",
    );
  });
});
