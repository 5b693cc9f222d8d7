import { tableFromArrays } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyPage, type ReferenceBatch } from "../../hardware/index.ts";
import { batchFrom, expanded, runs } from "../../hardware/test/arbitrary-trace.ts";
import { toRows } from "../../core/table.ts";
import {
  dsp,
  type Hardware,
  hapOnly,
  hardware2011,
  hardwareToday,
  hardwareTodayZen4,
  page,
  type Policy,
  rpms,
  spOnly,
  type StructuralOptions,
} from "../index.ts";
import { base, plain, plainProcessor, row, run } from "./plain.ts";

describe("by hand: a fetch from page 1, a read and a write of page 2", () => {
  const rows = [row(0, 1), row(1, 2), row(2, 2)];

  it("native", async () => {
    // Fetch: walk reads the absent root entry (1), fault; walk again reads 4, hit.
    // Read of 2: the leaf is absent: reads 4, fault; walk again 4. Write: in the TLB, not dirty: one assist.
    const result = await run(rows, { ...base, paging: "native" });
    expect(result).toMatchObject({ tlbMisses: 4, pageFaults: 2, dirtyAssists: 1, instructions: 1, references: 3 });
    expect([result.reads1, result.reads2, result.reads3, result.reads4]).toEqual([3, 3, 3, 4]);
    // 1 instruction, 13 reads, 1 assist of 1000, 2 faults of 1e5.
    expect(result.cycles).toBe(1 + 13 + 1000 + 2e5);
    expect(result.seconds).toBe(result.cycles / 1000);
  });

  it("HAP: the same walks, each entry behind a nested walk of 4, and 4 for the data where there is a translation", async () => {
    const result = await run(rows, { ...base, paging: "HAP" });
    expect(result).toMatchObject({ tlbMisses: 4, pageFaults: 2, dirtyAssists: 1, exitCycles: 0, hypervisorCycles: 0 });
    // 13 guest entries and the data of 2 translations: 15 nested walks of 4, at 10 cycles each.
    expect(result.nestedReads1 + result.nestedReads2 + result.nestedReads3 + result.nestedReads4).toBe(60);
    expect(result.walkCycles).toBe(13 + 600 + 1000);
  });

  it("SP, trapping every write of a page-table entry", async () => {
    // Fetch of 1: walk 1 entry, exit (guest fault), the guest writes 4 entries: 4 exits, the shadow follows; walk 4.
    // Read of 2: walk 4, exit (guest fault), 1 entry: 1 exit; walk 4. Write: the shadow is read-only: exit (dirty
    // fault), which drops the TLB entry: walk 4.
    const result = await run(rows, { ...base, paging: "SP", sync: "trap" });
    expect(result).toMatchObject({
      tlbMisses: 5,
      pageFaults: 2,
      guestFaultExits: 2,
      tableWriteExits: 5,
      hiddenFaultExits: 0,
      dirtyFaultExits: 1,
      dirtyAssists: 0,
      walkCycles: 1 + 4 + 4 + 4 + 4,
      exitCycles: 8e6,
      hypervisorCycles: 2e8 + 5e9 + 1e10,
    });
  });

  it("SP, letting page-table pages go out of sync", async () => {
    // Fetch of 1: walk 1, guest fault, the 3 entries above the leaf: 3 exits, the first write to the leaf's page: 1.
    // The shadow knows nothing: walk 1, hidden fault; walk 4.
    // Read of 2: walk 4, guest fault; its leaf's page is out of sync: no exit; walk 4, hidden fault; walk 4.
    // Write: dirty fault, walk 4.
    const result = await run(rows, { ...base, paging: "SP" });
    expect(result).toMatchObject({
      tlbMisses: 7,
      guestFaultExits: 2,
      tableWriteExits: 4,
      hiddenFaultExits: 2,
      dirtyFaultExits: 1,
      walkCycles: 1 + 1 + 4 + 4 + 4 + 4 + 4,
    });
  });

  it("SP without tags: every exit empties the TLB", async () => {
    // Fetch 1, write 2, fetch 1. The write's guest fault and its hidden fault each empty the TLB, and each time the
    // instruction is restarted, so page 1 is fetched anew: two further misses. The last fetch hits.
    const untagged: Hardware = { ...plain, processor: { ...plainProcessor, tagged: false } };
    const again = [row(0, 1), row(2, 2), row(0, 1)];
    const tagged = await run(again, { ...base, paging: "SP" });
    const flushed = await run(again, { ...base, paging: "SP", hardware: untagged });
    expect(flushed.tlbMisses - tagged.tlbMisses).toBe(2);
    expect((await run(again, { ...base, paging: "HAP", hardware: untagged })).tlbMisses).toBe(4);
  });
});

