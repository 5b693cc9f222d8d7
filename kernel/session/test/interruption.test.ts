import { runInThisContext } from "node:vm";
import { expect, it } from "vitest";
import { enterCell, leaveCell, runningCells } from "../context.ts";
import { interruptDoor } from "../interrupt-expression.ts";
import { openInterruption } from "../interruption.ts";

let terminations = 0;
const evaluator = { terminate: () => (terminations += 1) };
openInterruption(evaluator as never, new Set(), () => undefined);
const door = (
  globalThis as unknown as Record<symbol, (number: number, cells: readonly number[], stopped: boolean) => string>
)[Symbol.for(interruptDoor)]!;
let interrupts = 0;

let answer = "";

/** An interrupt of a cell that waits comes upon other code, which calls this. */
const interrupt = (): void => {
  const context = enterCell(interrupts, 1, false);
  interrupts += 1;
  answer = "later";
  for (let asked = 0; asked < 3 && answer === "later"; asked++) answer = door(interrupts, [context.cell], false);
  leaveCell(context);
};
const code = runInThisContext("(call) => call()", { filename: "cell [1]" }) as (call: () => void) => void;
const kernels = (call: () => void): void => {
  call();
};
const nodes = (call: () => void): void => {
  new URLSearchParams("a=b").forEach(call);
};

/** What an interrupt does under these callers, the outermost first, which the event loop has called: nothing but Node's is below them. */
const struck = async (...callers: ((call: () => void) => void)[]): Promise<string> => {
  const run = callers.reduceRight<() => void>(
    (call, caller) => () => {
      caller(call);
    },
    interrupt,
  );
  await new Promise<void>((resolve) =>
    setTimeout(() => {
      run();
      resolve();
    }, 1),
  );
  return answer;
};

it("an interrupt strikes a cell's code and what it calls of the kernel, not what the kernel does between cells, nor Node", async () => {
  const deep = Array.from({ length: 15 }, () => kernels);
  expect([await struck(code), await struck(code, ...deep), await struck(kernels, nodes, code)]).toEqual([
    "done",
    "done",
    "done",
  ]);
  expect(terminations).toBe(3);
  expect([await struck(kernels), await struck(code, nodes)]).toEqual(["later", "later"]);
  expect(terminations).toBe(3);
});

it("a cell whose leaving was cut short leaves with the next one", () => {
  const [first, second] = [enterCell(901, 1, false), enterCell(902, 2, false)];
  first.finished = true;
  leaveCell(second);
  expect(runningCells()).toEqual([]);
});
