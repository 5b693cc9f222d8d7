import fc from "fast-check";
import type { Phase } from "../index.ts";

/** Phases of any mixture of misses and faults, at 2e9 instructions a second of base time. */
const phase: fc.Arbitrary<Phase> = fc
  .record({
    baseS: fc.double({ min: 0.5, max: 60, noNaN: true }),
    ftlb: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 40, noNaN: true })),
    fpf: fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 0.05, noNaN: true })),
  })
  .map(({ baseS, ftlb, fpf }) => {
    const instructions = 2e9 * baseS;
    return { baseS, instructions, tlbMisses: (ftlb * instructions) / 1000, pageFaults: (fpf * instructions) / 1000 };
  });

/** A program of one to twelve phases. */
export const program: fc.Arbitrary<Phase[]> = fc.array(phase, { minLength: 1, maxLength: 12 });
