import { access, constants, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { parseOptions, parseSeconds } from "./arguments.ts";
import { differencesOf } from "./differences.ts";
import { executeFile, type ExecuteSettings } from "./execute-file.ts";
import { exportHtml } from "./html/export-html.ts";
import { stripAnsi } from "./html/ansi.ts";
import { InputError, writing } from "./input-error.ts";
import type { Notebook } from "./notebook.ts";
import { parseParameter } from "./parameters.ts";
import { clock } from "./progress.ts";
import type { Failure } from "./run-notebook.ts";
import { catchStopSignals, type Stop } from "./stop-signals.ts";
import { describeProblem } from "./type-problems.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";
import { writeNotebook } from "./write-notebook.ts";

const HELP = `Usage: veelab run [options] NOTEBOOK...

Runs notebooks in the veelab kernel, each in a process of its own with the notebook's folder as working directory,
and writes their outputs back.

  --out PATH       write there instead: a .ipynb file (one notebook) or a folder
  --html           also write one offline HTML page beside each written notebook
  --param K=V      set the parameter K of the cell tagged "parameters" (V: JSON, else text); may be repeated
  --check          write nothing; fail when the outputs differ from those in the file
  --check-types    fail when the types of a cell are wrong; all such places are listed
  --timeout S      end a cell after S seconds
  --allow-errors   go on after a cell that throws
  --kernel NAME    run in this installed Jupyter kernel
  --help           print this

Exit status: 0 done, 1 a cell failed, outputs differ or types are wrong, 2 cannot be used, 130 interrupted.
Ctrl-C interrupts the cell and saves what there is; a second one ends the kernel at once.
`;

const OPTIONS = {
  out: { type: "string" },
  html: { type: "boolean" },
  param: { type: "string", multiple: true },
  check: { type: "boolean" },
  "check-types": { type: "boolean" },
  timeout: { type: "string" },
  "allow-errors": { type: "boolean" },
  kernel: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

interface Job {
  readonly file: string;
  /** Where the notebook is written. */
  readonly target: string;
}

interface Settings extends ExecuteSettings {
  readonly html: boolean;
  readonly check: boolean;
}

/**
 * `veelab run`: executes notebooks headless.
 *
 * @param args The arguments after `run`
 * @returns the exit status
 * @throws InputError for arguments that make no sense
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions("veelab run", args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0)
    throw new InputError("veelab run: expected a notebook, got none (see veelab run --help)");
  for (const option of ["out", "html", "param"] as const)
    if (values.check === true && values[option] !== undefined)
      throw new InputError(`veelab run: --check writes nothing and changes nothing, so it cannot go with --${option}`);
  const settings: Settings = {
    html: values.html === true,
    check: values.check === true,
    parameters: Object.fromEntries((values.param ?? []).map(parseParameter)),
    timeout: values.timeout === undefined ? undefined : parseSeconds(values.timeout),
    allowErrors: values["allow-errors"] === true,
    kernel: values.kernel,
    checkTypes: values["check-types"] === true,
  };
  const jobs = await planJobs(positionals, values.out);
  const stop = catchStopSignals(() => {
    process.stderr.write("\ninterrupting the cell; once more ends the kernel\n");
  });
  try {
    let worst = 0;
    for (const job of jobs) {
      const status = await runJob(job, settings, stop);
      if (status === 130) return 130;
      worst = Math.max(worst, status);
    }
    return worst;
  } finally {
    stop.release();
  }
}

async function planJobs(files: readonly string[], out: string | undefined): Promise<Job[]> {
  if (out === undefined) return files.map((file) => ({ file, target: file }));
  if (out.endsWith(".ipynb")) {
    if (files.length > 1)
      throw new InputError(`--out: expected a folder for ${files.length} notebooks, got ${JSON.stringify(out)}`);
    await writing(out, () => mkdir(dirname(out), { recursive: true }));
    return files.map((file) => ({ file, target: out }));
  }
  const jobs = files.map((file) => ({ file, target: join(out, basename(file)) }));
  if (new Set(jobs.map((job) => job.target)).size < jobs.length)
    throw new InputError("--out: expected notebooks with different names, got the same name twice");
  await writing(out, () => mkdir(out, { recursive: true }));
  return jobs;
}

async function runJob(job: Job, settings: Settings, stop: Stop): Promise<number> {
  if (!settings.check) await checkWritable(job.target);
  const executed = await executeFile(job.file, settings, stop);
  if ("unusable" in executed) {
    if (executed.interrupted) return 130;
    process.stderr.write(`${executed.unusable}\n`);
    return 2;
  }
  const { notebook, failure, problems, unchecked, source, seconds } = executed;
  if (!settings.check) await save(job, notebook, settings.html);
  for (const problem of problems) process.stderr.write(`${job.file}: ${describeProblem(problem)}\n`);
  for (const cell of unchecked) process.stderr.write(`${job.file}: cell ${cell}: its types could not be checked\n`);
  if (failure !== undefined) {
    reportFailure(job, failure, notebook, settings.check);
    return failure.kind === "interrupted" ? 130 : 1;
  }
  const wrong = problems.length + unchecked.length > 0 ? 1 : 0;
  if (settings.check) return Math.max(wrong, reportCheck(job.file, source, notebook));
  process.stdout.write(`${job.file}: ${describeRun(notebook)} in ${clock(seconds)}\n`);
  return wrong;
}

/** Said before the run: afterwards its outputs would be lost. A folder that is not there is the reader's to report. */
async function checkWritable(target: string): Promise<void> {
  const folder = dirname(target);
  const refused = await access(folder, constants.W_OK).catch((cause: unknown) => cause as NodeJS.ErrnoException);
  if (refused !== undefined && refused.code !== "ENOENT") await writing(target, () => Promise.reject(refused));
}

async function save({ file, target }: Job, notebook: Notebook, html: boolean): Promise<void> {
  await writing(target, () => writeNotebook(target, notebook));
  if (!html) return;
  const page = target.replace(/(?:\.ipynb)?$/u, ".html");
  const options = { title: basename(target, ".ipynb"), folder: dirname(file) };
  const text = await exportHtml(notebook, options);
  await writing(page, () => writeFileAtomic(page, text));
}

function describeRun(notebook: Notebook): string {
  const ran = notebook.cells.filter((cell) => cell.cell_type === "code" && cell.source.trim() !== "");
  const threw = ran.filter(
    (cell) => cell.cell_type === "code" && cell.outputs.some((output) => output.output_type === "error"),
  );
  const errors = threw.length === 0 ? "" : ` (${threw.length} of them threw)`;
  return `${ran.length} ${ran.length === 1 ? "cell" : "cells"}${errors}`;
}

function reportFailure({ file, target }: Job, failure: Failure, notebook: Notebook, check: boolean): void {
  const cell = notebook.cells[failure.cell - 1];
  const error =
    cell?.cell_type === "code" && failure.kind === "error"
      ? cell.outputs.findLast((output) => output.output_type === "error")
      : undefined;
  const trace = error === undefined ? "" : `${error.traceback.join("\n")}\n`;
  process.stderr.write(process.stderr.isTTY ? trace : stripAnsi(trace));
  const saved = check ? "" : `; the outputs so far are in ${target}`;
  process.stderr.write(`${file}: cell ${failure.cell} (${failure.line}): ${failure.message}${saved}\n`);
}

function reportCheck(file: string, committed: Notebook, fresh: Notebook): number {
  const { differences, anotherNode } = differencesOf(committed, fresh);
  const how = anotherNode === undefined ? "the same" : `as with Node ${anotherNode}, within rounding`;
  if (differences.length === 0) {
    process.stdout.write(`${file}: ${describeRun(fresh)}, outputs ${how}\n`);
    return 0;
  }
  for (const { cell, line, lines } of differences)
    process.stdout.write(`${file}: cell ${cell} (${line}):\n${lines.map((each) => `  ${each}\n`).join("")}`);
  process.stdout.write(`${file}: the outputs of ${differences.length} of ${describeRun(fresh)} differ\n`);
  return 1;
}
