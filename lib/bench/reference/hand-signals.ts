import { cosine, exponential, logarithm, sine } from "../../heterogeneous-tasks/index.ts";
import { noise } from "./noise.ts";

const { fround, imul } = Math;

export const intervals = 1024;
const side = fround(2 / intervals);
const step = fround((2 * Math.PI) / intervals);

function power(x: number): number {
  return exponential(fround(x * logarithm(fround(x + 1))));
}

/** Series. */
export function coefficients(input: Int32Array): Float32Array {
  const output = new Float32Array(2 * input.length);
  for (const [at, n] of input.entries()) {
    let a = fround(0.5 * fround(power(2) - power(0)));
    let b = fround(0);
    for (let from = 0; from < intervals; from += 32) {
      let [someA, someB] = [fround(0), fround(0)];
      for (let j = from; j < from + 32; j++) {
        const height = power(fround(side * j));
        const phase = fround(step * (imul(n, j) & (intervals - 1)));
        someA = fround(someA + fround(height * cosine(phase)));
        someB = fround(someB + fround(height * sine(phase)));
      }
      a = fround(a + someA);
      b = fround(b + someB);
    }
    output[2 * at] = fround(n === 0 ? fround(0.5 * side) : side) * a;
    output[2 * at + 1] = side * b;
  }
  return output;
}

export const points = 1024;
const order = Int32Array.from({ length: points }, (_, at) => {
  let reversed = 0;
  for (let bit = 1; bit < points; bit *= 2) reversed = 2 * reversed + (at & bit ? 1 : 0);
  return reversed;
});
const angle = (half: number, at: number): number => (-Math.PI * at) / half;
const roots = Array.from({ length: Math.log2(points) }, (_, stage) => {
  const half = 2 ** stage;
  const re = Float32Array.from({ length: half }, (_, at) => cosine(angle(half, at)));
  return { half, re, im: Float32Array.from({ length: half }, (_, at) => sine(angle(half, at))) };
});

/** FFT. */
export function transform(input: Float32Array): Float32Array {
  const y = new Float32Array(input.length);
  for (let base = 0; base < input.length; base += 2 * points) {
    for (let i = 0; i < points; i++) {
      y[base + 2 * i] = input[base + 2 * order[i]!]!;
      y[base + 2 * i + 1] = input[base + 2 * order[i]! + 1]!;
    }
    for (const { half, re, im } of roots) {
      for (let block = base; block < base + 2 * points; block += 4 * half) {
        for (let i = 0; i < half; i++) {
          const [top, bottom] = [block + 2 * i, block + 2 * i + 2 * half];
          const c = y[bottom]!;
          const d = y[bottom + 1]!;
          const p = fround(fround(c * re[i]!) - fround(d * im[i]!));
          const q = fround(fround(c * im[i]!) + fround(d * re[i]!));
          const a = y[top]!;
          const b = y[top + 1]!;
          y[top] = a + p;
          y[top + 1] = b + q;
          y[bottom] = a - p;
          y[bottom + 1] = b - q;
        }
      }
    }
  }
  return y;
}

export const channel: Float32Array = noise("channel", 64).map((tap) => tap / 8);
export const bands: readonly Float32Array[] = [noise("low", 32), noise("high", 32)];
const [share, rest] = [fround(0.25), fround(0.75)];

/** FM radio. */
export function receive(input: Float32Array): Float32Array {
  const length = input.length / 8;
  const audio = new Float32Array(31 + length);
  const output = new Float32Array(length);
  let [before, re0, im0] = [fround(0), fround(0), fround(0)];
  for (let n = 0; n < length; n++) {
    let re = fround(0);
    let im = fround(0);
    for (let i = 0; i < 64; i++) {
      const at = 2 * (4 * n + 3 - i);
      if (at < 0) break;
      re = fround(re + fround(channel[i]! * input[at]!));
      im = fround(im + fround(channel[i]! * input[at + 1]!));
    }
    const size = fround(fround(re * re) + fround(im * im));
    const turned = size > 0 ? fround(fround(fround(im * re0) - fround(re * im0)) / size) : 0;
    before = fround(fround(share * turned) + fround(rest * before));
    audio[31 + n] = before;
    [re0, im0] = [re, im];
  }
  const [low, high] = bands;
  for (let n = 0; n < length; n++) {
    let [a, b] = [fround(0), fround(0)];
    for (let i = 0; i < 32; i++) {
      a = fround(a + fround(low![i]! * audio[31 + n - i]!));
      b = fround(b + fround(high![i]! * audio[31 + n - i]!));
    }
    output[n] = a + b;
  }
  return output;
}
