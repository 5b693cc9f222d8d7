import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { kernelArgv } from "../../argv.ts";
import { describeExit } from "../kernel-process.ts";
import type { Notebook, Output } from "../notebook.ts";
import { parseNotebook, readNotebook } from "../read-notebook.ts";
import { runNotebook, type Progress } from "../run-notebook.ts";
import { formatNotebook, writeNotebook } from "../write-notebook.ts";
import { pythonWith } from "./python.ts";
import { code, notebookOf, outputsOf, printed } from "./sample.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-run-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const markdown = (source: string) => (index: number) =>
  ({ cell_type: "markdown", id: `text-${index}`, metadata: {}, source }) as const;

describe("running a notebook", () => {
  it("fills in outputs, counts, kernel and language, and tells its progress", async () => {
    const steps: Progress[] = [];
    const { notebook, failure } = await runNotebook(
      notebookOf(
        markdown("# Title"),
        "const n: number = 6;",
        "  ",
        "console.log('seven');\nn * 7",
        "console.error('e')",
      ),
      { cwd: folder, onProgress: (progress) => steps.push(progress) },
    );
    expect(failure).toBeUndefined();
    expect(outputsOf(notebook, 4)).toEqual([
      { output_type: "stream", name: "stdout", text: "seven\n" },
      { output_type: "execute_result", data: { "text/plain": "42" }, metadata: {}, execution_count: 2 },
    ]);
    expect(outputsOf(notebook, 5)).toEqual([{ output_type: "stream", name: "stderr", text: "e\n" }]);
    expect(notebook.cells.map((cell) => (cell.cell_type === "code" ? cell.execution_count : "text"))).toEqual([
      ...["text", 1, null, 2, 3],
    ]);
    expect(notebook.metadata["kernelspec"]).toEqual({
      name: "veelab",
      display_name: "TypeScript (veelab)",
      language: "typescript",
    });
    expect(notebook.metadata["language_info"]).toMatchObject({ name: "typescript" });
    expect(notebook.metadata["veelab"]).toEqual({ node: Number(process.versions.node.split(".")[0]) });
    expect(steps.map(({ done, count, cell, line }) => [done, count, cell, line])).toEqual([
      [0, 3, 2, "const n: number = 6;"],
      [1, 3, 4, "console.log('seven');"],
      [2, 3, 5, "console.error('e')"],
      [3, 3, 5, ""],
    ]);
  });

  it("works in the notebook's folder and sets its parameters", async () => {
    const source = notebookOf(code("let n = 1;", "parameters"), "console.log(process.cwd(), n)");
    const { notebook } = await runNotebook(source, { cwd: folder, parameters: { n: [1, "x"] } });
    expect(printed(notebook, 3)).toBe(`${folder} [ 1, 'x' ]\n`);
  });

  it("keeps every one of 20,000 lines", async () => {
    const { notebook } = await runNotebook(notebookOf("for (let i = 0; i < 20000; i += 1) console.log(i);"), {
      cwd: folder,
    });
    expect(printed(notebook, 1)).toBe(Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(""));
  });

  it("gives late output to the cell that it came from", async () => {
    const { notebook } = await runNotebook(
      notebookOf(
        "setTimeout(() => console.log('late'), 20);",
        "await new Promise((done) => setTimeout(done, 200)); console.log('second')",
      ),
      { cwd: folder },
    );
    expect([printed(notebook, 1), printed(notebook, 2)]).toEqual(["late\n", "second\n"]);
  });

  it("gives the same bytes each time", async () => {
    const source = notebookOf(
      "({ a: [1.5, 'x'], when: new Map([[1, 2]]) })",
      "console.log('a'); console.error('b'); console.log('c')",
    );
    const run = async (): Promise<string> => formatNotebook((await runNotebook(source, { cwd: folder })).notebook);
    expect(await run()).toBe(await run());
  });
});

