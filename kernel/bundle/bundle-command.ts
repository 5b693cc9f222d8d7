import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseOptions, parseSeconds } from "../run/arguments.ts";
import { InputError, writing } from "../run/input-error.ts";
import { catchStopSignals } from "../run/stop-signals.ts";
import { makeBundle } from "./make-bundle.ts";

const HELP = `Usage: veelab bundle [options] NOTEBOOK...

Writes a self-contained archive that an artifact evaluation committee can run with one command (node run.mjs): the
notebooks with their outputs, every file that they read, this veelab, the versions of all packages, and where all of it
comes from (RO-Crate 1.1). The notebooks are run twice: to see what they read, and where nothing else is. Files must lie
in the notebooks' folder or below; hidden ones are refused.

  -o, --out FILE       the archive (default: the first notebook's name, .zip)
  --root FOLDER        take files from this folder, around the notebooks
  --include FILE       take this file along, too; may be repeated
  --from FILE=URL      leave FILE out of the archive: it is fetched from URL, and its hash checked; may be repeated
  --with-large         take files above 100 MiB along
  --title TEXT         what it is (default: the first notebook's heading)
  --author NAME        may be repeated (default: those of the nearest CITATION.cff)
  --license SPDX       (default: that of the nearest package.json)
  --date YYYY-MM-DD    (default: the notebooks' last commit or change)
  --timeout S          end a cell after S seconds
  --allow-different    write it though a notebook fails, or gives other outputs than those in it
  --help               print this

Exit status: 0 written, 2 not.
`;

const OPTIONS = {
  out: { type: "string", short: "o" },
  root: { type: "string" },
  include: { type: "string", multiple: true },
  from: { type: "string", multiple: true },
  "with-large": { type: "boolean" },
  title: { type: "string" },
  author: { type: "string", multiple: true },
  license: { type: "string" },
  date: { type: "string" },
  timeout: { type: "string" },
  "allow-different": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * `veelab bundle`: writes the archive of an artifact.
 *
 * @param args The arguments after `bundle`
 * @returns the exit status
 * @throws InputError for what cannot be bundled
 */
export async function bundle(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions("veelab bundle", args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const notebooks = [...new Set(positionals.map((file) => resolve(file)))];
  const [first] = notebooks;
  if (first === undefined)
    throw new InputError("veelab bundle: expected a notebook, got none (see veelab bundle --help)");
  if (
    values.date !== undefined &&
    !(/^\d{4}-\d\d-\d\d$/u.test(values.date) && Number.isFinite(Date.parse(values.date)))
  )
    throw new InputError(`--date: expected a day as 2026-01-31, got ${JSON.stringify(values.date)}`);
  if (values.license !== undefined && !/^[\w.+-]+$/u.test(values.license))
    throw new InputError(`--license: expected an SPDX identifier as MIT, got ${JSON.stringify(values.license)}`);
  const target = resolve(values.out ?? `${basename(first, ".ipynb")}.zip`);
  if (!/\.zip$/iu.test(target)) throw new InputError(`--out: expected a name that ends in .zip, got ${target}`);
  const stop = catchStopSignals(() => {
    process.stderr.write("\ninterrupting; once more ends the kernel\n");
  });
  try {
    const { files, datasets, authors, license } = await writing(target, () =>
      makeBundle(
        {
          ...{ notebooks, target, title: values.title, license: values.license, date: values.date },
          root: values.root === undefined ? undefined : resolve(values.root),
          include: (values.include ?? []).map((file) => resolve(file)),
          authors: [...new Set(values.author)],
          timeout: values.timeout === undefined ? undefined : parseSeconds(values.timeout),
          allowDifferent: values["allow-different"] === true,
          withLarge: values["with-large"] === true,
          elsewhere: new Map((values.from ?? []).map(parseElsewhere)),
        },
        stop,
        (text) => {
          process.stderr.write(`${text}\n`);
        },
      ),
    );
    const unsaid = [...(authors.length > 0 ? [] : ["--author"]), ...(license === undefined ? ["--license"] : [])];
    if (unsaid.length > 0)
      process.stderr.write(`the archive does not say whose it is or how it may be used (${unsaid.join(", ")})\n`);
    const { size } = await stat(target);
    process.stdout.write(
      `${target}: ${files.length} files, ${datasets.length} ${datasets.length === 1 ? "dataset" : "datasets"} of veelab, ${size.toLocaleString("en")} bytes; node run.mjs in it runs it again\n`,
    );
    return 0;
  } finally {
    stop.release();
  }
}

function parseElsewhere(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  const url = text.slice(at + 1);
  if (at < 1 || !/^https?:\/\/\S+$/u.test(url))
    throw new InputError(`--from: expected FILE=URL with an http or https address, got ${JSON.stringify(text)}`);
  return [resolve(text.slice(0, at)), url];
}
