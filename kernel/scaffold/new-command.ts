import { resolve } from "node:path";
import { parseOptions } from "../run/arguments.ts";
import { InputError, writing } from "../run/input-error.ts";
import { catchStopSignals } from "../run/stop-signals.ts";
import { newNotebook } from "./new-notebook.ts";
import { type BuildPublished, newPaper } from "./new-paper.ts";
import { checkPaperName, cloneAround } from "./paper-name.ts";

const HELP = `Usage: veelab new paper NAME [--title TEXT] [--authors TEXT] [--doi DOI]
       veelab new notebook NAME [--title TEXT]

paper: in a clone of veelab, begins a system: lib/NAME with a small model, its closed form and the five kinds of
tests, notebooks/NAME.ipynb with its outputs, and the paper's published numbers with their catalogue entry. All of
it passes the checks as it is, and says what to replace (docs/add-a-paper.md). NAME is in kebab-case.

notebook: writes NAME.ipynb into the working directory.

  --title TEXT     of the paper, or the notebook
  --authors TEXT   of the paper: "A. Author, B. Author"
  --doi DOI        of the paper: 10.1145/1952682.1952700
  --help           print this

Exit status: 0 done, 2 cannot be used.
`;

const OPTIONS = {
  title: { type: "string" },
  authors: { type: "string" },
  doi: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * `veelab new`: begins a paper's system, or a notebook.
 *
 * @param buildPublished - how published tables get into the catalogue
 * @returns the command, which gives the exit status
 */
export function newWith(buildPublished: BuildPublished): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    const { values, positionals } = parseOptions("veelab new", args, OPTIONS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const [what, name, ...more] = positionals;
    if ((what === "paper" || what === "notebook") && name === undefined)
      throw new InputError(`veelab new ${what}: expected a name, got none (see veelab new --help)`);
    if ((what !== "paper" && what !== "notebook") || name === undefined || more.length > 0)
      throw new InputError(
        `veelab new: expected paper NAME or notebook NAME, got ${positionals.join(" ") || "nothing"} (see veelab new --help)`,
      );
    const { title, authors, doi } = values;
    for (const [option, text] of Object.entries({ title, authors, doi }))
      if (text?.trim() === "" || /[\p{Cc}\u2028\u2029]/u.test(text ?? ""))
        throw new InputError(`--${option}: expected a line of text, got ${JSON.stringify(text)}`);
    if (what === "notebook") {
      if (authors !== undefined || doi !== undefined)
        throw new InputError("veelab new notebook: expected --title alone, got options of a paper");
      return beginNotebook(name, title);
    }
    if (doi !== undefined && !/^10\.\d{4,9}\/\S+$/u.test(doi))
      throw new InputError(`--doi: expected a DOI as 10.1145/1952682.1952700, got ${JSON.stringify(doi)}`);
    const root = cloneAround(process.cwd());
    checkPaperName(root, name);
    // An interrupt waits for the whole: it takes a second.
    const stop = catchStopSignals(() => undefined);
    const files = await writing(root, () => newPaper(root, name, { title, authors, doi }, buildPublished)).finally(
      () => {
        stop.release();
      },
    );
    process.stdout.write(`${files.join("\n")}\n\n${CHANGED}\n${nextSteps(name)}`);
    return 0;
  };
}

async function beginNotebook(name: string, title: string | undefined): Promise<number> {
  if (/(?:^|[\\/])\.*(?:\.ipynb)?$/u.test(name))
    throw new InputError(`veelab new notebook: expected a name, got ${JSON.stringify(name)}`);
  const file = resolve(name.endsWith(".ipynb") ? name : `${name}.ipynb`);
  await writing(file, () => newNotebook(file, title ?? name.replace(/^.*[\\/]|\.ipynb$/gu, "")));
  process.stdout.write(`${file}\n`);
  return 0;
}

const CHANGED = `Changed: datasets/datapackage.json (the entry of its published numbers), README.md (its line in the table of papers)
`;

const nextSteps = (name: string): string => `Next, to build it and to run its tests and its notebook:
  npm test -- lib/${name}
  node dist/kernel/cli.js run --check notebooks/${name}.ipynb
What to write, after which node docs/verdicts.mjs renews its line in the README:
  grep -rni "to \\(be \\)\\?replace" lib/${name} notebooks/${name}.ipynb
`;