describe("widgets", () => {
  const stateType = "application/vnd.jupyter.widget-state+json";
  const source = `const { interact, slider } = widgets;
    interact({ n: slider({ max: 5, value: 2 }) }, ({ n }) => n * n)`;

  it("are saved with their states under names that are the same in each run, and a text beside them", async () => {
    const run = async (...sources: string[]) => (await runNotebook(notebookOf(...sources), { cwd: folder })).notebook;
    const notebook = await run(source);
    expect(formatNotebook(await run(source))).toBe(formatNotebook(notebook));
    expect(outputsOf(notebook, 1)).toMatchObject([
      {
        output_type: "execute_result",
        data: {
          "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 0, model_id: "widget-4" },
          "text/plain": "n = 2\n4",
        },
      },
    ]);
    expect(notebook.metadata["widgets"]).toMatchObject({
      [stateType]: {
        version_major: 2,
        state: {
          "widget-1": { model_name: "IntSliderModel", state: { value: 2, max: 5, style: "IPY_MODEL_widget-2" } },
          "widget-3": { state: { outputs: [{ output_type: "display_data", data: { "text/plain": "4" } }] } },
          "widget-4": { model_name: "VBoxModel", state: { children: ["IPY_MODEL_widget-1", "IPY_MODEL_widget-3"] } },
        },
      },
    });
    const { notebook: again } = await runNotebook({ ...notebook, cells: notebookOf("1").cells }, { cwd: folder });
    expect(again.metadata).not.toHaveProperty("widgets");
  });

  it("have no password saved", async () => {
    const source = "widgets.text({ hidden: true, value: 'hush-hush' })";
    const { notebook } = await runNotebook(notebookOf(source), { cwd: folder });
    expect(JSON.stringify(notebook.metadata["widgets"])).toContain("PasswordModel");
    expect(JSON.stringify([notebook.metadata, outputsOf(notebook, 1)])).not.toContain("hush");
  });

  it("have the bytes of their states saved, the latest, and none of those that are closed", async () => {
    const { notebook } = await runNotebook(
      notebookOf(
        `const w = widgets.anywidget({ esm: "", state: { bytes: new Uint8Array([1]), list: [new Uint8Array([2])] } });
         widgets.slider().close();
         w.set({ list: [0, new Uint8Array([3, 4])] });`,
      ),
      { cwd: folder },
    );
    const { state } = (notebook.metadata["widgets"] as Record<string, { state: Record<string, unknown> }>)[stateType]!;
    expect(Object.values(state)).toMatchObject([
      {
        model_name: "AnyModel",
        state: { list: [0, null] },
        buffers: [
          { encoding: "base64", path: ["bytes"], data: "AQ==" },
          { encoding: "base64", path: ["list", 1], data: "AwQ=" },
        ],
      },
    ]);
  });
});

