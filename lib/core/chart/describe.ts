import { formatSignificant } from "../format.ts";
import type { Cell } from "../table.ts";
import { numbersAt, type Point } from "./data.ts";
import type { Kind } from "./kinds.ts";

/** What a chart's text is made of. */
export interface ChartText {
  readonly title: string;
  /** What is drawn over what: `Bars: run time (s) by benchmark`. */
  readonly what: string;
  /** How far the values of each kind go, and what else the marks say. */
  readonly values: readonly string[];
}

/** The text for readers who cannot see a chart, as sentences. */
export function chartText({ title, what, values }: ChartText): string {
  const said = values.join("; ");
  return `${title}. ${what}.${said === "" ? "" : ` ${said.charAt(0).toUpperCase()}${said.slice(1)}.`}`;
}

/** Names in a sentence: all where they are few, else how many from the first to the last. */
export function listed(names: readonly Cell[]): string {
  const texts = names.map(String);
  const comma = texts.some((text) => text.includes(",")) ? "; " : ", ";
  return texts.length <= 8 ? texts.join(comma) : `${texts.length}, ${texts[0] ?? ""} to ${texts.at(-1) ?? ""}`;
}

/** `reproduced values from 0.5 to 12` for each kind that a chart draws. */
export function rangesOf(points: readonly Point[], kinds: readonly Kind[]): string[] {
  return kinds.flatMap((kind) => {
    const values = numbersAt(points, [kind]);
    if (values.length === 0) return [];
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    return [`${kind} values from ${formatSignificant(low)} to ${formatSignificant(high)}`];
  });
}
