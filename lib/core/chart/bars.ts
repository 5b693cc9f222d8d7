import { OptionError } from "../errors.ts";
import { nonNegative } from "../options.ts";
import {
  categories,
  type CategoryColumn,
  categoryAxis,
  checkLog,
  type Measure,
  measureScale,
  measureTitle,
} from "./axis.ts";
import { type ChartData, numberAt, pick, type Point } from "./data.ts";
import { type Reference, referenceLayers } from "./reference.ts";
import { numberTooltip, seriesColor, seriesNames, seriesStroke, seriesTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, KIND } from "./theme.ts";

/** What {@link bars} draws. Of `reproduced`, `published` and `analytic` at least one is given, each a column's name. */
export interface BarsOptions extends ChartOptions {
  /** The groups along the x axis. */
  readonly x: CategoryColumn;
  readonly y: Measure;
  readonly reproduced?: string;
  readonly published?: string;
  readonly analytic?: string;
  /** Half-width around the published value, in its unit: a number, or a column. */
  readonly tolerance?: number | string;
  /** Columns with the ends of the reproduced value's interval (a confidence interval, the range of seeds). */
  readonly interval?: { readonly low: string; readonly high: string };
  /** Bars of one group, side by side. */
  readonly series?: CategoryColumn;
  /** A horizontal line: a base line, a claim's bound. */
  readonly reference?: Reference;
}

/**
 * Grouped bars. Reproduced values are filled bars, published ones hollow points with whiskers of the tolerance,
 * analytic ones diamonds; where nothing is reproduced, the published values are hollow bars. Bars begin at zero unless
 * `y.domain` says otherwise. Linear in the rows.
 *
 * @throws OptionError for a column that is not there, more than eight series, or a value that is not finite
 *
 * @example
 * ```ts
 * import { bars } from "veelab";
 *
 * const chart = bars(
 *   [
 *     { benchmark: "gcc", mode: "SP", model: 132.6, paper: 133.5 },
 *     { benchmark: "gcc", mode: "DSP", model: 100.4, paper: 100.0 },
 *   ],
 *   {
 *     title: "Run time by paging mode",
 *     x: { field: "benchmark", title: "benchmark" },
 *     y: { title: "run time", unit: "% of HAP" },
 *     series: { field: "mode", title: "mode" },
 *     reproduced: "model",
 *     published: "paper",
 *     tolerance: 1.5,
 *   },
 * );
 * console.log(chart.description);
 * ```
 */
