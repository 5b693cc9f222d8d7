import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { exponential, graph, logarithm, map, run, sink, source } from "../index.ts";

const bits = new DataView(new ArrayBuffer(8));

/** The single-precision number of these bits. */
function float(of: number): number {
  bits.setUint32(0, of);
  return bits.getFloat32(0);
}

/** The distance of two neighbouring single-precision numbers at the size of an exact value; that of the subnormals at least. */
function ulp(exact: number): number {
  bits.setFloat64(0, exact);
  return 2 ** Math.max(((bits.getUint32(0) >>> 20) & 2047) - 1023 - 23, -149);
}

/** Every so-manieth positive number, up to one. */
function* numbers(step: number, top: number): Generator<number> {
  bits.setFloat32(0, top);
  for (let of = 0, last = bits.getUint32(0); of <= last; of += step) yield float(of);
}

const most = (all: Iterable<number>, f: (x: number) => number, exact: (x: number) => number): number => {
  let largest = 0;
  for (const x of all) largest = Math.max(largest, Math.abs(f(x) - exact(x)) / ulp(exact(x)));
  return largest;
};

const same = (f: (x: number) => number, input: Float32Array): Float32Array =>
  run(
    graph(
      source("f32")
        .to(map({ label: "f", input: "f32" }, f))
        .to(sink("f32")),
    ),
    input,
  ) as Float32Array;

const stream = random("exponential");
const anything = Float32Array.from({ length: 20_000 }, () => float(stream.int(2 ** 32)));

describe("exponential", () => {
  it("is within 1 ulp of Math's, in double precision, results below 2^-126 included", () => {
    const below = most(
      numbers(2003, 104),
      (x) => exponential(-x),
      (x) => Math.exp(-x),
    );
    const above = most(numbers(2003, 88.72283), exponential, Math.exp);
    expect(Math.max(below, above)).toBeLessThan(1);
    // The bound is no empty one.
    expect(above).toBeGreaterThan(0.6);
  });

  it("is 1 at 0, and goes to 0 and to infinity where single precision does", () => {
    expect([exponential(0), exponential(-0)]).toEqual([1, 1]);
    // The largest x with a finite e^x, and the next; the least with one that does not round to 0, half of 2^-149, and the next.
    expect(exponential(88.72283172607422)).toBeLessThan(Infinity);
    expect(exponential(88.7228393)).toBe(Infinity);
    expect(exponential(-103.97207641601562)).toBe(2 ** -149);
    expect(exponential(-103.9720841)).toBe(0);
    expect([exponential(Infinity), exponential(-Infinity), exponential(NaN)]).toEqual([Infinity, 0, NaN]);
  });

  it("gives the same bits in a task as when called", () => {
    expect(same((x) => Math.exp(x), anything)).toEqual(anything.map(exponential));
  });
});

describe("logarithm", () => {
  it("is within 1 ulp of Math's, in double precision, numbers below 2^-126 included", () => {
    const found = most(
      numbers(1009, 3.4e38),
      (x) => (x === 0 ? 0 : logarithm(x)),
      (x) => (x === 0 ? 0 : Math.log(x)),
    );
    expect(found).toBeLessThan(1);
    expect(found).toBeGreaterThan(0.6);
  });

  it("is 0 at 1, minus infinity at both zeros, not a number below", () => {
    expect([1, 0, -0, -1, -Infinity, Infinity, NaN].map(logarithm)).toEqual([
      0,
      -Infinity,
      -Infinity,
      NaN,
      NaN,
      Infinity,
      NaN,
    ]);
  });

  it("gives the same bits in a task as when called", () => {
    expect(same((x) => Math.log(x), anything)).toEqual(anything.map(logarithm));
  });
});