describe("a cell that fails", () => {
  const run = (source: Notebook, options = {}): ReturnType<typeof runNotebook> =>
    runNotebook(source, { cwd: folder, ...options });

  it("by throwing ends the run there, with its error saved", async () => {
    const { notebook, failure } = await run(
      notebookOf("console.log('before')", "\n// why\nthrow new TypeError('bad')", "console.log('after')"),
    );
    expect(failure).toEqual({ kind: "error", cell: 2, line: "// why", message: "threw TypeError: bad" });
    expect(printed(notebook, 1)).toBe("before\n");
    expect(outputsOf(notebook, 2)).toMatchObject([{ output_type: "error", ename: "TypeError", evalue: "bad" }]);
    expect(outputsOf(notebook, 3)).toEqual([]);
  });

  it("by throwing goes on where errors are allowed, by option or by the cell's tag", async () => {
    const all = await run(notebookOf("throw new Error('1')", "throw new Error('2')", "console.log('after')"), {
      allowErrors: true,
    });
    expect(all.failure).toBeUndefined();
    expect(printed(all.notebook, 3)).toBe("after\n");
    const tagged = await run(notebookOf(code("throw new Error('1')", "raises-exception"), "throw new Error('2')"));
    expect(tagged.failure).toMatchObject({ kind: "error", cell: 2 });
  });

  it("by never ending is interrupted at its time limit", async () => {
    for (const loop of ["for (;;);", "await new Promise(() => {});"]) {
      const { notebook, failure } = await run(notebookOf(`console.log('loop'); ${loop}`, "1"), { timeout: 4 });
      expect(failure).toMatchObject({ kind: "timeout", cell: 1, message: "did not end within 4 s" });
      expect(printed(notebook, 1)).toBe("loop\n");
    }
  });

  it("by asking for the process's end fails alone, with what it printed", async () => {
    const { notebook, failure } = await run(
      notebookOf("console.log('before')", "console.log('dying'); process.exit(3)", "1"),
    );
    expect(failure).toMatchObject({ kind: "error", cell: 2 });
    expect(failure?.message).toMatch(/process\.exit\(3\)/u);
    expect([printed(notebook, 1), printed(notebook, 2)]).toEqual(["before\n", "dying\n"]);
  });

  it("by ending the process is told from others, with what it printed, and says so in the notebook", async () => {
    const source =
      "console.log('dying'); await new Promise((done) => setTimeout(done, 500)); process.kill(process.pid, 'SIGABRT'); for (;;);";
    const { notebook, failure } = await run(notebookOf("console.log('before')", source, "1"));
    expect(failure).toMatchObject({
      kind: "died",
      cell: 2,
      message: "the kernel crashed: native code gave up (SIGABRT)",
    });
    expect(printed(notebook, 2)).toBe("dying\n");
    expect(outputsOf(notebook, 2).at(-1)).toMatchObject({ output_type: "error", ename: "KernelDied" });
  });

  it.each([
    [{ code: 3, signal: null, stderr: "" }, "ended with exit status 3"],
    [
      {
        code: null,
        signal: "SIGABRT",
        stderr: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      },
      "ran out of memory",
    ],
    [{ code: 137, signal: null, stderr: "" }, "was killed by the system (SIGKILL), probably for using too much memory"],
    [
      { code: null, signal: "SIGSEGV", stderr: "" },
      "crashed: native code read or wrote memory that is not its own (SIGSEGV)",
    ],
    [{ code: 134, signal: null, stderr: "" }, "crashed: native code gave up (SIGABRT)"],
    [{ code: null, signal: "SIGTERM", stderr: "" }, "was ended by SIGTERM"],
  ] as const)("by %o is described as '%s'", (exit, sentence) => {
    expect(describeExit(exit)).toBe(sentence);
  });

  it("by being killed names the signal and what it likely means", async () => {
    const { failure } = await run(notebookOf("process.kill(process.pid, 'SIGKILL'); for (;;);"));
    expect(failure?.message).toBe("the kernel was killed by the system (SIGKILL), probably for using too much memory");
  });

  it("is interrupted when asked", async () => {
    const stop = new AbortController();
    const { failure } = await run(notebookOf("1", "for (;;);"), {
      interrupt: stop.signal,
      onProgress: ({ cell }: Progress) => {
        if (cell === 2)
          setTimeout(() => {
            stop.abort();
          }, 100);
      },
    });
    expect(failure).toEqual({ kind: "interrupted", cell: 2, line: "for (;;);", message: "was interrupted" });
  });
});

describe("a notebook that cannot be run", () => {
  it.each([
    ["without cells", notebookOf(), {}, "x.ipynb: expected a notebook with cells, got none"],
    [
      "of another kernel",
      { ...notebookOf("1"), metadata: { kernelspec: { name: "python3", display_name: "Python 3" } } },
      {},
      "x.ipynb: expected a notebook of the kernel veelab, got one of python3 (--kernel python3 runs it there)",
    ],
    [
      "without the tag",
      notebookOf("1"),
      { parameters: { n: 1 } },
      'x.ipynb: expected a code cell tagged "parameters" to set n, got none',
    ],
    ["with no time at all", notebookOf("1"), { timeout: 0 }, "timeout: expected a number of seconds > 0, got 0"],
  ])("%s is refused in one sentence", async (_, source, options, sentence) => {
    await expect(runNotebook(source, { name: "x.ipynb", cwd: folder, ...options })).rejects.toThrow(sentence);
  });

  it("since the kernel is unknown is told which there are", async () => {
    await expect(runNotebook(notebookOf("1"), { kernel: "no-such" })).rejects.toThrow(
      /^--kernel: expected an installed kernel \((.*, )?veelab(, .*)?\), got no-such$/u,
    );
  });
});

