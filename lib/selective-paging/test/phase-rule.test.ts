import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { phaseRule, phaseTime, synthesise, wang2011, type Phase, type PhaseRule } from "../index.ts";

const time = (phases: readonly Phase[], mode: "HAP" | "SP"): number =>
  phases.reduce((sum, phase) => sum + phaseTime(phase, mode, wang2011), 0);

describe("the phase rule", () => {
  it("by hand, with round prices", () => {
    // a = 10 ns, b = 10 us, 1e9 instructions/s, no start-up, floors 0: HAP 120 s, SP 100 s
    // faults: (100 - 120) / b < 0, so base 100 s, misses 20 s / 10 ns = 2e9.
    const bare: PhaseRule = {
      ...phaseRule,
      ...{ instructionsPerS: 1e9, startFaults: 0, floorFpf: 0, floorFtlb: 0 },
    };
    const costs = { ...wang2011, missNs: 10, faultUs: 10 };
    expect(synthesise({ hapS: 120, spS: 100 }, costs, bare)).toEqual([
      { baseS: 100, instructions: 1e11, tlbMisses: 2e9, pageFaults: 0 },
    ]);
    // HAP 100 s, SP 120 s: 20 s / 10 us = 2e6 faults; a quarter of the time, twice
    const [burst, quiet, ...more] = synthesise({ hapS: 100, spS: 120 }, costs, {
      ...bare,
      ...{ burstShare: 0.25, burstPeriodS: 50 },
    });
    expect(burst).toMatchObject({ baseS: 12.5, instructions: 1.25e10, tlbMisses: 0 });
    expect(burst!.pageFaults).toBeCloseTo(1e6, 6);
    expect(quiet).toEqual({ baseS: 37.5, instructions: 3.75e10, tlbMisses: 0, pageFaults: 0 });
    expect(more).toHaveLength(2);
  });

  it("starts with mcf's faults in 6.6 s", () => {
    // 243491 faults / 0.015 * 1000 = 1.623e10 instructions; / 2.46e9 = 6.599 s
    const [start, steady, ...none] = synthesise({ hapS: 383, spS: 329 }, wang2011);
    expect(start!.pageFaults).toBe(243_491);
    expect(start!.baseS).toBeCloseTo(6.599, 3);
    expect(steady!.tlbMisses).toBeGreaterThan(1e10);
    expect(none).toEqual([]);
  });

  it("gives both times back, whatever its choices, with no counter below its floor", () => {
    const rule: fc.Arbitrary<PhaseRule> = fc.record({
      instructionsPerS: fc.double({ min: 5e8, max: 6e9, noNaN: true }),
      startFaults: fc.constantFrom(0, 5000, 243_491),
      startFpf: fc.double({ min: 0.005, max: 0.05, noNaN: true }),
      startFtlb: fc.double({ min: 0, max: 1, noNaN: true }),
      floorFpf: fc.double({ min: 0, max: 2e-5, noNaN: true }),
      floorFtlb: fc.double({ min: 0, max: 1, noNaN: true }),
      burstShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
      burstPeriodS: fc.double({ min: 10, max: 400, noNaN: true }),
    });
    const seconds = fc.double({ min: 300, max: 2000, noNaN: true });
    fc.assert(
      fc.property(rule, seconds, fc.double({ min: 0.75, max: 1.4, noNaN: true }), (choices, hapS, ratio) => {
        const spS = hapS * ratio;
        const phases = synthesise({ hapS, spS }, wang2011, choices);
        expect(Math.abs(time(phases, "HAP") - hapS)).toBeLessThan(1e-8 * hapS);
        expect(Math.abs(time(phases, "SP") - spS)).toBeLessThan(1e-8 * spS);
        for (const { instructions, tlbMisses, pageFaults } of phases) {
          const floorFtlb = Math.min(choices.floorFtlb, choices.startFtlb);
          expect(tlbMisses).toBeGreaterThanOrEqual((floorFtlb * instructions * (1 - 1e-9)) / 1000 - 1e-9);
          expect(pageFaults).toBeGreaterThanOrEqual((choices.floorFpf * instructions * (1 - 1e-9)) / 1000 - 1e-9);
        }
      }),
    );
  });

  it("refuses what it cannot use", () => {
    expect(() => synthesise({ hapS: 0, spS: 1 }, wang2011)).toThrow("hapS: expected a finite number > 0, got 0");
    expect(() => synthesise({ hapS: 5, spS: 5 }, wang2011)).toThrow("too short for a start-up of 6.6 s");
    expect(() => synthesise({ hapS: 9, spS: 9 }, { ...wang2011, missNs: 0 })).toThrow("costs.missNs: expected");
    const rule = { ...phaseRule, burstShare: 0 };
    expect(() => synthesise({ hapS: 9, spS: 9 }, wang2011, rule)).toThrow(
      "rule.burstShare: expected a number in (0, 1]",
    );
  });
});
