import { OptionError } from "../errors.ts";
import type { Cell } from "../table.ts";
import type { Point } from "./data.ts";
import { AXIS, GRID } from "./theme.ts";

/** A quantity on an axis: every axis says what it shows and in which unit. */
export interface Measure {
  /** What is measured, without the unit. */
  readonly title: string;
  /** Empty for a pure number or a count. */
  readonly unit: string;
  /** First and last value of the axis; marks beyond it are cut off. */
  readonly domain?: readonly [number, number];
  /** A logarithmic axis; every value must be above 0. */
  readonly log?: boolean;
}

/** A {@link Measure} that is read from a column. */
export interface MeasureColumn extends Measure {
  /** The column's name. */
  readonly field: string;
}

/** Names along an axis or in a legend. */
export interface CategoryColumn {
  /** The column's name. */
  readonly field: string;
  /** What the names are, on the axis or in the legend. */
  readonly title: string;
  /** The names in the order in which they are drawn; the data's own order unless given. A series' colour is its
   * place here: give all names to every chart of a notebook, and each keeps its colour. */
  readonly order?: readonly Cell[];
}

/** `run time (s)`, as an axis and a tooltip say it. */
export function measureTitle({ title, unit }: Measure): string {
  return unit === "" ? title : `${title} (${unit})`;
}

/** How an axis of a quantity is drawn. */
interface ScaleStyle {
  /** Whether the axis begins at zero where its domain is not given. */
  readonly zero?: boolean;
  /** Whether a logarithmic axis has its ticks at the values themselves where they are few: those of a sweep. */
  readonly ownTicks?: boolean;
}

/** The encoding of a quantity in x or y; `values` are what the axis will show (a logarithmic one's ticks follow them). */
export function measureScale(
  measure: Measure,
  values: readonly number[],
  { zero = false, ownTicks = false }: ScaleStyle = {},
): object {
  const { domain, log } = measure;
  const ends = domain === undefined ? {} : { domain };
  if (log === true) {
    return {
      type: "quantitative",
      axis: {
        title: measureTitle(measure),
        values: logTicks(domain ?? values, ownTicks && domain === undefined),
        // As linear axes write numbers: 16,384.
        format: ",.12~g",
      },
      // Not rounded to whole decades, which may leave most of the plot empty; a margin keeps marks off the edges.
      scale: { type: "log", nice: false, ...(domain === undefined ? { padding: 12 } : ends) },
    };
  }
  return {
    type: "quantitative",
    axis: { title: measureTitle(measure), ...wholeTicks(values), ...zeroLine(values) },
    scale: { zero: zero && domain === undefined, nice: domain === undefined, ...ends },
  };
}

/** The values themselves where they are few (cache sizes); else 1, 2 and 5 of each decade, or decades alone. */
function logTicks(values: readonly number[], own: boolean): number[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (own && distinct.length > 2 && distinct.length <= 12) return distinct;
  const first = Math.floor(Math.log10(distinct[0] ?? 1));
  const last = Math.ceil(Math.log10(distinct[distinct.length - 1] ?? 10));
  const steps = last - first > 3 ? [1] : [1, 2, 5];
  const decades = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  // Through text: 2 * 10 ** -3 would not be the number that is written 0.002.
  return decades.flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)));
}

/** Between whole numbers (of a dump, of a node) there is nothing to mark. */
function wholeTicks(values: readonly number[]): object {
  return values.length > 0 && values.every(Number.isInteger) ? { tickMinStep: 1 } : {};
}

/** Where values lie on both sides of zero, its grid line is drawn as an axis is. */
function zeroLine(values: readonly number[]): object {
  if (!values.some((value) => value < 0) || !values.some((value) => value > 0)) return {};
  return { gridColor: { condition: { test: "datum.value === 0", value: AXIS }, value: GRID } };
}

/** Whether marks lie beyond an axis whose ends are given: only then they are cut off, or those at its end would be halves. */
export function isCut({ domain }: Measure, values: readonly number[]): boolean {
  if (domain === undefined) return false;
  const [first, last] = domain;
  return values.some((value) => value < Math.min(first, last) || value > Math.max(first, last));
}

/** Checks that every value that a logarithmic axis would show is above 0. */
export function checkLog(option: string, measure: Measure, points: readonly Point[], keys: readonly string[]): void {
  if (measure.log !== true) return;
  points.forEach((point, row) => {
    for (const key of keys) {
      const value = point[key];
      if (typeof value === "number" && value <= 0) {
        throw new OptionError(option, `values > 0 on a logarithmic axis, in row ${row}`, value);
      }
    }
  });
}

/** The distinct names of a category in drawing order. */
export function categories(option: string, column: CategoryColumn, points: readonly Point[], key: string): Cell[] {
  const met = [...new Set(points.map((point) => point[key] ?? null))];
  const { order } = column;
  if (order === undefined) return met;
  const missing = met.find((name) => !order.includes(name));
  if (missing !== undefined) throw new OptionError(`${option}.order`, `all names of column ${column.field}`, missing);
  return order.filter((name) => met.includes(name));
}

/** The x axis of names: level where they fit, slanted where they do not, and none ever left out. */
export function categoryAxis(title: string, names: readonly Cell[], width: number): object {
  // 6 px is the mean advance of the labels' font at 11 px.
  const longest = Math.max(...names.map((name) => String(name).length)) * 6;
  const slanted = longest > width / Math.max(1, names.length) - 4;
  return {
    title,
    labelOverlap: false,
    labelLimit: 200,
    grid: false,
    ...(slanted ? { labelAngle: -45, labelAlign: "right", labelBaseline: "top" } : { labelAngle: 0 }),
  };
}
