import { oneOf, positive } from "../options.ts";
import { checkChart } from "./check.ts";
import {
  type CategoryColumn,
  checkLog,
  isCut,
  type Measure,
  type MeasureColumn,
  measureScale,
  measureTitle,
} from "./axis.ts";
import { type ChartData, numbersAt, pick } from "./data.ts";
import { type IntervalColumns, type KindColumns, kindsOf, kindTooltips, publishedPoint } from "./kinds.ts";
import { type Reference, referenceLayers, referenceText } from "./reference.ts";
import { numberTooltip, seriesColor, seriesNames, seriesTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, KIND } from "./theme.ts";
import { chartText, listed, rangesOf } from "./describe.ts";
import { highlighted, interactive, type ZoomOptions } from "./params.ts";

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
  /** `step` holds each value until the next x; `line` (the default) joins them; `points` does not: what lies between says nothing. */
  readonly shape?: "line" | "step" | "points";
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
 * @throws OptionError for a column that is not there, a value that is not finite, one not above 0 on a log axis, or
 *   another shape
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
  if (reference !== undefined && y.log === true) positive("reference.value", reference.value);
  const names = seriesNames(series, points);
  const width = options.width ?? 560;
  const place = { x: { field: "x", ...measureScale(x, numbersAt(points, ["x"]), { ownTicks: true }) } };
  const scale = measureScale(y, numbersAt(points, drawn));
  const form = oneOf("shape", options.shape ?? "line", ["line", "step", "points"]);
  const shape = form === "step" ? { interpolate: "step-after" } : {};
  const clip = options.zoom === true || isCut(x, numbersAt(points, ["x"])) || isCut(y, numbersAt(points, drawn));
  const tooltip = [numberTooltip("x", measureTitle(x)), ...seriesTooltip(series), ...kindTooltips(kinds, y)];
  const at = (field: string): object => ({ ...place, y: { field, ...scale } });
  const color = seriesColor(series, names, form === "points" ? "circle" : "stroke", width);
  const faded = (opacity?: number): object => (series === undefined ? {} : highlighted(opacity));

  const layer: object[] = [];
  if (band !== undefined) {
    layer.push({
      mark: { type: "area", opacity: 0.18, clip, color: KIND.reproduced.color, ...shape },
      encoding: {
        ...place,
        y: { field: "low", stack: null, ...scale },
        y2: { field: "high" },
        ...color,
        ...faded(0.18),
      },
    });
  }
  if (kinds.includes("analytic")) {
    // Wider than the solid line above it, so that it is seen where both coincide.
    const style = { color: KIND.analytic.color, strokeDash: KIND.analytic.dash, strokeWidth: 7, opacity: 0.4 };
    const mark = { type: "line", clip, ...style, ...shape };
    layer.push({ mark, encoding: { ...at("analytic"), ...color, ...faded(0.4) } });
  }
  const solid = kinds.find((kind) => kind === "measured" || kind === "simulated" || kind === "reproduced");
  if (solid !== undefined) {
    const few = points.length / Math.max(1, names.length) <= 40;
    const fill = { color: KIND.reproduced.color, clip };
    if (form !== "points")
      layer.push({
        mark: { type: "line", strokeWidth: 2, ...fill, ...shape },
        encoding: { ...at(solid), ...color, ...faded() },
      });
    // Points that are not shown still carry the tooltip.
    const opacity = form === "points" || (options.points ?? few) ? 1 : 0;
    const mark = { type: "point", filled: true, size: form === "points" ? 60 : 28, opacity, ...fill };
    layer.push({ mark, encoding: { ...at(solid), ...color, tooltip, ...(opacity === 0 ? {} : faded()) } });
  }
  if (kinds.includes("published")) {
    layer.push({
      mark: { ...publishedPoint(55, 1.8), clip },
      encoding: { ...at("published"), ...color, tooltip, ...faded() },
    });
  }
  if (reference !== undefined) layer.push(...referenceLayers(reference, scale));

  const signs = {
    ...{
      simulated: `${form === "points" ? "●" : "—"} simulated`,
      reproduced: `${form === "points" ? "●" : "—"} reproduced`,
    },
    ...{ published: "○ published", analytic: "- - analytic" },
  };
  const key = [
    ...kinds.flatMap((kind) => (kind === "measured" ? [] : [signs[kind]])),
    ...(band === undefined ? [] : [`band: range of the ${solid ?? "reproduced"} values`]),
  ];
  const by = series === undefined ? "" : `, for each ${series.title}: ${listed(names)}`;
  const description = chartText({
    title: options.title,
    what: `${form === "points" ? "Points" : "Lines"}: ${measureTitle(y)} over ${measureTitle(x)}${by}`,
    values: [...rangesOf(points, kinds), ...referenceText(reference), ...(band === undefined ? [] : ["with a band"])],
  });
  return framed(options, key, description, {
    width,
    height: options.height ?? 280,
    data: { values: points },
    layer: interactive(layer, { zoom: options.zoom, series: series === undefined ? undefined : "series" }),
  });
}
