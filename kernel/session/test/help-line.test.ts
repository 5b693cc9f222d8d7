import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHelpLine } from "../help-line.ts";
import { startKernel, type CellRun, type LiveKernel } from "./live-kernel.ts";
import { openMemoryKernel } from "./memory-kernel.ts";

describe("a line that asks for help", () => {
  it.each([
    ["parseInt?", "parseInt", 0],
    ["  console.log ??\n", "console.log", 1],
    ["?größe", "größe", 0],
    ["??a.$b.c_1", "a.$b.c_1", 1],
  ])("is %j", (code, name, detail) => {
    expect(readHelpLine(code)).toEqual({ name, detail });
  });

  it.each([
    "",
    "?",
    "??",
    "a",
    "a ? b : c",
    "a?.b",
    "a ?? b",
    "a???",
    "?a?",
    "f()?",
    "1?",
    "a?\nb",
    "a\n?",
    "// a?",
    "%time?",
  ])("is not %j", (code) => {
    expect(readHelpLine(code)).toBeUndefined();
  });
});

describe("help in a kernel", () => {
  let kernel: LiveKernel;
  beforeAll(async () => {
    kernel = await startKernel();
  });
  afterAll(() => kernel.stop());
  const page = ({ reply }: CellRun): string | undefined => {
    const [payload] = reply["payload"] as readonly { readonly data: Readonly<Record<string, string>> }[];
    return payload?.data["text/plain"];
  };

  it("is a page about a global, a member, or a name of an earlier cell, with its definition where that is asked for", async () => {
    expect(page(await kernel.execute("parseInt?"))).toMatch(
      /^function parseInt\(string: string.*\n\nConverts a string/u,
    );
    expect(page(await kernel.execute("?console.log"))).toMatch(/log\(/u);
    await kernel.execute("/** Twice a number. */\nfunction twice(n: number): number {\n  return 2 * n;\n}");
    const [short, long] = [page(await kernel.execute("twice?")), page(await kernel.execute("twice??"))];
    expect(short).toMatch(/Twice a number/u);
    expect(short).not.toContain("return 2 * n");
    expect(long).toContain("return 2 * n");
  });

  it("counts as a cell, with its user expressions", async () => {
    const before = await kernel.execute("1");
    const { reply } = await kernel.execute("parseInt?", { user_expressions: { sum: "1 + 1" } });
    expect(reply).toMatchObject({
      execution_count: Number(before.reply["execution_count"]) + 1,
      payload: [{ source: "page", start: 0 }],
      user_expressions: { sum: { status: "ok", data: { "text/plain": "2" } } },
    });
  });

  it("says on stdout where nothing is known", async () => {
    const memory = openMemoryKernel();
    const { reply, published } = await memory.ask("execute_request", { code: "missing?" });
    expect(reply).toMatchObject({ status: "ok", payload: [] });
    expect(published).toContainEqual({
      type: "stream",
      content: { name: "stdout", text: "missing: nothing is known of it\n" },
    });
    expect((await memory.ask("execute_request", { code: "missing?", silent: true })).published).toHaveLength(2);
    memory.close();
  });
});
