import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantile, type QuantileType } from "../quantile.ts";
import {
  geometricMean,
  mean,
  meanInterval,
  median,
  normalQuantile,
  standardDeviation,
  studentQuantile,
  summary,
  wilsonInterval,
} from "../stats.ts";

const sample = [2.5, 3.1, 0.4, 9.9, 7.2, 5.5, 5.5, 1.0];
const near = (actual: number, expected: number, relative = 1e-12): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));
};

describe("quantiles", () => {
  // numpy.quantile(sample, [0, .1, .25, .5, .6, .9, 1], method=…), NumPy 2; its nine methods are R's nine types.
  const expected: Record<QuantileType, number[]> = {
    1: [0.4, 0.4, 1.0, 3.1, 5.5, 9.9, 9.9],
    2: [0.4, 0.4, 1.75, 4.3, 5.5, 9.9, 9.9],
    3: [0.4, 0.4, 1.0, 3.1, 5.5, 7.2, 9.9],
    4: [0.4, 0.4, 1.0, 3.1, 5.02, 7.74, 9.9],
    5: [0.4, 0.58, 1.75, 4.3, 5.5, 9.09, 9.9],
    6: [0.4, 0.4, 1.375, 4.3, 5.5, 9.9, 9.9],
    7: [0.4, 0.82, 2.125, 4.3, 5.5, 8.01, 9.9],
    8: [0.4, 0.5, 1.625, 4.3, 5.5, 9.45, 9.9],
    9: [0.4, 0.52, 1.65625, 4.3, 5.5, 9.36, 9.9],
  };
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9] as const)("type %i agrees with NumPy", (type) => {
    [0, 0.1, 0.25, 0.5, 0.6, 0.9, 1].forEach((p, at) => {
      near(quantile(sample, p, type), expected[type][at] ?? NaN, 1e-14);
    });
  });

  it("type 7 is the default, whatever simple-statistics does", () => {
    expect(quantile(sample, 0.9)).toBe(quantile(sample, 0.9, 7));
    near(quantile(sample, 0.9), 8.01, 1e-14);
  });

  it("of every type lie within the sample and do not fall with p", () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 });
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, p, p, fc.integer({ min: 1, max: 9 }), (numbers, a, b, type) => {
        const low = quantile(numbers, Math.min(a, b), type as QuantileType);
        const high = quantile(numbers, Math.max(a, b), type as QuantileType);
        const slack = 1e-9;
        expect(low).toBeLessThanOrEqual(high + slack);
        expect(low).toBeGreaterThanOrEqual(Math.min(...numbers) - slack);
        expect(high).toBeLessThanOrEqual(Math.max(...numbers) + slack);
      }),
    );
  });

  it("leave their input as it was", () => {
    const values = Float64Array.from([3, 1, 2]);
    quantile(values, 0.5);
    median(values);
    expect([...values]).toEqual([3, 1, 2]);
  });
});

describe("quantiles of distributions agree with SciPy", () => {
  it.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 5, 2.5705818356363146],
    [0.995, 10, 3.16927267261695],
    [0.975, 30, 2.0422724563012378],
    [0.9, 3, 1.637744353696209],
    [0.9999, 4, 13.033671720896821],
    [0.6, 2.5, 0.2814595127485477],
  ])("t at %d with %d degrees of freedom", (p, degrees, expected) => {
    near(studentQuantile(p, degrees), expected);
    near(studentQuantile(1 - p, degrees), -expected, 1e-11);
  });

  it("t with very many degrees of freedom", () => {
    near(studentQuantile(0.975, 1000), 1.9623390808264083, 1e-9);
    near(studentQuantile(0.975, 1e6), 1.959966356814107, 1e-8);
  });

  it("t with 1 and 2 degrees of freedom, in closed form", () => {
    for (const p of [0.51, 0.7, 0.99, 0.99999]) {
      near(studentQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 1e-9);
      near(studentQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 1e-9);
    }
    expect(studentQuantile(0.5, 7)).toBe(0);
  });

  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.025, -1.9599639845400545],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.999999, 4.753424308817087],
  ])("normal at %d", (p, expected) => {
    near(normalQuantile(p), expected, 2e-15 * 2);
  });

  it("and refuse what is no probability", () => {
    expect(() => normalQuantile(1)).toThrow("p: expected a number between 0 and 1, both excluded, got 1");
    expect(() => studentQuantile(0.5, 0)).toThrow("degreesOfFreedom: expected a finite number > 0, got 0");
  });
});

describe("moments and intervals", () => {
  it("mean does not lose small addends among large ones", () => {
    expect(mean([1e16, 1, -1e16, 1])).toBe(0.5);
  });

  it("mean and deviation by hand", () => {
    expect(mean([1, 2, 6])).toBe(3);
    // deviations -2, -1, 3: squares 4 + 1 + 9 = 14, over n - 1 = 2
    expect(standardDeviation([1, 2, 6])).toBe(Math.sqrt(7));
  });

  it("the mean's interval agrees with scipy.stats.t.interval", () => {
    const { low, high } = meanInterval(sample, 0.95);
    near(low, 1.680902440549036);
    near(high, 7.094097559450964);
  });

  it("Wilson's interval agrees with SciPy", () => {
    near(wilsonInterval(8, 10).low, 0.4901624715366418);
    near(wilsonInterval(8, 10).high, 0.9433178485456248);
    near(wilsonInterval(60, 100).low, 0.5020025867910618);
    near(wilsonInterval(0, 10).high, 0.27753279986288926);
    expect(wilsonInterval(0, 10).low).toBe(0);
    expect(wilsonInterval(10, 10).high).toBe(1);
    near(wilsonInterval(10, 10).low, 0.7224672001371109);
  });

  it("the geometric mean neither overflows nor underflows", () => {
    near(geometricMean([1e300, 1e300, 1e300]), 1e300);
    near(geometricMean([1e-300, 1e-300]), 1e-300);
    near(geometricMean([0.5, 2]), 1);
    expect(() => geometricMean([1, 0])).toThrow("values[1]: expected a number > 0, got 0");
  });

  it("a summary says it all in one row", () => {
    expect(summary(Float64Array.from(sample))).toEqual({
      count: 8,
      mean: 4.3875,
      standardDeviation: standardDeviation(sample),
      min: 0.4,
      quartile1: 2.125,
      median: quantile(sample, 0.5),
      quartile3: quantile(sample, 0.75),
      quantile95: quantile(sample, 0.95),
      max: 9.9,
    });
    expect(summary([3]).standardDeviation).toBeNull();
  });

  it("what is no sample is refused, with its place", () => {
    expect(() => mean([])).toThrow("values: expected at least 1 number, got 0");
    expect(() => standardDeviation([1])).toThrow("values: expected at least 2 numbers, got 1");
    expect(() => median([1, NaN])).toThrow("values[1]: expected a finite number, got NaN");
    expect(() => meanInterval([1, 2], 1)).toThrow("confidence: expected");
    expect(() => wilsonInterval(11, 10)).toThrow("successes: expected a whole number from 0 to 10, got 11");
  });
});
