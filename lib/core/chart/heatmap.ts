import { extent } from "simple-statistics";
import { OptionError } from "../errors.ts";
import { formatSignificant } from "../format.ts";
import { finite } from "../options.ts";
import { checkChart } from "./check.ts";
import { categories, type CategoryColumn, categoryAxis, checkLog, type MeasureColumn, measureTitle } from "./axis.ts";
import { type ChartData, checkOneRow, numberAt, pick } from "./data.ts";
import { chartText, listed } from "./describe.ts";
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
  /**
   * The value at which the meaning turns (0 of a difference or of a logarithm of a ratio): the colours are pale there, orange above
   * and blue below, and reach as far on both sides.
   */
  readonly middle?: number;
  /** Writes each cell's number into it, in this d3 format (`.1f`). */
  readonly numbers?: string;
}

/**
 * A quantity over two categories, as colour: viridis, the more the darker (even steps of perceived lightness, readable
 * with every kind of colour vision), or blue and orange around a `middle`. Linear in the rows.
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
  checkChart(options, {
    x: "category",
    y: "category",
    value: "measure column",
    "middle?": "other",
    "numbers?": "other",
  });
  const { x, y, value, middle, numbers } = options;
  const points = pick(data, { x: x.field, y: y.field, value: value.field }, ["value"]);
  checkOneRow(points, `${x.title} and ${y.title}`, ["x", "y"]);
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
  if (values.length === 0) throw new OptionError("data", `a number in column ${value.field}`, null);
  const [low, high] = extent(values);
  if (middle !== undefined && value.log === true)
    throw new OptionError("middle", "none on a logarithmic scale", middle);
  checkLog("value.log", value, points, ["value"]);
  const reach = middle === undefined ? 0 : Math.max(high - finite("middle", middle), middle - low);
  const scale =
    middle === undefined
      ? { scheme: "viridis", reverse: true, ...(value.log === true ? { type: "log" } : { zero: false }) }
      : { scheme: "blueorange", domain: [middle - reach, middle + reach], zero: false };
  // The dark ends carry light numbers.
  const [from, to] = value.domain ?? [low, high];
  const half = value.log === true ? Math.sqrt(from * to) : (from + to) / 2;
  const isDark = middle === undefined ? `datum.value > ${half}` : `abs(datum.value - ${middle}) > ${0.7 * reach}`;
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
            ...(values.length < points.length ? { transform: [{ filter: "isValid(datum.value)" }] } : {}),
            mark: { type: "text", fontSize: 10.5 },
            encoding: {
              ...place,
              text: { field: "value", type: "quantitative", format: numbers },
              color: { condition: { test: isDark, value: "#FFFFFF" }, value: "#1A1A1A" },
            },
          },
        ]),
  ];
  const description = chartText({
    title: options.title,
    what: `Heat map: ${measureTitle(value)} by ${x.title} (${listed(columns)}) and ${y.title} (${listed(rows)})`,
    values: [`values from ${formatSignificant(low)} to ${formatSignificant(high)}`],
  });
  return framed(options, [], description, {
    width,
    height: options.height ?? Math.min(600, Math.max(60, rows.length * 28)),
    data: { values: points },
    layer,
  });
}
