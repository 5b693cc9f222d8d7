import { OptionError } from "../errors.ts";
import { nonNegative } from "../options.ts";
import type { Cell } from "../table.ts";
import { checkChart } from "./check.ts";
import { chartText, listed, rangesOf } from "./describe.ts";
import { highlighted, interactive } from "./params.ts";
import {
  categories,
  type CategoryColumn,
  categoryAxis,
  isCut,
  type Measure,
  measureScale,
  measureTitle,
} from "./axis.ts";
import { type ChartData, checkOneRow, numberAt, numbersAt, pick, type Point } from "./data.ts";
import {
  analyticPoint,
  type IntervalColumns,
  type Kind,
  type KindColumns,
  kindsOf,
  kindTooltips,
  publishedPoint,
} from "./kinds.ts";
import { type Reference, referenceLayers, referenceText } from "./reference.ts";
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
  /** Puts the series of a group upon each other instead: the parts of a whole, in their order from below. */
  readonly stack?: boolean;
  /** A horizontal line: a base line, a claim's bound. */
  readonly reference?: Reference;
}

/**
 * Grouped bars. Reproduced values are filled bars, published ones hollow points with whiskers of the tolerance,
 * analytic ones diamonds; where nothing is reproduced, the published values are hollow bars. Bars begin at zero unless
 * `y.domain` says otherwise; a bar that is cut off at the top has its value written over it. Linear in the rows.
 *
 * @throws OptionError for a column that is not there, more than eight series, a value that is not finite, a
 *   logarithmic y axis (it has no zero for bars to begin at: see {@link lines}), two bars in one place, or a stack of anything but parts above 0
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
    ...{ "reference?": "other", "stack?": "other", "measured?": "other", "simulated?": "other" },
    ...{ "reproduced?": "other", "published?": "other", "analytic?": "other" },
  });
  const { x, y, series, tolerance, interval, reference, stack = false } = options;
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
  if (stack) checkStack(options, kinds, points);
  const withBar = points.filter((point) => numberAt(point, main) !== null);
  checkOneRow(withBar, series === undefined ? x.title : `${x.title} and ${series.title}`, ["x", "series"]);
  const barsInGroup = stack ? 2 : Math.max(1, names.length);
  const width = options.width ?? barsWidth(groups.length, barsInGroup);
  const xAxis = categoryAxis(x.title, groups, width);
  const place = {
    x: { field: "x", type: "nominal", sort: groups, axis: xAxis, scale: { paddingInner: 0.25 } },
    ...(series === undefined || stack
      ? {}
      : { xOffset: { field: "series", type: "nominal", sort: names, scale: { domain: names } } }),
  };
  const drawn = whiskers ? [...kinds, "publishedLow", "publishedHigh"] : kinds;
  const tops = stack ? sums(points, groups, main) : numbersAt(points, drawn);
  const scale = measureScale(y, tops, { zero: true });
  // Bars begin at zero, whether that is on the axis or not.
  const clip = isCut(y, [0, ...tops, ...numbersAt(points, ["low", "high"])]);
  const color = seriesColor(series, names, "square", width);
  const faded = (opacity?: number): object => (series === undefined ? {} : highlighted(opacity));
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

  const { fill, color: ink } = KIND.published;
  const mark =
    main === "published"
      ? { type: "bar", clip, fill, filled: false, color: ink, strokeWidth: 1.5 }
      : { type: "bar", clip, color: KIND.reproduced.color };
  const order = stack ? { order: { field: "order", type: "quantitative" } } : {};
  if (stack) for (const point of points) point["order"] = names.indexOf(point["series"] ?? null);
  const layer: object[] = [{ mark, encoding: { ...at(main), ...color, ...order, ...faded() } }];
  if (interval !== undefined) {
    const mark = { type: "rule", clip, color: KIND.tolerance.color, opacity: 0.4, strokeWidth: 4 };
    layer.push({ mark, encoding: { ...between("low", "high"), ...faded(0.4) } });
  }
  if (whiskers) {
    const mark = { type: "rule", clip, color: KIND.tolerance.color, strokeWidth: 1.2 };
    layer.push({ mark, encoding: { ...between("publishedLow", "publishedHigh"), ...faded() } });
  }
  if (kinds.includes("published") && main !== "published") {
    layer.push({ mark: { ...publishedPoint(size, 1.3), clip }, encoding: { ...at("published"), ...faded() } });
  }
  if (kinds.includes("analytic"))
    layer.push({ mark: { ...analyticPoint(size * 1.6), clip }, encoding: { ...at("analytic"), ...faded() } });
  layer.push(...cutOff(points, main, y, place, scale));
  if (reference !== undefined) layer.push(...referenceLayers(reference, scale));

  const within = whiskers ? " ± tolerance" : "";
  const signs = {
    ...{ simulated: "■ simulated", reproduced: "■ reproduced", analytic: "◇ analytic" },
    published: `${main === "published" ? "□" : "○"} published${within}`,
  };
  const key = kinds.flatMap((kind) => (kind === "measured" ? [] : [signs[kind]]));
  if (interval !== undefined) key.push(`thick whisker: interval of the ${main} value`);
  const by =
    series === undefined ? "" : `, ${stack ? "stacked" : "side by side"} for each ${series.title}: ${listed(names)}`;
  const description = chartText({
    title: options.title,
    what: `Bars: ${measureTitle(y)} by ${x.title} (${listed(groups)})${by}`,
    values: [...rangesOf(points, kinds), ...(whiskers ? ["with tolerances"] : []), ...referenceText(reference)],
  });
  const named = series === undefined ? undefined : "series";
  return framed(options, key, description, {
    ...{ width, height: options.height ?? 260, data: { values: points } },
    layer: interactive(layer, { series: named }),
  });
}

/** Only parts above zero of one kind add up. */
function checkStack(
  { series, tolerance, interval }: BarsOptions,
  kinds: readonly Kind[],
  points: readonly Point[],
): void {
  if (series === undefined || tolerance !== undefined || interval !== undefined || kinds.length > 1) {
    throw new OptionError("stack", "series of one kind, without tolerance and interval", true);
  }
  const negative = numbersAt(points, kinds).find((value) => value < 0);
  if (negative !== undefined) throw new OptionError("stack", "values >= 0", negative);
}

/** How high each group's stack is. */
function sums(points: readonly Point[], groups: readonly Cell[], kind: string): number[] {
  return groups.map((group) =>
    points.filter((point) => point["x"] === group).reduce((sum, point) => sum + (numberAt(point, kind) ?? 0), 0),
  );
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
