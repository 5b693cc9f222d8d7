import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startKernel, type CellRun, type LiveKernel } from "./live-kernel.ts";

let folder: string;
let kernel: LiveKernel;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "veelab-tslab-"));
  kernel = await startKernel(folder, { VEELAB_CHECK_TYPES: "report" });
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The lines and numbers of a cell's type problems. */
const problems = ({ outputs }: CellRun): unknown[] =>
  outputs
    .flatMap(({ content }) => {
      const data = content["data"] as Record<string, Record<string, number>[]> | undefined;
      return data?.["application/vnd.veelab.problems+json"] ?? [];
    })
    .map(({ line, code }) => [line, code]);

it("a cell of @module is imported by its name, by cells and by other such cells, as it is now", async () => {
  const written = await kernel.execute(
    '/** @module colours */\nexport const red: string = "#f00";\nconsole.log("loaded");',
  );
  expect([written.reply["status"], written.text(), written.result(), problems(written)]).toEqual([
    "ok",
    "",
    undefined,
    [],
  ]);
  await kernel.execute(
    '// A second one.\n/**\n * Paints.\n * @module brush\n */\nimport { red } from "./colours";\nexport function paint(): string {\n  return red + "!";\n}',
  );
  const used = await kernel.execute(
    'import { paint } from "./brush";\nimport { red } from "./colours";\n[paint(), red]',
  );
  expect([used.text(), used.result(), problems(used)]).toEqual(["loaded\n", "[ '#f00!', '#f00' ]", []]);
  const wrong = await kernel.execute("const length: number = paint();");
  expect(problems(wrong)).toEqual([[1, 2322]]);

  await kernel.execute('/** @module colours */\nexport const red: string = "#e00";');
  expect((await kernel.execute('import { paint } from "./brush";\npaint()')).result()).toBe("'#e00!'");
  const failing = await kernel.execute(
    '/** @module thrower */\n\nexport function f(): void {\n  throw new Error("within");\n}',
  );
  expect(failing.reply["status"]).toBe("ok");
  const { reply } = await kernel.execute('import { f } from "./thrower";\nf();');
  expect((reply["traceback"] as string[]).join("\n")).toContain("./thrower.ts:4:9");
});

it("a cell of @module that is no TypeScript is refused at its place", async () => {
  const { reply } = await kernel.execute("/** @module bad */\nexport const = 5;");
  expect(reply).toMatchObject({ status: "error", ename: "SyntaxError" });
  expect((reply["traceback"] as string[]).join("\n")).toContain("./bad.ts:2:14");
});

it("a cell of @browser is not run, and says so", async () => {
  const run = await kernel.execute("/** @browser */\ndocument.body.append('x');");
  expect([run.reply["status"], problems(run)]).toEqual(["ok", []]);
  expect(run.text("stderr")).toContain("display.javascript(…) has the front end run JavaScript");
});

it("a cell of @jsx has JSX, and so do modules", async () => {
  await kernel.execute(
    "const React = { createElement: (name: string, _: unknown, ...children: unknown[]) => `(${name} ${children.join()})` };",
  );
  expect((await kernel.execute("/** @jsx */\n<b>one<i>{1 + 1}</i></b>")).result()).toBe("'(b one,(i 2))'");
  const module = "/** @module view @jsx */\nconst React = { createElement: String };\nexport const view = <p>text</p>;";
  await kernel.execute(module.replace(" @jsx", "\n * @jsx"));
  const used = await kernel.execute('import { view } from "./view";\nview');
  expect([used.result(), problems(used)]).toEqual(["'p'", []]);
});

it("a notebook in tslab's style runs as it is", async () => {
  await kernel.execute(
    'import * as tslab from "tslab";\nimport { readFileSync } from "fs";\nimport * as path from "path";',
  );
  const shown = await kernel.execute(
    'tslab.display.html("<h1>t</h1>");\ntslab.display.raw("text/plain", "raw");\ntslab.display.png(Buffer.from([1, 2, 3]));',
  );
  expect(shown.outputs.filter(({ type }) => type === "display_data").map(({ content }) => content["data"])).toEqual([
    { "text/html": "<h1>t</h1>" },
    { "text/plain": "raw" },
    { "image/png": "AQID" },
  ]);
  const updated = await kernel.execute(
    "const bar = tslab.newDisplay();\nfor (let step = 1; step <= 3; step++) {\n  bar.text(`${step}`);\n  await new Promise((resolve) => setTimeout(resolve, 1));\n}",
  );
  const types = updated.outputs.map(({ type }) => type).filter((type) => type.includes("display"));
  expect(types).toEqual(["display_data", "update_display_data", "update_display_data"]);
  expect((await kernel.execute("class Point {\n  constructor(readonly x: number) {}\n}\nnew Point(3)")).result()).toBe(
    "Point { x: 3 }",
  );
  expect((await kernel.execute("let n = 1;\nn += await Promise.resolve(2);\nn")).result()).toBe("3");
});
