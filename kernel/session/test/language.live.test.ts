import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { startKernel, type LiveKernel, type Published } from "./live-kernel.ts";

const folder = mkdtempSync(join(tmpdir(), "veelab-language-live-"));
writeFileSync(join(folder, "local.ts"), "export const shape = { sides: 4 };\n");
let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel(folder, { VEELAB_CHECK_TYPES: "" });
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (type: string, content: JsonObject): Promise<JsonObject> =>
  kernel.client.request("shell", type, content).reply;
/** What completes a text at its end. */
async function matches(code: string): Promise<unknown[]> {
  const { matches: found } = await ask("complete_request", { code, cursor_pos: Array.from(code).length });
  return found as unknown[];
}
const displays = (published: readonly Published[]): Published[] =>
  published.filter(({ type }) => type === "display_data" || type === "update_display_data");
const plain = ({ content }: Published): unknown => (content["data"] as JsonObject)["text/plain"];

describe("completion and inspection of the live kernel", { timeout: 120_000 }, () => {
  it("answer before the first cell has run, in code points, with the types of the matches", async () => {
    expect(await ask("complete_request", { code: "'😀'; console.lo; 1", cursor_pos: 15 })).toEqual({
      status: "ok",
      matches: ["log"],
      cursor_start: 13,
      cursor_end: 15,
      metadata: {
        _jupyter_types_experimental: [
          {
            start: 13,
            end: 15,
            text: "log",
            type: "method",
            signature: "log(message?: any, ...optionalParams: any[]): void",
          },
        ],
      },
    });
    expect(await matches('import { sh } from "./lo')).toEqual(["local.ts"]);
  });

  it("answer while a cell is inside an endless loop, also of that cell's names", async () => {
    const { started, ended } = kernel.send(
      'import { shape } from "./local.ts";\n/** Known at once. */\nconst table = [{ page: 1 }]; for (;;);',
    );
    await started;
    expect(await matches("table[0].")).toEqual(["page"]);
    expect(await matches("shape.")).toEqual(["sides"]);
    expect(await ask("inspect_request", { code: "table", cursor_pos: 5, detail_level: 0 })).toMatchObject({
      found: true,
      data: { "text/markdown": "```typescript\nconst table: {\n    page: number;\n}[]\n```\n\nKnown at once." },
    });
    await kernel.interrupt();
    await ended;
  });

  it("leave a %check line out", async () => {
    expect(await matches("%check warn\nMath.ma")).toEqual(["max"]);
    expect(await ask("is_complete_request", { code: "%check off" })).toEqual({ status: "complete" });
  });

  it("find nothing where there is nothing", async () => {
    expect(await ask("inspect_request", { code: "1 + ", cursor_pos: 4 })).toEqual({
      status: "ok",
      found: false,
      data: {},
      metadata: {},
    });
  });
});

describe("type problems of the live kernel", { timeout: 120_000 }, () => {
  it("come after the cell's idle, in a display of their own, and change in place", async () => {
    const sent = kernel.send('console.log("out"); const later = () => missing(1); const n: number = "x"');
    const run = await sent.ended;
    expect(run.reply["status"]).toBe("ok");
    await sent.seen((published) => displays(published).length === 1);
    expect(run.outputs.map(({ type }) => type)).not.toContain("display_data");
    const [display] = displays(run.all);
    expect(plain(display!)).toBe(
      '1:41 TS2304: Cannot find name \'missing\'.\n> 1 | console.log("out"); const later = () => missing(1); const n: number = "x"\n    |                                         ^\n\n1:59 TS2322: Type \'string\' is not assignable to type \'number\'.\n> 1 | console.log("out"); const later = () => missing(1); const n: number = "x"\n    |                                                           ^',
    );
    await kernel.execute("const missing = (n: number) => n");
    await sent.seen((published) => displays(published).length === 2);
    const update = displays(run.all)[1]!;
    expect(update.type).toBe("update_display_data");
    expect(update.content["transient"]).toEqual(display?.content["transient"]);
    expect(plain(update)).toMatch(/^1:59 TS2322.*\n.*\n.*\^$/);
  });

  it("are none of a cell that is right, is silent, or says what it expects", async () => {
    const right = await kernel.execute("const right: number = 1");
    const silent = await kernel.execute("const quiet: number = 'x'", { silent: true });
    const expected = await kernel.execute("// @ts-expect-error\nconst e: number = 'x'");
    const marker = kernel.send("const marker: number = 'x'");
    const { all } = await marker.ended;
    await marker.seen((published) => displays(published).length === 1);
    // By then those before it have been checked too: the latest is first, so one more question is behind them all.
    await kernel.execute("%check error\n1");
    await kernel.execute("%check warn\n1");
    expect(all.length).toBeGreaterThan(0);
    for (const { all: published } of [right, silent, expected]) expect(displays(published)).toEqual([]);
  });

  it("are what `%check` says", async () => {
    await kernel.execute("%check off");
    const off = await kernel.execute("const a: number = 'off'");
    const error = await kernel.execute(
      "%check error\nconsole.log('ran');\nconst a: number = 'x'; const b: string = 1;",
    );
    expect(error.reply).toMatchObject({
      status: "error",
      ename: "TypeCheckError",
      evalue: "2 type errors, the first in line 3: Type 'string' is not assignable to type 'number'.",
    });
    expect(error.outputs.map(({ type }) => type)).toEqual(["status", "execute_input", "stream", "error", "status"]);
    const [failed, queued] = [kernel.send("const c: number = 'x'"), kernel.send("'never'")];
    expect((await failed.ended).reply["status"]).toBe("error");
    expect((await queued.ended).reply["status"]).toBe("aborted");
    expect((await kernel.execute("const d: number = 1; d")).result()).toBe("1");
    expect((await kernel.execute("throw new Error('own')")).reply["evalue"]).toBe("own");
    const refused = await kernel.execute("%check loudly");
    expect(refused.reply).toMatchObject({ ename: "CheckLineError" });
    await kernel.execute("%check warn");
    expect(displays(off.all)).toEqual([]);
  });

  it("keep the lines of a cell with a %check line where they are", async () => {
    const run = await kernel.execute("%check warn\n\nthrow new RangeError('third')");
    expect((run.reply["traceback"] as string[]).join("\n")).toMatch(/cell \[\d+\]:3:7/);
  });
});

describe("a kernel that a program runs", { timeout: 120_000 }, () => {
  it("gives the problems before the cell's reply, and takes them back before that of the cell that mends them", async () => {
    const headless = await startKernel(folder, { VEELAB_CHECK_TYPES: "warn" });
    try {
      const first = await headless.execute("const later = () => missing(1);");
      expect(displays(first.outputs).map(plain)).toHaveLength(1);
      await headless.execute("const missing = (n: number) => n; const wrong: number = ''");
      expect(displays(first.all)[1]?.content["data"]).toEqual({});
    } finally {
      await headless.stop();
    }
  });
});
