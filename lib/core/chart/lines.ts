import { checkChart } from "./check.ts";
import { type CategoryColumn, checkLog, type Measure, type MeasureColumn, measureScale, measureTitle } from "./axis.ts";
import { type ChartData, numbersAt, pick } from "./data.ts";
import { type IntervalColumns, type KindColumns, kindsOf, kindTooltips, publishedPoint } from "./kinds.ts";
import { type Reference, referenceLayers } from "./reference.ts";
import { numberTooltip, seriesColor, seriesNames, seriesTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, KIND } from "./theme.ts";
import { zoomable, type ZoomOptions } from "./zoom.ts";

/** What {@link lines} draws: of `reproduced`, `published` and `analytic` at least one. */
export interface LinesOptions extends ChartOptions, KindColumns, ZoomOptions {
  /** The column of the x axis. */
  readonly x: MeasureColumn;
  /** The quantity of the y axis. */
  readonly y: Measure;
  /** A line for each name in this column. */
  readonly series?: CategoryColumn;
  /** Columns with the ends of a band around the reproduced line. */
  readonly band?: IntervalColumns;
  /** `step` holds each value until the next x; `line` (the default) joins them. */
  readonly shape?: "line" | "step";
  /** Marks each reproduced value with a filled point; unless given, where there are 40 of them or fewer. */
  readonly points?: boolean;
  /** A horizontal line: a threshold, a claim's bound. */
  readonly reference?: Reference;
}

/**
 * Values over a quantity, a line a series. Reproduced values are solid lines (with filled points where they are few),
 * published ones hollow points, analytic ones dashed lines; a band shows the spread of the reproduced values. Linear
 * in the rows.
 *
 * @throws OptionError for a column that is not there, a value that is not finite, or one not above 0 on a log axis
 *
 * @example
 * ```ts
 * import { lines } from "veelab";
 *
 * const rows = [16, 32, 64, 128].map((entries) => ({ entries, missRate: 1 / entries, paper: entries === 64 ? 0.017 : null }));
 * const chart = lines(rows, {
 *   title: "TLB misses by size",
 *   x: { field: "entries", title: "TLB entries", unit: "", log: true },
 *   y: { title: "miss ratio", unit: "" },
 *   reproduced: "missRate",
 *   published: "paper",
 * });
 * console.log(chart.$schema);
 * ```
 */
export function lines(data: ChartData, options: LinesOptions): ChartSpec {
  checkChart(options, {
    ...{ x: "measure column", y: "measure", "series?": "category", "band?": "other", "shape?": "other" },
    ...{ "points?": "other", "reference?": "other", "zoom?": "other" },
    ...{ "measured?": "other", "simulated?": "other", "reproduced?": "other", "published?": "other" },
    ...{ "analytic?": "other" },
  });
  const { x, y, series, band, reference } = options;
  const kinds = kindsOf(options);
  const columns = {
    ...{ x: x.field, series: series?.field, low: band?.low, high: band?.high },
    ...{ measured: options.measured, simulated: options.simulated, reproduced: options.reproduced },
    ...{ published: options.published, analytic: options.analytic },
  };
  const points = pick(data, columns, ["x", "low", "high", ...kinds]);
  const drawn = band === undefined ? kinds : [...kinds, "low", "high"];
  checkLog("x.log", x, points, ["x"]);
  checkLog("y.log", y, points, drawn);
  const names = seriesNames(series, points);
  const place = { x: { field: "x", ...measureScale(x, numbersAt(points, ["x"])) } };
  const scale = measureScale(y, numbersAt(points, drawn));
  const shape = options.shape === "step" ? { interpolate: "step-after" } : {};
  const tooltip = [numberTooltip("x", measureTitle(x)), ...seriesTooltip(series), ...kindTooltips(kinds, y)];
  const at = (field: string): object => ({ ...place, y: { field, ...scale } });
  const color = seriesColor(series, names, "stroke");

  const layer: object[] = [];
  if (band !== undefined) {
    layer.push({
      mark: { type: "area", opacity: 0.18, clip: true, color: KIND.reproduced.color, ...shape },
      encoding: { ...place, y: { field: "low", stack: null, ...scale }, y2: { field: "high" }, ...color },
    });
  }
  if (kinds.includes("analytic")) {
    // Wider than the solid line above it, so that it is seen where both coincide.
    const style = { color: KIND.analytic.color, strokeDash: KIND.analytic.dash, strokeWidth: 7, opacity: 0.4 };
    const mark = { type: "line", clip: true, ...style, ...shape };
    layer.push({ mark, encoding: { ...at("analytic"), ...color } });
  }
  const solid = kinds.find((kind) => kind === "measured" || kind === "simulated" || kind === "reproduced");
  if (solid !== undefined) {
    const few = points.length / Math.max(1, names.length) <= 40;
    const encoding = { ...at(solid), ...color };
    const fill = { color: KIND.reproduced.color, clip: true };
    layer.push({ mark: { type: "line", strokeWidth: 2, ...fill, ...shape }, encoding });
    // Points that are not shown still carry the tooltip.
    const opacity = (options.points ?? few) ? 1 : 0;
    const mark = { type: "point", filled: true, size: 28, opacity, ...fill };
    layer.push({ mark, encoding: { ...at(solid), ...color, tooltip } });
  }
  if (kinds.includes("published")) {
    layer.push({ mark: publishedPoint(55, 1.8), encoding: { ...at("published"), ...color, tooltip } });
  }
  if (reference !== undefined) layer.push(...referenceLayers(reference, scale));

  const signs = {
    ...{ simulated: "— simulated", reproduced: "— reproduced" },
    ...{ published: "○ published", analytic: "- - analytic" },
  };
  const key = [
    ...kinds.flatMap((kind) => (kind === "measured" ? [] : [signs[kind]])),
    ...(band === undefined ? [] : [`band: range of the ${solid ?? "reproduced"} values`]),
  ];
  const by = series === undefined ? "" : `, by ${series.title}`;
  const description = `Lines: ${measureTitle(y)} over ${measureTitle(x)}${by}${key.length > 0 ? `; ${key.join(", ")}` : ""}.`;
  return framed(options, key, description, {
    width: options.width ?? 560,
    height: options.height ?? 280,
    data: { values: points },
    layer: zoomable(layer, options.zoom),
  });
}
