import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ElementType, graph, run, runOn, sink, source, task, webAssembly } from "../index.ts";
import { anyTasks } from "./any-tasks.ts";
import { firstDifference, programs } from "./programs.ts";

const elements: Readonly<Record<ElementType, fc.Arbitrary<number>>> = {
  i32: fc.oneof(fc.integer({ min: -10, max: 10 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  f32: fc.oneof(fc.integer({ min: -10, max: 10 }), fc.float()),
};

describe("every program gives JavaScript's bits", () => {
  it.each(programs)("%s", async (_, whole, input) => {
    const expected = run(whole, input);
    for (const [threads, vectors] of [
      [1, true],
      [1, false],
      [2, true],
      [3, true],
    ] as const)
      expect(await runOn(whole, input, { device: webAssembly({ threads, vectors }), iterations: 64 })).toEqual(
        expected,
      );
  });
});

describe("any tasks give JavaScript's bits", () => {
  // A step of more than some 20 000 operations is shared by threads.
  it.each([
    [1, false, 10, 1],
    [1, true, 25, 1],
    [2, true, 6, 60],
  ])("with %i threads, vectors: %s, %i times", { timeout: 60_000 }, async (threads, vectors, numRuns, copies) => {
    const device = webAssembly({ threads, vectors });
    await fc.assert(
      fc.asyncProperty(
        anyTasks.chain((one) => {
          const length = 9 * one.whole.takes;
          return fc.tuple(
            fc.constant(one),
            fc.array(elements[one.whole.input], { minLength: length, maxLength: length }),
          );
        }),
        async ([{ whole }, numbers]) => {
          const repeated = Array.from({ length: copies }, () => numbers).flat();
          const made = await runOn(whole, repeated, { device, iterations: Math.ceil((9 * copies) / 2) });
          expect(firstDifference(made, run(whole, repeated))).toBe(-1);
        },
      ),
      { numRuns, endOnFailure: true },
    );
  });
});

it("shifts lanes by an amount that all have and nobody knows beforehand", async () => {
  const shifts = task({ label: "shifts", input: "i32", takes: 1, gives: 16 }, (x, y) => {
    const by = x[0]! & 7;
    for (let i = 0; i < 16; i++) y[i] = i << by;
  });
  const whole = graph(source("i32").to(shifts).to(sink("i32")));
  const input = [0, 1, 2, 3, 7, -1];
  const device = webAssembly({ threads: 1 });
  expect(await runOn(whole, input, { device })).toEqual(run(whole, input));
});

it("runs rounds in their order where they store to the same elements", async () => {
  // The second store of a round is to the element of the next one's first: the first wins but at the end.
  const overlapping = task({ label: "overlapping", input: "i32", takes: 12, gives: 13 }, (x, y) => {
    for (let i = 0; i < 12; i++) {
      y[i] = x[i]!;
      y[i + 1] = -x[i]!;
    }
  });
  const input = Array.from({ length: 12 }, (_, at) => at + 1);
  const whole = graph(source("i32").to(overlapping).to(sink("i32")));
  expect([...(await runOn(whole, input, { device: webAssembly({ threads: 1 }) }))]).toEqual([...input, -12]);
});

it("refuses options out of range, and a task whose functions are too many when they are written out", async () => {
  expect(() => webAssembly({ threads: 0 })).toThrow("threads: expected a whole number from 1 to 64, got 0");
  expect(() => webAssembly({ vectors: 1 } as never)).toThrow("vectors: expected true or false, got 1");
  const levels = Array.from({ length: 16 }, (_, at) => `const f${at + 1} = (a) => f${at}(a) + f${at}(a);`).join("\n");
  const text = `(x, y) => { const f0 = (a) => a;\n${levels}\ny[0] = f16(x[0]); }`;
  const many = task(
    { label: "many", input: "i32" },
    Object.assign(() => undefined, { toString: () => text }),
  );
  const whole = graph(source("i32").to(many).to(sink("i32")));
  expect([...run(whole, [3])]).toEqual([3 * 2 ** 16]);
  await expect(runOn(whole, [3], { device: webAssembly() })).rejects.toThrow(
    "webassembly: cannot run the task many, which with its functions written where they are called has more than 2^14 statements",
  );
});
