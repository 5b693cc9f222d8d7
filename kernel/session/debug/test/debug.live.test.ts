import { existsSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { debugCommands } from "../../../protocol/test/debug-schemas.mjs";
import { shown, startDebugging, type DebugClient, type ShownVariable } from "./debug-client.ts";

describe("the debugger of a live kernel", { timeout: 60_000 }, () => {
  let client: DebugClient;
  beforeEach(async () => {
    client = await startDebugging();
  }, 60_000);
  afterEach(() => client.kernel.stop());

  it("stops at a breakpoint of a cell that has not been run yet, shows stack and variables, and goes on", async () => {
    await client.attach();
    await client.event("initialized");
    const code = [
      "interface Point { x: number }",
      "const points: Point[] = [{ x: 1 }, { x: 2 }];",
      "function total(all: readonly Point[]): number {",
      "  let sum = 0;",
      "  for (const { x } of all) {",
      "    sum += x;",
      "  }",
      "  return sum;",
      "}",
      "total(points)",
    ].join("\n");
    expect(await client.breakIn(code, 6)).toMatchObject([{ verified: false, line: 6 }]);
    const cell = client.kernel.send(code);
    expect(await client.event("breakpoint")).toMatchObject({
      reason: "changed",
      breakpoint: { verified: true, line: 6 },
    });
    expect(await client.event("stopped")).toMatchObject({ reason: "breakpoint", threadId: 1, hitBreakpointIds: [1] });

    const frames = await client.frames();
    expect(frames.map(({ name, line }) => [name, line])).toEqual([
      ["total", 6],
      ["cell [1]", 10],
    ]);
    const { sourcePath } = await client.ask("dumpCell", { code });
    expect(frames[0]).toMatchObject({ source: { path: sourcePath } });
    expect(shown(await client.variables("Locals"))).toMatchObject({ x: "1", sum: "0", all: "[ { x: 1 }, { x: 2 } ]" });
    const globals = await client.variables("Globals");
    expect(globals.map(({ name, type }) => [name, type])).toEqual([
      ["total", "function"],
      ["points", "Array"],
    ]);
    expect(shown(await client.children(globals[1]!))).toEqual({ length: "2", 0: "{ x: 1 }", 1: "{ x: 2 }" });
    const opened = { variablesReference: globals[1]!.variablesReference };

    // The kernel's other threads answer meanwhile.
    const { reply } = client.kernel.client.request("control", "kernel_info_request", {});
    expect(await reply).toMatchObject({
      status: "ok",
      debugger: true,
      supported_features: ["debugger", "kernel subshells"],
    });
    expect((await client.ask("debugInfo"))["stoppedThreads"]).toEqual([1]);

    await client.ask("continue", { threadId: 1 });
    await client.event("continued");
    await client.event("stopped");
    expect(await client.send("variables", opened)).toMatchObject({
      success: false,
      message: expect.stringContaining("expected one of this stop of the program") as string,
    });
    expect(shown(await client.variables())).toMatchObject({ x: "2", sum: "1" });
    await client.ask("continue", { threadId: 1 });
    expect((await cell.ended).result()).toBe("3");
  });

  it("answers an interrupt while the program is stopped, keeps its variables, and runs on", async () => {
    await client.attach();
    const code = "let reached = 1;\nreached = 2;\nreached = 3;";
    await client.breakIn(code, 3);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    expect(await client.kernel.interrupt()).toEqual({ status: "ok" });
    expect((await cell.ended).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect((await client.kernel.execute("reached")).result()).toBe("2");
    expect((await client.ask("debugInfo"))["stoppedThreads"]).toEqual([]);
  });

  it("lets the program go when the front end disconnects, and stops no more", async () => {
    await client.attach();
    const code = "let turns = 0;\nfor (; turns < 3; turns++) {\n  void turns;\n}\nturns";
    await client.breakIn(code, 3);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    await client.ask("disconnect");
    expect((await cell.ended).result()).toBe("3");
    expect((await client.kernel.execute(code)).result()).toBe("3");
    expect(await client.ask("debugInfo")).toMatchObject({ isStarted: false, breakpoints: [], stoppedThreads: [] });
    expect(await client.send("setBreakpoints", { source: { path: "/x.ts" }, breakpoints: [] })).toMatchObject({
      success: false,
      message: "setBreakpoints: the debugger is not attached: expected initialize and attach before",
    });
  });

  it("knows every command that it says it does, those that only begin and end a session too", async () => {
    for (const command of debugCommands)
      expect((await client.send(command)).message).not.toContain("expected a command that this debugger knows");
    expect(await client.send("gotoTargets")).toMatchObject({
      success: false,
      message: 'gotoTargets: expected a command that this debugger knows, got "gotoTargets"',
    });
    await client.ask("disconnect");
    await client.attach();
    expect(await client.ask("configurationDone")).toEqual({});
    expect(await client.ask("threads")).toEqual({ threads: [{ id: 1, name: "main" }] });
    const code = "let left = 3;\nwhile (left > 0) {\n  left -= 1;\n}";
    expect(await client.breakIn(code, { line: 3, condition: "left === 2" })).toMatchObject([
      { verified: false, reason: "pending" },
    ]);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    expect(await client.ask("debugInfo")).toMatchObject({
      isStarted: true,
      breakpoints: [{ breakpoints: [{ line: 3, condition: "left === 2" }] }],
    });
    expect(await client.ask("terminate")).toEqual({});
    expect((await cell.ended).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect((await client.kernel.execute("left")).result()).toBe("2");
  });

  it("attaches to kernels that have only just answered", async () => {
    const starting = await Promise.all(Array.from({ length: 6 }, () => startDebugging()));
    await Promise.all(starting.map((each) => each.attach()));
    await Promise.all(starting.map((each) => each.kernel.stop()));
  });

  it("does not say of a program that stops while it attaches that it runs", async () => {
    const { started, ended } = client.kernel.send("for (;;) { debugger; }");
    await started;
    await client.ask("initialize", { clientID: "test", adapterID: "veelab" });
    await client.ask("attach");
    expect(await client.event("stopped")).toMatchObject({ threadId: 1 });
    expect(await client.ask("debugInfo")).toMatchObject({ stoppedThreads: [1] });
    expect(client.heard.slice(client.heard.indexOf("stopped"))).not.toContain("continued");
    await client.kernel.interrupt();
    expect((await ended).reply["ename"]).toBe("Interrupted");
  });

  it("ends with the kernel where the program is stopped", async () => {
    await client.attach();
    const code = "const a = 1;\na";
    await client.breakIn(code, 2);
    client.kernel.send(code);
    await client.event("stopped");
    const { tmpFilePrefix: cells } = (await client.ask("debugInfo")) as { tmpFilePrefix: string };
    expect(statSync(cells).mode & 0o777).toBe(0o700);
    const { reply } = client.kernel.client.request("control", "shutdown_request", { restart: true });
    expect(await reply).toMatchObject({ status: "ok", restart: true });
    expect(await client.event("continued")).toMatchObject({ threadId: 1 });
    await client.kernel.process.exited;
    expect(existsSync(cells)).toBe(false);
  });

  it("shows the variables of the top level without being attached, also while a cell runs", async () => {
    await client.kernel.execute("const a: number = 1; let b = 'text'; function f() {}; class C {}");
    const cell = client.kernel.send("let turns = 0; for (;;) turns++");
    await cell.started;
    for (;;) {
      const { variables } = (await client.ask("inspectVariables")) as unknown as { variables: ShownVariable[] };
      const { turns, ...rest } = shown(variables);
      expect(rest).toEqual({ a: "1", b: "'text'", f: "[Function: f]", C: "[class C]" });
      if (turns !== undefined && Number(turns) > 0) break;
    }
    await client.kernel.interrupt();
    await cell.ended;
  });
});
