import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareOutputs } from "../run/compare-outputs.ts";
import type { Notebook } from "../run/notebook.ts";
import { createOutputStore } from "../run/outputs.ts";
import { parseNotebook, readNotebook } from "../run/read-notebook.ts";
import { nodeMajor, runNotebook } from "../run/run-notebook.ts";
import { code, notebookOf } from "../run/test/sample.ts";
import { formatNotebook, writeNotebook } from "../run/write-notebook.ts";
import { isJsonObject } from "../protocol/json.ts";
import { installKernel, type InstalledKernel } from "./kernelspec-folder.ts";
import { tool } from "./tool.ts";

const python = "/usr/bin/python3";
const present = tool(python, ["-c", "import nbclient, nbformat"], "python3-nbclient");

let installed: InstalledKernel;
let folder: string;
beforeAll(async () => {
  installed = await installKernel();
  folder = await mkdtemp(join(tmpdir(), "veelab-nbclient-"));
  // The notebook's packages are found from its folder on.
  await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
});
afterAll(async () => {
  await installed.remove();
  await rm(folder, { recursive: true, force: true });
});

const program = `
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], 4)
resources = {"metadata": {"path": sys.argv[2]}}
nbclient.NotebookClient(notebook, kernel_name="veelab", timeout=None, resources=resources).execute()
nbformat.write(notebook, sys.argv[1])
`;

