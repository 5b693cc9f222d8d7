import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { cosine, graph, map, run, sine, sink, source } from "../index.ts";

const bits = new DataView(new ArrayBuffer(4));

/** The distance of two neighbouring single-precision numbers at the size of an exact value; that of the subnormals at least. */
function ulp(exact: number): number {
  return exact === 0 ? 2 ** -149 : 2 ** Math.max(Math.floor(Math.log2(Math.abs(exact))) - 23, -149);
}

/** The single-precision number so many places on. */
function neighbour(x: number, places: number): number {
  bits.setFloat32(0, x);
  bits.setInt32(0, bits.getInt32(0) + places);
  return bits.getFloat32(0);
}

function* arguments_(): Generator<number> {
  // Next to the multiples of π/4, where one of the two is smallest or the reduction changes quarters.
  for (let k = 0; k * (Math.PI / 4) < 8191; k++)
    for (let places = -2; places <= 2; places++) yield neighbour(Math.fround((k * Math.PI) / 4 + 1e-30), places);
  // All sizes: a number of each of many equal steps in the order of bits, with random last bits.
  const stream = random("sine");
  bits.setFloat32(0, 8192);
  const top = bits.getUint32(0);
  for (let at = 0; at < 400_000; at++) {
    bits.setUint32(0, stream.int(top + 1));
    yield bits.getFloat32(0);
  }
  // Where programs are: evenly.
  for (let at = 0; at < 400_000; at++) yield Math.fround(stream.float() * 8192);
}

describe("sine and cosine", () => {
  it("are within 1 ulp of Math's, in double precision, up to 8192", () => {
    let most = 0;
    for (const x of arguments_()) {
      if (!(x >= 0 && x <= 8192)) continue;
      most = Math.max(most, Math.abs(sine(x) - Math.sin(x)) / ulp(Math.sin(x)));
      most = Math.max(most, Math.abs(cosine(x) - Math.cos(x)) / ulp(Math.cos(x)));
    }
    expect(most).toBeLessThan(1);
    // The bound is no empty one.
    expect(most).toBeGreaterThan(0.5);
  });

  it("are odd and even, and not defined beyond 8192", () => {
    for (const x of [0.1, 1, 2, 3, 5, 100, 8192]) {
      expect(sine(-x)).toBe(-sine(x));
      expect(cosine(-x)).toBe(cosine(x));
    }
    for (const x of [8193, -8193, Infinity, -Infinity, NaN]) {
      expect(sine(x)).toBeNaN();
      expect(cosine(x)).toBeNaN();
    }
  });

  it("are the same bits in a task as when called", () => {
    const stream = random("task");
    const input = Float32Array.from({ length: 10_000 }, () => stream.normal(0, 1000));
    const both = (f: (x: number) => number): Float32Array =>
      run(
        graph(
          source("f32")
            .to(map({ label: "f", input: "f32" }, f))
            .to(sink("f32")),
        ),
        input,
      ) as Float32Array;
    expect(both((x) => Math.sin(x))).toEqual(input.map(sine));
    expect(both((x) => Math.cos(x))).toEqual(input.map(cosine));
  });
});
