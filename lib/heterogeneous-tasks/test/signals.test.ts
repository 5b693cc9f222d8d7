import { describe, expect, it } from "vitest";
import { noise } from "../../bench/reference/noise.ts";
import { fft, fir, fmRadio, graph, run, series, sink, source } from "../index.ts";
import { floats, apart } from "./run-stream.ts";

describe("FFT", () => {
  // Higham, "Accuracy and Stability of Numerical Algorithms", theorem 24.2: log2 n times (4 sqrt 2 + 7) u of the result's norm, sqrt n times the
  // input's, where 7 u stands for the factors: an angle up to pi, rounded, and 2 ulp of its sine and cosine.
  it.each([2, 8, 256, 1024])("of %i points is the sum that defines it, in double precision", (points) => {
    const input = noise(`fft ${points}`, 2 * points * 2);
    const expected = new Float64Array(input.length);
    for (let block = 0; block < 2; block++)
      for (let k = 0; k < points; k++)
        for (let n = 0; n < points; n++) {
          const angle = (-2 * Math.PI * ((k * n) % points)) / points;
          const [re, im] = [input[2 * (block * points + n)]!, input[2 * (block * points + n) + 1]!];
          expected[2 * (block * points + k)]! += re * Math.cos(angle) - im * Math.sin(angle);
          expected[2 * (block * points + k) + 1]! += re * Math.sin(angle) + im * Math.cos(angle);
        }
    const norm = Math.hypot(...input);
    expect(apart(floats(fft(points), input), expected)).toBeLessThan(
      13 * Math.log2(points) * 2 ** -24 * Math.sqrt(points) * norm,
    );
  });

  it("fires the task for m points n/m times", () => {
    const { nodes } = graph(source("f32").to(fft(8)).to(sink("f32")));
    expect(nodes.map(({ label, firings }) => [label, firings])).toEqual([
      ["source", 16],
      ["order", 1],
      ["combine 2", 4],
      ["combine 4", 2],
      ["combine 8", 1],
      ["sink", 16],
    ]);
  });

  it("refuses what is no power of two", () => {
    expect(() => fft(12)).toThrow("points: expected a power of two, got 12");
    expect(() => fft(1)).toThrow("points: expected a power of two from 2 to 2^16, got 1");
  });
});

describe("Series", () => {
  const coefficients = (intervals: number, numbers: readonly number[]): Float32Array =>
    run(graph(source("i32").to(series(intervals)).to(sink("f32"))), numbers) as Float32Array;
  const f = (x: number): number => (x + 1) ** x;
  /** The trapezoid rule in double precision. */
  const exact = (intervals: number, n: number): [number, number] => {
    let [a, b] = [(f(2) + f(0)) / 2, 0];
    for (let j = 1; j < intervals; j++) {
      const angle = (2 * Math.PI * ((n * j) % intervals)) / intervals;
      a += f((2 * j) / intervals) * Math.cos(angle);
      b += f((2 * j) / intervals) * Math.sin(angle);
    }
    return [((n === 0 ? 1 : 2) * a) / intervals, (2 * b) / intervals];
  };

  // In roundings, 2^-24 each: x log(x + 1) ≤ 2.2 has three, 6.6 of its power, whose own are 2; the angle up to 2π has two, 12.6 of sine and cosine, whose own are 1; a product 1: less than 24 of a
  // term. Sums of √N sums of √N terms have 2√N, and with the difference of the ends, the width and its half 3 more. All of the sum of the terms' sizes, at most 5.8.
  it.each([
    [64, 8],
    [1024, 32],
    [2048, 64],
  ])("of %i intervals is the same rule in double precision", (intervals, columns) => {
    const numbers = [0, 1, 2, 3, 10, 100, 511, 1000, -5];
    const output = coefficients(intervals, numbers);
    const bound = (24 + 2 * columns + 3) * 2 ** -24 * 5.8;
    expect(
      apart(
        output,
        numbers.flatMap((n) => exact(intervals, n)),
      ),
    ).toBeLessThan(bound);
  });

  it("goes to the integrals as the ends' slopes tell, by Euler and Maclaurin", () => {
    // The rule's error is width²/12 times the difference of the derivatives at the ends: 9 (log 3 + 2/3) of the cosine's, 8πn of the sine's.
    for (const n of [1, 2, 3]) {
      const [a, b] = exact(256, n);
      const [fineA, fineB] = exact(2 ** 16, n);
      const square = (2 / 256) ** 2 / 12;
      expect(a - fineA).toBeCloseTo(square * 9 * (Math.log(3) + 2 / 3), 6);
      expect(b - fineB).toBeCloseTo(square * 8 * Math.PI * n, 6);
      expect(apart(coefficients(2048, [n]), [fineA, fineB])).toBeLessThan(2e-5 * n);
    }
  });

  it("differs from Java Grande's own values by the point that its rule leaves out", () => {
    // a0, and a1 and b1, as its test has them (recalled; its rule gives them to the last digit but one).
    const theirs = [2.8729524964837996, 1.1161046676147888, -1.8819691893398025];
    const rule = (g: (x: number) => number): number => {
      let [x, sum] = [0, g(0) / 2];
      for (let left = 1000; --left > 1;) sum += g((x += 2 / 1000));
      return (sum + g(2) / 2) * (2 / 1000);
    };
    const found = [rule(f) / 2, rule((x) => f(x) * Math.cos(Math.PI * x)), rule((x) => f(x) * Math.sin(Math.PI * x))];
    expect(apart(found, theirs)).toBeLessThan(1e-14);
    const missing = f(2 - 2 / 1000) * (2 / 1000);
    const [a0 = 0] = coefficients(1024, [0]);
    expect(a0 - theirs[0]!).toBeCloseTo(missing / 2, 5);
  });

  it("refuses intervals that are no power of two", () => {
    expect(() => series(1000)).toThrow("intervals: expected a power of two, got 1000");
    expect(() => series(2)).toThrow("intervals: expected a power of two from 4 to 2^20, got 2");
  });
});

