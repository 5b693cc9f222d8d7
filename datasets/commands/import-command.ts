import { basename } from "node:path";
import { importTrace } from "../import.ts";
import { commandOf, UsageError, wholeNumber } from "./arguments.ts";
import { interruptible } from "./interruption.ts";
import { progressLine } from "./progress-line.ts";

const options = {
  as: { type: "string" },
  out: { type: "string", short: "o" },
  to: { type: "string" },
  "skip-bad": { type: "string" },
  quiet: { type: "boolean", short: "q" },
} as const;

const endings = /(\.(gz|zst|lz4|xz|zip))?$/;

/** Reads FILE… and writes OUT; says what came of it. */
async function run(
  files: readonly string[],
  out: string,
  given: { readonly as?: string; readonly to?: string; readonly "skip-bad"?: string; readonly quiet?: boolean },
): Promise<number> {
  const skipBad = wholeNumber("skip-bad", given["skip-bad"]);
  const line = progressLine(basename(files[0]!));
  const report = await interruptible((signal) =>
    importTrace(files, out, {
      ...(given.as === undefined ? {} : { as: given.as }),
      ...(given.to === undefined ? {} : { to: given.to }),
      ...(skipBad === undefined ? {} : { skipBad }),
      signal,
      onProgress: line.update,
    }),
  ).finally(line.end);
  for (const problem of report.problems) process.stderr.write(`left out: ${problem}\n`);
  if (report.skipped > report.problems.length)
    process.stderr.write(`left out: ${report.skipped - report.problems.length} more\n`);
  if (report.outOfOrder !== null && report.outOfOrder > 0)
    process.stderr.write(
      `times out of order: ${report.outOfOrder.toLocaleString("en")} rows lie before the row above\n`,
    );
  const kind = report.format === null ? "table" : `${report.kind!} trace (${report.format})`;
  if (given.quiet !== true)
    process.stdout.write(
      `${out}: ${report.rows.toLocaleString("en")} rows of a ${kind}, ${report.bytes.toLocaleString("en")} bytes\n`,
    );
  return 0;
}

/** `veelab import` */
export const importFiles: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab import",
  help: `Usage: veelab import [options] FILE...

Reads traces of any known format (veelab formats lists them), also compressed by gzip, zstd, lz4, xz or zip, and
writes one Arrow, Parquet or CSV file. The format is found from the content. Several files follow one another.

  -o, --out PATH     the file to write, by its ending .arrow, .arrow.gz, .parquet or .csv; beside FILE when not given
  --to FORMAT        write this trace format (veelab formats says which can be written), or arrow, parquet or csv, which
                     PATH's ending must say, too
  --as FORMAT        read the files as this format
  --skip-bad N       leave out up to N records that cannot be read, and say which
  -q, --quiet        print nothing when it went well
  -h, --help         print this

Examples:
  veelab import disk.csv.zst -o disk.parquet
  veelab import --as raw-memory dump.bin -o pages.arrow

Exit status: 0 done, 1 a file that cannot be read, 2 cannot be used, 130 interrupted (143 by SIGTERM). An import that fails or is
interrupted leaves no file.
`,
  options,
  run({ values, positionals }) {
    const [first] = positionals;
    if (first === undefined) throw new UsageError("expected a file to import (see veelab import --help)");
    const { to = "arrow" } = values;
    if (values.out === undefined && !["arrow", "parquet", "csv"].includes(to))
      throw new UsageError(`expected --out with --to ${to} (see veelab import --help)`);
    const out = values.out ?? `${first.replace(endings, "").replace(/\.\w+$/, "")}.${to}`;
    if (values.out === undefined && positionals.includes(out))
      throw new UsageError(`expected --out, as ${out} is the file itself (see veelab import --help)`);
    return run(positionals, out, values);
  },
});

/** `veelab convert` */
export const convertFile: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab convert",
  help: `Usage: veelab convert [options] FROM TO

Reads a trace or a table and writes it in another format: by TO's ending .arrow, .arrow.gz, .parquet or .csv, or in
a trace format, for tools that read it: its own, or another one whose columns it has.

  --to FORMAT        write this trace format (veelab formats says which can be written), or arrow, parquet or csv, which
                     TO's ending must say, too
  --as FORMAT        read FROM as this format
  --skip-bad N       leave out up to N records that cannot be read, and say which
  -q, --quiet        print nothing when it went well
  -h, --help         print this

Examples:
  veelab convert disk.arrow disk.csv
  veelab convert msr.csv.gz disk.trace --to mqsim

Exit status: as veelab import.
`,
  options,
  run({ values, positionals }) {
    const [from, to, ...more] = positionals;
    if (from === undefined || to === undefined || more.length > 0 || values.out !== undefined)
      throw new UsageError("expected FROM and TO (see veelab convert --help)");
    return run([from], to, values);
  },
});
