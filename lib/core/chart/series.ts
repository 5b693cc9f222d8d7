import { OptionError } from "../errors.ts";
import type { Cell } from "../table.ts";
import { categories, type CategoryColumn } from "./axis.ts";
import type { Point } from "./data.ts";
import { PALETTE } from "./theme.ts";

/** The names of a chart's series in drawing order; none where the chart has one series only. */
export function seriesNames(series: CategoryColumn | undefined, points: readonly Point[]): Cell[] {
  if (series === undefined) return [];
  const names = categories("series", series, points, "series");
  if (names.length > PALETTE.length) {
    throw new OptionError("series", `at most ${PALETTE.length} series that can be told apart by colour`, names.length);
  }
  return names;
}

/** Colour by series (with a legend), or nothing: then the mark's own colour holds. */
export function seriesColor(series: CategoryColumn | undefined, names: readonly Cell[]): object {
  return series === undefined ? {} : { color: byName(series, names) };
}

/** The same for hollow marks, which carry their series' colour in the outline. */
export function seriesStroke(series: CategoryColumn | undefined, names: readonly Cell[]): object {
  return series === undefined ? {} : { stroke: byName(series, names) };
}

function byName(series: CategoryColumn, names: readonly Cell[]): object {
  return {
    field: "series",
    type: "nominal",
    scale: { domain: names, range: PALETTE.slice(0, names.length) },
    legend: { title: series.title },
  };
}

/** A series' entry in a tooltip. */
export function seriesTooltip(series: CategoryColumn | undefined): object[] {
  return series === undefined ? [] : [{ field: "series", type: "nominal", title: series.title }];
}

/** A number's entry in a tooltip. */
export function numberTooltip(field: string, title: string): object {
  return { field, type: "quantitative", title, format: ".5~g" };
}
