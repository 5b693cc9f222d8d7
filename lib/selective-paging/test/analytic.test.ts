import { describe, expect, it } from "vitest";
import {
  backSubstitute,
  breakEvenRatio,
  extraMisses,
  oneAtATime,
  phaseTime,
  roundTripMs,
  solveCosts,
  table2,
  wang2011,
} from "../index.ts";

// Table 3 as printed
const mcf = {
  hap: { tlbMisses: 12_539_673_680, pageFaults: 243_491, timeS: 383 },
  sp: { tlbMisses: 12_752_691_972, pageFaults: 346_439, timeS: 329 },
};
const gcc = {
  hap: { tlbMisses: 1_082_065_972, pageFaults: 13_320_141, timeS: 403 },
  sp: { tlbMisses: 3_198_642_850, pageFaults: 13_302_782, timeS: 534 },
};

describe("Table 3 solved jointly", () => {
  const { missNs, faultUs, baseS } = solveCosts(mcf, gcc);
  it("gives 4.59 ns and 10.2 us", () => {
    expect(missNs).toBeCloseTo(4.59, 2);
    expect(faultUs).toBeCloseTo(10.2, 1);
  });
  it("is what the 2011 prices say", () => {
    expect(wang2011.missNs / missNs).toBeCloseTo(1, 12);
    expect(wang2011.faultUs / faultUs).toBeCloseTo(1, 12);
    expect(wang2011.extraMissesPerFault / extraMisses(gcc)).toBeCloseTo(1, 12);
  });
  it("gives the four times back", () => {
    const m = backSubstitute(baseS[0], mcf, { missNs, faultUs });
    const g = backSubstitute(baseS[1], gcc, { missNs, faultUs });
    expect(m.hapS).toBeCloseTo(383, 9);
    expect(m.spS).toBeCloseTo(329, 9);
    expect(g.hapS).toBeCloseTo(403, 9);
    expect(g.spS).toBeCloseTo(534, 9);
  });
  it("needs two programs that differ", () => {
    expect(() => solveCosts(mcf, mcf)).toThrow("same faults per TLB miss");
    const none = { ...mcf.sp, pageFaults: 0 };
    expect(() => extraMisses({ hap: mcf.hap, sp: none })).toThrow("without faults");
  });
});

it("the paper's one-at-a-time estimate is 4.31 ns, 12.06 cycles at 2.8 GHz, and 9.83 us", () => {
  const { missNs, faultUs } = oneAtATime(mcf, gcc);
  expect(missNs).toBeCloseTo(4.31, 2);
  expect(missNs * 2.8).toBeCloseTo(12.06, 2);
  expect(faultUs).toBeCloseTo(9.83, 2);
});

it("break-even lies at 4.5e-4 faults a miss, 22 to 30 times above Table 2", () => {
  const ratio = breakEvenRatio(wang2011);
  expect(ratio).toBeCloseTo(4.5e-4, 5);
  expect(ratio / table2.ratioUpper).toBeGreaterThan(20);
  expect(ratio / table2.ratioLower).toBeLessThan(30);
  // at the break-even both modes take the same time
  const work = { baseS: 10, instructions: 1e10, tlbMisses: 1e9, pageFaults: 1e9 * ratio };
  expect(phaseTime(work, "HAP", wang2011)).toBeCloseTo(phaseTime(work, "SP", wang2011), 9);
  expect(() => breakEvenRatio({ missNs: 1, faultUs: 0 })).toThrow("no break-even");
});

describe("switch cost", () => {
  it("of Table 5, as printed: mcf 46.1 ms, GemsFDTD 65.9 ms, gromacs 1.9 ms", () => {
    expect(roundTripMs({ withoutS: 329.11, withS: 345.03, roundTrips: 345 })).toBeCloseTo(46.1, 1);
    expect(roundTripMs({ withoutS: 845.1, withS: 904.73, roundTrips: 905 })).toBeCloseTo(65.9, 1);
    expect(roundTripMs({ withoutS: 1047.9, withS: 1049.94, roundTrips: 1050 })).toBeCloseTo(1.9, 1);
    expect(() => roundTripMs({ withoutS: 1, withS: 1, roundTrips: 0 })).toThrow("roundTrips: expected");
  });
});
