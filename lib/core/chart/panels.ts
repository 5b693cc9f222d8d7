import { OptionError } from "../errors.ts";
import { integer } from "../options.ts";
import { checkChart } from "./check.ts";
import { type ChartOptions, type ChartSpec, framed, unframed } from "./theme.ts";
import { renameParams } from "./params.ts";

/** How {@link panels} arranges charts. */
export interface PanelsOptions extends Pick<ChartOptions, "title" | "subtitle" | "description"> {
  /** Charts in a row; 1 puts them under each other. */
  readonly columns?: number;
}

/**
 * Several charts as one figure, in reading order. Each keeps its own title, axes and legend. Constant time a chart.
 *
 * @param charts - at least one, made by this library's chart functions
 *
 * @example
 * ```ts
 * import { lines, panels } from "veelab";
 *
 * const chart = (title: string) =>
 *   lines([{ t: 0, v: 1 }, { t: 1, v: 2 }], {
 *     title,
 *     x: { field: "t", title: "time", unit: "s" },
 *     y: { title: "TLB misses", unit: "per 1000 instructions" },
 *     reproduced: "v",
 *   });
 * const figure = panels([chart("mcf"), chart("gcc")], { title: "Two benchmarks", columns: 2 });
 * console.log(figure.description);
 * ```
 */
export function panels(charts: readonly ChartSpec[], options: PanelsOptions): ChartSpec {
  checkChart(options, { "columns?": "other" });
  if (charts.length === 0) throw new OptionError("charts", "at least one chart", charts);
  const columns = integer("columns", options.columns ?? 1, { min: 1 });
  const description = `${options.title}. ${charts.map((chart) => chart.description).join(" ")}`;
  const key = commonKey(charts);
  return framed(options, key === undefined ? [] : [key], description, {
    columns,
    concat: charts.map((chart, place) => {
      const parts = renameParams(unframed(chart), place);
      return key === undefined ? parts : { ...parts, title: { text: titleOf(chart).text } };
    }),
    spacing: 28,
    resolve: { scale: { color: "independent", stroke: "independent" } },
  });
}

/** What the marks of all charts stand for, where that is the same: it is said once, under the figure's title. */
function commonKey(charts: readonly ChartSpec[]): string | undefined {
  const keys = charts.map((chart) => titleOf(chart).subtitle?.join("\n"));
  const [first] = keys;
  return charts.length > 1 && first?.includes("\n") === false && keys.every((key) => key === first) ? first : undefined;
}

function titleOf(chart: ChartSpec): { readonly text?: string; readonly subtitle?: readonly string[] } {
  const { title } = chart;
  return typeof title === "object" && title !== null ? title : {};
}
