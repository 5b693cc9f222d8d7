import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestPlan,
  bounds,
  dsp,
  hapOnly,
  oracle,
  rpms,
  simulate,
  spOnly,
  wang2011,
  type Costs,
  type Phase,
  type Policy,
} from "../index.ts";
import { program } from "./arbitrary.ts";
import { naiveDsp } from "./naive.ts";

const costs: Costs = {
  missNs: 10,
  faultUs: 10,
  toShadowMs: 100,
  toNestedMs: 0,
  extraMissesPerFault: 100,
  walkNs: 0,
};

// A: 12 s, 1e5 faults/s, no miss: HAP 12 s, SP 12 + 1.2e6 * 10 us = 24 s.
const faulting: Phase = { baseS: 12, instructions: 2.4e10, tlbMisses: 0, pageFaults: 1.2e6 };
// B: 40 s, 5e7 misses/s, no fault: HAP 40 + 2e9 * 10 ns = 60 s (1.5 s per s of work), SP 40 s.
const missing: Phase = { baseS: 40, instructions: 8e10, tlbMisses: 2e9, pageFaults: 0 };

describe("by hand", () => {
  it("the baselines are T0 + a misses and T0 + b faults", () => {
    const hap = simulate([faulting, missing], { policy: hapOnly(), costs }).row;
    expect(hap.policyS).toBeCloseTo(12 + 60, 9);
    expect(hap.policyS).toBeCloseTo(hap.hapS, 9);
    expect(hap).toMatchObject({ policy: "HAP", switches: 0, spTimePct: 0 });
    const sp = simulate([faulting, missing], { policy: spOnly(), costs }).row;
    expect(sp.policyS).toBeCloseTo(24 + 40, 9);
    expect(sp.policyS).toBeCloseTo(sp.spS, 9);
    expect(sp).toMatchObject({ policy: "SP", switches: 0, spTimePct: 100 });
  });

  it("DSP at 5 s", () => {
    // 5 s, 10 s: FPF 0.05, FTLB 0: line 2, HAP.
    // 15 s: 2 s of A (4e9 instructions, 2e5 faults) and 3 s = 2 s of work of B (4e9 instructions, 1e8 misses):
    //       FPF 0.025, FTLB 12.5: lines 1 and 2 fail, CPT 0.002 and HPT 0.125/12.5 = 0.01: line 5, HAP.
    // 20 s: FPF 0, FTLB 25: line 1, SP. Done of B: 8 s / 1.5 = 5 1/3 s of 40.
    // Then 0.1 s of switch and 34 2/3 s in SP, FTLB 25: line 1, SP.
    const { row, series } = simulate([faulting, missing], { policy: dsp(), costs, record: ["samples"] });
    expect(row.policyS).toBeCloseTo(20 + 0.1 + 34 + 2 / 3, 9);
    expect(row.switches).toBe(1);
    expect(row.spTimePct).toBeCloseTo(((0.1 + 34 + 2 / 3) / (54.1 + 2 / 3)) * 100, 9);
    const samples = series.samples!;
    const column = (name: string): unknown[] => [...(samples.getChild(name) as Iterable<unknown>)];
    expect(column("endS")).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
    expect(column("next")).toEqual(["HAP", "HAP", "HAP", "SP", "SP", "SP", "SP", "SP", "SP", "SP"]);
    expect(column("mode").slice(0, 5)).toEqual(["HAP", "HAP", "HAP", "HAP", "SP"]);
    const ftlb = column("ftlb") as number[];
    expect(ftlb[2]).toBeCloseTo(12.5, 9);
    expect(ftlb[3]).toBeCloseTo(25, 9);
    expect((column("fpf") as number[])[2]).toBeCloseTo(0.025, 12);
  });

  it("the oracle runs A under HAP and B under SP", () => {
    const { row } = simulate([faulting, missing], { policy: oracle(), costs });
    expect(row.policyS).toBeCloseTo(12 + 0.1 + 40, 9);
    expect(row.oracleS).toBeCloseTo(row.policyS, 9);
    expect(row.switches).toBe(1);
  });

  it("the oracle forgoes a switch that costs more than it saves", () => {
    const dear = { ...costs, toShadowMs: 25_000 };
    expect(bestPlan([faulting, missing], dear).modes).toEqual(["SP", "SP"]); // 64 s; HAP 72 s; A, B apart 77 s
    expect(bestPlan([faulting, missing], dear).seconds).toBeCloseTo(64, 9);
  });

  it("RPMS leaves HAP after four samples of 33 % in walks", () => {
    // 4 s of HAP do 8/3 s of work; then 0.1 s and 40 - 8/3 s in SP, where the share is 0 and it stays.
    const { row } = simulate([missing], { policy: rpms(), costs });
    expect(row.policyS).toBeCloseTo(4 + 0.1 + 40 - 8 / 3, 9);
    expect(row.switches).toBe(1);
  });

  it("faults under SP add misses to the counter and no time of their own", () => {
    const stay: Policy = { label: "SP", params: {}, create: () => ({ start: "SP", periodS: 5, next: () => "SP" }) };
    const { row, series } = simulate([faulting], { policy: stay, costs, record: ["samples"] });
    const ftlb = series.samples!.getChild("ftlb")!.get(0) as number;
    expect(ftlb).toBeCloseTo(0.05 * 100, 9); // FPF 0.05, 100 misses a fault
    expect(row.policyS).toBeCloseTo(24, 9);
  });

  it("a timer that fires during a switch at a phase's start is put off to its next period", () => {
    // To SP at 0 s, busy until 2.5 s: the samples at 1 s and 2 s are put off to 3 s.
    const early: Policy = {
      label: "early",
      params: {},
      create: () => ({ start: "HAP", periodS: 1, next: ({ mode }) => mode, enter: () => "SP" }),
    };
    const { series } = simulate([missing], {
      policy: early,
      costs: { ...costs, toShadowMs: 2500 },
      record: ["samples"],
    });
    expect([...(series.samples!.getChild("endS") as Iterable<number>)].slice(0, 2)).toEqual([3, 4]);
  });

  it("a switch as long as the sampling period is refused", () => {
    const slow = { ...costs, toShadowMs: 2000 };
    expect(() => simulate([missing], { policy: dsp({ intervalS: 2 }), costs: slow })).toThrow(
      "selective-paging: a switch takes 2 s and DSP samples every 2 s, so the run would only switch",
    );
  });

  it("RPMS moves the threshold that led to a bad switch up and to a good one down", () => {
    const policy = rpms({ states: 1, skipS: 1 }); // counter in -1, 0, 1: two steps from end to end
    const sample = (mode: "HAP" | "SP", instructions: number, walkS: number) => ({
      ...{ mode, instructions, walkS, seconds: 1, tlbMisses: 0, pageFaults: 0, hypervisorS: 0 },
    });
    const bad = policy.create({ phases: [missing], costs });
    expect(bad.next(sample("HAP", 100, 0.1))).toBe("SP"); // 10 % > 9 %
    expect(bad.next(sample("SP", 50, 0))).toBe("SP"); // half the speed: 9 + 2 * 2 = 13 %
    expect(bad.next(sample("SP", 50, 0.1))).toBe("SP"); // 10 % > 9 %: the threshold of SP has not moved
    expect(bad.next(sample("SP", 50, 0.1))).toBe("HAP");
    expect(bad.next(sample("HAP", 50, 0))).toBe("HAP"); // skipped; as fast as before: no change
    expect(bad.next(sample("HAP", 50, 0.12))).toBe("HAP"); // 12 % < 13 %
    expect(bad.next(sample("HAP", 50, 0.14))).toBe("HAP"); // 14 % > 13 %
    expect(bad.next(sample("HAP", 50, 0.14))).toBe("SP");
    const good = policy.create({ phases: [missing], costs });
    expect(good.next(sample("HAP", 100, 0.1))).toBe("SP");
    expect(good.next(sample("SP", 200, 0))).toBe("SP"); // twice the speed: 9 - 2 * 2 = 5 %
    expect(good.next(sample("SP", 200, 0.1))).toBe("SP");
    expect(good.next(sample("SP", 200, 0.1))).toBe("HAP");
    expect(good.next(sample("HAP", 200, 0))).toBe("HAP");
    expect(good.next(sample("HAP", 200, 0.06))).toBe("HAP"); // 6 % > 5 %
    expect(good.next(sample("HAP", 200, 0.06))).toBe("SP");
  });
});

