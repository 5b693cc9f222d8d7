import { OptionError } from "../errors.ts";
import { checkChart } from "./check.ts";
import { categories, type CategoryColumn, categoryAxis, type MeasureColumn, measureTitle } from "./axis.ts";
import { type ChartData, numberAt, pick } from "./data.ts";
import { numberTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed } from "./theme.ts";

/** What {@link heatmap} draws: a cell a row. */
export interface HeatmapOptions extends ChartOptions {
  /** The columns of the map. */
  readonly x: CategoryColumn;
  /** The rows of the map. */
  readonly y: CategoryColumn;
  /** The column that gives the colour. */
  readonly value: MeasureColumn;
  /** Writes each cell's number into it, in this d3 format (`.1f`). */
  readonly numbers?: string;
}

/**
 * A quantity over two categories, as colour (viridis: even steps of perceived lightness, readable with every kind of
 * colour vision). Linear in the rows.
 *
 * @throws OptionError for a column that is not there, or two rows for one cell
 *
 * @example
 * ```ts
 * import { heatmap } from "veelab";
 *
 * const rows = [2, 3, 4].flatMap((guest) => [2, 3, 4].map((host) => ({ guest, host, entries: guest * host + guest + host })));
 * const chart = heatmap(rows, {
 *   title: "Page-table entries read by a cold nested walk",
 *   x: { field: "guest", title: "guest levels" },
 *   y: { field: "host", title: "nested levels" },
 *   value: { field: "entries", title: "entries read", unit: "" },
 *   numbers: "d",
 * });
 * console.log(chart.description);
 * ```
 */
export function heatmap(data: ChartData, options: HeatmapOptions): ChartSpec {
  checkChart(options, { x: "category", y: "category", value: "measure column", "numbers?": "other" });
  const { x, y, value, numbers } = options;
  const points = pick(data, { x: x.field, y: y.field, value: value.field }, ["value"]);
  const cells = new Set<string>();
  for (const point of points) {
    const cell = JSON.stringify([point["x"], point["y"]]);
    if (cells.has(cell)) throw new OptionError("data", `one row for each ${x.title} and ${y.title}`, cell);
    cells.add(cell);
  }
  const columns = categories("x", x, points, "x");
  const rows = categories("y", y, points, "y");
  const width = options.width ?? Math.min(760, Math.max(180, columns.length * 44));
  const place = {
    x: { field: "x", type: "nominal", sort: columns, axis: categoryAxis(x.title, columns, width) },
    y: { field: "y", type: "nominal", sort: rows, axis: { title: y.title, labelLimit: 200, grid: false } },
  };
  const tooltip = [
    { field: "x", type: "nominal", title: x.title },
    { field: "y", type: "nominal", title: y.title },
    numberTooltip("value", measureTitle(value)),
  ];
  const values = points.map((point) => numberAt(point, "value")).filter((number) => number !== null);
  const middle = (Math.min(...values) + Math.max(...values)) / 2;
  const scale = { scheme: "viridis", ...(value.log === true ? { type: "log" } : { zero: false }) };
  const layer = [
    {
      mark: { type: "rect" },
      encoding: {
        ...place,
        color: {
          ...{
            field: "value",
            type: "quantitative",
            scale: value.domain === undefined ? scale : { ...scale, domain: value.domain },
          },
          legend: { title: measureTitle(value), orient: "right", direction: "vertical", titleOrient: "top" },
        },
        tooltip,
      },
    },
    ...(numbers === undefined
      ? []
      : [
          {
            mark: { type: "text", fontSize: 10.5 },
            encoding: {
              ...place,
              text: { field: "value", type: "quantitative", format: numbers },
              // Viridis begins dark and ends light.
              color: { condition: { test: `datum.value > ${middle}`, value: "#1A1A1A" }, value: "#FFFFFF" },
            },
          },
        ]),
  ];
  const description = `Heat map: ${measureTitle(value)} by ${x.title} and ${y.title}.`;
  return framed(options, [], description, {
    width,
    height: options.height ?? Math.min(600, Math.max(60, rows.length * 28)),
    data: { values: points },
    layer,
  });
}
