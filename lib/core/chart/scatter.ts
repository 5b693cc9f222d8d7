import { extent } from "simple-statistics";
import type { RelativeTolerance } from "../compare.ts";
import { OptionError } from "../errors.ts";
import { nonNegative, positive } from "../options.ts";
import { checkChart } from "./check.ts";
import { type CategoryColumn, checkLog, type Measure, measureScale, measureTitle } from "./axis.ts";
import { type ChartData, numberAt, pick, type Point } from "./data.ts";
import { numberTooltip, seriesColor, seriesNames, seriesTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, KIND } from "./theme.ts";
import { chartText, rangesOf } from "./describe.ts";
import { highlighted, interactive, type ZoomOptions } from "./params.ts";

/** What {@link scatter} draws. */
export interface ScatterOptions extends ChartOptions, ZoomOptions {
  /** The quantity that both axes show. */
  readonly measure: Measure;
  /** The column of published values (x). */
  readonly published: string;
  /** The column of reproduced values (y). */
  readonly reproduced: string;
  /** The column that names each point, shown beside those furthest outside the tolerance. */
  readonly label: string;
  /** A colour for each name in this column. */
  readonly series?: CategoryColumn;
  /** Half-width of the band around equality, in the unit or as a share of the published value. */
  readonly tolerance?: number | RelativeTolerance;
}

/**
 * Published values against reproduced ones, with the line of equality and the tolerance's band; the points
 * furthest outside it (eight at most) are named. Both axes have one scale. Rows without one of the two values are left out. Linear in the rows.
 *
 * @throws OptionError for a column that is not there, or when no row has both values
 *
 * @example
 * ```ts
 * import { scatter } from "veelab";
 *
 * const rows = [
 *   { benchmark: "gcc", paper: 133.5, model: 132.6 },
 *   { benchmark: "mcf", paper: 86.9, model: 85.9 },
 * ];
 * const chart = scatter(rows, {
 *   title: "Shadow paging",
 *   measure: { title: "run time", unit: "% of HAP" },
 *   published: "paper",
 *   reproduced: "model",
 *   label: "benchmark",
 *   tolerance: 1.5,
 * });
 * console.log(chart.description);
 * ```
 */
