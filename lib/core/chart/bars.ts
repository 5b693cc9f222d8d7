import { OptionError } from "../errors.ts";
import { nonNegative } from "../options.ts";
import { checkChart } from "./check.ts";
import { categories, type CategoryColumn, categoryAxis, type Measure, measureScale, measureTitle } from "./axis.ts";
import { type ChartData, numberAt, numbersAt, pick, type Point } from "./data.ts";
import {
  analyticPoint,
  type IntervalColumns,
  type KindColumns,
  kindsOf,
  kindTooltips,
  publishedPoint,
} from "./kinds.ts";
import { type Reference, referenceLayers } from "./reference.ts";
import { numberTooltip, seriesColor, seriesNames, seriesTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, KIND } from "./theme.ts";

/** What {@link bars} draws: of `measured`, `simulated`, `reproduced` and `published` at least one. */
export interface BarsOptions extends ChartOptions, KindColumns {
  /** The groups along the x axis. */
  readonly x: CategoryColumn;
  /** The quantity of the y axis. */
  readonly y: Measure;
  /** Half-width around the published value, in its unit: a number, or a column. */
  readonly tolerance?: number | string;
  /** Columns with the ends of the reproduced value's interval (a confidence interval, the range of seeds). */
  readonly interval?: IntervalColumns;
  /** Bars of one group, side by side. */
  readonly series?: CategoryColumn;
  /** A horizontal line: a base line, a claim's bound. */
  readonly reference?: Reference;
}

