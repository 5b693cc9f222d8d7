import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

let kernel: LiveKernel;
let subshell: string;
beforeEach(async () => {
  kernel = await startKernel();
  const { reply } = kernel.client.request("control", "create_subshell_request", {});
  subshell = (await reply)["subshell_id"] as string;
});
afterEach(() => kernel.stop());

const prints = (published: readonly { readonly type: string }[]): boolean =>
  published.some(({ type }) => type === "stream");

describe("a cell of a subshell", () => {
  it("runs while the cell of the kernel's own shell awaits, and each has its own outputs", async () => {
    const long = kernel.send(
      "console.log('begun'); const told = await new Promise((go) => (globalThis.go = go)); console.log(told); told",
    );
    await long.seen(prints);
    const aside = await kernel.send("display('beside'); console.log('it'); go('on'); 6 * 7", {}, subshell).ended;
    expect(aside.reply).toMatchObject({ status: "ok", execution_count: 1 });
    expect([aside.text(), aside.result()]).toEqual(["it\n", "42"]);
    const ended = await long.ended;
    expect([ended.text(), ended.result()]).toEqual(["begun\non\n", "'on'"]);
    expect(ended.all.filter(({ type }) => type === "display_data")).toEqual([]);
  });

  it("waits for a synchronous loop, as there is one thread", async () => {
    await kernel.execute("const flag = new Int32Array(new SharedArrayBuffer(4)); let turns = 0");
    const loop = kernel.send(
      "console.log('loop'); const end = Date.now() + 300; while (Date.now() < end) turns += 1; turns = -1",
    );
    await loop.seen(prints);
    expect((await kernel.send("turns", {}, subshell).ended).result()).toBe("-1");
    await loop.ended;
  });

  it("fails with its own lines, and sees what others have declared", async () => {
    await kernel.execute("function fail(): never {\n  throw new RangeError('in a subshell');\n}");
    const { reply } = await kernel.send("const own = 1;\nfail()", {}, subshell).ended;
    expect(reply).toMatchObject({ status: "error", ename: "RangeError" });
    expect((reply["traceback"] as string[]).join("\n")).toMatch(/cell \[1\]:2[^]*cell \[\*\d+\]:2/u);
    expect((await kernel.execute("own")).result()).toBe("1");
  });
});

describe("an interrupt", () => {
  const loop = "for (;;) turns++";
  const never = "await new Promise(() => {})";
  const pairs: Readonly<Record<string, readonly [own: string, other: string]>> = {
    "cells that wait": [never, never],
    "a loop beside a cell that waits": [never, loop],
    "a loop, and one behind it that has not begun": [loop, loop],
    "a loop, and a cell behind it that has not begun": [loop, `console.log("begun"); ${never}`],
    "loops after awaits": [`await 1; ${loop}`, `await new Promise((go) => setTimeout(go, 1)); ${loop}`],
    "loops that sleep": Array(2).fill("for (;;) await new Promise((go) => setTimeout(go, 1))") as [string, string],
  };
  for (const [name, [own, other]] of Object.entries(pairs)) {
    it(`stops ${name}, answers each once and keeps the variables`, async () => {
      await kernel.execute("let turns = 0; const kept = 'kept'");
      for (const pause of [0, 20]) {
        const cells = [kernel.send(own), kernel.send(other, {}, subshell)];
        await Promise.all(cells.map(({ started }) => started));
        await new Promise((resolve) => setTimeout(resolve, pause));
        expect(await kernel.interrupt()).toEqual({ status: "ok" });
        for (const { ended } of cells) {
          const { reply, all } = await ended;
          expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
          expect(all.filter(({ type }) => type === "error")).toHaveLength(1);
        }
        expect((await kernel.execute("kept")).result()).toBe("'kept'");
        expect((await kernel.send("kept", {}, subshell).ended).result()).toBe("'kept'");
      }
    });
  }
});
