/** A cell of a notebook to be made. */
export interface Cell {
  readonly type: "markdown" | "code";
  readonly source: string;
}

/**
 * The cells that open, describe, list and chart a trace.
 *
 * @param file its name, in the notebook's own folder
 * @param title of the notebook
 */
export function traceCells(file: string, title: string): Cell[] {
  // As the reader would write it: a path, so that no dataset of the catalogue is meant.
  const path = JSON.stringify(`./${file}`);
  return [
    {
      type: "markdown",
      source: `# ${title}\n\nWhat is in \`${file}\`: its columns and what fits its kind, its first rows, and a chart.`,
    },
    {
      type: "code",
      source: `import { open } from "veelab/datasets";
import { describe } from "veelab/traces";

const file = ${path};
const summary = await describe(file);
summary`,
    },
    {
      type: "code",
      source: `const trace = await open(file); // for a trace larger than memory: stream(file)
trace.slice(0, 10)`,
    },
    {
      type: "markdown",
      source: `The chart draws the first two columns of numbers (or the row's number and the only one); give others below. Of a long trace it shows a thousand rows, evenly
spaced. It zooms with Ctrl and the mouse wheel.`,
    },
    {
      type: "code",
      source: `const numbers = summary.columns.filter((column) => column.mean !== null).map((column) => column.name);
const [x = "row", y = "row"] = numbers.length > 1 ? numbers : ["row", ...numbers];

const step = Math.max(1, Math.ceil(trace.numRows / 1000));
const points = Array.from({ length: Math.ceil(trace.numRows / step) }, (_, at) => {
  const row = at * step;
  const value = (name: string) => (name === "row" ? row : Number(trace.getChild(name)?.get(row) ?? NaN));
  return { x: value(x), y: value(y) };
});
({
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  title: ${JSON.stringify(title)},
  width: 560,
  height: 260,
  data: { values: points },
  params: [{ name: "zoom", select: { type: "interval", zoom: "wheel![event.ctrlKey]" }, bind: "scales" }],
  mark: { type: "point", filled: true, size: 25, tooltip: true },
  encoding: {
    x: { field: "x", type: "quantitative", title: x, scale: { zero: false } },
    y: { field: "y", type: "quantitative", title: y },
  },
})`,
    },
    {
      type: "markdown",
      source: `Next: \`query("select … from '${file}'")\` of \`veelab/datasets\` answers questions in SQL, and references to memory go into a simulator:
\`page(toPageRuns(stream(file)), { paging: "HAP", hardware: hardwareToday, intervalInstructions: 100_000 })\`, with \`toPageRuns\` and \`stream\` of
\`veelab/datasets\`, \`page\` and \`hardwareToday\` of \`veelab/selective-paging\`. A column of numbers that was read as text has a value
that is none: with its name in \`open(file, { schema: { NAME: "float64" } })\`, the error names the row.`,
    },
  ];
}