describe("bad input", () => {
  const run = (phases: readonly Phase[], over: Partial<Costs> = {}) =>
    simulate(phases, { policy: dsp(), costs: { ...costs, ...over } });
  it("is one sentence that names the option", () => {
    expect(() => run([])).toThrow("phases: expected at least one phase, got []");
    expect(() => run([{ ...faulting, baseS: 0 }])).toThrow("phases[0].baseS: expected a finite number > 0, got 0");
    expect(() => run([faulting, { ...missing, tlbMisses: -1 }])).toThrow(
      "phases[1].tlbMisses: expected a finite number >= 0",
    );
    expect(() => run([faulting], { missNs: NaN })).toThrow("costs.missNs: expected a finite number >= 0, got NaN");
    expect(() => dsp({ intervalS: 0 })).toThrow("intervalS: expected a finite number > 0, got 0");
    expect(() => dsp({ historySamples: 1.5 })).toThrow("historySamples: expected a whole number >= 1, got 1.5");
    expect(() => rpms({ highPct: 1 })).toThrow("highPct: expected at least lowPct (2), got 1");
    expect(() => simulate([missing], { policy: dsp(), costs, record: ["x" as "samples"] })).toThrow(
      'record: expected only "samples", got "x"',
    );
  });
});

describe("properties", () => {
  const price = fc.record({
    missNs: fc.double({ min: 0, max: 20, noNaN: true }),
    faultUs: fc.double({ min: 0, max: 40, noNaN: true }),
    toShadowMs: fc.double({ min: 0, max: 500, noNaN: true }),
    toNestedMs: fc.double({ min: 0, max: 50, noNaN: true }),
    extraMissesPerFault: fc.double({ min: 0, max: 300, noNaN: true }),
    walkNs: fc.double({ min: 0, max: 20, noNaN: true }),
  });
  const policies = [hapOnly, spOnly, dsp, rpms, oracle];

  it("every policy lies between its bounds, and none is faster than the oracle", () => {
    fc.assert(
      fc.property(program, price, fc.constantFrom(...policies), (phases, prices, policy) => {
        const { row } = simulate(phases, { policy: policy(), costs: prices });
        const { leastS, mostS } = bounds(phases, prices, row.switches);
        const slack = 1e-9 * mostS;
        expect(row.policyS).toBeGreaterThanOrEqual(leastS - slack);
        expect(row.policyS).toBeLessThanOrEqual(mostS + slack);
        expect(row.oracleS).toBeLessThanOrEqual(Math.min(row.policyS, row.hapS, row.spS) + slack);
        expect(row.spTimePct).toBeGreaterThanOrEqual(0);
        expect(row.spTimePct).toBeLessThanOrEqual(100 + 1e-9);
      }),
    );
  });

  it("following the oracle's plan takes the time that the plan promises", () => {
    fc.assert(
      fc.property(program, price, (phases, prices) => {
        const { row } = simulate(phases, { policy: oracle(), costs: prices });
        expect(Math.abs(row.policyS - row.oracleS)).toBeLessThan(1e-9 * row.policyS);
      }),
    );
  });

  it("a steady program is switched at most once", () => {
    fc.assert(
      fc.property(program, fc.constantFrom(2, 5, 10), ([phase], intervalS) => {
        const { row } = simulate([phase!], { policy: dsp({ intervalS }), costs: wang2011 });
        expect(row.switches).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it("a phase cut in two is the same phase", () => {
    fc.assert(
      fc.property(program, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (phases, cut) => {
        const part = (phase: Phase, share: number): Phase => ({
          baseS: phase.baseS * share,
          instructions: phase.instructions * share,
          tlbMisses: phase.tlbMisses * share,
          pageFaults: phase.pageFaults * share,
        });
        const halves = phases.flatMap((phase) => [part(phase, cut), part(phase, 1 - cut)]);
        const whole = simulate(phases, { policy: hapOnly(), costs }).row;
        const parts = simulate(halves, { policy: hapOnly(), costs }).row;
        for (const name of ["policyS", "hapS", "spS"] as const)
          expect(Math.abs(whole[name] - parts[name])).toBeLessThan(1e-9 * whole[name]);
      }),
    );
  });
});

describe("differential: one millisecond at a time", () => {
  // Phases that keep away from thresholds, where a millisecond may tip a decision.
  const shapes = [
    [faulting, missing],
    [missing, faulting, missing, faulting],
    [1, 2, 3, 4, 5].flatMap(() => [faulting, missing]),
    [{ baseS: 33, instructions: 6e10, tlbMisses: 3e8, pageFaults: 12 }, faulting, missing],
  ];
  it.each([2, 5, 10])("DSP every %i s", (intervalS) => {
    for (const phases of shapes) {
      const { row } = simulate(phases, { policy: dsp({ intervalS }), costs });
      const naive = naiveDsp(phases, costs, intervalS);
      expect(row.switches).toBe(naive.switches);
      // a phase boundary is off by at most one step, a switch by none
      expect(Math.abs(row.policyS - naive.seconds)).toBeLessThan(0.002 * phases.length);
      expect(Math.abs((row.spTimePct / 100) * row.policyS - naive.spSeconds)).toBeLessThan(0.002 * phases.length);
    }
  });
});