const python = pythonWith("nbclient");
describe.skipIf(python === undefined)("beside nbclient", () => {
  /** Earlier versions of nbclient save a stream's pieces as they come; a front end joins them. */
  const joined = (outputs: readonly Output[]): Output[] =>
    outputs.reduce<Output[]>((all, output) => {
      const last = all.at(-1);
      if (last?.output_type === "stream" && output.output_type === "stream" && last.name === output.name)
        return [...all.slice(0, -1), { ...last, text: last.text + output.text }];
      return [...all, output];
    }, []);

  it("saves the same outputs of the same notebook", async () => {
    const source = notebookOf(
      "for (let i = 0; i < 500; i += 1) console.log(i); console.error('done')",
      "const table = [{ a: 1, b: 'x' }, { a: 2, b: 'y' }]; table",
      code("throw new RangeError('expected')", "raises-exception"),
      `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "t", "text/html": "<b>\\nt</b>", "application/json": { a: [1, 0.00001] } }) })`,
      `({ $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [{ x: 1, y: 2 }] }, mark: "bar", encoding: { x: { field: "x" }, y: { field: "y" } } })`,
      "await new Promise((done) => setTimeout(done, 50)); new Uint8Array(3)",
    );
    const spec = join(folder, "kernels", "veelab");
    await mkdir(spec, { recursive: true });
    const kernelspec = {
      argv: kernelArgv("{connection_file}"),
      display_name: "v",
      language: "typescript",
      interrupt_mode: "message",
    };
    await writeFile(join(spec, "kernel.json"), JSON.stringify(kernelspec));
    const file = join(folder, "a.ipynb");
    await writeNotebook(file, source);
    const program =
      "import sys, nbformat, nbclient\n" +
      "nb = nbformat.read(sys.argv[1], 4)\n" +
      "nbclient.NotebookClient(nb, kernel_name='veelab', resources={'metadata': {'path': sys.argv[2]}}).execute()\n" +
      "nbformat.write(nb, sys.argv[1])\n";
    const { status, stderr } = spawnSync(python!, ["-c", program, file, folder], {
      env: { ...process.env, JUPYTER_PATH: folder },
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    const theirs = await readNotebook(file);
    const ours = parseNotebook(formatNotebook((await runNotebook(source, { cwd: folder })).notebook), "ours");
    for (let cell = 1; cell <= source.cells.length; cell += 1)
      expect(outputsOf(ours, cell)).toEqual(joined(outputsOf(theirs, cell)));
    expect(outputsOf(ours, 5)).toMatchObject([{ data: { "image/png": expect.any(String) as string } }]);
    expect(ours.metadata["language_info"]).toEqual(theirs.metadata["language_info"]);
  });
});

describe.skipIf(pythonWith("ipykernel") === undefined)("another kernel", () => {
  const python3 = async (source: Notebook, options = {}): ReturnType<typeof runNotebook> => {
    const spec = join(folder, "kernels", "other-python");
    await mkdir(spec, { recursive: true });
    const argv = [pythonWith("ipykernel")!, "-m", "ipykernel_launcher", "-f", "{connection_file}"];
    await writeFile(join(spec, "kernel.json"), JSON.stringify({ argv, display_name: "Other", language: "python" }));
    process.env["JUPYTER_PATH"] = folder;
    try {
      return await runNotebook(source, { cwd: folder, kernel: "other-python", ...options });
    } finally {
      delete process.env["JUPYTER_PATH"];
    }
  };

  it("runs by its kernelspec, with displays that change and outputs that are cleared", async () => {
    const { notebook, failure } = await python3(
      notebookOf(
        "from IPython.display import display, clear_output\nh = display('first', display_id='d')\nprint('a')\nprint('b')",
        "h.update('second')\nfor i in range(3):\n    clear_output(wait=True)\n    print(i)",
      ),
    );
    expect(failure).toBeUndefined();
    expect(outputsOf(notebook, 1)).toEqual([
      { output_type: "display_data", data: { "text/plain": "'second'" }, metadata: {} },
      { output_type: "stream", name: "stdout", text: "a\nb\n" },
    ]);
    expect(printed(notebook, 2)).toBe("2\n");
    expect(notebook.metadata["veelab"]).toBeUndefined();
  });

  it("is interrupted by a signal where it wants one", async () => {
    const { failure } = await python3(notebookOf("import time\ntime.sleep(600)"), { timeout: 1 });
    expect(failure).toMatchObject({ kind: "timeout", message: "did not end within 1 s" });
  });
});