describe("by hand: changes of mode and loads of the root", () => {
  const alternating: Policy = {
    label: "alternating",
    params: {},
    create: () => ({ start: "HAP", periodS: 1, next: ({ mode }) => (mode === "HAP" ? "SP" : "HAP") }),
  };

  it("entering SP empties shadow and TLB: a page that the guest maps long since is a hidden fault again", async () => {
    // Intervals of one fetch from page 1: HAP (fault), SP (walk 1 entry, hidden fault, walk 4), HAP (walk), SP (as before).
    const rows = [1, 1, 1, 1].map((number) => row(0, number));
    const { row: sum, series } = await page([batchFrom(rows)], { ...base, paging: alternating, record: ["intervals"] });
    expect(
      toRows(series.intervals!).map(({ mode, switchCycles, tlbMisses, hiddenFaultExits, pageFaults }) => [
        mode,
        switchCycles,
        tlbMisses,
        hiddenFaultExits,
        pageFaults,
      ]),
    ).toEqual([
      ["HAP", 0, 2, 0, 1],
      ["SP", 1.5e6, 2, 1, 0],
      ["HAP", 1.5e6, 1, 0, 0],
      ["SP", 1.5e6, 2, 1, 0],
    ]);
    expect(sum).toMatchObject({ switches: 3, switchCycles: 4.5e6, hiddenFaultExits: 2 });
  });

  it("a page written under HAP is writable in the shadow at once", async () => {
    const rows = [row(0, 1), row(2, 2), row(0, 1), row(1, 2), row(2, 2)];
    const { row: sum } = await page([batchFrom(rows)], { ...base, paging: alternating });
    expect([sum.hiddenFaultExits, sum.dirtyFaultExits]).toEqual([2, 0]);
  });

  it("a load of the root flushes, exits under SP only, and synchronises what is out of sync", async () => {
    const rows = [row(0, 1, 4)];
    const options = { ...base, rootLoadInstructions: 2 };
    const nested = await run(rows, { ...options, paging: "HAP" });
    expect([nested.tlbMisses, nested.rootLoadExits]).toEqual([3, 0]); // twice for the fault, once after the load
    const shadow = await run(rows, { ...options, paging: "SP" });
    expect([shadow.rootLoadExits, shadow.resyncs, shadow.hiddenFaultExits]).toEqual([1, 1, 1]);
  });
});

describe("intervals", () => {
  it("are of equally many instructions, wherever runs and batches end; data goes with its instruction", async () => {
    const rows = [row(0, 1, 5), row(1, 9, 2), row(0, 1, 2), row(2, 9), row(0, 2, 4)];
    const { series } = await page([batchFrom(rows.slice(0, 2)), batchFrom([]), batchFrom(rows.slice(2))], {
      ...base,
      intervalInstructions: 3,
      paging: "native",
      record: ["intervals"],
    });
    // Fetches 111|11, read read, 1|1, write, 22|22: the second write belongs to the seventh instruction.
    const columns = toRows(series.intervals!).map(({ instructions, references }) => [instructions, references]);
    expect(columns).toEqual([
      [3, 3],
      [3, 5],
      [3, 4],
      [2, 2],
    ]);
  });

  it("of references, for a trace of data only", async () => {
    const trace = tableFromArrays({ page: Uint32Array.of(1, 2, 3, 4, 5) });
    const { row: sum } = await page(trace, {
      paging: "native",
      instructionsFrom: "references",
      intervalInstructions: 2,
    });
    expect([sum.intervals, sum.instructions, sum.references]).toEqual([3, 5, 5]);
  });

  it("the trace must hold at least one", async () => {
    const short = { paging: "HAP", intervalInstructions: 10 } as const;
    await expect(page([], short)).rejects.toThrow("selective-paging: the trace is empty");
    await expect(page([batchFrom([row(0, 1, 9)])], short)).rejects.toThrow(
      "selective-paging: the trace ends after 9 instructions, the first interval needs 10",
    );
    await expect(page([batchFrom([row(1, 1, 9)])], short)).rejects.toThrow(
      "the trace has no instruction fetches in 9 references",
    );
    await expect(page([batchFrom([row(1, 1, 9)])], short)).rejects.toMatchObject({ name: "TraceExhaustedError" });
    expect((await run([row(0, 1, 10)], short)).intervals).toBe(1);
  });
});

