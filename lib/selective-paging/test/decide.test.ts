import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, decideBy, recent, table2, type Frequencies, type Mode } from "../index.ts";

/** A program that shows the same sample again and again. */
const steady = (fpf: number, ftlb: number, mode: Mode): { rule: number; mode: Mode } =>
  decideBy(mode, { fpf, ftlb }, recent([0, 1, 2].map(() => ({ fpf, ftlb }))));

const modes: readonly Mode[] = ["HAP", "SP"];

describe("Table 1 as steady samples", () => {
  // [row, page faults per 1000 instructions, TLB misses per 1000 instructions, winner]; where the table prints a bound
  // ("> 150000", "< 1") the sample lies just inside it.
  const rows = [
    [1, 40e-7, 0.5, "SP"],
    [2, 125e-7, 0.5, "HAP"],
    [4, 150_001e-7, 0.99, "HAP"],
    [5, 10_000e-7, 2.4, "HAP"],
    [7, 1600e-7, 16, "SP"],
    [8, 90_000e-7, 2.7, "HAP"],
    [12, 49e-7, 3.91, "SP"],
    [13, 150_001e-7, 0.99, "HAP"],
  ] as const;
  it.each(rows)("row %i: the winner, from either mode", (_row, fpf, ftlb, winner) => {
    for (const mode of modes) expect(steady(fpf, ftlb, mode).mode).toBe(winner);
  });

  it("row 3 (0 faults, < 0.5 misses, a draw) stays below 0.1 misses and goes to SP above", () => {
    for (const mode of modes) expect(steady(0, 0.09, mode)).toEqual({ rule: 3, mode });
    for (const mode of modes) expect(steady(0, 0.49, mode)).toEqual({ rule: 6, mode: "SP" });
  });

  it("row 6 (4700 faults, 0.3 misses, a draw) goes to HAP by the ratio", () => {
    for (const mode of modes) expect(steady(4700e-7, 0.3, mode)).toEqual({ rule: 5, mode: "HAP" });
  });

  it("row 9 (0, sometimes 100; 0.02) stays; at its 100 the lower fault threshold is met and the ratio gives HAP", () => {
    for (const mode of modes) expect(steady(0, 0.02, mode)).toEqual({ rule: 3, mode });
    for (const mode of modes) expect(steady(100e-7, 0.02, mode)).toEqual({ rule: 5, mode: "HAP" });
  });

  it("row 10 (0 or 10000; 0.3) flips with its phase", () => {
    expect(steady(0, 0.3, "HAP").mode).toBe("SP");
    expect(steady(10_000e-7, 0.3, "SP").mode).toBe("HAP");
  });

  it("row 11 (sometimes > 10000, frequently > 10) flips with its phase", () => {
    expect(steady(0, 10.1, "HAP").mode).toBe("SP");
    expect(steady(10_001e-7, 5, "SP").mode).toBe("HAP");
    for (const mode of modes) expect(steady(10_001e-7, 10.1, mode)).toEqual({ rule: 5, mode: "HAP" });
  });
});

describe("each line of Fig. 5, by hand", () => {
  const past = { htlb: 1, hpt: 0 };
  // 0.8 * PFU = 0.8 * 5000e-7 = 4e-4; 0.8 * TLBU = 8
  it("1: misses above 10, faults clearly below their threshold", () => {
    expect(decideBy("HAP", { fpf: 3.9e-4, ftlb: 10.1 }, past)).toEqual({ rule: 1, mode: "SP" });
  });
  it("2: faults above 5e-4, misses clearly below theirs", () => {
    expect(decideBy("SP", { fpf: 5.1e-4, ftlb: 7.9 }, past)).toEqual({ rule: 2, mode: "HAP" });
  });
  it("3: both too low to matter", () => {
    expect(decideBy("SP", { fpf: 0.9e-5, ftlb: 0.09 }, past)).toEqual({ rule: 3, mode: "SP" });
  });
  it("4: no misses now, or none in the history", () => {
    expect(decideBy("SP", { fpf: 2e-5, ftlb: 0 }, past)).toEqual({ rule: 4, mode: "HAP" });
    expect(decideBy("SP", { fpf: 0, ftlb: 0.5 }, { htlb: 0, hpt: 0 })).toEqual({ rule: 4, mode: "HAP" });
  });
  it("5: the ratio high now and recently", () => {
    // CPT = 3e-5 / 1 = 300e-7 > 200e-7
    expect(decideBy("SP", { fpf: 3e-5, ftlb: 1 }, { htlb: 1, hpt: 201e-7 })).toEqual({ rule: 5, mode: "HAP" });
  });
  it("6: the ratio low now and recently", () => {
    // CPT = 1e-5 / 1 = 100e-7 < 150e-7
    expect(decideBy("HAP", { fpf: 1e-5, ftlb: 1 }, { htlb: 1, hpt: 149e-7 })).toEqual({ rule: 6, mode: "SP" });
  });
  it("otherwise: history and present disagree, or the ratio lies between its thresholds", () => {
    for (const mode of modes) {
      expect(decideBy(mode, { fpf: 3e-5, ftlb: 1 }, { htlb: 1, hpt: 0 })).toEqual({ rule: 7, mode });
      expect(decideBy(mode, { fpf: 1.75e-5, ftlb: 1 }, { htlb: 1, hpt: 1.75e-5 })).toEqual({ rule: 7, mode });
    }
  });
});

