import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Subscriber } from "zeromq";
import type { JsonObject } from "../../protocol/json.ts";
import type { Message } from "../../protocol/messages.ts";
import { createCodec } from "../../protocol/wire.ts";
import { address } from "../../transport/connection.ts";
import { startKernel, type LiveKernel, type Published } from "./live-kernel.ts";

const folder = mkdtempSync(join(tmpdir(), "veelab-live-"));
let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

const types = (outputs: readonly Published[]): string[] =>
  outputs.filter(({ type }) => type !== "status").map(({ type }) => type);

describe("printing", () => {
  it("loses none of 100,000 lines and needs few messages for them", async () => {
    const run = await kernel.execute('for (let i = 0; i < 100_000; i++) console.log("line " + i)');
    const lines = run.text().split("\n");
    expect(lines).toHaveLength(100_001);
    expect(lines.every((line, index) => index === 100_000 || line === `line ${index}`)).toBe(true);
    expect(types(run.outputs).length).toBeLessThan(1000);
  });

  it("keeps the order of prints on both streams and of displays", async () => {
    const run = await kernel.execute(
      'console.log("1"); display.text("2"); console.error("3"); process.stdout.write("4"); display.html("5"); console.log("6"); 7',
    );
    expect(types(run.outputs)).toEqual([
      "execute_input",
      "stream",
      "display_data",
      "stream",
      "stream",
      "display_data",
      "stream",
      "execute_result",
    ]);
    expect(run.text("stdout")).toBe("1\n46\n");
    expect(run.text("stderr")).toBe("3\n");
  });

  it("arrives while the cell is inside a synchronous loop", async () => {
    const cell = kernel.send('console.log("begun"); for (;;);');
    await cell.seen((published) => types(published).includes("stream"));
    await kernel.interrupt();
    const { outputs } = await cell.ended;
    const printed = outputs.findIndex(({ type }) => type === "stream");
    const failed = outputs.findIndex(({ type }) => type === "error");
    expect(outputs[printed]?.content).toEqual({ name: "stdout", text: "begun\n" });
    expect(printed).toBeLessThan(failed);
  });

  it("takes bytes, encodings and callbacks as Node's streams do", async () => {
    const run = await kernel.execute(
      'await new Promise((resolve) => process.stdout.write(Buffer.from("é").subarray(0, 1), resolve)); process.stdout.write(Buffer.from("é").subarray(1)); process.stdout.write("c3a9", "hex"); await new Promise((resolve) => process.stdout.write("!", "utf8", resolve))',
    );
    expect(run.text()).toBe("éé!");
  });

  it("appears under the cell that it comes from, also later", async () => {
    const early = await kernel.execute(
      'setTimeout(() => console.log("timer"), 20); (async () => { await new Promise((r) => setTimeout(r, 30)); display.text("await") })(); "started"',
    );
    const late = await kernel.execute('await new Promise((resolve) => setTimeout(resolve, 80)); console.log("mine")');
    expect(late.text()).toBe("mine\n");
    expect(types(early.all)).toEqual(["execute_input", "execute_result", "stream", "display_data"]);
  });
});