/** Has nbclient execute a notebook's file, in a folder, with the kernel by its kernelspec. */
async function executed(file: string, directory: string): Promise<Notebook> {
  const child = spawn(python, ["-c", program, file, directory], {
    env: installed.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const status = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  expect(status, stderr).toBe(0);
  return joined(await readNotebook(file));
}

/** nbclient saves a stream's pieces as they come; a front end, and this runner, joins them and takes \r for what it is. */
function joined(notebook: Notebook): Notebook {
  const store = createOutputStore();
  const cells = notebook.cells.map((cell, index) => {
    if (cell.cell_type !== "code") return cell;
    for (const output of cell.outputs)
      if (output.output_type === "stream") store.take(index, "stream", { name: output.name, text: output.text });
      else store.add(index, output);
    return { ...cell, outputs: store.of(index) };
  });
  return { ...notebook, cells };
}

describe.skipIf(!present)("nbclient", () => {
  const chart =
    '{ $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [{ x: 1, y: 2 }, { x: 2, y: 3 }] }, ' +
    'mark: "line", encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } } }';
  const cells = {
    "many lines": "for (let i = 0; i < 20_000; i += 1) console.log(i)",
    "both streams, in turns":
      'for (const i of [1, 2, 3]) { console.log(`out ${i}`); console.error(`err ${i}`); process.stdout.write("no end of line") }',
    "a result": "const table = [{ a: 1, b: 'x' }, { a: 2, b: 'y' }]; table",
    "nothing at all": "const unused = 1",
    "a result and a type problem, which comes later": "const wrong: number = 'x'; wrong",
    "prints, displays and a result in their order":
      "console.log('one'); display('two'); console.log('three'); display.html('<b>four</b>'); console.log('five'); 'six'",
    "an error": code("function f(n: number): never {\n  throw new RangeError(`not ${n}`)\n}\nf(3)", "raises-exception"),
    "a syntax error": code("let = ;", "raises-exception"),
    "a display that a later cell changes": "display('first', { id: 'changing' }); display('other', { id: 'same' })",
    "the change": "updateDisplay('second', { id: 'changing' }); console.log('changed')",
    "a display that changes itself":
      "for (let i = 0; i < 10; i += 1) { await display(i, { id: `self` }); await updateDisplay(i * i, { id: 'self' }) }",
    "outputs that are cleared":
      "console.log('gone'); clearOutput(); console.log('also gone'); clearOutput({ wait: true }); console.log('kept')",
    "a chart": `(${chart})`,
    "a chart that is displayed": `await display(${chart}); 'after it'`,
    "output of timers":
      "for (const i of [1, 2, 3]) setTimeout(() => console.log(`timer ${i}`), i * 5);\nawait new Promise((resolve) => setTimeout(resolve, 50)); 'waited'",
    "a caught rejection": "await Promise.reject(new Error('no')).catch((error: Error) => error.message)",
    "an object's own display":
      '({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "t", "text/html": "<b>\\nt</b>", "application/json": { a: [1, 0.00001, null] } }) })',
    "bytes and other scripts": "console.log('Grüße, 世界 😀\\u0000\\x1b[31mred\\x1b[0m'); new Uint8Array([1, 2, 255])",
    "progress on one line":
      "for (let i = 0; i <= 100; i += 20) process.stdout.write(`\\r${i} %`); process.stdout.write('\\n')",
    "an Arrow table": `const { tableFromArrays } = await import("apache-arrow"); tableFromArrays({ n: [1, 2, 3], s: ["a", "b", "c"] })`,
  };
  const names = Object.keys(cells);
  let theirs: Notebook;
  let ours: Notebook;

  beforeAll(async () => {
    const source = notebookOf(...Object.values(cells));
    const file = join(folder, "small.ipynb");
    await writeNotebook(file, source);
    theirs = await executed(file, folder);
    const { notebook, failure } = await runNotebook(source, { cwd: folder });
    expect(failure).toBeUndefined();
    ours = parseNotebook(formatNotebook(notebook), "ours");
  }, 120_000);

  it.each(names)("saves the same outputs as the runner: %s", (name) => {
    const [mine, other] = [ours, theirs].map((notebook) => {
      const cell = notebook.cells[names.indexOf(name)];
      return cell?.cell_type === "code" ? { outputs: cell.outputs, count: cell.execution_count } : undefined;
    });
    if (name !== "nothing at all") expect(mine?.outputs).not.toEqual([]);
    expect(other).toEqual(mine);
  });

  it("learns the same of the language", () => {
    expect(theirs.metadata["language_info"]).toEqual(ours.metadata["language_info"]);
  });

  it("saves the same states of widgets, and does not wait for their comms", async () => {
    const source = notebookOf(
      "const { interact, slider } = widgets;\ninteract({ n: slider({ max: 5, value: 2 }) }, ({ n }) => { console.log(n); return n * n; })",
      "const w = widgets.anywidget({ esm: '', state: { bytes: new Uint8Array([1, 2]) } }); w.set({ bytes: new Uint8Array([3]) }); w",
    );
    const file = join(folder, "widgets.ipynb");
    await writeNotebook(file, source);
    const stateType = "application/vnd.jupyter.widget-state+json";
    const theirs = await executed(file, folder);
    const { notebook: ours } = await runNotebook(source, { cwd: folder });
    type States = Record<string, { readonly model_name: string }>;
    const statesOf = ({ metadata }: Notebook): States =>
      (metadata["widgets"] as Record<string, { readonly state: States }>)[stateType]!.state;
    // Each model is the only one of its class.
    const named = (notebook: Notebook): Notebook =>
      JSON.parse(
        Object.entries(statesOf(notebook)).reduce(
          (text, [id, { model_name: name }]) => text.replaceAll(`${id}"`, `${name}"`),
          JSON.stringify(notebook),
        ),
      ) as Notebook;
    const seen = (notebook: Notebook) => {
      const { cells } = named(notebook);
      return [statesOf(named(notebook)), cells.map((cell) => (cell.cell_type === "code" ? cell.outputs : []))];
    };
    expect(Object.keys(statesOf(ours))).toHaveLength(5);
    expect(seen(theirs)).toEqual(seen(ours));
  });

  it("executes the notebook of selective paging with its committed outputs", { timeout: 900_000 }, async () => {
    const notebooks = fileURLToPath(new URL("../../notebooks/", import.meta.url));
    const file = join(folder, "selective-paging.ipynb");
    await copyFile(join(notebooks, "selective-paging.ipynb"), file);
    const committed = await readNotebook(file);
    const { veelab } = committed.metadata;
    const anotherNode = !(isJsonObject(veelab) && veelab["node"] === nodeMajor());
    expect(compareOutputs(committed, await executed(file, notebooks), { anotherNode })).toEqual([]);
  });
});
