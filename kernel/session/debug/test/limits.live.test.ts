import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startDebugging, type DebugClient } from "./debug-client.ts";

describe("the debugger of a live kernel, where the user's code is in its way", { timeout: 90_000 }, () => {
  let client: DebugClient;
  beforeEach(async () => {
    client = await startDebugging();
    await client.attach();
  }, 60_000);
  afterEach(() => client.kernel.stop());

  it("ends the code of a value that does not end by itself when it is shown", async () => {
    const display = 'Symbol.for("Jupyter.display")';
    await client.kernel.execute(
      `const busy = { [${display}]() { for (;;); } };\nconst kept = new Promise(() => {});\nconst never = { [${display}]: () => kept };`,
    );
    const tooLong = { success: false, message: "richInspectVariables: the evaluation took longer than 5 s" };
    expect(await client.send("richInspectVariables", { variableName: "busy" })).toMatchObject(tooLong);
    expect(await client.send("richInspectVariables", { variableName: "never" })).toMatchObject(tooLong);

    const code = "let reached = 1;\nreached = 2;";
    await client.breakIn(code, 2);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    const [{ id } = { id: 0 }] = await client.frames();
    expect(await client.send("richInspectVariables", { variableName: "busy", frameId: id })).toMatchObject(tooLong);
    expect(await client.send("debugInfo")).toMatchObject({ body: { stoppedThreads: [1] } });
    await client.ask("continue");
    await cell.ended;
    expect((await client.kernel.execute("reached")).result()).toBe("2");
  });

  it("passes breakpoints by in what it evaluates itself", async () => {
    const code =
      "function twice(x: number): number {\n  return x * 2;\n}\nconst shown = { [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': String(twice(2)) }) };";
    await client.breakIn(code, 2);
    await client.kernel.execute(code);
    expect(await client.ask("evaluate", { expression: "twice(4)" })).toMatchObject({ result: "8" });
    expect(await client.ask("richInspectVariables", { variableName: "shown" })).toMatchObject({
      data: { "text/plain": "4" },
    });
    const cell = client.kernel.send("twice(3)");
    await client.event("stopped");
    await client.ask("continue");
    expect((await cell.ended).result()).toBe("6");
  });

  it("lets an interrupt end what a cell has left behind, where it is stopped", async () => {
    const code =
      "let ticks = 0, ended = false;\nconst timer = setInterval(() => {\n  if (!ended) return;\n  clearInterval(timer);\n  ticks = 1;\n  ticks = 2;\n}, 1);";
    await client.breakIn(code, 6);
    await client.kernel.execute(code);
    await client.ask("evaluate", { expression: "ended = true" });
    await client.event("stopped");
    expect(await client.kernel.interrupt()).toEqual({ status: "ok" });
    await client.event("continued");
    // Node 24 cannot end it: there it goes on.
    const ticks = Number.parseInt(process.versions.node) < 24 ? "1" : "2";
    expect((await client.kernel.execute("ticks")).result()).toBe(ticks);
  });

  it("keeps a step of a cell while another one ends beside it", async () => {
    const { reply } = client.kernel.client.request("control", "create_subshell_request", {});
    const { subshell_id: subshell } = (await reply) as { subshell_id: string };
    const code =
      "let go: (value?: unknown) => void;\nawait new Promise((resolve) => (go = resolve));\nlet end: (value?: unknown) => void; const ended = new Promise((resolve) => (end = resolve));\nawait ended;\n'here'";
    await client.breakIn(code, 4);
    const cell = client.kernel.send(code);
    await cell.started;
    const other = client.kernel.send(
      "go();\nawait new Promise((resolve) => setTimeout(resolve, 1));\nsetTimeout(() => end(), 100);",
      {},
      subshell,
    );
    await client.event("stopped");
    await client.ask("next");
    await other.ended;
    expect(await client.event("stopped")).toMatchObject({ reason: "step" });
    expect((await client.frames())[0]).toMatchObject({ line: 5 });
    await client.ask("continue");
    expect((await cell.ended).result()).toBe("'here'");
  });
});
