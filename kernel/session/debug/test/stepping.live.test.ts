import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shown, startDebugging, type DebugClient } from "./debug-client.ts";

describe("the debugger of a live kernel", { timeout: 60_000 }, () => {
  let client: DebugClient;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "veelab-debug-"));
    client = await startDebugging(folder);
    await client.attach();
  }, 60_000);
  afterEach(async () => {
    await client.kernel.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const step = async (command: "next" | "stepIn" | "stepOut"): Promise<[string, number]> => {
    await client.ask(command, { threadId: 1 });
    await client.event("continued");
    expect(await client.event("stopped")).toMatchObject({ reason: "step" });
    const [frame] = await client.frames();
    return [frame!.name, frame!.line];
  };

  it("steps over, into functions of other cells, out of them, and over an await; the end of the cell is the end of the steps", async () => {
    await client.kernel.execute("function twice(x: number): number {\n  const y = x * 2;\n  return y;\n}");
    const code = "let a = 1;\na = twice(a);\nawait new Promise((resolve) => setTimeout(resolve, 1));\na += 1;\na";
    await client.breakIn(code, 1);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    expect(await step("next")).toEqual(["cell [2]", 2]);
    expect(await step("stepIn")).toEqual(["twice", 2]);
    expect((await client.frames()).map(({ name, line }) => [name, line])).toEqual([
      ["twice", 2],
      ["cell [2]", 2],
    ]);
    expect(await step("next")).toEqual(["twice", 3]);
    expect(shown(await client.variables())).toMatchObject({ x: "1", y: "2" });
    expect(await step("stepOut")).toEqual(["cell [2]", 3]);
    expect(await step("next")).toEqual(["cell [2]", 4]);
    expect(await step("next")).toEqual(["cell [2]", 5]);
    await client.ask("next", { threadId: 1 });
    expect((await cell.ended).result()).toBe("3");
    expect((await client.kernel.execute("a + 1")).result()).toBe("4");
  });

  it("evaluates in each frame and at the top level, in TypeScript, and says what throws", async () => {
    const code = "const factor: number = 3;\nfunction scaled(x: number) {\n  return x * factor;\n}\nscaled(5)";
    await client.breakIn(code, 3);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    const [inner, outer] = await client.frames();
    const evaluate = (expression: string, frame?: number): Promise<unknown> =>
      client.send("evaluate", { expression, ...(frame === undefined ? {} : { frameId: frame }), context: "repl" });
    expect(await evaluate("x * factor as number", inner!.id)).toMatchObject({ body: { result: "15", type: "number" } });
    expect(await evaluate("factor!", outer!.id)).toMatchObject({ body: { result: "3" } });
    expect(await evaluate("factor + 1")).toMatchObject({ body: { result: "4" } });
    expect(await evaluate("{ x, list: [1] }", inner!.id)).toMatchObject({
      body: { result: "{ x: 5, list: [Array] }", type: "Object" },
    });
    expect(await evaluate("const y = x; y + 1", inner!.id)).toMatchObject({ body: { result: "6" } });
    expect(await evaluate("x", outer!.id)).toMatchObject({
      success: false,
      message: "evaluate: ReferenceError: x is not defined",
    });
    expect(await evaluate("1 +", inner!.id)).toMatchObject({
      success: false,
      message: expect.stringContaining("evaluate: SyntaxError: ") as string,
    });
    expect(
      await client.send("evaluate", { expression: "factor = 1", frameId: inner!.id, context: "hover" }),
    ).toMatchObject({
      success: false,
      message: expect.stringContaining("side-effect") as string,
    });
    expect(await evaluate("x = 7", inner!.id)).toMatchObject({ success: true });
    expect(shown(await client.variables())).toMatchObject({ x: "7" });
    await client.ask("continue");
    expect((await cell.ended).result()).toBe("21");
    expect(await evaluate("factor + 1")).toMatchObject({ body: { result: "4" } });
  });

  it("sets variables of functions, of the top level and inside values", async () => {
    const code =
      "let total = 1;\nconst parts = { list: [1, 2] };\nfunction add(x: number) {\n  let own = x + 0;\n  return total + own + parts.list[1]!;\n}\nadd(1)";
    await client.breakIn(code, 5);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    const [{ id } = { id: 0 }] = await client.frames();
    const { scopes } = (await client.ask("scopes", { frameId: id })) as unknown as {
      scopes: { name: string; variablesReference: number }[];
    };
    expect(scopes.map(({ name }) => name)).toEqual(["Locals", "Globals"]);
    const [locals, globals] = scopes.map(({ variablesReference }) => variablesReference);
    const set = (reference: number | undefined, name: string, value: string): Promise<unknown> =>
      client.send("setVariable", { variablesReference: reference, name, value });
    expect(await set(locals, "own", "x + 10")).toMatchObject({ body: { value: "11", type: "number" } });
    expect(await set(globals, "total", "100")).toMatchObject({ body: { value: "100" } });
    const parts = (await client.variables("Globals")).find(({ name }) => name === "parts")!;
    const [list] = await client.children(parts);
    expect(await set(list!.variablesReference, "1", "1000")).toMatchObject({ body: { value: "1000" } });
    expect(await set(globals, "NaN", "1")).toMatchObject({
      success: false,
      message: expect.stringContaining("TypeError: Cannot assign to read only property 'NaN'") as string,
    });
    expect(await set(locals, "absent", "1")).toMatchObject({
      success: false,
      message: "setVariable: name: expected a variable of this scope, got absent",
    });
    expect(shown(await client.variables())).toMatchObject({ x: "1", own: "11" });
    expect(shown(await client.variables("Globals"))).toMatchObject({ total: "100" });
    await client.ask("continue");
    expect((await cell.ended).result()).toBe("1111");
  });

  it("stops where code throws: at uncaught exceptions, at all of them, or at none", async () => {
    const code = [
      "function fail(): never {",
      "  throw new RangeError('too far');",
      "}",
      "try { fail(); } catch {}",
      "const later = async () => { await 1; fail(); };",
      "try { await later(); } catch {}",
      "try { [1].forEach(() => fail()); } catch {}",
      "await 2;",
      "fail();",
    ].join("\n");
    const exceptions = async (...filters: string[]): Promise<number[]> => {
      await client.ask("setExceptionBreakpoints", { filters });
      const cell = client.kernel.send(code);
      const ended = cell.ended.then(() => undefined);
      const lines: number[] = [];
      for (;;) {
        const stop = await Promise.race([client.event("stopped"), ended]);
        if (stop === undefined) break;
        expect(stop).toMatchObject({ reason: "exception", text: "RangeError: too far" });
        const [frame, caller] = await client.frames();
        expect([frame!.name, frame!.line]).toEqual(["fail", 2]);
        expect(await client.ask("exceptionInfo", { threadId: 1 })).toMatchObject({
          exceptionId: "RangeError",
          description: "RangeError: too far",
          breakMode: filters[0] === "all" ? "always" : "unhandled",
        });
        lines.push(caller!.line);
        await client.ask("continue");
      }
      client.forget();
      return lines;
    };
    expect(await exceptions()).toEqual([]);
    expect(await exceptions("uncaught")).toEqual([9]);
    expect(await exceptions("all")).toEqual([4, 5, 7, 9]);
    expect(await exceptions("all", "uncaught")).toEqual([4, 5, 7, 9]);
    expect(await exceptions()).toEqual([]);
  });

  it("pauses a loop, and goes on; asked for before a cell comes, it pauses at its first statement", async () => {
    const code = "let turns = 0;\nlet on = true;\nwhile (on) {\n  turns += 1;\n}\nturns > 0";
    const cell = client.kernel.send(code);
    await client.running("turns");
    await client.ask("pause", { threadId: 1 });
    expect(await client.event("stopped")).toMatchObject({ reason: "pause" });
    const [frame] = await client.frames();
    expect(frame!.name).toBe("cell [1]");
    expect([3, 4]).toContain(frame!.line);
    await client.ask("evaluate", { expression: "on = false", frameId: frame!.id });
    await client.ask("continue");
    expect((await cell.ended).result()).toBe("true");

    await client.ask("pause", { threadId: 1 });
    const next = client.kernel.send("function late() {}\nlet first = 1;\nfirst");
    expect(await client.event("stopped")).toMatchObject({ reason: "pause" });
    expect((await client.frames()).map(({ name, line }) => [name, line])).toEqual([["cell [2]", 2]]);
    await client.ask("continue");
    expect((await next.ended).result()).toBe("1");
  });

  it("has conditions, hit counts and log messages, and says where a breakpoint really is", async () => {
    const code = [
      "function count(): number {",
      "  let sum = 0;",
      "  for (let i = 0; i < 10; i++) {",
      "",
      "    // nothing here",
      "    sum += i;",
      "  }",
      "  return sum;",
      "}",
      "count()",
    ].join("\n");
    await client.kernel.execute(code);
    expect(await client.breakIn(code, 4, { line: 3, column: 16 }, 99)).toMatchObject([
      { verified: true, line: 6, column: 5 },
      { verified: true, line: 3, column: 16 },
      { verified: false, line: 99, message: "no code at this line or after it" },
    ]);
    expect(await client.breakIn(code, 6, { line: 6, condition: "i > 5" }, 8, 8)).toMatchObject([
      { verified: true, line: 6 },
      { verified: false, line: 6, message: "another breakpoint is at the same place, line 6" },
      { verified: true, line: 8 },
      { verified: true, line: 8 },
    ]);
    const log = { line: 8, logMessage: "the sum is {sum}" };
    await client.breakIn(code, { line: 6, condition: "(i as number) === 4" }, log);
    const first = client.kernel.send(code);
    await client.event("stopped");
    expect(shown(await client.variables())).toMatchObject({ i: "4" });
    await client.ask("continue");
    expect((await first.ended).text()).toBe("the sum is 45\n");
    await client.breakIn(code, { line: 6, hitCondition: "% 4" });
    const second = client.kernel.send(code);
    for (const i of ["3", "7"]) {
      await client.event("stopped");
      expect(shown(await client.variables())).toMatchObject({ i });
      await client.ask("continue");
    }
    expect((await second.ended).result()).toBe("45");
    const more = `${code};\n"after"`;
    await client.breakIn(more, { line: 6, hitCondition: "99" }, 10);
    const third = client.kernel.send(more);
    await client.event("stopped");
    client.forget();
    expect(await step("next")).toEqual(["cell [4]", 11]);
    await client.ask("continue");
    expect((await third.ended).result()).toBe("'after'");
    const often = { source: { path: "/x.ts" }, breakpoints: [{ line: 1, hitCondition: "often" }] };
    expect(await client.send("setBreakpoints", often)).toMatchObject({
      success: false,
      message: 'setBreakpoints: hitCondition: expected a number, or one after ==, >, >=, <, <= or %, got "often"',
    });
  });

  it("evaluates at the top level of a cell that has been run before", async () => {
    const code = "let sum = 0;\nfor (let i = 0; i < 10; i++) {\n  sum += i;\n}\nsum";
    await client.breakIn(code, 5);
    for (let run = 0; run < 3; run += 1) {
      const cell = client.kernel.send(code);
      await client.event("stopped");
      const [{ id } = { id: 0 }] = await client.frames();
      expect(await client.ask("evaluate", { expression: "sum += run", frameId: id }).catch(String)).toMatch(
        /run is not/,
      );
      expect(await client.ask("evaluate", { expression: "sum += 1", frameId: id })).toMatchObject({ result: "46" });
      expect(shown(await client.variables())).toMatchObject({ sum: "46" });
      await client.ask("continue");
      expect((await cell.ended).result()).toBe("46");
    }
  });

  it("ends an evaluation that does not end by itself", async () => {
    const ended = { success: false, message: "evaluate: the evaluation took longer than 5 s" };
    expect(await client.send("evaluate", { expression: "(() => { for (;;); })()" })).toMatchObject(ended);
    const code = "const stay = 1;\nstay";
    await client.breakIn(code, 2);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    const [{ id } = { id: 0 }] = await client.frames();
    expect(await client.send("evaluate", { expression: "while (stay);", frameId: id })).toMatchObject(ended);
    await client.ask("continue");
    expect((await cell.ended).result()).toBe("1");
  });

  it("stops in local modules, ES and CommonJS, at the lines of their TypeScript", async () => {
    writeFileSync(
      join(folder, "shapes.ts"),
      "export interface Square {\n  side: number;\n}\n\nexport function area({ side }: Square): number {\n  const squared: number = side ** 2;\n  return squared;\n}\n\nexport const unit = area({ side: 1 });\n",
    );
    writeFileSync(
      join(folder, "old.cts"),
      "interface Unused {}\nexports.half = (x: number): number => {\n  return x / 2;\n};\nexports.one = exports.half(2);\n",
    );
    const set = (name: string, ...lines: number[]): Promise<unknown> =>
      client.ask("setBreakpoints", {
        source: { path: join(folder, name) },
        breakpoints: lines.map((line) => ({ line })),
      });
    expect(await set("shapes.ts", 6)).toMatchObject({ breakpoints: [{ verified: false }] });
    await set("old.cts", 3);
    const code = 'import { area } from "./shapes.ts";\nimport old from "./old.cts";\narea({ side: 3 }) + old.half(4)';
    const cell = client.kernel.send(code);
    const stops: string[] = [];
    for (let stop = 0; stop < 4; stop += 1) {
      await client.event("stopped");
      const frames = await client.frames();
      stops.push(frames.map(({ name, line }) => `${name}:${line}`).join(" < "));
      if (stop === 0)
        expect(frames[0]).toMatchObject({ source: { path: join(folder, "shapes.ts"), name: "shapes.ts" } });
      await client.ask("continue");
    }
    expect((await cell.ended).result()).toBe("11");
    expect(stops).toEqual([
      "area:6 < shapes.ts:10",
      "exports.half:3 < old.cts:5",
      "area:6 < cell [1]:3",
      "exports.half:3 < cell [1]:3",
    ]);
    const { modules } = await client.ask("modules");
    expect(modules).toMatchObject([{ path: join(folder, "shapes.ts") }, { path: join(folder, "old.cts") }]);
    expect(await client.ask("source", { source: { path: join(folder, "old.cts") } })).toMatchObject({
      content: expect.stringContaining("interface Unused") as string,
    });
  });

  it("shows values in rich form, and copies variables to the top level", async () => {
    await client.kernel.execute(
      "const shape = { [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>shape</b>' }) };",
    );
    expect(await client.ask("richInspectVariables", { variableName: "shape" })).toEqual({
      data: { "text/html": "<b>shape</b>" },
      metadata: {},
    });
    const code = "function inside() {\n  const local = { a: 1 };\n  return local.a;\n}\ninside()";
    await client.breakIn(code, 3);
    const cell = client.kernel.send(code);
    await client.event("stopped");
    const [{ id } = { id: 0 }] = await client.frames();
    expect(await client.ask("richInspectVariables", { variableName: "local", frameId: id })).toMatchObject({
      data: { "text/plain": "{ a: 1 }" },
    });
    expect(
      await client.ask("copyToGlobals", { srcVariableName: "local", dstVariableName: "copied", srcFrameId: id }),
    ).toMatchObject({ value: "{ a: 1 }" });
    expect(shown(await client.variables("Globals"))).toMatchObject({ copied: "{ a: 1 }" });
    await client.ask("continue");
    await cell.ended;
    expect((await client.kernel.execute("copied.a")).result()).toBe("1");
    expect((await client.kernel.execute("const copied = 2; copied")).result()).toBe("2");
    expect(await client.send("richInspectVariables", { variableName: "absent" })).toMatchObject({ success: false });
  });
});
