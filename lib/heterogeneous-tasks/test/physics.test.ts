import { describe, expect, it } from "vitest";
import { noise } from "../../bench/reference/noise.ts";
import { random } from "../../core/random.ts";
import { coulombicPotential, graph, mriQ, nBody, run, sink, source } from "../index.ts";
import { floats, apart } from "./run-stream.ts";

describe("N-Body", () => {
  it("is the sum over pairs in double precision", () => {
    const bodies = 64;
    const input = noise("bodies", 4 * bodies).map((x, at) => (at % 4 === 3 ? Math.abs(x) : x));
    const softening = Math.fround(0.01);
    const expected = new Float64Array(3 * bodies);
    // A sum's rounding errors are bounded by the sum of its terms' sizes: n + 8 roundings each.
    let most = 0;
    for (let i = 0; i < bodies; i++) {
      let sizes = 0;
      for (let j = 0; j < bodies; j++) {
        const d = [0, 1, 2].map((axis) => input[4 * j + axis]! - input[4 * i + axis]!);
        const pull = input[4 * j + 3]! / (d.reduce((sum, x) => sum + x * x, 0) + softening) ** 1.5;
        d.forEach((x, axis) => (expected[3 * i + axis]! += x * pull));
        sizes += Math.hypot(...d) * pull;
      }
      most = Math.max(most, sizes);
    }
    expect(apart(floats(nBody(bodies, 0.01), input), expected)).toBeLessThan((bodies + 8) * 2 ** -24 * most);
  });

  it("conserves momentum: forces of equal masses cancel", () => {
    const input = noise("equal", 4 * 16).map((x, at) => (at % 4 === 3 ? 1 : x));
    const output = floats(nBody(16, 0.01), input);
    const size = output.reduce((sum, x) => sum + Math.abs(x), 0);
    for (let axis = 0; axis < 3; axis++)
      expect(Math.abs(output.filter((_, at) => at % 3 === axis).reduce((sum, x) => sum + x, 0))).toBeLessThan(
        24 * 2 ** -24 * size,
      );
  });
});

describe("MRI-Q", () => {
  it("is its sum in double precision", () => {
    const samples = noise("k-space", 4 * 100);
    const points = noise("points", 3 * 50);
    const expected: number[] = [];
    for (let at = 0; at < points.length; at += 3) {
      let [re, im] = [0, 0];
      for (let k = 0; k < samples.length; k += 4) {
        const angle = 2 * Math.PI * [0, 1, 2].reduce((sum, axis) => sum + samples[k + axis]! * points[at + axis]!, 0);
        re += samples[k + 3]! * Math.cos(angle);
        im += samples[k + 3]! * Math.sin(angle);
      }
      expected.push(re, im);
    }
    const weight = samples.reduce((sum, x, at) => sum + (at % 4 === 3 ? Math.abs(x) : 0), 0);
    // A term: the angle, at most 6π, of 6 roundings, 2 ulp of its sine, the product's rounding; and the sum's 100.
    expect(apart(floats(mriQ([...samples]), points), expected)).toBeLessThan(
      (6 * 6 * Math.PI + 3 + 100) * 2 ** -24 * weight,
    );
  });
});

describe("CP", () => {
  const potential = (atoms: readonly number[], spacing: number, points: readonly number[]): Float32Array =>
    run(graph(source("i32").to(coulombicPotential(atoms, spacing)).to(sink("f32"))), points) as Float32Array;

  it("is its sum in double precision", () => {
    const atoms = [...noise("atoms", 4 * 200)].map((x, at) => (at % 4 === 3 ? x : 8 * x + 8));
    const draw = random("grid");
    const points = Array.from({ length: 3 * 100 }, () => draw.int(160));
    // To first order: a difference is rounded once, its square thrice, sums of squares twice more, the root has half of these and its own, the quotient its own: 4.5. The sum of n terms has n - 1.
    // A point's place is the rounded product, here as there.
    const output = potential(atoms, 0.1, points);
    for (const [at, found] of output.entries()) {
      const place = points.slice(3 * at, 3 * at + 3).map((i) => Math.fround(Math.fround(0.1) * i));
      let [sum, sizes] = [0, 0];
      for (let i = 0; i < atoms.length; i += 4) {
        const r = Math.hypot(...place.map((x, axis) => x - atoms[i + axis]!));
        sum += atoms[i + 3]! / r;
        sizes += Math.abs(atoms[i + 3]!) / r;
      }
      expect(Math.abs(found - sum)).toBeLessThan((200 + 4) * 2 ** -24 * sizes);
    }
  });

  it("cancels between equal charges of opposite signs, and is infinite at an atom", () => {
    const dipole = [1, 0, 0, 2, -1, 0, 0, -2];
    expect([...potential(dipole, 0.25, [0, 3, 5, 0, -7, 0])]).toEqual([0, 0]);
    expect([...potential([1, 0, 0, 2], 0.25, [4, 0, 0, 0, 0, 0])]).toEqual([Infinity, 2]);
    expect(() => coulombicPotential([1, 2, 3], 1)).toThrow("atoms: expected four numbers an atom, got 3");
    expect(() => coulombicPotential([1, 2, 3, 4], 0)).toThrow("spacing: expected a finite number > 0, got 0");
  });
});
