import { extname } from "node:path";
import { commandOf, onlyFile, UsageError, wholeNumber } from "../../datasets/commands/arguments.ts";
import { progressLine } from "../../datasets/commands/progress-line.ts";
import { writeAtomically } from "../../datasets/write/atomic.ts";
import { describe, describedText } from "./describe.ts";

/** Draws a Vega-Lite specification. */
export type Draw = (spec: object) => Promise<string | Uint8Array>;

const endings = [".svg", ".png", ".json"] as const;

/** `veelab describe`; the library has no way to draw, so that it is given. */
export const describeWith = (
  draw: Readonly<Record<".svg" | ".png", Draw>>,
): ((args: readonly string[]) => Promise<number>) =>
  commandOf({
    name: "veelab describe",
    help: `Usage: veelab describe [options] FILE

Says what is in a trace, a table or a dataset of the catalogue: its columns, and what fits its kind (request rate and
sizes, reuse distances, flame graph, airtime...; of a table that is no trace its distributions). One pass in bounded memory, whatever the length.

  --chart PATH       draw the charts: a picture (.svg, .png), or the Vega-Lite specification (.vl.json) for a notebook or
                     vega.github.io/editor
  --as FORMAT        read FILE as this format
  --skip-bad N       leave out up to N records that cannot be read
  -h, --help         print this
`,
    options: { chart: { type: "string" }, as: { type: "string" }, "skip-bad": { type: "string" } },
    async run({ values, positionals }) {
      const file = onlyFile("veelab describe", positionals);
      const ending = endings.find((known) => known === extname(values.chart ?? "charts.svg").toLowerCase());
      if (ending === undefined)
        throw new UsageError(
          `--chart: expected a file name that ends in .svg, .png or .json, got ${JSON.stringify(values.chart)}`,
        );
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
        if (!("toSpec" in description))
          throw new UsageError("--chart: expected a trace or a column of numbers with several values, got none");
        const spec = (description as { toSpec: () => object }).toSpec();
        const picture = ending === ".json" ? `${JSON.stringify(spec, undefined, 1)}\n` : await draw[ending](spec);
        await writeAtomically(values.chart, (handle) => handle.writeFile(picture));
        return 0;
      } finally {
        line.end();
      }
    },
  });