describe("boundaries: every comparison is strict", () => {
  const past = { htlb: 1, hpt: 175e-7 };
  it.each([
    ["misses at 10 do not speak for SP alone", { fpf: 0, ftlb: 10 }, 7],
    ["faults at 0.8 of their threshold contradict", { fpf: 0.8 * 5000e-7, ftlb: 11 }, 7],
    ["faults at 5000e-7 do not speak for HAP alone", { fpf: 5000e-7, ftlb: 2 }, 7],
    ["misses at 8 contradict", { fpf: 6000e-7, ftlb: 8 }, 7],
    ["misses at 0.1 matter", { fpf: 0, ftlb: 0.1 }, 7],
    ["faults at 100e-7 matter", { fpf: 100e-7, ftlb: 0.05 }, 7],
  ] as const)("%s", (_name, counters, rule) => {
    expect(decideBy("HAP", counters, past).rule).toBe(rule);
  });
  it("a ratio at either threshold decides nothing", () => {
    expect(decideBy("SP", { fpf: 200e-7, ftlb: 1 }, { htlb: 1, hpt: 1 }).rule).toBe(7);
    expect(decideBy("SP", { fpf: 300e-7, ftlb: 1 }, { htlb: 1, hpt: 200e-7 }).rule).toBe(7);
    expect(decideBy("HAP", { fpf: 150e-7, ftlb: 1 }, { htlb: 1, hpt: 0 }).rule).toBe(7);
    expect(decideBy("HAP", { fpf: 100e-7, ftlb: 1 }, { htlb: 1, hpt: 150e-7 }).rule).toBe(7);
  });
});

describe("recent", () => {
  it("is the mean of FTLB and the ratio of the means", () => {
    // FTLB (1+2+3)/3 = 2; FPF mean 1e-5; 1e-5/2 = 5e-6
    const { htlb, hpt } = recent([
      { fpf: 3e-5, ftlb: 1 },
      { fpf: 0, ftlb: 2 },
      { fpf: 0, ftlb: 3 },
    ]);
    expect(htlb).toBeCloseTo(2, 12);
    expect(hpt).toBeCloseTo(5e-6, 18);
  });
  it("of no misses is 0, so that line 4 of the policy applies", () => {
    expect(recent([{ fpf: 1, ftlb: 0 }])).toEqual({ htlb: 0, hpt: 0 });
  });
  it("refuses an empty window", () => {
    expect(() => recent([])).toThrow("samples: expected at least one sample, got []");
  });
});

describe("properties", () => {
  const rate = fc.double({ min: 0, max: 0.2, noNaN: true });
  const misses = fc.double({ min: 0, max: 60, noNaN: true });
  const sample: fc.Arbitrary<Frequencies> = fc.record({ fpf: rate, ftlb: misses });

  it("a steady sample is decided once: the mode it leads to is kept", () => {
    fc.assert(
      fc.property(sample, fc.constantFrom(...modes), ({ fpf, ftlb }, mode) => {
        const first = steady(fpf, ftlb, mode).mode;
        expect(steady(fpf, ftlb, first).mode).toBe(first);
      }),
    );
  });

  it("more faults never move a steady sample from HAP to SP", () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 1, max: 100, noNaN: true }), ({ fpf, ftlb }, factor) => {
        fc.pre(ftlb >= table2.missesLower);
        const few = decide("HAP", { fpf, ftlb }, recent([{ fpf, ftlb }]));
        const many = decide("HAP", { fpf: fpf * factor, ftlb }, recent([{ fpf: fpf * factor, ftlb }]));
        expect(few === "HAP" && many === "SP").toBe(false);
      }),
    );
  });
});