describe("FM radio", () => {
  const lowPass = (count: number, cutoff: number): number[] =>
    Array.from({ length: count }, (_, at) => {
      const x = at - (count - 1) / 2;
      const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * at) / (count - 1));
      return window * (x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x));
    });
  const channel = lowPass(64, 0.1);
  const bands = [lowPass(32, 0.05), lowPass(32, 0.15)];
  const radio = fmRadio({ channel, decimation: 4, smoothing: 0.25, bands });

  /** Frequency-modulated: the phase goes on by the deviation times the message. */
  const signal = (length: number, message: (at: number) => number): Float32Array => {
    const samples = new Float32Array(2 * length);
    let phase = 0;
    for (let at = 0; at < length; at++) {
      phase += 0.05 * message(at);
      samples.set([Math.cos(phase), Math.sin(phase)], 2 * at);
    }
    return samples;
  };

  it("is the same receiver in double precision, written as formulas", () => {
    const samples = signal(8192, (at) => Math.sin(at / 50));
    const filtered = (x: readonly number[], taps: readonly number[], step: number): number[] =>
      Array.from({ length: x.length / step }, (_, n) =>
        taps.reduce((sum, tap, i) => sum + tap * (x[n * step + step - 1 - i] ?? 0), 0),
      );
    const part = (which: number): number[] =>
      filtered(
        [...samples].filter((_, at) => at % 2 === which),
        channel,
        4,
      );
    const [re, im] = [part(0), part(1)];
    let before = 0;
    const audio = re.map((x, n) => {
      const turned = (im[n]! * (re[n - 1] ?? 0) - x * (im[n - 1] ?? 0)) / (x * x + im[n]! ** 2);
      return (before = 0.25 * turned + 0.75 * before);
    });
    const [low, high] = bands.map((taps) => filtered(audio, taps, 1));
    // While the channel's filter fills, |z| begins at 1e-3 and the discriminator enlarges its roundings a thousandfold.
    const output = floats(radio, samples);
    expect(
      apart(
        output,
        low!.map((x, n) => x + high![n]!),
      ),
    ).toBeLessThan(1e-3);
    const settled = output.subarray(256);
    expect(apart(settled, low!.map((x, n) => x + high![n]!).slice(256))).toBeLessThan(64 * 4 * 2 ** -24);
  });

  it("turns a constant shift of frequency into a constant: the sine of the phase between its samples", () => {
    const output = floats(
      radio,
      signal(8192, () => 1),
    );
    const gain = bands.flat().reduce((sum, tap) => sum + tap, 0);
    expect(output.at(-1)).toBeCloseTo(gain * Math.sin(4 * 0.05), 5);
  });

  it("filters causally: an impulse gives the taps", () => {
    expect([...floats(fir("taps", [4, 2, 1]), [1, 0, 0, 0])]).toEqual([4, 2, 1, 0]);
  });
});
