import { writeFile } from "node:fs/promises";
import { commandOf, onlyFile, UsageError, wholeNumber } from "../../datasets/commands/arguments.ts";
import { progressLine } from "../../datasets/commands/progress-line.ts";
import { describe, describedText } from "./describe.ts";

/** `veelab describe` */
export const describeFile: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab describe",
  help: `Usage: veelab describe [options] FILE

Says what is in a trace, a table or a dataset of the catalogue: its columns, and what fits its kind (request rate and
sizes, reuse distances, flame graph, airtime...). One pass in bounded memory, whatever the length.

  --chart PATH       write the charts as a Vega-Lite specification (.vl.json), for vega.github.io/editor or a notebook
  --as FORMAT        read FILE as this format
  --skip-bad N       leave out up to N records that cannot be read
  -h, --help         print this
`,
  options: { chart: { type: "string" }, as: { type: "string" }, "skip-bad": { type: "string" } },
  async run({ values, positionals }) {
    const file = onlyFile("veelab describe", positionals);
    const skipBad = wholeNumber("skip-bad", values["skip-bad"]);
    const line = progressLine(file);
    let skipped = 0;
    try {
      const description = await describe(file, {
        ...(values.as === undefined ? {} : { as: values.as }),
        ...(skipBad === undefined ? {} : { skipBad }),
        onSkip: () => (skipped += 1),
        onProgress: (read) => {
          line.update(read);
        },
      });
      line.end();
      process.stdout.write(describedText(description));
      if (skipped > 0) process.stderr.write(`left out: ${skipped} records\n`);
      if (values.chart === undefined) return 0;
      if (!("toSpec" in description)) throw new UsageError(`--chart: expected a trace, got a table without a kind`);
      const { toSpec } = description as { toSpec: () => unknown };
      await writeFile(values.chart, `${JSON.stringify(toSpec(), undefined, 1)}\n`);
      return 0;
    } finally {
      line.end();
    }
  },
});
