import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isJsonObject } from "../../protocol/json.ts";
import { startKernel, type CellRun, type LiveKernel, type Published } from "./live-kernel.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel.stop());

const shown = (outputs: readonly Published[]): string[] =>
  outputs.flatMap(({ type, content }) => {
    if (type === "stream") return `${content["name"] as string} ${(content["text"] as string).trimEnd()}`;
    const { data } = content;
    return isJsonObject(data) ? `${type} ${data["text/plain"] as string}` : type === "error" ? type : [];
  });

/** The text of a stream under a cell, as soon as it holds a text. */
async function late(run: CellRun, name: "stdout" | "stderr", awaited: string): Promise<string> {
  for (;;) {
    const text = run.all
      .filter(({ type, content }) => type === "stream" && content["name"] === name)
      .map(({ content }) => content["text"] as string)
      .join("");
    if (text.includes(awaited)) return text;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The kernel still runs cells. */
async function works(): Promise<void> {
  const run = await kernel.execute("console.log('here'); 20 + 1");
  expect(run.text()).toBe("here\n");
  expect(run.result()).toBe("21");
}

describe("output", () => {
  it("of 10,000 lines in turns on both streams is lost on neither", async () => {
    const run = await kernel.execute("for (let i = 0; i < 5000; i++) { console.log(i); console.error(`e${i}`) }");
    expect(run.text("stdout")).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
    expect(run.text("stderr")).toBe(Array.from({ length: 5000 }, (_, i) => `e${i}\n`).join(""));
  });

  it("keeps the order between printing, displays, errors and the result", async () => {
    const run = await kernel.execute(
      "console.log(1); display(2); console.error(3); console.log(4); display(5, { id: 'a' }); updateDisplay(6, { id: 'a' }); process.stdout.write('7'); 8",
    );
    expect(shown(run.outputs)).toEqual([
      ...["stdout 1", "display_data 2", "stderr 3", "stdout 4", "display_data 5", "update_display_data 6"],
      ...["stdout 7", "execute_result 8"],
    ]);
    const failed = await kernel.execute("console.log(1); display(2); throw 3");
    expect(shown(failed.outputs)).toEqual(["stdout 1", "display_data 2", "error"]);
  });

  it("keeps that order however many there are", async () => {
    const run = await kernel.execute("for (let i = 0; i < 2000; i++) { console.log(i); display(i) }");
    expect(shown(run.outputs)).toEqual(
      Array.from({ length: 2000 }, (_, i) => [`stdout ${i}`, `display_data ${i}`]).flat(),
    );
  });

  it("of one line of 100 MB arrives, whatever its characters", { timeout: 120_000 }, async () => {
    const run = await kernel.execute("process.stdout.write('é😀abc'.repeat(10_000_000))");
    expect(run.reply["status"]).toBe("ok");
    const text = run.text();
    expect(text.length).toBe(60_000_000);
    expect(text === "é😀abc".repeat(10_000_000)).toBe(true);
  });

  it("shows what a cell that is interrupted has printed before", async () => {
    const folder = mkdtempSync(join(tmpdir(), "veelab-behaviour-"));
    const printed = join(folder, "printed");
    // Not the output itself: the last of it may still be on its way.
    const { ended } = kernel.send(`
      const { writeFileSync } = await import("node:fs");
      console.log("before"); console.log("more"); writeFileSync(${JSON.stringify(printed)}, ""); for (;;);`);
    while (!existsSync(printed)) await new Promise((resolve) => setTimeout(resolve, 1));
    await kernel.interrupt();
    const run = await ended;
    rmSync(folder, { recursive: true });
    expect(run.reply["ename"]).toBe("Interrupted");
    expect(run.text()).toBe("before\nmore\n");
  });

  it("of a child process is not the notebook's, unless the cell prints it", async () => {
    const run = await kernel.execute(
      'const { execFileSync } = await import("node:child_process"); console.log(execFileSync("echo", ["of a child"]).toString())',
    );
    expect(run.text()).toBe("of a child\n\n");
  });
});

describe("a display", () => {
  it("of 100 MB arrives, and so does its result", { timeout: 120_000 }, async () => {
    const run = await kernel.execute(
      "display.raw('text/plain', 'y'.repeat(100_000_000)); 'z'.repeat(100_000_000).length",
    );
    const { content } = run.outputs.find(({ type }) => type === "display_data")!;
    expect((content["data"] as Record<string, string>)["text/plain"]?.length).toBe(100_000_000);
    expect(run.result()).toBe("100000000");
  });

  it("of a string of 100 MB as a result ends the cell", { timeout: 120_000 }, async () => {
    const run = await kernel.execute("'w'.repeat(100_000_000)");
    expect(run.reply["status"]).toBe("ok");
    expect(run.result()?.startsWith("'www")).toBe(true);
    await works();
  });

  it("is changed and cleared by name, also from a later cell", async () => {
    await kernel.execute("display('first', { id: 'later' })");
    const run = await kernel.execute(
      "await updateDisplay('second', { id: 'later' }); clearOutput(); clearOutput({ wait: true })",
    );
    expect(run.outputs.map(({ type, content }) => [type, content])).toEqual(
      expect.arrayContaining([
        [
          "update_display_data",
          { data: { "text/plain": "'second'" }, metadata: {}, transient: { display_id: "later" } },
        ],
        ["clear_output", { wait: false }],
        ["clear_output", { wait: true }],
      ]) as unknown,
    );
  });

  it("that cannot be made is the error of its cell", async () => {
    for (const code of [
      'const broken = { [Symbol.for("Jupyter.display")]() { throw new Error("broken") } }; broken',
      "await display(broken)",
      'const late = { async [Symbol.for("Jupyter.display")]() { throw new Error("broken") } }; late',
      'const cyclic: any = {}; cyclic.self = cyclic; ({ [Symbol.for("Jupyter.display")]: () => ({ "application/json": cyclic }) })',
      '({ [Symbol.for("Jupyter.display")]: () => ({ "application/json": 10n }) })',
    ]) {
      const { reply } = await kernel.execute(code);
      expect(reply["status"], code).toBe("error");
    }
    await works();
  });

  it("of what resists being looked at is text or an error, never silence", async () => {
    for (const code of [
      "new Proxy({}, { get() { throw new Error('no') }, ownKeys() { throw new Error('no') } })",
      "({ get a() { throw new Error('no') } })",
      "Object.create(null)",
      "({ [Symbol.toStringTag]: 'x', toString: undefined })",
      "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } })",
      "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()",
      "({ then: 1 })",
      "[, , 1]",
      "Symbol('s')",
      "-0",
      "10n ** 400n",
      "new Map([[{}, new Set([1])]])",
      "globalThis",
      "process",
    ]) {
      const run = await kernel.execute(code);
      expect(run.result() ?? run.reply["ename"], code).toEqual(expect.any(String));
    }
    await works();
  });
});

describe("what a cell has started", () => {
  it("prints under its own cell, while and after others run", async () => {
    const first = await kernel.execute("setTimeout(() => console.log('of the first'), 30); 'started'");
    const second = await kernel.execute(
      "await new Promise((resolve) => setTimeout(resolve, 60)); console.log('of the second'); setTimeout(() => display('late'), 1)",
    );
    expect(await late(first, "stdout", "of the first")).toBe("of the first\n");
    expect(second.text()).toBe("of the second\n");
    while (!second.all.some(({ type }) => type === "display_data")) await new Promise((r) => setTimeout(r, 5));
    expect(first.all.some(({ type }) => type === "display_data")).toBe(false);
  });

  it("through promises, events and functions of earlier cells prints under the cell that started it", async () => {
    await kernel.execute("function tell(what: string) { setTimeout(() => console.log(what), 10) }");
    const first = await kernel.execute("tell('one'); Promise.resolve().then(() => setTimeout(() => tell('two'), 5))");
    const second = await kernel.execute("tell('three'); await new Promise((resolve) => setTimeout(resolve, 80))");
    expect(await late(first, "stdout", "two")).toBe("one\ntwo\n");
    expect(second.text()).toBe("three\n");
  });

  it("and throws is shown on stderr of its cell, and kills nothing", async () => {
    const thrower = await kernel.execute(
      "let kept = 'kept'; setTimeout(() => { throw new RangeError('in a timer') }, 5)",
    );
    expect(thrower.reply["status"]).toBe("ok");
    expect(await late(thrower, "stderr", "RangeError")).toContain("in a timer");
    const rejecter = await kernel.execute("Promise.reject(new TypeError('nobody waits')); 1");
    expect(await late(rejecter, "stderr", "TypeError")).toContain("nobody waits");
    const emitter = await kernel.execute(
      'const { EventEmitter } = await import("node:events"); setImmediate(() => new EventEmitter().emit("error", new Error("not heard")))',
    );
    expect(await late(emitter, "stderr", "not heard")).toContain("Uncaught error");
    const odd = await kernel.execute("setTimeout(() => { throw undefined }, 1); Promise.reject(null)");
    expect(await late(odd, "stderr", "Unhandled rejection")).toContain("null");
    expect((await kernel.execute("kept")).result()).toBe("'kept'");
  });

  it("and is rejected later but caught in time is not shown", async () => {
    const run = await kernel.execute(
      "const slow = new Promise((_, reject) => setTimeout(() => reject(new Error('slow')), 5)); await slow.catch((e: Error) => e.message)",
    );
    expect(run.result()).toBe("'slow'");
    await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 20))");
    expect(run.all.filter(({ type }) => type === "stream")).toEqual([]);
  });
});

