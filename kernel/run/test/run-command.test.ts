import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { GENERATOR } from "../html/page.ts";
import { progressBar } from "../progress.ts";
import { readNotebook } from "../read-notebook.ts";
import { writeNotebook } from "../write-notebook.ts";
import { code, isAlive, notebookOf, outputsOf, printed, startVeelab, until, veelab } from "./sample.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-cli-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const save = async (name: string, ...cells: Parameters<typeof notebookOf>): Promise<string> => {
  await writeNotebook(join(folder, name), notebookOf(...cells));
  return name;
};
const read = (name: string): ReturnType<typeof readNotebook> => readNotebook(join(folder, name));

describe("veelab", () => {
  it("tells its commands, its version and what it does not know", async () => {
    const help = await veelab(["--help"], folder);
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(help.stdout).toMatch(/^Usage: veelab \[COMMAND\]/u);
    for (const name of ["start", "run", "reproduce"]) {
      expect(help.stdout).toContain(`  ${name} `);
      const own = await veelab([name, "--help"], folder);
      expect(own.status).toBe(0);
      expect(own.stdout).toMatch(new RegExp(`^Usage: veelab ${name} `, "u"));
      for (const line of own.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
    }
    expect((await veelab(["--version"], folder)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
    expect(await veelab(["fly"], folder)).toMatchObject({ status: 2, stdout: "" });
  });

  it.each([
    [["fly"], /^veelab: expected a command \(start, run, .*\), got "fly"\n$/u],
    [["run"], /^veelab run: expected a notebook, got none \(see veelab run --help\)\n$/u],
    [["run", "--fast", "a.ipynb"], /^veelab run: unknown option '--fast' \(see veelab run --help\)\n$/u],
    [["run", "--timeout", "soon", "a.ipynb"], /^--timeout: expected a number of seconds > 0, got "soon"\n$/u],
    [["run", "--param", "n", "a.ipynb"], /^--param: expected name=value, got "n"\n$/u],
    [["run", "--check", "--html", "a.ipynb"], /^veelab run: --check writes nothing.* --html\n$/u],
    [
      ["run", "--out", "b.ipynb", "a.ipynb", "c.ipynb"],
      /^--out: expected a folder for 2 notebooks, got "b\.ipynb"\n$/u,
    ],
    [["run", "--out", "b", "a.ipynb", "c/a.ipynb"], /^--out: expected notebooks with different names/u],
    [["run", "none.ipynb"], /^none\.ipynb: cannot be read: no such file or directory\n$/u],
    [["run", "text.ipynb"], /^text\.ipynb: expected a notebook, got text that is not JSON/u],
    [["run", "empty.ipynb"], /^empty\.ipynb: expected a notebook with cells, got none\n$/u],
    [["reproduce", "."], /^.*: expected a folder with notebooks|text\.ipynb/u],
    [["reproduce", "none"], /none: cannot be read: no such file or directory\n$/u],
    [["reproduce", "a", "b"], /^veelab reproduce: expected one folder, got 2/u],
  ])("%j ends with status 2 and one sentence", async (args, sentence) => {
    await writeFile(join(folder, "text.ipynb"), "# Title");
    await save("empty.ipynb");
    const { status, stdout, stderr } = await veelab(args, folder);
    expect(stderr).toMatch(sentence);
    if (args[1] !== ".") {
      expect(status).toBe(2);
      expect(stdout).toBe("");
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });
});

describe("veelab run", () => {
  it("writes outputs in place, a line a cell to a log, and a second run changes no byte", async () => {
    await save("a.ipynb", "console.log('a')", "1 + 1");
    const { status, stdout, stderr } = await veelab(["run", "a.ipynb"], folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^a\.ipynb: 2 cells in \d+:\d\d\n$/u);
    expect(stderr).toMatch(
      /^a\.ipynb {2}1\/2 {2}\d+:\d\d {2}cell 1: console\.log\('a'\)\na\.ipynb {2}2\/2 .* cell 2: 1 \+ 1\n$/u,
    );
    expect(printed(await read("a.ipynb"), 1)).toBe("a\n");
    const once = await readFile(join(folder, "a.ipynb"), "utf8");
    await veelab(["run", "a.ipynb"], folder);
    expect(await readFile(join(folder, "a.ipynb"), "utf8")).toBe(once);
    expect(await readdir(folder)).toEqual(["a.ipynb"]);
  });

  it("writes to --out and --html, with parameters, and leaves the source alone", async () => {
    await save("a.ipynb", code("let n = 1;", "parameters"), "console.log(n)");
    await save("b.ipynb", code("let n = 1;", "parameters"), "console.log(-n)");
    const before = await readFile(join(folder, "a.ipynb"), "utf8");
    const { status } = await veelab(
      ["run", "--out", "out/deep", "--html", "--param", "n=5", "a.ipynb", "b.ipynb"],
      folder,
    );
    expect(status).toBe(0);
    expect((await readdir(join(folder, "out/deep"))).sort()).toEqual(["a.html", "a.ipynb", "b.html", "b.ipynb"]);
    expect(printed(await read("out/deep/b.ipynb"), 3)).toBe("-5\n");
    expect(await readFile(join(folder, "out/deep/a.html"), "utf8")).toContain('<pre class="output stdout">5\n</pre>');
    expect(await readFile(join(folder, "a.ipynb"), "utf8")).toBe(before);
    expect((await veelab(["run", "--out", "one/x.ipynb", "--param", "n=6", "a.ipynb"], folder)).status).toBe(0);
    expect(printed(await read("one/x.ipynb"), 3)).toBe("6\n");
  });

  it("what cannot be written is one sentence, before the run where that is known", async () => {
    await save("a.ipynb", "1 + 1");
    await mkdir(join(folder, "out/a.ipynb"), { recursive: true });
    const taken = await veelab(["run", "--out", "out", "a.ipynb"], folder);
    expect(taken.status).toBe(2);
    expect(taken.stderr).toMatch(/\nout\/a\.ipynb: cannot be written: E\w+: .+\n$/u);
    expect(await readdir(join(folder, "out"))).toEqual(["a.ipynb"]);
    const file = await veelab(["run", "--out", "a.ipynb/b.ipynb", "a.ipynb"], folder);
    expect(file).toMatchObject({ status: 2, stdout: "" });
    expect(file.stderr).toMatch(/^a\.ipynb\/b\.ipynb: cannot be written: EEXIST: .+\n$/u);
  });

  it("--check passes on what it wrote, and names cell and line of what differs", async () => {
    await save("a.ipynb", "console.log('same')", "// the sum\nconsole.log(1 + 1)");
    await veelab(["run", "a.ipynb"], folder);
    const good = await veelab(["run", "--check", "a.ipynb"], folder);
    expect(good).toMatchObject({ status: 0, stdout: "a.ipynb: 2 cells, outputs the same\n" });
    const text = await readFile(join(folder, "a.ipynb"), "utf8");
    const changed = text.replace('"2\\n"', '"3\\n"');
    expect(changed).not.toBe(text);
    await writeFile(join(folder, "a.ipynb"), changed);
    const bad = await veelab(["run", "--check", "a.ipynb"], folder);
    expect(bad.status).toBe(1);
    expect(bad.stdout).toBe(
      "a.ipynb: cell 2 (// the sum):\n  output 1, stdout:\n    @@ -1 +1 @@\n    -3\n    +2\n     \na.ipynb: the outputs of 1 of 2 cells differ\n",
    );
    expect(await readFile(join(folder, "a.ipynb"), "utf8")).toBe(changed);
  });

  it("--check allows for rounding when another Node made the outputs, and says so", async () => {
    await save("a.ipynb", "console.log((1.5).toFixed(2))");
    await veelab(["run", "a.ipynb"], folder);
    const text = await readFile(join(folder, "a.ipynb"), "utf8");
    const other = text.replace(/"node": \d+/u, '"node": 18').replace("1.50", "1.51");
    await writeFile(join(folder, "a.ipynb"), other);
    expect(await veelab(["run", "--check", "a.ipynb"], folder)).toMatchObject({
      status: 0,
      stdout: "a.ipynb: 1 cell, outputs as with Node 18, within rounding\n",
    });
  });

  it("reports a cell that throws with its traceback, saves what there is, and still runs the next notebook", async () => {
    await save("a.ipynb", "console.log('a')", "null.x", "console.log('c')");
    await save("b.ipynb", "console.log('b')");
    const { status, stdout, stderr } = await veelab(["run", "a.ipynb", "b.ipynb"], folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /TypeError: Cannot read properties of null[^]*\na\.ipynb: cell 2 \(null\.x\): threw TypeError: .*; the outputs so far are in a\.ipynb\n/u,
    );
    expect(stderr).not.toContain("\x1b");
    expect(printed(await read("a.ipynb"), 1)).toBe("a\n");
    expect(stdout).toMatch(/^b\.ipynb: 1 cell in/u);
    const allowed = await veelab(["run", "--allow-errors", "a.ipynb"], folder);
    expect(allowed).toMatchObject({ status: 0 });
    expect(allowed.stdout).toContain("3 cells (1 of them threw)");
  });

  it("tells a kernel that ran out of memory, with the outputs so far saved", async () => {
    await save(
      "a.ipynb",
      "console.log('before')",
      // In one step of V8's, which nothing can stop.
      `const all = JSON.parse("[" + '{"a":[1.5]},'.repeat(2e6) + "0]");`,
    );
    const { status, stderr } = await veelab(["run", "a.ipynb"], folder, { NODE_OPTIONS: "--max-old-space-size=60" });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /\na\.ipynb: cell 2 \(const all .*\): the kernel ran out of memory; the outputs so far are in a\.ipynb\n$/u,
    );
    expect(printed(await read("a.ipynb"), 1)).toBe("before\n");
  });
});

describe.skipIf(process.platform === "win32")("stopping veelab run", () => {
  // The cell tells in a file that it runs, and which processes must be gone in the end: the kernel and its child.
  const busy = (loop: string): string =>
    [
      "console.log('busy');",
      "const { spawn, execFileSync } = await import('node:child_process');",
      "const { writeFileSync } = await import('node:fs');",
      "const child = spawn('sleep', ['600']);",
      "writeFileSync('started', `${process.pid} ${child.pid} `);",
      loop,
    ].join("\n");
  const pids = async (): Promise<number[]> => {
    const started = async (): Promise<string> => readFile(join(folder, "started"), "utf8").catch(() => "");
    await until(async () => (await started()).endsWith(" "));
    return (await started()).trim().split(" ").map(Number);
  };

  it.each(["SIGINT", "SIGTERM"] as const)("by %s interrupts the cell, saves, and leaves no process", async (signal) => {
    await save("a.ipynb", "console.log('before')", busy("for (;;);"), "console.log('after')");
    await save("b.ipynb", "console.log('b')");
    const { child, ended } = startVeelab(["run", "a.ipynb", "b.ipynb"], folder);
    const processes = await pids();
    expect(processes.map(isAlive)).toEqual([true, true]);
    child.kill(signal);
    const { status, stderr, stdout } = await ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/a\.ipynb: cell 2 .*: was interrupted; the outputs so far are in a\.ipynb\n$/u);
    expect(stdout).toBe("");
    const saved = await read("a.ipynb");
    expect([printed(saved, 1), printed(saved, 2), printed(saved, 3)]).toEqual(["before\n", "busy\n", ""]);
    expect(outputsOf(saved, 2).at(-1)).toMatchObject({ output_type: "error" });
    await until(() => !processes.some(isAlive));
  });

  it("twice ends a kernel that does not answer, at once", async () => {
    await save("a.ipynb", "console.log('before')", busy("execFileSync('sleep', ['600']);"));
    const { child, ended } = startVeelab(["run", "a.ipynb"], folder);
    const processes = await pids();
    child.kill("SIGINT");
    let interrupting = "";
    child.stderr?.on("data", (chunk: string) => (interrupting += chunk));
    await until(() => interrupting.includes("once more"));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ status: 130 });
    expect(printed(await read("a.ipynb"), 1)).toBe("before\n");
    await until(() => !processes.some(isAlive));
  });

  it("by killing the runner itself leaves no kernel", async () => {
    await save("a.ipynb", busy("await new Promise(() => {});"));
    // Nobody is left to take the connection file away but the test.
    const { child, ended } = startVeelab(["run", "a.ipynb"], folder, { TMPDIR: folder });
    const [kernel = 0, grandchild = 0] = await pids();
    child.kill("SIGKILL");
    await ended;
    await until(() => !isAlive(kernel));
    if (isAlive(grandchild)) process.kill(grandchild);
  });
});

