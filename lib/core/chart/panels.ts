import { OptionError } from "../errors.ts";
import { integer } from "../options.ts";
import { type ChartOptions, type ChartSpec, framed, unframed } from "./theme.ts";
import { renameZoom } from "./zoom.ts";

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
  if (charts.length === 0) throw new OptionError("charts", "at least one chart", charts);
  const columns = integer("columns", options.columns ?? 1, { min: 1 });
  const description = `${options.title}. ${charts.map((chart) => chart.description).join(" ")}`;
  return framed(options, [], description, {
    columns,
    concat: charts.map((chart, place) => renameZoom(unframed(chart), place)),
    spacing: 28,
    resolve: { scale: { color: "independent", stroke: "independent" } },
  });
}