export function bars(data: ChartData, options: BarsOptions): ChartSpec {
  const { x, y, series, reproduced, published, analytic, interval, reference } = options;
  if (reproduced === undefined && published === undefined) {
    throw new OptionError("reproduced", "a column of reproduced or published values", undefined);
  }
  const columnOfTolerance = typeof options.tolerance === "string" ? options.tolerance : undefined;
  const points = pick(data, {
    x: x.field,
    series: series?.field,
    reproduced,
    published,
    analytic,
    tolerance: columnOfTolerance,
    low: interval?.low,
    high: interval?.high,
  });
  const whiskers = published !== undefined && options.tolerance !== undefined;
  if (whiskers) addTolerance(points, options.tolerance);
  checkLog("y.log", y, points, ["reproduced", "published", "analytic", "low", "high"]);

  const names = seriesNames(series, points);
  const groups = categories("x", x, points, "x");
  const width = options.width ?? barsWidth(groups.length, Math.max(1, names.length));
  const place = {
    x: {
      field: "x",
      type: "nominal",
      sort: groups,
      axis: categoryAxis(x.title, groups, width),
      scale: { paddingInner: 0.25 },
    },
    ...(series === undefined
      ? {}
      : { xOffset: { field: "series", type: "nominal", sort: names, scale: { domain: names } } }),
  };
  const value = (field: string): object => ({ y: { field, ...measureScale(y, true) } });
  const color = seriesColor(series, names);
  const tooltip = [
    { field: "x", type: "nominal", title: x.title },
    ...seriesTooltip(series),
    ...(reproduced === undefined ? [] : [numberTooltip("reproduced", `reproduced ${measureTitle(y)}`)]),
    ...(published === undefined ? [] : [numberTooltip("published", `published ${measureTitle(y)}`)]),
    ...(whiskers ? [numberTooltip("tolerance", "tolerance (±)")] : []),
    ...(analytic === undefined ? [] : [numberTooltip("analytic", `analytic ${measureTitle(y)}`)]),
  ];
  const size = Math.max(12, Math.min(36, (width / groups.length / Math.max(1, names.length)) * 3));
  const layer = [
    ...(reproduced === undefined
      ? []
      : [
          {
            mark: { type: "bar", clip: true, color: KIND.reproduced.color },
            encoding: { ...place, ...value("reproduced"), ...color, tooltip },
          },
        ]),
    ...(interval === undefined ? [] : [whisker(place, y, "low", "high", KIND.reproduced.color)]),
    ...(reproduced === undefined
      ? [
          {
            mark: {
              type: "bar",
              clip: true,
              fill: KIND.published.fill,
              stroke: KIND.published.color,
              strokeWidth: 1.5,
            },
            encoding: { ...place, ...value("published"), ...seriesStroke(series, names), tooltip },
          },
        ]
      : []),
    ...(whiskers ? [whisker(place, y, "publishedLow", "publishedHigh", KIND.tolerance.color)] : []),
    ...(published === undefined || reproduced === undefined
      ? []
      : [
          {
            mark: {
              type: "point",
              clip: true,
              fill: KIND.published.fill,
              stroke: KIND.published.color,
              strokeWidth: 1.3,
              opacity: 1,
              size,
            },
            encoding: { ...place, ...value("published"), tooltip },
          },
        ]),
    ...(analytic === undefined
      ? []
      : [
          {
            mark: {
              type: "point",
              shape: "diamond",
              clip: true,
              stroke: KIND.analytic.color,
              strokeWidth: 1.5,
              opacity: 1,
              size: size * 1.6,
            },
            encoding: { ...place, ...value("analytic"), tooltip },
          },
        ]),
    ...(reference === undefined ? [] : referenceLayers(reference, y, true)),
  ];
  const key = [
    ...(reproduced === undefined ? [] : ["■ reproduced"]),
    ...(published === undefined
      ? []
      : [`${reproduced === undefined ? "□" : "○"} published${whiskers ? " ± tolerance" : ""}`]),
    ...(analytic === undefined ? [] : ["◇ analytic"]),
  ];
  const description = `Bars: ${measureTitle(y)} by ${x.title}${series === undefined ? "" : ` and ${series.title}`}; ${kinds(options)}.`;
  return framed(options, key, description, { width, height: options.height ?? 260, data: { values: points }, layer });
}

/** The tolerance's ends beside each published value, where both are known. */
function addTolerance(points: readonly Point[], tolerance: number | string | undefined): void {
  const fixed = typeof tolerance === "number" ? nonNegative("tolerance", tolerance) : undefined;
  for (const point of points) {
    const published = numberAt(point, "published");
    const half = fixed ?? numberAt(point, "tolerance");
    if (published === null || half === null) continue;
    point["tolerance"] = half;
    point["publishedLow"] = published - half;
    point["publishedHigh"] = published + half;
  }
}

function whisker(place: object, y: Measure, low: string, high: string, color: string): object {
  return {
    mark: { type: "rule", clip: true, color, strokeWidth: 1.2 },
    encoding: { ...place, y: { field: low, ...measureScale(y, true) }, y2: { field: high } },
  };
}

function kinds({ reproduced, published, analytic }: BarsOptions): string {
  const drawn = [
    ...(reproduced === undefined ? [] : ["reproduced values as filled bars"]),
    ...(published === undefined ? [] : [`published values as hollow ${reproduced === undefined ? "bars" : "points"}`]),
    ...(analytic === undefined ? [] : ["analytic values as diamonds"]),
  ];
  return drawn.join(", ");
}

/** Bars of 4 px at least, and no chart wider than a notebook's column. */
function barsWidth(groups: number, bars: number): number {
  return Math.round(Math.min(820, Math.max(300, groups * (bars * 14 + 10))));
}
