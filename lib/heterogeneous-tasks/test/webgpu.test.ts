import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { graph, map, run, runOn, sink, source, type Stream, task } from "../index.ts";
import { adapter } from "./adapter.ts";
import { anyTasks } from "./any-tasks.ts";
import { firstDifference, programs } from "./programs.ts";

const device = await adapter();

describe.skipIf(device === undefined)("WebGPU", { timeout: 60_000 }, () => {
  it.each(programs)("gives JavaScript's bits: %s", async (_, whole, input) => {
    const made = await runOn(whole, input, { device: device!, iterations: 128 });
    expect(firstDifference(made, run(whole, input))).toBe(-1);
  });

  /** Numbers of any bits: half of them not normal, or next to such. */
  const anyBits = (length: number): Float32Array => {
    const { bits, int } = random("any bits");
    const words = Uint32Array.from({ length }, (_, at) => {
      const near = [0, 0x80000000, 0x7f800000, 0x00800000, 0x3f800000, 0x4f000000, 0xcf000000][int(7)]!;
      return at % 2 === 0 ? bits() : near + int(5) - 2 + (int(2) === 0 ? 0 : int(2 ** 23));
    });
    return new Float32Array(words.buffer);
  };
  const quotient = task({ label: "quotient", input: "f32", takes: 2 }, (x, y) => {
    y[0] = x[0]! / x[1]!;
  });
  const root = map({ label: "root", input: "f32" }, (x) => Math.sqrt(x));
  const whole = map({ label: "whole", input: "f32", output: "i32" }, (x) => Math.trunc(x));
  const size = map({ label: "size", input: "f32" }, (x) => Math.abs(-x));
  it.each<readonly [string, Stream]>([
    ["quotients", quotient],
    ["roots", root],
    ["whole numbers", whole],
    ["sizes", size],
  ])("rounds all %s as IEEE 754 does, of numbers below the normal ones, infinities and NaN too", async (_, stream) => {
    const all = graph(source("f32").to(stream).to(sink(stream.output!)));
    const input = anyBits(2 ** 19);
    const made = await runOn(all, input, { device: device! });
    expect(firstDifference(made, run(all, input))).toBe(-1);
  });

  // From inputs of ordinary sizes no operation comes below the normal numbers, but by an unlikely seed: so it is fixed.
  it("gives JavaScript's bits for any tasks", async () => {
    await fc.assert(
      fc.asyncProperty(anyTasks, fc.nat(), async ({ whole }, seed) => {
        const { int } = random(`input ${seed}`);
        const input = Array.from({ length: 40 * whole.takes }, () => int(2001) - 1000);
        const made = await runOn(whole, whole.input === "i32" ? input : input.map((x) => x / 16), { device: device! });
        const expected = run(whole, whole.input === "i32" ? input : input.map((x) => x / 16));
        expect(firstDifference(made, expected)).toBe(-1);
      }),
      { numRuns: 4, endOnFailure: true, seed: 7 },
    );
  });

  it("does not compute a product and a sum at once, nor a sum that is taken back", async () => {
    const sums = task({ label: "sums", input: "f32", takes: 3, gives: 3 }, (x, y) => {
      y[0] = x[0]! * x[1]! + x[2]!;
      y[1] = 1 - (1 - x[0]!);
      y[2] = x[0]! + x[1]! - x[1]!;
    });
    const all = graph(source("f32").to(sums).to(sink("f32")));
    const { float } = random("sums");
    const input = Float32Array.from({ length: 3 * 4096 }, () => float() * 2 ** (20 * float() - 10));
    expect(firstDifference(await runOn(all, input, { device: device! }), run(all, input))).toBe(-1);
  });
});
