import type { Cell } from "../table.ts";
import { checkChart } from "./check.ts";
import { categories, type CategoryColumn, type Measure, measureScale, measureTitle } from "./axis.ts";
import { type ChartData, pick } from "./data.ts";
import { chartText, listed } from "./describe.ts";
import { highlighted, highlightParams } from "./params.ts";
import { colorsOf, legendColumns, numberTooltip } from "./series.ts";
import { type ChartOptions, type ChartSpec, framed, PALETTE } from "./theme.ts";
import { OptionError } from "../errors.ts";

/** What {@link timeline} draws: one bar a row, from `start` to `end`. */
export interface TimelineOptions extends ChartOptions {
  /** The time axis. */
  readonly x: Measure;
  /** The column with each interval's beginning. */
  readonly start: string;
  /** The column with each interval's end. */
  readonly end: string;
  /** What held during the interval (a paging mode, a phase), shown by colour. */
  readonly state: CategoryColumn;
  /** A row of the chart for each name (a policy, a virtual machine); one row unless given. */
  readonly lane?: CategoryColumn;
}

/**
 * What state each lane was in, over time: the mode of each policy, the phase of each migration. Linear in the rows.
 *
 * @throws OptionError for a column that is not there, an interval that ends before it begins, more than eight states
 *
 * @example
 * ```ts
 * import { timeline } from "veelab";
 *
 * const chart = timeline(
 *   [
 *     { policy: "DSP", mode: "HAP", fromS: 0, toS: 15 },
 *     { policy: "DSP", mode: "SP", fromS: 15, toS: 60 },
 *   ],
 *   {
 *     title: "Paging mode over time",
 *     x: { title: "time", unit: "s" },
 *     start: "fromS",
 *     end: "toS",
 *     state: { field: "mode", title: "mode" },
 *     lane: { field: "policy", title: "policy" },
 *   },
 * );
 * console.log(chart.description);
 * ```
 */
export function timeline(data: ChartData, options: TimelineOptions): ChartSpec {
  checkChart(options, { x: "measure", start: "other", end: "other", state: "category", "lane?": "category" });
  const { x, state, lane } = options;
  if (x.log === true) throw new OptionError("x.log", "a linear axis, on which lengths are times", x.log);
  const points = pick(data, { start: options.start, end: options.end, state: state.field, lane: lane?.field }, []);
  points.forEach(({ start, end }, row) => {
    if (typeof start !== "number" || typeof end !== "number" || end < start) {
      throw new OptionError(`data[${row}].${options.end}`, `a number >= ${options.start} (${start ?? null})`, end);
    }
  });
  const states = categories("state", state, points, "state");
  if (states.length > PALETTE.length) {
    throw new OptionError("state", `at most ${PALETTE.length} states that can be told apart by colour`, states.length);
  }
  const lanes: Cell[] = lane === undefined ? [""] : categories("lane", lane, points, "lane");
  const width = options.width ?? 640;
  const encoding = {
    x: { field: "start", ...measureScale(x, []) },
    x2: { field: "end" },
    y:
      lane === undefined
        ? { value: 0 }
        : {
            ...{ field: "lane", type: "nominal", sort: lanes },
            axis: { title: lane.title, grid: false, labelLimit: 200, ticks: false, domain: false },
          },
    ...(lane === undefined ? { y2: { value: "height" } } : {}),
    color: {
      ...{ field: "state", type: "nominal" },
      scale: { domain: states, range: colorsOf(state, states) },
      legend: { title: state.title, ...legendColumns(state.title, states, width) },
    },
    ...highlighted(),
    tooltip: [
      ...(lane === undefined ? [] : [{ field: "lane", type: "nominal", title: lane.title }]),
      { field: "state", type: "nominal", title: state.title },
      numberTooltip("start", `from ${measureTitle(x)}`),
      numberTooltip("end", `to ${measureTitle(x)}`),
    ],
  };
  const by = lane === undefined ? "" : `, a row for each ${lane.title}: ${listed(lanes)}`;
  const description = chartText({
    title: options.title,
    what: `Timeline: ${state.title} (${listed(states)}) over ${measureTitle(x)}${by}`,
    values: [],
  });
  return framed(options, [], description, {
    width,
    height: options.height ?? Math.max(30, lanes.length * 26),
    data: { values: points },
    params: highlightParams("state"),
    mark: { type: "bar", clip: true },
    encoding,
  });
}
