/**
 * What displaying costs: a chart as PNG against compiling the specification alone, and a table of a million rows against
 * reading its first ten rows by hand.
 *
 * @module
 */
import { tableFromArrays } from "apache-arrow";
import { compile } from "vega-lite";
import { figure } from "../../bench/figure.ts";
import { render } from "../display/render.ts";

const spec = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: { values: Array.from({ length: 200 }, (_, x) => ({ x, y: Math.sin(x / 9), series: x % 3 })) },
  mark: "line" as const,
  encoding: {
    x: { field: "x", type: "quantitative" as const },
    y: { field: "y", type: "quantitative" as const },
    color: { field: "series", type: "nominal" as const },
  },
};

/** The median of several runs in milliseconds, after a first one that is given apart. */
async function measure(run: () => unknown): Promise<[first: number, median: number]> {
  const times: number[] = [];
  for (let count = 0; count < 12; count++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  const [first, ...rest] = times;
  return [first!, rest.sort((a, b) => a - b)[5]!];
}

const [firstChart, chart] = await measure(() => render(spec, { directory: "." }));
const [, compiled] = await measure(() => compile(spec));
figure("a chart as PNG", chart, "ms", { peers: { "vega-lite's compile alone": compiled } });
figure("the first chart as PNG", firstChart, "ms");

const table = tableFromArrays({
  page: Uint32Array.from({ length: 1_000_000 }, (_, row) => row),
  time: new Float64Array(1_000_000),
});
const [, shown] = await measure(() => render(table, { directory: "." }));
const [, read] = await measure(() => {
  for (let row = 0; row < 10; row++) JSON.stringify([table.getChildAt(0)?.get(row), table.getChildAt(1)?.get(row)]);
});
figure("a table of a million rows", shown, "ms", { peers: { "reading ten rows": read } });