describe("the progress line", () => {
  const at = (done: number): string =>
    progressBar("a.ipynb", { done, count: 4, cell: 2, line: "x".repeat(100) }, 65, 60);
  it("fits its columns and shows cells, time and the first line", () => {
    expect(at(1)).toBe(`a.ipynb [#####---------------] 1/4 1:05 ${"x".repeat(19)}`);
    expect(at(4)).toContain("[####################] 4/4");
    expect(at(1)).toHaveLength(59);
  });
});

describe("veelab reproduce", () => {
  it("replaces no folder but a report", async () => {
    await mkdir(join(folder, "nb"));
    await save("nb/a.ipynb", "1 + 1");
    const refused = await veelab(["reproduce", "nb", "--out", "nb"], folder);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /^--out: expected a new folder or one with a report of veelab, got .*nb with other files in it\n$/u,
    );
    expect(await readdir(join(folder, "nb"))).toEqual(["a.ipynb"]);
    for (let round = 0; round < 2; round += 1)
      expect((await veelab(["reproduce", "nb", "--out", "report"], folder)).status).toBe(0);
    expect((await readdir(join(folder, "report"))).sort()).toEqual(["a.html", "a.ipynb", "index.html", "report.json"]);
  });

  const comparison = (paper: string): string => `
    const row = { unit: "s", source: "Table 1 [paper]", relation: "equal", analytic: null, tolerance: 1, reason: "digits <printed>", role: "evidence" };
    ({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "t", "application/vnd.veelab.comparison+json": {
      paper: ${JSON.stringify(paper)}, title: "Table 1", rows: [
        { ...row, quantity: "gcc", published: 10, reproduced: 10.5, difference: 0.5, verdict: "agrees" },
        { ...row, quantity: "mcf <b>", published: 10, reproduced: 12, difference: 2, verdict: "differs" },
        { ...row, quantity: "fit", published: 3, reproduced: 3, difference: 0, role: "calibration", verdict: "agrees" },
        { ...row, quantity: "new", published: null, reproduced: 3, difference: null, tolerance: null, verdict: "not published" }] } }) })`;
  const title = (source: string) => (index: number) =>
    ({ cell_type: "markdown", id: `t-${index}`, metadata: {}, source }) as const;

  it("runs all notebooks, changes none, and writes pages and the table of verdicts", async () => {
    await mkdir(join(folder, "nb"));
    await save("nb/one.ipynb", title("# The *one* paper"), comparison("one"));
    await save("nb/two.ipynb", title("# Tour"), "console.log('tour')");
    const unpublished = comparison("three").replaceAll(/published: \d+/gu, "published: null");
    await save("nb/three.ipynb", title("# Three"), unpublished);
    const before = await readFile(join(folder, "nb/one.ipynb"), "utf8");
    await mkdir(join(folder, "report"));
    await writeFile(join(folder, "report/old.html"), "old");
    const refused = await veelab(["reproduce", "nb"], folder);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("expected a new folder or one with a report of veelab, got");
    // An earlier report may be replaced, with all that is in it.
    await writeFile(join(folder, "report/index.html"), GENERATOR);
    const { status, stdout } = await veelab(["reproduce", "nb"], folder);
    expect(status).toBe(0);
    expect(await readFile(join(folder, "nb/one.ipynb"), "utf8")).toBe(before);
    expect((await readdir(folder)).sort()).toEqual(["nb", "report"]);
    expect((await readdir(join(folder, "report"))).sort()).toEqual([
      ...["index.html", "one.html", "one.ipynb", "report.json", "three.html", "three.ipynb", "two.html", "two.ipynb"],
    ]);
    expect(stdout).toMatch(/one +1 +1 +1 +1\n/u);
    expect(stdout).toMatch(/mcf <b> \[s\] +10 +12 +2 +1 {2}differs\n/u);
    for (const line of stdout.split("\n").filter((each) => !each.startsWith("The report")))
      expect(line.length).toBeLessThanOrEqual(100);
    const page = await readFile(join(folder, "report/index.html"), "utf8");
    expect(page).toContain('<a href="one.html">The one paper</a>');
    expect(page).toContain("mcf &lt;b&gt; [s]");
    expect(page).toContain("digits &lt;printed&gt;");
    const headings = page.match(/<th[^>]*>(?:reproduced|simulated)<\/th>/gu);
    expect(headings?.map((heading) => heading.replaceAll(/<[^>]*>/gu, ""))).toEqual(["reproduced", "simulated"]);
    expect(page).toContain(process.versions.node);
    expect(await readFile(join(folder, "report/one.html"), "utf8")).toContain('<a href="index.html">All papers</a>');
    expect(page).toContain("There was no report here before this one, or one that cannot be read.");
    await save("nb/one.ipynb", comparison("one").replace("reproduced: 12", "reproduced: 10.25"));
    const again = await veelab(["reproduce", "nb"], folder);
    expect(again.stdout).toMatch(
      /Since the report of .* UTC: verdicts changed: 0; numbers changed under the same verdict: 1/u,
    );
    const changed = await readFile(join(folder, "report/index.html"), "utf8");
    expect(changed).toMatch(/mcf &lt;b&gt; \[s\]<\/th><td class="verdict differs">12: differs<\/td>/u);
  });

  it("runs again what has changed, and with --fresh everything", async () => {
    await mkdir(join(folder, "nb"));
    await save("nb/a.ipynb", comparison("a"));
    await save("nb/b.ipynb", "1 + 1");
    await save("nb/bad.ipynb", "throw new Error('no')");
    const kept = async (...more: string[]): Promise<string[]> => {
      const { stderr } = await veelab(["reproduce", "nb", ...more], folder);
      return [...stderr.matchAll(/(\w+)\.ipynb: has not changed: the last report's results are kept\n/gu)].map(
        ([, name]) => name!,
      );
    };
    expect(await kept("--keep")).toEqual([]);
    const page = await readFile(join(folder, "report/a.html"), "utf8");
    // What failed is run again.
    expect(await kept("--keep")).toEqual(["a", "b"]);
    expect(await readFile(join(folder, "report/a.html"), "utf8")).toBe(page);
    expect(await readFile(join(folder, "report/index.html"), "utf8")).toContain(
      "for an earlier report; nothing has changed",
    );
    await save("nb/b.ipynb", "1 + 2");
    expect(await kept("--keep")).toEqual(["a"]);
    await writeFile(join(folder, "data.csv"), "x");
    await mkdir(join(folder, "nb/test"));
    await symlink(join(folder, "data.csv"), join(folder, "nb/test/data.csv"));
    await symlink(join(folder, "nb"), join(folder, "nb/test/round"));
    expect(await kept("--keep")).toEqual([]);
    await writeFile(join(folder, "data.csv"), "y");
    expect(await kept("--keep")).toEqual([]);
    // A result that somebody has edited is none.
    await writeFile(join(folder, "report/a.ipynb"), await readFile(join(folder, "report/b.ipynb")));
    expect(await kept("--keep")).toEqual(["b"]);
    // An edit while it runs is not filed under the results of what was there before.
    await save("nb/a.ipynb", `(await import("node:fs")).appendFileSync("a.ipynb", " "); 1`);
    expect([await kept("--keep"), await kept("--keep")]).toEqual([["b"], ["b"]]);
    // Folders that are not veelab's own only where that is asked for.
    expect(await kept()).toEqual([]);
    expect((await veelab(["reproduce", "nb", "--keep", "--fresh"], folder)).stderr).toBe(
      "veelab reproduce: expected --fresh or --keep, got both\n",
    );
  });

  it("ends with status 1 when a notebook fails, and reports the others", async () => {
    await mkdir(join(folder, "nb"));
    await save("nb/bad.ipynb", "throw new Error('no')");
    await save("nb/good.ipynb", comparison("good"));
    await save("nb/größe 1.ipynb", "1");
    await writeFile(join(folder, "nb/text.ipynb"), "no notebook");
    const links = "[a](./good.ipynb#x) [b](größe%201.ipynb) [c](text.ipynb) [d](../nb/good.ipynb) [e](%zz.ipynb)";
    const cell = { cell_type: "markdown" as const, id: "m", metadata: {}, source: links };
    await writeNotebook(join(folder, "nb/links.ipynb"), {
      cells: [cell],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    });
    const { status, stdout } = await veelab(["reproduce", "nb", "--out", "a/report"], folder);
    expect(status).toBe(1);
    expect(stdout).toContain("bad failed: cell 1 (throw new Error('no')): threw Error: no\n");
    expect(stdout).toMatch(/good +1 +1 +1 +1\n/u);
    const page = await readFile(join(folder, "a/report/index.html"), "utf8");
    expect(page).toContain("cell 1 (throw new Error(&#39;no&#39;)): threw Error: no");
    expect(page).not.toContain('href="text.html"');
    expect(await readFile(join(folder, "a/report/links.html"), "utf8")).toContain(
      '<a href="good.html#x">a</a> <a href="gr%C3%B6%C3%9Fe%201.html">b</a> <a>c</a> <a>d</a> <a>e</a>',
    );
  });
});