export function scatter(data: ChartData, options: ScatterOptions): ChartSpec {
  checkChart(options, {
    ...{ measure: "measure", published: "other", reproduced: "other", label: "other" },
    ...{ "series?": "category", "tolerance?": "other", "zoom?": "other" },
  });
  const { measure, series, tolerance } = options;
  const columns = {
    ...{ published: options.published, reproduced: options.reproduced },
    ...{ label: options.label, series: series?.field },
  };
  const points = pick(data, columns, ["published", "reproduced"]).filter(
    (point) => numberAt(point, "published") !== null && numberAt(point, "reproduced") !== null,
  );
  if (points.length === 0) throw new OptionError("data", "a row with a published and a reproduced value", "none");
  checkLog("measure.log", measure, points, ["published", "reproduced"]);
  const half = halfWidth(tolerance);
  for (const point of points) {
    const published = numberAt(point, "published") ?? 0;
    const off = Math.abs((numberAt(point, "reproduced") ?? 0) - published);
    // As in compare(): a rounding error does not put a point outside.
    point["beyond"] = half === undefined ? 0 : Math.max(0, off - half(published) - 1e-12 * Math.abs(published));
  }
  const named = points
    .filter((point) => numberAt(point, "beyond") !== 0)
    .sort(furthestFirst)
    .slice(0, MOST_NAMES);
  const domain = measure.domain ?? domainOf(points, measure.log === true);
  const title = (kind: string): Measure => ({ ...measure, domain, title: `${kind} ${measure.title}` });
  const scale = measureScale(title("reproduced"), []);
  const x = { x: { field: "published", ...measureScale(title("published"), []) } };
  const y = { y: { field: "reproduced", ...scale } };
  const names = seriesNames(series, points);
  const tooltip = [
    { field: "label", type: "nominal", title: options.label },
    ...seriesTooltip(series),
    numberTooltip("published", `published ${measureTitle(measure)}`),
    numberTooltip("reproduced", `reproduced ${measureTitle(measure)}`),
  ];
  const side = options.width ?? 360;
  const layer = [
    ...(half === undefined
      ? []
      : [
          {
            data: { values: band(domain, half, measure.log === true) },
            mark: { type: "area", color: KIND.reference.color, opacity: 0.16, clip: true },
            encoding: {
              ...x,
              y: { field: "low", stack: null, ...scale },
              y2: { field: "high" },
            },
          },
        ]),
    {
      data: { values: domain.map((value) => ({ published: value, reproduced: value })) },
      mark: { type: "line", color: KIND.reference.color, strokeDash: KIND.reference.dash, strokeWidth: 1.5 },
      encoding: { ...x, ...y },
    },
    {
      mark: { type: "point", filled: true, size: 45, opacity: 0.9, clip: true, color: KIND.reproduced.color },
      encoding: {
        ...{ ...x, ...y, ...seriesColor(series, names, "circle", side), tooltip },
        ...(series === undefined ? {} : highlighted(0.9)),
      },
    },
    {
      data: { values: named },
      mark: { type: "text", align: "left", dx: 6, dy: -5, fontSize: 10.5, color: "#1A1A1A" },
      encoding: { ...x, ...y, text: { field: "label", type: "nominal" } },
    },
  ];
  const key = [
    "dotted line: equal",
    ...(half === undefined ? [] : ["grey band: tolerance; the furthest outside are named"]),
  ];
  const description = chartText({
    title: options.title,
    what: `Scatter plot: reproduced against published ${measureTitle(measure)}, ${points.length} points`,
    values: [
      ...rangesOf(points, ["reproduced", "published"]),
      ...(half === undefined
        ? []
        : [`${points.filter((point) => numberAt(point, "beyond") !== 0).length} outside of the tolerance`]),
    ],
  });
  return framed(options, key, description, {
    width: side,
    height: options.height ?? side,
    data: { values: points },
    layer: interactive(layer, { zoom: options.zoom, series: series === undefined ? undefined : "series" }),
  });
}

// More names than these would cover each other.
const MOST_NAMES = 8;

function furthestFirst(a: Point, b: Point): number {
  return (numberAt(b, "beyond") ?? 0) - (numberAt(a, "beyond") ?? 0);
}

function halfWidth(tolerance: ScatterOptions["tolerance"]): ((published: number) => number) | undefined {
  if (tolerance === undefined) return undefined;
  if (typeof tolerance === "number") {
    const half = nonNegative("tolerance", tolerance);
    return () => half;
  }
  const share = positive("tolerance.relative", tolerance.relative);
  return (published) => share * Math.abs(published);
}

/** The range of all values, with a margin of 4 % of it. */
function domainOf(points: readonly Point[], log: boolean): readonly [number, number] {
  const values = points.flatMap((point) => [numberAt(point, "published") ?? 0, numberAt(point, "reproduced") ?? 0]);
  const [low, high] = extent(values);
  if (log) return [low / (high / low) ** 0.04 / 1.02, high * (high / low) ** 0.04 * 1.02];
  const margin = 0.04 * (high - low) || 0.04 * Math.abs(high) || 1;
  return [low - margin, high + margin];
}

/** The band's edges. A band of constant width is curved on logarithmic axes: 60 steps draw it smoothly. */
function band(domain: readonly [number, number], half: (published: number) => number, log: boolean): Point[] {
  const [first, last] = domain;
  return Array.from({ length: 61 }, (_, step) => {
    const published = log ? first * (last / first) ** (step / 60) : first + ((last - first) * step) / 60;
    const low = published - half(published);
    // Below the axis is as far down as a logarithmic axis can show.
    return { published, low: log ? Math.max(low, first) : low, high: published + half(published) };
  });
}