describe("a cell", () => {
  it("gives the value of its last expression, and nothing where there is none", async () => {
    expect((await kernel.execute("const six: number = 6; six * 7")).result()).toBe("42");
    expect((await kernel.execute("let nothing = 1;")).result()).toBeUndefined();
    expect((await kernel.execute("Promise.resolve(1)")).result()).toBe("Promise { 1 }");
    expect((await kernel.execute("-0")).result()).toBe("-0");
    expect((await kernel.execute("12345678901234567890n")).result()).toBe("12345678901234567890n");
    expect((await kernel.execute("Symbol('s')")).result()).toBe("Symbol(s)");
  });

  it("is seen by closures of earlier cells when it assigns", async () => {
    await kernel.execute("let n = 0; function inc() { return ++n }");
    expect((await kernel.execute("n = 10; inc()")).result()).toBe("11");
  });

  it("imports a local module again when it has changed", async () => {
    writeFileSync(join(folder, "local.ts"), "export const value: number = 1;\n");
    expect((await kernel.execute('import { value } from "./local.ts"; value')).result()).toBe("1");
    writeFileSync(join(folder, "local.ts"), "export const value: number = 22;\n");
    expect((await kernel.execute('import { value } from "./local.ts"; value')).result()).toBe("22");
  });

  it("that throws is answered by an error with its own lines", async () => {
    const run = await kernel.execute(
      "interface A { a: number }\n\nfunction fail(): never {\n  throw new RangeError('no')\n}\nfail()",
    );
    expect(run.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "no" });
    const text = (run.reply["traceback"] as string[]).join("\n").replace(/\x1b\[\d+m/g, "");
    expect(text).toContain("> 4 |   throw new RangeError('no')");
    expect(text).toMatch(/at fail \(cell \[\d+\]:4:9\)\n +at cell \[\d+\]:6:1$/);
    expect(run.outputs.find(({ type }) => type === "error")?.content["traceback"]).toEqual(run.reply["traceback"]);
  });

  it("evaluates user expressions, each by itself", async () => {
    const run = await kernel.execute("let u = 2", {
      user_expressions: { twice: "u * 2", wrong: "u.v.w", later: "await Promise.resolve(u)" },
    });
    expect(run.reply["user_expressions"]).toMatchObject({
      twice: { status: "ok", data: { "text/plain": "4" } },
      wrong: { status: "error", ename: "TypeError" },
      later: { status: "ok", data: { "text/plain": "2" } },
    });
  });

  it("aborts those that wait behind it when it throws, if it is told to", async () => {
    const slow = "await new Promise((resolve) => setTimeout(resolve, 500));";
    for (const first of [[`${slow} throw 1`], [slow, "throw 1"]]) {
      const [cells, aborted] = [first.map((code) => kernel.send(code)), kernel.send("'never'")];
      expect((await cells.at(-1)!.ended).reply["status"]).toBe("error");
      expect((await aborted.ended).reply).toEqual({ status: "aborted" });
    }
    const [tolerant, runs] = [kernel.send("throw 1", { stop_on_error: false }), kernel.send("'runs'")];
    expect((await tolerant.ended).reply["status"]).toBe("error");
    expect((await runs.ended).result()).toBe("'runs'");
  });

  it("that calls process.exit is refused and told why; the variables are kept", async () => {
    await kernel.execute("let survivor = 'here'");
    const run = await kernel.execute("process.exit(3)");
    expect(run.reply).toMatchObject({ status: "error", ename: "ExitRefused" });
    expect(run.reply["evalue"]).toMatch(/^process\.exit\(3\) would end the kernel/);
    expect((await kernel.execute("survivor")).result()).toBe("'here'");
  });

  it("cannot bring down the kernel from a timer or a promise that nobody awaits", async () => {
    const run = await kernel.execute(
      'setTimeout(() => { throw new Error("in a timer") }, 5); Promise.reject(new Error("rejected")); setTimeout(() => process.exit(1), 10); await new Promise((resolve) => setTimeout(resolve, 40)); "alive"',
    );
    expect(run.result()).toBe("'alive'");
    const text = run.text("stderr");
    expect(text).toContain("in a timer");
    expect(text).toContain("rejected");
    expect(text).toContain("process.exit(1) would end the kernel");
  });

  it("shows what is thrown after its end under itself", async () => {
    const early = await kernel.execute('setTimeout(() => { throw new Error("late") }, 10); 0');
    await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 40))");
    const late = early.all.find(({ type }) => type === "stream");
    expect(late?.content["text"]).toContain("late");
  });
});

describe("displays", () => {
  it("are replaced by their name, also from another cell", async () => {
    const first = await kernel.execute('display("one", { id: "here" })');
    const second = await kernel.execute('updateDisplay("two", { id: "here" }); clearOutput({ wait: true })');
    expect(types(first.outputs)).toEqual(["execute_input", "display_data"]);
    expect(first.outputs.find(({ type }) => type === "display_data")?.content["transient"]).toEqual({
      display_id: "here",
    });
    expect(types(second.outputs)).toEqual(["execute_input", "update_display_data", "clear_output"]);
    expect(second.outputs.at(-2)?.content).toEqual({ wait: true });
  });

  it("of 10 MB arrive whole", async () => {
    const run = await kernel.execute('display.html("x".repeat(10_000_000))');
    const data = run.outputs.find(({ type }) => type === "display_data")?.content["data"] as Record<string, string>;
    expect(data["text/html"]?.length).toBe(10_000_000);
  });

  it("that are still drawn come before their cell ends", async () => {
    const run = await kernel.execute(
      'const slow = { async [Symbol.for("Jupyter.display")]() { await new Promise((r) => setTimeout(r, 20)); return { "text/plain": "drawn" } } }; display(slow)',
    );
    expect(types(run.outputs)).toEqual(["execute_input", "display_data"]);
  });

  it("that fail fail their cell", async () => {
    const run = await kernel.execute('({ [Symbol.for("Jupyter.display")]() { throw new Error("cannot be shown") } })');
    expect(run.reply).toMatchObject({ status: "error", evalue: "cannot be shown" });
    const unawaited = await kernel.execute('display.raw("application/json", { big: 1n })');
    expect(unawaited.reply).toMatchObject({ status: "error", ename: "TypeError" });
  });

  it("are there for modules of veelab's own, typed", async () => {
    const run = await kernel.execute('import { display as show } from "veelab/kernel"; await show([1, 2])');
    expect(types(run.outputs)).toEqual(["execute_input", "display_data"]);
  });
});

