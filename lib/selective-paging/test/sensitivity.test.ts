import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../core/index.ts";
import { jitter, phaseRule, ruleRanges, ruleVariants, synthesise, wang2011, type Phase } from "../index.ts";
import { program } from "./arbitrary.ts";

const sum = (phases: readonly Phase[], name: keyof Phase): number =>
  phases.reduce((total, phase) => total + phase[name], 0);

describe("ruleVariants", () => {
  const variants = ruleVariants({ draws: 50, seed: 7 });
  it("holds the rule itself, both ends of each choice alone, and the draws", () => {
    expect(variants).toHaveLength(1 + 2 * 9 + 50);
    expect(variants[0]).toEqual({ choice: "rule", at: "as fixed", rule: phaseRule, noise: 0 });
    const low = variants.find(({ choice, at }) => choice === "startFaults" && at === "low");
    expect(low!.rule).toEqual({ ...phaseRule, startFaults: 5000 });
  });
  it("keeps every draw within the ranges", () => {
    for (const { choice, rule, noise } of variants) {
      if (choice !== "all") continue;
      const value = { ...rule, noise };
      for (const range of ruleRanges) {
        expect(value[range.choice]).toBeGreaterThanOrEqual(range.low);
        expect(value[range.choice]).toBeLessThanOrEqual(range.high);
      }
    }
  });
  it("keeps the rule inside every range, so that the ranges vary it", () => {
    const fixed = { ...phaseRule, noise: 0 };
    for (const { choice, low, high } of ruleRanges) {
      expect(fixed[choice]).toBeGreaterThanOrEqual(low);
      expect(fixed[choice]).toBeLessThanOrEqual(high);
    }
  });
  it("is the same for the same seed, another for another", () => {
    expect(ruleVariants({ draws: 50, seed: 7 })).toEqual(variants);
    expect(ruleVariants({ draws: 50, seed: 8 })).not.toEqual(variants);
    expect(() => ruleVariants({ draws: -1, seed: 7 })).toThrow("draws: expected a whole number >= 0, got -1");
  });
});

describe("jitter", () => {
  it("keeps every total and never makes a counter negative", () => {
    fc.assert(
      fc.property(program, fc.double({ min: 0.001, max: 1, noNaN: true }), fc.integer(), (phases, sigma, seed) => {
        const noisy = jitter(phases, { sigma, pieceS: 5 }, random(seed));
        for (const name of ["baseS", "instructions", "tlbMisses", "pageFaults"] as const) {
          const total = sum(phases, name);
          expect(Math.abs(sum(noisy, name) - total)).toBeLessThanOrEqual(1e-9 * total);
          for (const phase of noisy) expect(phase[name]).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
  it("varies by sigma: the standard deviation of the logarithm is what was asked for", () => {
    const long = [{ baseS: 20_000, instructions: 4e13, tlbMisses: 1e9, pageFaults: 1e6 }];
    const logs = jitter(long, { sigma: 0.5, pieceS: 5 }, random(1)).map(({ tlbMisses }) => Math.log(tlbMisses));
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / (logs.length - 1));
    expect(logs).toHaveLength(4000);
    // standard error of a standard deviation: 0.5 / sqrt(2 * 4000) = 0.0056; four of them
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.0224);
  });
  it("of sigma 0 is the program", () => {
    const phases = synthesise({ hapS: 383, spS: 329 }, wang2011);
    expect(jitter(phases, { sigma: 0, pieceS: 5 }, random(1))).toEqual(phases);
    expect(() => jitter(phases, { sigma: -1, pieceS: 5 }, random(1))).toThrow("sigma: expected");
    expect(() => jitter(phases, { sigma: 1, pieceS: 1e-9 }, random(1))).toThrow("pieceS: expected at most 1e6 pieces");
  });
});
