import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

/** Cells that never end by themselves, each in its own way. They count in `turns` where they can. */
const endless: Readonly<Record<string, string>> = {
  "a synchronous loop": "for (;;) turns++",
  "a loop after an await": "await 1; for (;;) turns++",
  "a loop of microtasks": "for (;;) { turns++; await 0 }",
  "two loops of microtasks": "(async () => { for (;;) await 0 })(); for (;;) { turns++; await 0 }",
  "queueMicrotask without end": "await new Promise(() => { (function again() { turns++; queueMicrotask(again) })() })",
  "a loop in a timer": "await new Promise(() => setTimeout(() => { for (;;) turns++ }, 1))",
  "a loop in an interval": "await new Promise(() => setInterval(() => { for (;;) turns++ }, 1))",
  "a loop in the second of several immediates":
    "await new Promise(() => { setImmediate(() => {}); setImmediate(() => { for (;;) turns++ }); setImmediate(() => {}) })",
  "try, catch and finally": "for (;;) { try { for (;;) turns++ } catch {} finally { for (;;) turns++ } }",
  "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "a promise that never settles": "await new Promise(() => {})",
  "a loop that sleeps": "for (;;) { turns++; await new Promise((resolve) => setTimeout(resolve, 1)) }",
  "an interval": "await new Promise(() => setInterval(() => turns++, 1))",
  "ticks without end": "await new Promise(() => { (function again() { turns++; process.nextTick(again) })() })",
  "immediates without end": "await new Promise(() => { (function again() { turns++; setImmediate(again) })() })",
  "contexts of its own":
    'const { AsyncLocalStorage } = await import("node:async_hooks"); await new Promise(() => new AsyncLocalStorage().run(1, async () => { for (;;) { turns++; await 0 } }))',
  "an async generator":
    "async function* count() { for (;;) yield turns++ }\nfor await (const turn of count()) void turn",
  "reads of a file":
    'const { readFile } = await import("node:fs/promises"); for (;;) { turns++; await readFile(process.execPath, { encoding: "latin1", flag: "r" }).then(() => 0, () => 0) }',
  "small reads of a file":
    'const { readFile } = await import("node:fs/promises"); for (;;) { turns++; await readFile("/dev/null") }',
  "callbacks of reads":
    'const fs = await import("node:fs"); await new Promise(() => { (function again() { turns++; fs.readFile("/dev/null", again) })() })',
  "work in Node's thread pool":
    'const zlib = await import("node:zlib"); await new Promise(() => { (function again() { turns++; zlib.gzip("text", again) })() })',
  "a stream without end":
    'const { Readable } = await import("node:stream"); for await (const one of Readable.from((function* () { for (;;) yield 1 })())) turns += one as number',
  "several timers at once":
    "for (;;) { turns++; await Promise.all([1, 2, 3].map((ms) => new Promise((resolve) => setTimeout(resolve, ms)))) }",
  "a loop in code without a name": 'await new Promise(() => setTimeout(new Function("for (;;) turns++"), 1))',
  "printing without end": 'for (;;) { turns++; console.log("x".repeat(1000)) }',
  "a regular expression that backtracks": '/^(a+)+$/.test("a".repeat(60) + "b")',
};

describe("an interrupt", () => {
  let kernel: LiveKernel;
  beforeAll(async () => {
    kernel = await startKernel();
    await kernel.execute("let turns = 0; const kept = { since: 'the start' }");
  });
  afterAll(() => kernel.stop());

  for (const [name, code] of Object.entries(endless)) {
    it(`stops ${name}, answers it and keeps the variables`, async () => {
      for (const pause of [0, 5, 20]) {
        const { started, ended } = kernel.send(code);
        await started;
        await new Promise((resolve) => setTimeout(resolve, pause));
        expect(await kernel.interrupt()).toEqual({ status: "ok" });
        const { reply, outputs } = await ended;
        expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
        expect(outputs.filter(({ type }) => type === "error")).toHaveLength(1);
        const before = Number((await kernel.execute("turns")).result());
        const after = await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 20)); turns");
        expect(Number(after.result())).toBe(before);
        expect((await kernel.execute("kept.since")).result()).toBe("'the start'");
      }
    });
  }

  it("leaves the timers of other cells alone", async () => {
    const ticking = await kernel.execute("let ticks = 0; const ticker = setInterval(() => { ticks++ }, 2)");
    expect(ticking.reply["status"]).toBe("ok");
    const { started, ended } = kernel.send("await new Promise(() => {})");
    await started;
    await kernel.interrupt();
    expect((await ended).reply["ename"]).toBe("Interrupted");
    const before = Number((await kernel.execute("ticks")).result());
    const after = await kernel.execute(
      "await new Promise((resolve) => setTimeout(resolve, 50)); clearInterval(ticker); ticks",
    );
    expect(Number(after.result())).toBeGreaterThan(before);
  });

  it("that comes too late for a cell leaves it its value, and what runs next can be interrupted", async () => {
    await kernel.execute('const own = new (await import("node:inspector")).Session(); own.connect()');
    // Where a cell ends, nothing is left that V8 could terminate.
    const late = 'own.post("Runtime.terminateExecution")';
    expect((await kernel.execute(late)).reply["status"]).toBe("ok");
    const cell = kernel.send("'value'", { user_expressions: { late, endless: "console.log('in it'); for (;;);" } });
    await cell.seen((published) => published.some(({ content }) => content["text"] === "in it\n"));
    await kernel.interrupt();
    expect((await cell.ended).reply["ename"]).toBe("Interrupted");
    await kernel.execute("own.disconnect()");
    expect((await kernel.execute("kept.since")).result()).toBe("'the start'");
  });

  it("does nothing when nothing runs", async () => {
    expect(await kernel.interrupt()).toEqual({ status: "ok" });
    expect((await kernel.execute("1 + 1")).result()).toBe("2");
  });

  it("aborts the cells that wait behind the interrupted one", async () => {
    const first = kernel.send("for (;;);");
    const second = kernel.send("'never run'");
    const third = kernel.send("'run all the same'", { stop_on_error: false });
    await first.started;
    await kernel.interrupt();
    expect((await first.ended).reply["ename"]).toBe("Interrupted");
    expect((await second.ended).reply).toEqual({ status: "aborted" });
    expect((await third.ended).reply).toEqual({ status: "aborted" });
    expect((await kernel.execute("'runs'")).reply["status"]).toBe("ok");
  });

  it("of a chart's drawing keeps no later chart waiting", async () => {
    await kernel.execute(`const bar = (n: number) => ({
      $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [{ n }] }, mark: "bar",
      encoding: { x: { field: "n" } } });
      await display(bar(0));`);
    for (let round = 0; round < 15; round += 1) {
      const cell = kernel.send("for (let i = 0; ; i += 1) await display(bar(i))");
      await cell.seen((published) => published.filter(({ type }) => type === "display_data").length > round % 4);
      await kernel.interrupt();
      await cell.ended;
      const after = await kernel.execute("bar(1)");
      expect(after.outputs.some(({ type }) => type === "execute_result")).toBe(true);
    }
  });
});
