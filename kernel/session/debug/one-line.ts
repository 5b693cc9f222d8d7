import { inspect } from "node:util";
import type { Span } from "./span.ts";

/** One line of a value is cut to this many characters. */
const longest = 200;

/** A value on one line, cut where it is long. Never throws. */
export function oneLine(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, {
      depth: Array.isArray(value) ? 1 : 0,
      maxArrayLength: 10,
      maxStringLength: longest,
      breakLength: Infinity,
      compact: true,
      customInspect: false,
    });
  } catch {
    text = "[a value that cannot be inspected]";
  }
  return cut(text.replace(/\s*\n\s*/g, " "));
}

/** The first values of a run, and how many more there are. */
export function list(span: Span, shown = 10): string {
  const texts = span.slice(0, shown).map(({ value }) => oneLine(value));
  const rest = span.size > shown ? [`… ${span.size - shown} more`] : [];
  return texts.length === 0 ? "[]" : `[ ${[...texts, ...rest].join(", ")} ]`;
}

/** A text of bounded length. */
export function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
