import { OptionError } from "../errors.ts";
import { type Measure, measureTitle } from "./axis.ts";
import { numberTooltip } from "./series.ts";
import { KIND } from "./theme.ts";

/** The columns of an interval's ends. */
export interface IntervalColumns {
  /** The column of the lower ends. */
  readonly low: string;
  /** The column of the upper ends. */
  readonly high: string;
}

/** The three kinds of truth, and what was measured or simulated, each a column's name; a chart draws those that are given. */
export interface KindColumns {
  /** The column of what was measured, for charts of traces, where nothing is compared: drawn as reproduced values are. */
  readonly measured?: string;
  /** The column of what the simulator computed where no paper printed a number: drawn as reproduced values are, with its own name. */
  readonly simulated?: string;
  /** The column of what the simulator computed, to be set against what a paper printed. */
  readonly reproduced?: string;
  /** The column of what the paper printed; null in rows where nothing is. */
  readonly published?: string;
  /** The column of the closed form. */
  readonly analytic?: string;
}

/** The kinds that a chart draws, in the order of its key and tooltips. */
export type Kind = keyof KindColumns;

const KINDS: readonly Kind[] = ["measured", "simulated", "reproduced", "published", "analytic"];

/** The kinds for which a column is given: at least one. */
export function kindsOf(columns: KindColumns): readonly Kind[] {
  const given = KINDS.filter((kind) => columns[kind] !== undefined);
  if (given.length === 0) {
    throw new OptionError("reproduced", "a column of reproduced, published or analytic values", undefined);
  }
  return given;
}

/** The kinds' entries in a tooltip. */
export function kindTooltips(kinds: readonly Kind[], y: Measure): object[] {
  return kinds.map((kind) => numberTooltip(kind, `${kind === "measured" ? "" : `${kind} `}${measureTitle(y)}`));
}

/** Published values beside reproduced ones: hollow points. */
export function publishedPoint(size: number, strokeWidth: number): object {
  const { fill, color } = KIND.published;
  return { type: "point", filled: false, fill, color, strokeWidth, opacity: 1, size };
}

/** Analytic values where there is no line to dash: diamonds. */
export function analyticPoint(size: number): object {
  return {
    type: "point",
    shape: "diamond",
    filled: false,
    color: KIND.analytic.color,
    strokeWidth: 1.5,
    opacity: 1,
    size,
  };
}
