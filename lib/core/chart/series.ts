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
  if (new Set(colorsOf(series, names)).size < names.length)
    throw new OptionError("series.order", `at most ${PALETTE.length} names: colours are theirs`, series.order?.length);
  return names;
}

/** The shape of a legend's entries: what the series look like in the chart. */
type Symbol = "square" | "circle" | "stroke";

/** Colour by series (of a hollow mark's outline), or nothing: then the mark's own colour holds. */
export function seriesColor(
  series: CategoryColumn | undefined,
  names: readonly Cell[],
  symbol: Symbol,
  width: number,
): object {
  if (series === undefined) return {};
  return {
    color: {
      ...{ field: "series", type: "nominal" },
      scale: { domain: names, range: colorsOf(series, names) },
      // Every layer of a chart says the same of the legend: Vega-Lite merges them, and a pale band would make it pale.
      legend: {
        title: series.title,
        symbolType: symbol,
        symbolOpacity: 1,
        ...legendColumns(series.title, names, width),
      },
    },
  };
}

// At 11 px a letter is 6 px wide on average; a symbol and the gaps around it take 30.
const LETTER = 6;
const SYMBOL = 30;

/** Where a legend in one row would be wider than the plot, as many columns as fit into it. */
export function legendColumns(title: string, names: readonly Cell[], width: number): object {
  const widths = names.map((name) => String(name).length * LETTER + SYMBOL);
  const room = width + 40 - title.length * (LETTER + 1);
  if (widths.reduce((sum, each) => sum + each, 0) <= room) return {};
  const columns = Math.max(1, Math.floor(room / Math.max(...widths)));
  // Rows of equal length: 4 and 4 rather than 7 and 1.
  return { columns: Math.ceil(names.length / Math.ceil(names.length / columns)) };
}

/** A name's colour is its place in the given order, so that it stays the same in charts where other names are absent. */
export function colorsOf({ order }: CategoryColumn, names: readonly Cell[]): string[] {
  const all = order ?? names;
  return names.map((name) => PALETTE[all.indexOf(name) % PALETTE.length] ?? "#333333");
}

/** A series' entry in a tooltip. */
export function seriesTooltip(series: CategoryColumn | undefined): object[] {
  return series === undefined ? [] : [{ field: "series", type: "nominal", title: series.title }];
}

/** A number's entry in a tooltip. */
export function numberTooltip(field: string, title: string): object {
  return { field, type: "quantitative", title, format: ".5~g" };
}
