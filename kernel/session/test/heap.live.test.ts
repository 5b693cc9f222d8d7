import { afterAll, beforeAll, expect, it } from "vitest";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

let kernel: LiveKernel;
// From half of the heap on it grows by some 50 MB a second: on a busy machine, too, there is time to see it.
beforeAll(async () => {
  kernel = await startKernel(undefined, { NODE_OPTIONS: "--max-old-space-size=1000" });
  await kernel.execute(
    "const kept = 5; const rows: number[][] = []; const grow = (): number => { for (let spin = 0; spin < 150_000; spin++); return rows.push(new Array(1000).fill(rows.length)); };",
  );
  await kernel.execute("while (rows.length < 60_000) rows.push(new Array(1000).fill(rows.length)); 0");
});
afterAll(() => kernel.stop());

const stopped =
  /^the cell was stopped before the kernel ran out of memory: \d+ of at most \d+ MiB are in use\. All variables are kept/;

it("a cell that fills the heap is stopped, in any kind of loop, and the variables are kept", async () => {
  for (const loop of [
    "for (;;) grow();",
    "for (let turn = 0; ; turn++) { grow(); if (turn % 100 === 0) await null; }",
    "const again = (): void => { for (let turn = 0; turn < 100; turn++) grow(); setTimeout(again); }; again(); await new Promise(() => {});",
  ]) {
    const { reply } = await kernel.execute(loop);
    expect(reply).toMatchObject({
      status: "error",
      ename: "OutOfMemory",
      evalue: expect.stringMatching(stopped) as string,
    });
    expect((await kernel.execute("[kept, rows.length > 60_000]")).result()).toBe("[ 5, true ]");
    await kernel.execute("rows.length = 60_000");
  }
});

it("where little is left, other cells run on, and may let go of what fills it", async () => {
  const first = await kernel.execute("for (;;) grow();");
  const other = await kernel.execute("rows.length = 60_000");
  const again = await kernel.execute("for (let turn = 0; turn < 1000; turn++) grow(); kept");
  expect([first.reply["ename"], other.result(), again.result()]).toEqual(["OutOfMemory", "60000", "5"]);
});

it("garbage stops no cell, however much there is", async () => {
  // Four times the heap, of which two thirds are in use.
  const { reply } = await kernel.execute(
    "for (let turn = 0; turn < 500_000; turn++) rows[turn % 83_000] = new Array(1000).fill(turn);",
  );
  expect(reply).toMatchObject({ status: "ok" });
});
