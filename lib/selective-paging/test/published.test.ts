import { tableFromIPC, tableToIPC } from "apache-arrow";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromRows, toRows } from "../../core/index.ts";
import {
  dsp,
  hapOnly,
  marks,
  oracle,
  publishedBars,
  publishedIntervals,
  publishedPrograms,
  publishedResidence,
  publishedRoundTrips,
  publishedSamples,
  publishedThresholds,
  publishedTotals,
  rpms,
  simulate,
  spOnly,
  synthesise,
  table2,
  wang2011,
  type Policy,
  type Program,
} from "../index.ts";

describe("the published numbers, against the paper's pages", () => {
  it("Table 1: 13 rows, bounds and levels as printed", async () => {
    const rows = await publishedSamples();
    expect(rows).toHaveLength(13);
    expect(rows[3]).toEqual({ row: 4, faults: ">150000", misses: "<1", ratio: ">230000", winner: "HAP" });
    expect(rows[10]).toMatchObject({ row: 11, faults: "sometimes >10000", ratio: null, winner: "SP" });
  });
  it("Table 2 is the constant", async () => {
    expect(await publishedThresholds()).toEqual(table2);
  });
  it("Table 3", async () => {
    const { mcf, gcc } = await publishedTotals();
    expect(mcf.sp).toEqual({ tlbMisses: 12_752_691_972, pageFaults: 346_439, timeS: 329 });
    expect(gcc.hap).toEqual({ tlbMisses: 1_082_065_972, pageFaults: 13_320_141, timeS: 403 });
  });
  it("Tables 4 and 5: 29 benchmarks, whose printed overheads follow from their times", async () => {
    const rows = await publishedRoundTrips();
    expect(rows).toHaveLength(29);
    for (const { hsh, shs } of rows)
      for (const { baseS, tripS, overheadPct } of [hsh, shs])
        expect(Math.abs((tripS / baseS - 1) * 100 - overheadPct)).toBeLessThan(0.006); // printed to 0.01
  });
  it("Figs 7, 9, 12, 13, 14: 57 bars and four totals; Fig. 9 twelve and its total", async () => {
    const bars = await publishedBars();
    expect(bars.filter(({ benchmark }) => benchmark === "total")).toHaveLength(4);
    expect(bars).toHaveLength(61);
    expect(bars.find(({ benchmark, bits }) => benchmark === "gcc" && bits === 32)).toEqual({
      ...{ benchmark: "gcc", suite: "INT", bits: 32, figure: 7, spPct: 133.45, dspPct: 100 },
    });
    const intervals = await publishedIntervals();
    expect(intervals).toHaveLength(13);
    expect(intervals[2]).toEqual({ benchmark: "gcc", spPct: 133.45, dspPct: { 2: 102.52, 5: 100.34, 10: 100 } });
  });
  it("Figs 8, 10, 11", async () => {
    const rows = await publishedResidence();
    expect(rows).toHaveLength(29);
    expect(rows[7]).toEqual({
      benchmark: "libquantum",
      at: {
        2: { spTimePct: 43.6, switches: 18 },
        5: { spTimePct: 94.5, switches: 2 },
        10: { spTimePct: 93.9, switches: 2 },
      },
    });
  });
  it("carries its marks", () => {
    expect([marks.table(3), marks.figure(7), marks.text(8)]).toEqual([
      "Table 3 [paper]",
      "Fig. 7 [paper, digitised]",
      "Fig. 8, printed over the bar [paper]",
    ]);
  });
});

describe("the programs", async () => {
  const programs = await publishedPrograms();
  it("are 29 of 32 bit and 28 of 64, without wrf", () => {
    expect(programs.filter(({ bits }) => bits === 32)).toHaveLength(29);
    const wide = programs.filter(({ bits }) => bits === 64).map(({ benchmark }) => benchmark);
    expect(wide).toHaveLength(28);
    expect(wide).not.toContain("wrf");
  });
  it("have Table 4's time, the figure's SP and Table 5's price of a switch", () => {
    const mcf = programs.find(({ benchmark, bits }) => benchmark === "mcf" && bits === 32)!;
    expect(mcf.hapS).toBe(383);
    expect(mcf.spS).toBeCloseTo(383 * 0.8689, 9);
    expect(mcf.toShadowMs).toBeCloseTo(((345.03 - 329.11) / 345) * 1000, 9);
  });

  const golden = new URL("golden/policies.arrow", import.meta.url);
  const policies = [dsp({ intervalS: 2 }), dsp(), dsp({ intervalS: 10 }), rpms(), oracle()];
  const simulated = (program: Program) => {
    const costs = { ...wang2011, toShadowMs: program.toShadowMs };
    return policies.map((policy) => ({
      benchmark: program.benchmark,
      bits: program.bits,
      intervalS: Number(policy.params["intervalS"] ?? 0),
      ...simulate(synthesise(program, wang2011), { policy, costs }).row,
    }));
  };

  it("under DSP, RPMS and the oracle give the golden table, column by column", () => {
    const table = fromRows(programs.flatMap(simulated));
    // GOLDEN=write keeps what is computed now; its difference is then for the reviewer to judge.
    if (process.env["GOLDEN"] === "write") writeFileSync(golden, tableToIPC(table, "file"));
    const expected = tableFromIPC(readFileSync(golden));
    expect(table.schema.names).toEqual(expected.schema.names);
    expect(table.numRows).toBe(57 * policies.length);
    const [now, then] = [toRows(table), toRows(expected)];
    for (const { name } of expected.schema.fields)
      now.forEach((row, i) => {
        const [value, kept] = [row[name], then[i]![name]];
        if (typeof value === "number" && typeof kept === "number")
          expect(Math.abs(value - kept), `${name}, row ${i}`).toBeLessThanOrEqual(1e-9 * Math.abs(kept));
        else expect(value, `${name}, row ${i}`).toBe(kept);
      });
  });

  const worstOff = (policy: Policy): number =>
    Math.max(
      ...programs
        .filter(({ figure }) => figure === 7)
        .map((program) => {
          const costs = { ...wang2011, toShadowMs: program.toShadowMs };
          const { row } = simulate(synthesise(program, wang2011), { policy, costs });
          return Math.abs(((row.policyS - Math.min(row.hapS, row.spS)) / row.hapS) * 100);
        }),
    );
  it("under DSP keep the paper's claim: SPEC INT of 32 bit within 1 point of the better mode", () => {
    expect(worstOff(dsp())).toBeLessThanOrEqual(1);
  });
  it("do not with Table 2's thresholds exchanged, nor with all of them too high, nor in one mode", () => {
    const { faultsUpper, faultsLower, missesUpper, missesLower, ratioUpper, ratioLower } = table2;
    const exchanged = {
      ...{ faultsUpper: missesUpper, faultsLower: missesLower },
      ...{ missesUpper: faultsUpper, missesLower: faultsLower, ratioUpper, ratioLower },
    };
    const high = { ...table2, missesUpper: 1e3, missesLower: 1e2, faultsUpper: 1, faultsLower: 0.1 };
    for (const policy of [dsp({ thresholds: exchanged }), dsp({ thresholds: high }), hapOnly(), spOnly()])
      expect(worstOff(policy), policy.label).toBeGreaterThan(10);
  });
});
