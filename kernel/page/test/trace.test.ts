import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { traceCells } from "../src/veelab/trace/cells.ts";
import { isTrace, stemOf } from "../src/veelab/trace/formats.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

test.each([
  ["io.csv", "io"],
  ["io.CSV.GZ", "io"],
  ["disk.2024.parquet", "disk.2024"],
  ["a.arrow", "a"],
  ["a.arrows", "a"],
  ["a.feather.gz", "a"],
  ["io.csv.zip", "io"],
  ["vm.blkparse.zst", "vm"],
  ["trace", "trace"],
  ["core.1234", "core.1234"],
])("%s is a trace named %s", (name, stem) => {
  expect(isTrace(name)).toBe(true);
  expect(stemOf(name)).toBe(stem);
});

test.each(["io.xlsx", "io.json", ".hidden", "notebook.ipynb", "README.md", "plot.PNG"])("%s is not", (name) => {
  expect(isTrace(name)).toBe(false);
});

test.each([
  [
    "two columns of numbers",
    `a "quoted" trace.csv`,
    "timeS,latencyMs,op\n0,1.5,read\n1,2.5,write\n",
    "timeS",
    "latencyMs",
  ],
  ["one column of numbers", "one.csv", "kind,pages\na,1\nb,2\n", "row", "pages"],
  ["no numbers", "text.csv", "kind\na\nb\n", "row", "row"],
])("the notebook of a trace with %s runs", (_, file, content, x, y) => {
  const folder = mkdtempSync(join(tmpdir(), "veelab-trace-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/veelab"), "junction");
    writeFileSync(join(folder, file), content);
    const cells = traceCells(file, stemOf(file)).map(({ type, source }, at) => ({
      ...{ cell_type: type, id: `cell-${at}`, metadata: {}, source },
      ...(type === "code" ? { execution_count: null, outputs: [] } : {}),
    }));
    const kernelspec = { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" };
    const path = join(folder, "trace.ipynb");
    writeFileSync(path, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
    const run = spawnSync(process.execPath, [join(root, "dist/kernel/cli.js"), "run", path], { encoding: "utf8" });
    expect(run.status, run.stderr).toBe(0);
    const outputs = (
      JSON.parse(readFileSync(path, "utf8")).cells as { outputs?: { data: Record<string, unknown> }[] }[]
    )
      .flatMap((cell) => cell.outputs ?? [])
      .map(({ data }) => data);
    expect(outputs).toHaveLength(3);
    expect(outputs[0]!["text/html"], "what it is").toBeDefined();
    expect(outputs[1]!["text/html"], "its head").toBeDefined();
    expect(outputs[2]!["application/vnd.vegalite.v5+json"], "its chart").toMatchObject({
      encoding: { x: { title: x }, y: { title: y } },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