describe("cells", () => {
  it("share variables: a closure sees what a later cell assigns", async () => {
    await kernel.execute("let n = 0; function inc() { return ++n } const read = () => n");
    await kernel.execute("n = 10");
    expect((await kernel.execute("inc()")).result()).toBe("11");
    await kernel.execute("let n = 100");
    expect((await kernel.execute("[inc(), read()]")).result()).toBe("[ 101, 101 ]");
  });

  it("that end the process are refused, and the variables stay", async () => {
    await kernel.execute("const before = 'exit'");
    for (const code of [
      "process.exit(3)",
      "process.exit()",
      "process.abort()",
      "import { exit } from 'node:process'; exit(4)",
      "setTimeout(() => process.exit(1), 1); await new Promise((r) => setTimeout(r, 20)); throw 1",
    ]) {
      const run = await kernel.execute(code);
      expect(run.reply["status"], code).toBe("error");
    }
    expect((await kernel.execute("process.exit(3)")).reply).toMatchObject({
      ename: "ExitRefused",
      evalue: expect.stringContaining("process.exit(3) would end the kernel") as string,
    });
    expect((await kernel.execute("before")).result()).toBe("'exit'");
  });

  it("that end the process by other names are refused, too", async () => {
    const run = await kernel.execute('const { exit } = await import("node:process"); exit(0)');
    expect(run.reply["ename"]).toBe("ExitRefused");
    await works();
  });

  it("that recurse without end throw an ordinary RangeError", async () => {
    for (const code of [
      "function deep(): number { return deep() + 1 } deep()",
      "const nested: any[] = []; let inner = nested; for (let i = 0; i < 100_000; i++) { const next: any[] = []; inner.push(next); inner = next } JSON.stringify(nested)",
      "const error = new Error('e'); const chain = () => { try { chain() } finally { chain() } }; try { (function f() { f() })() } catch (e) { throw e }",
    ]) {
      const { reply } = await kernel.execute(code);
      expect(reply, code).toMatchObject({ status: "error", ename: "RangeError" });
    }
    await works();
  });

  it("show deep and wide values without end of stack or time", async () => {
    const run = await kernel.execute(
      "let deepest: any = null; for (let i = 0; i < 100_000; i++) deepest = { deepest }; deepest",
    );
    expect(run.reply["status"]).toBe("ok");
    expect((await kernel.execute("Array.from({ length: 1_000_000 }, (_, i) => i)")).result()).toContain("more items");
  });

  it("may throw anything", async () => {
    for (const [code, evalue] of [
      ["throw undefined", "undefined"],
      ["throw null", "null"],
      ["throw 'text'", "'text'"],
      ["throw { a: 1 }", "{ a: 1 }"],
      ["throw Object.assign(new Error('m'), { name: '' })", "m"],
      ["await Promise.reject(5)", "5"],
    ] as const)
      expect((await kernel.execute(code)).reply, code).toMatchObject({ status: "error", evalue });
    for (const code of [
      "throw new Proxy(new Error('x'), { get() { throw new Error('trap') } })",
      "const odd = new Error('odd'); Object.defineProperty(odd, 'stack', { get() { throw 1 } }); throw odd",
      "const round: any = new Error('round'); round.cause = round; throw round",
    ])
      expect((await kernel.execute(code)).reply["status"], code).toBe("error");
    await works();
  });

  it("with nothing in them, or comments only, have no result", async () => {
    for (const code of ["", "   \n", "// nothing", "/* nothing */", ";", "undefined", "void 0"]) {
      const run = await kernel.execute(code);
      expect(run.reply["status"], code).toBe("ok");
      expect(run.result(), code).toBeUndefined();
    }
  });

  it("that wait for what never comes are interrupted, and keep their variables", async () => {
    await kernel.execute("let turns = 0");
    for (const code of ["while (true) turns++", "await new Promise(() => { turns++ })"]) {
      const cell = kernel.send(`console.log("in"); ${code}`);
      await cell.seen((published) => published.some(({ type }) => type === "stream"));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await kernel.interrupt();
      expect((await cell.ended).reply["ename"]).toBe("Interrupted");
    }
    expect(Number((await kernel.execute("turns")).result())).toBeGreaterThan(1);
  });

  it("are written in any script, with any line ends", async () => {
    expect((await kernel.execute("const größe = '世界';\r\nconst 𝒳 = 1;\rgröße + 𝒳")).result()).toBe("'世界1'");
    expect((await kernel.execute("'\\u0000\\ud800'")).result()).toMatch(/^'\\x00\\ud800'$/i);
    expect((await kernel.execute("'lone \ud800'.length")).reply["status"]).toBe("ok");
    expect((await kernel.execute("#!/usr/bin/env node\n1")).reply["status"]).toEqual(expect.any(String));
    await works();
  });
});
