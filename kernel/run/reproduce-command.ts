import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { packageRoot } from "../package-root.ts";
import { parseOptions, parseSeconds } from "./arguments.ts";
import { executeFile } from "./execute-file.ts";
import { exportHtml, notebookTitle } from "./html/export-html.ts";
import { InputError, reason, refusal, writing } from "./input-error.ts";
import { readNotebook } from "./read-notebook.ts";
import { aboutOf } from "./report/about.ts";
import { changesBetween, changesText } from "./report/changes.ts";
import { comparisonsOf } from "./report/comparison.ts";
import { templateName } from "../scaffold/paper-name.ts";
import { readDataPackage } from "./report/data-package.ts";
import { thisEnvironment } from "./report/environment.ts";
import { type KeptRuns, openKeptRuns } from "./report/kept-runs.ts";
import { failureSentence, type NotebookRun } from "./report/paper.ts";
import { replaceFolder } from "./report/replace-folder.ts";
import { GENERATOR } from "./html/page.ts";
import { readRecorded, writeRecorded } from "./report/report-file.ts";
import { reportPage, type Report } from "./report/report-page.ts";
import { reportText } from "./report/report-text.ts";
import { catchStopSignals, type Stop } from "./stop-signals.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";
import { writeNotebook } from "./write-notebook.ts";

const HELP = `Usage: veelab reproduce [options] [FOLDER]

Runs every notebook of FOLDER (by default veelab's own), leaves the files as they are, and writes a report: the
published against the reproduced numbers of all papers, and a page for each notebook. Of veelab's own notebooks only
those are run that have changed since the report that is there, or whose data, code or Node has; the others keep their
results.

  --out FOLDER     write the report there (default: report)
  --fresh          run all notebooks, whatever has changed
  --keep           keep results in FOLDER, too, where neither the notebook nor another file of FOLDER has changed
  --timeout S      end a cell after S seconds
  --help           print this

Exit status: 0 done, 1 a notebook failed to run, 2 cannot be used, 130 interrupted. A number that differs is a finding
and no failure.
`;

const OPTIONS = {
  out: { type: "string" },
  fresh: { type: "boolean" },
  keep: { type: "boolean" },
  timeout: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** An interrupted report is not kept: half a table of verdicts would mislead. */
class Interrupted extends Error {}

/**
 * `veelab reproduce`: runs all notebooks and writes the report.
 *
 * @param args The arguments after `reproduce`
 * @returns the exit status
 * @throws InputError for arguments that make no sense
 */
export async function reproduce(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions("veelab reproduce", args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 1)
    throw new InputError(
      `veelab reproduce: expected one folder, got ${positionals.length} (see veelab reproduce --help)`,
    );
  if (values.fresh === true && values.keep === true)
    throw new InputError("veelab reproduce: expected --fresh or --keep, got both");
  const own = join(packageRoot(), "notebooks");
  const folder = resolve(positionals[0] ?? own);
  const keeps = values.keep === true || folder === own;
  const out = resolve(values.out ?? "report");
  const timeout = values.timeout === undefined ? undefined : parseSeconds(values.timeout);
  const files = await notebooksIn(folder);
  await checkReplaceable(out);
  const stop = catchStopSignals(() => {
    process.stderr.write("\ninterrupting; once more ends the kernel\n");
  });
  try {
    const { runs, changes } = await writing(out, () =>
      replaceFolder(out, async (temporary) => {
        const kept = keeps ? await openKeptRuns(folder, out, temporary) : undefined;
        return runAll(files, { out: temporary, last: out, timeout, kept, fresh: values.fresh === true }, stop);
      }),
    );
    process.stdout.write(`\n${reportText(runs, Math.min(100, process.stdout.columns || 100))}`);
    const kept = runs.filter((run) => run.kept).length;
    if (kept > 0)
      process.stdout.write(
        `\n${kept} of ${runs.length} notebooks have not changed and were not run (--fresh runs all).\n`,
      );
    if (changes !== undefined) process.stdout.write(`\n${changesText(changes)}\n`);
    process.stdout.write(`\nThe report: ${join(out, "index.html")}\n`);
    return runs.some(({ failure }) => failure !== undefined) ? 1 : 0;
  } catch (cause) {
    if (cause instanceof Interrupted) return 130;
    throw cause;
  } finally {
    stop.release();
  }
}

/** The report replaces its folder, so that folder must be a report, empty, or not there: never somebody's files. */
async function checkReplaceable(out: string): Promise<void> {
  const names = await readdir(out).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new InputError(`--out: expected a folder, got ${out} (${reason(cause)})`, { cause });
  });
  if (names.length === 0) return;
  const page = await readFile(join(out, "index.html"), "utf8").catch(() => "");
  if (!page.includes(GENERATOR))
    throw new InputError(
      `--out: expected a new folder or one with a report of veelab, got ${out} with other files in it`,
    );
}

