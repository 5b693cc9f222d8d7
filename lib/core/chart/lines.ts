import { OptionError } from "../errors.ts";
import { type CategoryColumn, checkLog, type Measure, type MeasureColumn, measureScale, measureTitle } from "./axis.ts";
import { type ChartData, pick } from "./data.ts";
import { referenceLayers, type Reference } from "./reference.ts";
import { numberTooltip, seriesColor, seriesNames, seriesStroke, seriesTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, KIND } from "./theme.ts";

/** What {@link lines} draws. Of `reproduced`, `published` and `analytic` at least one is given, each a column's name. */
export interface LinesOptions extends ChartOptions {
  readonly x: MeasureColumn;
  readonly y: Measure;
  readonly reproduced?: string;
  readonly published?: string;
  readonly analytic?: string;
  /** A line for each name in this column. */
  readonly series?: CategoryColumn;
  /** Columns with the ends of a band around the reproduced line. */
  readonly band?: { readonly low: string; readonly high: string };
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
  const { x, y, series, reproduced, published, analytic, band, reference } = options;
  if (reproduced === undefined && published === undefined && analytic === undefined) {
    throw new OptionError("reproduced", "a column of reproduced, published or analytic values", undefined);
  }
  const points = pick(data, {
    ...{ x: x.field, series: series?.field, reproduced, published, analytic },
    ...{ low: band?.low, high: band?.high },
  });
  checkLog("x.log", x, points, ["x"]);
  checkLog("y.log", y, points, ["reproduced", "published", "analytic", "low", "high"]);
  const names = seriesNames(series, points);
  const color = seriesColor(series, names);
  const place = { x: { field: "x", ...measureScale(x, false) } };
  const value = (field: string): object => ({ y: { field, ...measureScale(y, false) } });
  const interpolate = options.shape === "step" ? { interpolate: "step-after" } : {};
  const tooltip = [
    numberTooltip("x", measureTitle(x)),
    ...seriesTooltip(series),
    ...(reproduced === undefined ? [] : [numberTooltip("reproduced", `reproduced ${measureTitle(y)}`)]),
    ...(published === undefined ? [] : [numberTooltip("published", `published ${measureTitle(y)}`)]),
    ...(analytic === undefined ? [] : [numberTooltip("analytic", `analytic ${measureTitle(y)}`)]),
  ];
  const few = points.length / Math.max(1, names.length) <= 40;
  const layer = [
    ...(band === undefined
      ? []
      : [
          {
            mark: { type: "area", opacity: 0.18, clip: true, color: KIND.reproduced.color, ...interpolate },
            encoding: {
              ...place,
              y: { field: "low", stack: null, ...measureScale(y, false) },
              y2: { field: "high" },
              ...color,
            },
          },
        ]),
    ...(analytic === undefined
      ? []
      : [
          {
            mark: {
              ...{ type: "line", clip: true, strokeWidth: 1.5, strokeDash: KIND.analytic.dash },
              ...{ color: KIND.analytic.color, ...interpolate },
            },
            encoding: { ...place, ...value("analytic"), ...color },
          },
        ]),
    ...(reproduced === undefined
      ? []
      : [
          {
            mark: { type: "line", clip: true, strokeWidth: 2, color: KIND.reproduced.color, ...interpolate },
            encoding: { ...place, ...value("reproduced"), ...color },
          },
          {
            // Points that are not shown still carry the tooltip.
            mark: {
              ...{ type: "point", filled: true, clip: true, size: 28, color: KIND.reproduced.color },
              opacity: (options.points ?? few) ? 1 : 0,
            },
            encoding: { ...place, ...value("reproduced"), ...color, tooltip },
          },
        ]),
    ...(published === undefined
      ? []
      : [
          {
            mark: {
              ...{ type: "point", clip: true, size: 55, strokeWidth: 1.8, opacity: 1 },
              ...{ fill: KIND.published.fill, stroke: KIND.published.color },
            },
            encoding: { ...place, ...value("published"), ...seriesStroke(series, names), tooltip },
          },
        ]),
    ...(reference === undefined ? [] : referenceLayers(reference, y)),
  ];
  const key = [
    ...(reproduced === undefined ? [] : ["— reproduced"]),
    ...(published === undefined ? [] : ["○ published"]),
    ...(analytic === undefined ? [] : ["- - analytic"]),
  ];
  const by = series === undefined ? "" : `, by ${series.title}`;
  const description = `Lines: ${measureTitle(y)} over ${measureTitle(x)}${by}; ${key.join(", ")}.`;
  return framed(options, key, description, {
    width: options.width ?? 560,
    height: options.height ?? 280,
    data: { values: points },
    layer,
  });
}
