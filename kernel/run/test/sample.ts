import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { Cell, CodeCell, Notebook, Output } from "../notebook.ts";

/** A code cell with its place as id. */
export function code(source: string, ...tags: string[]): (index: number) => CodeCell {
  return (index) => ({
    cell_type: "code",
    id: `cell-${index + 1}`,
    metadata: tags.length > 0 ? { tags } : {},
    source,
    execution_count: null,
    outputs: [],
  });
}

/** A notebook of cells: a text is a code cell's source. */
export function notebookOf(...cells: (string | ((index: number) => Cell))[]): Notebook {
  return {
    cells: cells.map((cell, index) => (typeof cell === "string" ? code(cell) : cell)(index)),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** The outputs of a notebook's cell, counted from 1. */
export function outputsOf(notebook: Notebook, cell: number): readonly Output[] {
  const found = notebook.cells[cell - 1];
  return found?.cell_type === "code" ? found.outputs : [];
}

/** The text that a cell printed. */
export function printed(notebook: Notebook, cell: number): string {
  return outputsOf(notebook, cell)
    .map((output) => (output.output_type === "stream" ? output.text : ""))
    .join("");
}

/** The built command line. */
const CLI: string = fileURLToPath(new URL("../../../dist/kernel/cli.js", import.meta.url));

/** A command that was started. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts `veelab` with arguments. */
export function startVeelab(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const ended = new Promise<Awaited<Started["ended"]>>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      resolve({ status, stdout, stderr });
    });
  });
  return { child, ended };
}

/** Runs `veelab` to its end. */
export async function veelab(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Awaited<Started["ended"]>> {
  return startVeelab(args, cwd, env).ended;
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a condition holds; the test's own time limit ends a wait that is in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