async function notebooksIn(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new InputError(`${folder}: cannot be read: ${refusal(cause)}`, { cause });
  }
  const files = names.filter((name) => name.endsWith(".ipynb")).sort();
  if (files.length === 0) throw new InputError(`${folder}: expected a folder with notebooks, got none in it`);
  return files.map((name) => join(folder, name));
}

/** How the notebooks of a report are run. */
interface Settings {
  /** Where the report is made. */
  readonly out: string;
  /** Where the last report is, if there is one. */
  readonly last: string;
  readonly timeout: number | undefined;
  /** Where results may be kept from one report to the next. */
  readonly kept: KeptRuns | undefined;
  /** Whether none are taken from the last one. */
  readonly fresh: boolean;
}

async function runAll(files: readonly string[], settings: Settings, stop: Stop): Promise<Report> {
  const { out, last, kept } = settings;
  const before = await readRecorded(last);
  const shipped = await readDataPackage(join(packageRoot(), "datasets", "datapackage.json"));
  const datasets = shipped.filter(({ name }) => name !== `published/${templateName}`);
  const environment = await thisEnvironment();
  const runs: NotebookRun[] = [];
  for (const file of files) runs.push(await runOne(file, settings, stop));
  await kept?.write();
  await writePages(files, runs, out, stop);
  const comparisons = runs.flatMap((run) => run.comparisons);
  const recorded = { made: new Date().toISOString(), environment, datasets, comparisons };
  await writeRecorded(out, recorded);
  const changes = before === undefined ? undefined : changesBetween(before, recorded);
  const report = { made: recorded.made, runs, environment, datasets, changes };
  await writeFileAtomic(join(out, "index.html"), await reportPage(report));
  return report;
}

async function runOne(file: string, { out, timeout, kept, fresh }: Settings, stop: Stop): Promise<NotebookRun> {
  const name = basename(file, ".ipynb");
  const inputs = await kept?.inputs(file);
  const earlier = inputs === undefined || fresh ? undefined : await kept?.find(file, inputs);
  if (earlier !== undefined) process.stderr.write(`${file}: has not changed: the last report's results are kept\n`);
  const executed = earlier ?? (await executeFile(file, { timeout }, stop));
  if ("unusable" in executed) {
    if (executed.interrupted) throw new Interrupted();
    process.stderr.write(`${executed.unusable}\n`);
    return {
      name,
      title: name,
      comparisons: [],
      about: { citation: "", result: "" },
      failure: executed.unusable,
      page: false,
      kept: false,
      seconds: 0,
    };
  }
  const { notebook, failure, seconds } = executed;
  if (failure?.kind === "interrupted") throw new Interrupted();
  if (failure !== undefined) process.stderr.write(`${file}: ${failureSentence(failure)}\n`);
  await writeNotebook(join(out, `${name}.ipynb`), notebook);
  if (failure === undefined && inputs !== undefined) await kept?.add(file, inputs, seconds);
  return {
    name,
    title: notebookTitle(notebook) ?? name,
    comparisons: comparisonsOf(notebook),
    about: aboutOf(notebook),
    failure: failure === undefined ? undefined : failureSentence(failure),
    page: true,
    kept: earlier !== undefined,
    seconds,
  };
}

/** A page for each notebook that ran. A report is sent to others: a file that is not in it is not linked to, another notebook by its page. */
async function writePages(
  files: readonly string[],
  runs: readonly NotebookRun[],
  out: string,
  stop: Stop,
): Promise<void> {
  const names = new Set(runs.filter(({ page }) => page).map(({ name }) => name));
  const fileLink = (href: string): string | undefined => {
    const [, file, place = ""] = /^(?:\.\/)?([^/#?]+)\.ipynb(#.*)?$/u.exec(href) ?? [];
    const name = file === undefined ? undefined : decoded(file);
    return name === undefined || !names.has(name) ? undefined : `${encodeURIComponent(name)}.html${place}`;
  };
  const before = '<p class="back"><a href="index.html">All papers</a></p>\n';
  for (const file of files) {
    const title = basename(file, ".ipynb");
    if (!names.has(title)) continue;
    if (stop.interrupt.aborted) throw new Interrupted();
    const notebook = await readNotebook(join(out, `${title}.ipynb`));
    const page = await exportHtml(notebook, { title, folder: dirname(file), fileLink, before });
    await writeFileAtomic(join(out, `${title}.html`), page);
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