describe("properties", () => {
  const hardware = fc.constantFrom(plain, hardware2011, hardwareToday, hardwareTodayZen4);
  const how = fc.constantFrom<() => StructuralOptions["paging"]>(
    () => "native",
    () => "HAP",
    () => "SP",
    () => "oracle",
    () => dsp(),
    () => rpms(),
  );
  const withFetch = runs(60).map((rows) => [row(0, 1), ...rows]);

  it("splitting batches and writing runs out change nothing", async () => {
    await fc.assert(
      fc.asyncProperty(withFetch, hardware, how, fc.integer({ min: 1, max: 30 }), async (rows, machine, make, cut) => {
        const options = { hardware: machine, intervalInstructions: 7, record: ["intervals"] } as const;
        const pieces: ReferenceBatch[] = [];
        for (let from = 0; from < rows.length; from += cut) pieces.push(batchFrom(rows.slice(from, from + cut)));
        const enough = rows.reduce((sum, { kind, count }) => sum + (kind === 0 ? count : 0), 0) >= 7;
        fc.pre(enough);
        const results = [];
        for (const trace of [[batchFrom(rows)], pieces, [batchFrom(expanded(rows))]]) {
          const { row: sum, series } = await page(trace, { ...options, paging: make() });
          results.push({ sum, intervals: toRows(series.intervals!) });
        }
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
      }),
      { numRuns: 60 },
    );
  });

  it("the parts of the cycles are disjoint and complete; intervals add up to the summary", async () => {
    await fc.assert(
      fc.asyncProperty(withFetch, hardware, how, async (rows, machine, make) => {
        const { row: sum, series } = await page([batchFrom(rows)], {
          hardware: machine,
          intervalInstructions: 1,
          record: ["intervals"],
          paging: make(),
        });
        const parts = [
          sum.baseCycles,
          sum.laterHitCycles,
          sum.walkCycles,
          sum.guestFaultCycles,
          sum.exitCycles,
          sum.hypervisorCycles,
          sum.switchCycles,
        ];
        expect(parts.reduce((a, b) => a + b)).toBe(sum.cycles);
        const intervals = toRows(series.intervals!);
        for (const name of [
          "instructions",
          "references",
          "tlbMisses",
          "pageFaults",
          "reads1",
          "walkCycles",
          "switchCycles",
        ])
          expect(intervals.reduce((total, interval) => total + (interval[name] as number), 0)).toBe(sum[name]);
      }),
      { numRuns: 60 },
    );
  });

  it("first touches are pages; the mode does not change them, nor what a policy without changes gives", async () => {
    await fc.assert(
      fc.asyncProperty(withFetch, hardware, async (rows, machine) => {
        const pages = new Set(rows.map(({ page: number }) => number)).size;
        const options = { hardware: machine, intervalInstructions: 1 };
        const [native, nested, shadow] = await Promise.all(
          (["native", "HAP", "SP"] as const).map((mode) => run(rows, { ...options, paging: mode })),
        );
        for (const result of [native, nested, shadow]) expect(result!.pageFaults).toBe(pages);
        expect(native!.tlbMisses).toBe(nested!.tlbMisses);
        expect(nested!.walkCycles).toBeGreaterThanOrEqual(native!.walkCycles);
        expect(shadow!.tlbMisses).toBeGreaterThanOrEqual(native!.tlbMisses);
        const same = async (policy: Policy): Promise<object> => ({
          ...(await run(rows, { ...options, paging: policy })),
          paging: "",
        });
        expect(await same(hapOnly())).toEqual({ ...nested, paging: "" });
        expect(await same(spOnly())).toEqual({ ...shadow, paging: "" });
      }),
      { numRuns: 40 },
    );
  });

  it("the oracle is no slower than HAP, SP or any policy, and no faster than the better mode of each interval", async () => {
    // Faults are dear and misses cheap, or the other way round, so that either mode can win.
    const cheapExits: Hardware = {
      ...plain,
      exits: {
        ...plain.exits,
        roundTripCycles: 5,
        resyncCycles: 0,
        modeSwitchCycles: 20,
        handlingCycles: { hiddenFault: 5, guestFault: 5, tableWrite: 5, dirtyFault: 5, rootLoad: 5 },
      },
    };
    await fc.assert(
      fc.asyncProperty(withFetch, fc.constantFrom(cheapExits, plain, hardware2011), async (rows, machine) => {
        const options = { hardware: machine, intervalInstructions: 5, record: ["intervals"] } as const;
        fc.pre(rows.reduce((sum, { kind, count }) => sum + (kind === 0 ? count : 0), 0) >= 5);
        const [best, nested, shadow] = await Promise.all(
          (["oracle", "HAP", "SP"] as const).map((mode) => page([batchFrom(rows)], { ...options, paging: mode })),
        );
        const cycles = (result: typeof best): number[] =>
          toRows(result!.series.intervals!).map((each) => each["cycles"] as number);
        const [hapCycles, spCycles] = [cycles(nested), cycles(shadow)];
        const bound = hapCycles.reduce((sum, each, index) => sum + Math.min(each, spCycles[index]!), 0);
        expect(best!.row.cycles).toBeGreaterThanOrEqual(bound);
        expect(best!.row.cycles).toBeLessThanOrEqual(Math.min(nested!.row.cycles, shadow!.row.cycles));
        for (const policy of [dsp(), rpms()])
          expect(best!.row.cycles).toBeLessThanOrEqual(
            (await page([batchFrom(rows)], { ...options, paging: policy })).row.cycles,
          );
      }),
      { numRuns: 60 },
    );
  });

  it("the oracle changes once where the program changes once: first touches, then misses", async () => {
    // A first touch costs 3 exits of 400 cycles under SP, a miss 24 reads of about 10 under HAP instead of 4.
    const exits = { ...plain.exits, roundTripCycles: 200, resyncCycles: 0, modeSwitchCycles: 200 };
    const each = { hiddenFault: 200, guestFault: 200, tableWrite: 200, dirtyFault: 200, rootLoad: 200 };
    const machine: Hardware = { ...plain, guestFaultCycles: 0, exits: { ...exits, handlingCycles: each } };
    const touches = Array.from({ length: 200 }, (_, index) => row(0, index));
    const scan = Array.from({ length: 2000 }, (_, index) => row(0, index % 10));
    const { row: sum, series } = await page([batchFrom([...touches, ...scan])], {
      hardware: machine,
      intervalInstructions: 100,
      paging: "oracle",
      record: ["intervals"],
    });
    expect(sum.switches).toBe(1);
    expect(toRows(series.intervals!).map(({ mode }) => mode)).toEqual([
      ...new Array<string>(2).fill("HAP"),
      ...new Array<string>(20).fill("SP"),
    ]);
  });

  it("large pages: fewer faults and shorter walks; 4 KiB backing splinters their translations", async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => row(index % 2, (index * 37) % 1024));
    const options = { ...base, intervalInstructions: 100, guestPages: everyPage("2M") } as const;
    const small = await run(rows, { ...base, intervalInstructions: 100, paging: "HAP" });
    const splintered = await run(rows, { ...options, paging: "HAP" });
    const large = await run(rows, { ...options, backing: "2M", paging: "HAP" });
    expect([small.pageFaults, splintered.pageFaults, large.pageFaults]).toEqual([1024, 2, 2]);
    expect(large.tlbMisses).toBe(4); // twice a page: for the fault and after it
    expect(splintered.tlbMisses).toBeGreaterThan(1000);
    expect([large.reads1, large.nestedReads1]).toEqual([0, 0]);
    const shadow = await run(rows, { ...options, backing: "2M", paging: "SP" });
    expect([shadow.pageFaults, shadow.hiddenFaultExits, shadow.reads1]).toEqual([2, 0, 0]); // leaves above level 1 are always trapped
  });
});