/**
 * Grouped bars. Reproduced values are filled bars, published ones hollow points with whiskers of the tolerance,
 * analytic ones diamonds; where nothing is reproduced, the published values are hollow bars. Bars begin at zero unless
 * `y.domain` says otherwise; a bar that is cut off at the top has its value written over it. Linear in the rows.
 *
 * @throws OptionError for a column that is not there, more than eight series, a value that is not finite, or a
 *   logarithmic y axis (it has no zero for bars to begin at: see {@link lines})
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
  checkChart(options, {
    ...{ x: "category", y: "measure", "series?": "category", "tolerance?": "other", "interval?": "other" },
    ...{ "reference?": "other", "measured?": "other", "simulated?": "other" },
    ...{ "reproduced?": "other", "published?": "other", "analytic?": "other" },
  });
  const { x, y, series, tolerance, interval, reference } = options;
  const kinds = kindsOf(options);
  if (y.log === true) throw new OptionError("y.log", "a linear axis, which has a zero for bars to begin at", y.log);
  const main = kinds[0];
  if (main === undefined || main === "analytic") {
    throw new OptionError("reproduced", "a column of reproduced or published values", undefined);
  }
  const whiskers = kinds.includes("published") && tolerance !== undefined;
  const columns = {
    ...{ x: x.field, series: series?.field, low: interval?.low, high: interval?.high },
    ...{ measured: options.measured, simulated: options.simulated, reproduced: options.reproduced },
    ...{ published: options.published, analytic: options.analytic },
    tolerance: typeof tolerance === "string" ? tolerance : undefined,
  };
  const points = pick(data, columns, ["low", "high", "tolerance", ...kinds]);
  if (whiskers) addTolerance(points, typeof tolerance === "number" ? tolerance : undefined);

  const names = seriesNames(series, points);
  const groups = categories("x", x, points, "x");
  const barsInGroup = Math.max(1, names.length);
  const width = options.width ?? barsWidth(groups.length, barsInGroup);
  const xAxis = categoryAxis(x.title, groups, width);
  const place = {
    x: { field: "x", type: "nominal", sort: groups, axis: xAxis, scale: { paddingInner: 0.25 } },
    ...(series === undefined
      ? {}
      : { xOffset: { field: "series", type: "nominal", sort: names, scale: { domain: names } } }),
  };
  const scale = measureScale(y, numbersAt(points, kinds), true);
  const tooltip = [
    { field: "x", type: "nominal", title: x.title },
    ...seriesTooltip(series),
    ...kindTooltips(kinds, y),
    ...(whiskers ? [numberTooltip("tolerance", "tolerance (±)")] : []),
  ];
  const at = (field: string): object => ({ ...place, y: { field, ...scale }, tooltip });
  const between = (low: string, high: string): object => ({
    ...place,
    y: { field: low, ...scale },
    y2: { field: high },
  });
  const size = Math.max(12, Math.min(36, (width / groups.length / barsInGroup) * 3));

  const layer: object[] = [
    main !== "published"
      ? {
          mark: { type: "bar", clip: true, color: KIND.reproduced.color },
          encoding: { ...at(main), ...seriesColor(series, names, "square") },
        }
      : {
          mark: {
            type: "bar",
            clip: true,
            fill: KIND.published.fill,
            filled: false,
            color: KIND.published.color,
            strokeWidth: 1.5,
          },
          encoding: { ...at(main), ...seriesColor(series, names, "square") },
        },
  ];
  if (interval !== undefined) {
    const mark = { type: "rule", clip: true, color: KIND.tolerance.color, opacity: 0.4, strokeWidth: 4 };
    layer.push({ mark, encoding: between("low", "high") });
  }
  if (whiskers) {
    const mark = { type: "rule", clip: true, color: KIND.tolerance.color, strokeWidth: 1.2 };
    layer.push({ mark, encoding: between("publishedLow", "publishedHigh") });
  }
  if (kinds.includes("published") && main !== "published") {
    layer.push({ mark: publishedPoint(size, 1.3), encoding: at("published") });
  }
  if (kinds.includes("analytic")) layer.push({ mark: analyticPoint(size * 1.6), encoding: at("analytic") });
  layer.push(...cutOff(points, main, y, place, scale));
  if (reference !== undefined) layer.push(...referenceLayers(reference, scale));

  const within = whiskers ? " ± tolerance" : "";
  const signs = {
    ...{ simulated: "■ simulated", reproduced: "■ reproduced", analytic: "◇ analytic" },
    published: `${main === "published" ? "□" : "○"} published${within}`,
  };
  const key = kinds.flatMap((kind) => (kind === "measured" ? [] : [signs[kind]]));
  if (interval !== undefined) key.push(`thick whisker: interval of the ${main} value`);
  const by = series === undefined ? "" : ` and ${series.title}`;
  const description = `Bars: ${measureTitle(y)} by ${x.title}${by}${key.length > 0 ? `; ${key.join(", ")}` : ""}.`;
  return framed(options, key, description, { width, height: options.height ?? 260, data: { values: points }, layer });
}

/** The tolerance's ends beside each published value, where both are known. */
function addTolerance(points: readonly Point[], tolerance: number | undefined): void {
  const fixed = tolerance === undefined ? undefined : nonNegative("tolerance", tolerance);
  for (const point of points) {
    const published = numberAt(point, "published");
    const half = fixed ?? numberAt(point, "tolerance");
    if (published === null || half === null) continue;
    point["tolerance"] = half;
    point["publishedLow"] = published - half;
    point["publishedHigh"] = published + half;
  }
}

/** The values of the bars that `y.domain` cuts off at the top, written over them. */
function cutOff(points: readonly Point[], main: string, { domain }: Measure, place: object, scale: object): object[] {
  if (domain === undefined) return [];
  const [, top] = domain;
  const values = points.filter((point) => (numberAt(point, main) ?? top) > top).map((point) => ({ ...point, top }));
  if (values.length === 0) return [];
  const mark = { type: "text", angle: -90, align: "left", dx: 4, fontSize: 10, color: KIND.published.color };
  const text = { field: main, type: "quantitative", format: ".4~g" };
  return [{ data: { values }, mark, encoding: { ...place, y: { field: "top", ...scale }, text } }];
}

/** Bars of 4 px at least, and no chart wider than a notebook's column. */
function barsWidth(groups: number, bars: number): number {
  return Math.round(Math.min(820, Math.max(300, groups * (bars * 14 + 10))));
}