describe("the kernel", () => {
  it("answers while a cell is busy", async () => {
    const { started, ended } = kernel.send("for (;;);");
    await started;
    for (const channel of ["shell", "control"] as const) {
      const info = await kernel.client.request(channel, "kernel_info_request", {}).reply;
      expect(info).toMatchObject({ status: "ok", protocol_version: "5.5", implementation: "veelab" });
    }
    expect(await kernel.client.request("shell", "is_complete_request", { code: "if (x) {" }).reply).toEqual({
      status: "incomplete",
      indent: "  ",
    });
    await kernel.interrupt();
    await ended;
  });

  it("says what it uses, also while a cell is busy", async () => {
    const usage = (): Promise<JsonObject> => kernel.client.request("control", "usage_request", {}).reply;
    await usage();
    const { started, ended } = kernel.send("for (;;);");
    await started;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const busy = await usage();
    await kernel.interrupt();
    await ended;
    expect(busy).toMatchObject({ status: "ok", pid: Number((await kernel.execute("process.pid")).result()) });
    // One thread spins; how much of a processor it gets depends on the machine.
    expect(busy["kernel_cpu"]).toBeGreaterThan(5);
    expect(busy["kernel_memory"]).toBeGreaterThan(20e6);
    const memory = busy["host_virtual_memory"] as Record<string, number>;
    expect(memory["used"]! + memory["available"]!).toBe(memory["total"]);
    for (const share of [busy["host_cpu_percent"] as number, memory["percent"]!]) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(100);
    }
  });

  it("tells everyone who listens that they are heard, by the topic that they listen to (JEP 65)", async () => {
    const { connection } = kernel.process;
    const codec = createCodec(connection.key, connection.signature_scheme);
    const first = async (topic: string): Promise<Message> => {
      const socket = new Subscriber();
      socket.connect(address(connection, "iopub_port"));
      socket.subscribe(topic);
      try {
        return codec.decode(await socket.receive());
      } finally {
        socket.close();
      }
    };
    // Twice the same topic: the second one's is no news to the socket.
    for (const topic of ["", "iopub", "", "iopub"]) {
      const { identities, header, parent_header: parent, content } = await first(topic);
      expect(identities.map(String)).toEqual([topic]);
      expect([header.msg_type, parent, content]).toEqual(["iopub_welcome", {}, { subscription: topic }]);
    }
  });

  it("ends when it is asked to, also with a cell that spins, and answers first", async () => {
    for (const code of [undefined, "for (;;);"]) {
      const other = await startKernel(folder);
      if (code !== undefined) await other.send(code).started;
      expect(await other.client.request("control", "shutdown_request", { restart: true }).reply).toEqual({
        status: "ok",
        restart: true,
      });
      const { signal } = await other.process.exited;
      expect(signal).toBe(code === undefined ? null : "SIGKILL");
      await other.stop();
    }
  });

  it("ends with a message of V8's when memory runs out in one step, so that its client can tell", async () => {
    const other = await startKernel(folder, { NODE_OPTIONS: "--max-old-space-size=100" });
    void other.send(`JSON.parse("[" + '{"a":[1.5]},'.repeat(4e6) + "0]").length`).ended.catch(() => undefined);
    const { code, signal, stderr } = await other.process.exited;
    expect(code ?? signal).not.toBe(0);
    expect(stderr).toMatch(/heap out of memory/);
    await other.stop();
  });
});
