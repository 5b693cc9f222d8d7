import type { Head } from "../../formats/head.ts";

/** How many lines are looked at: more would tell nothing new. */
const looked = 50;

/**
 * Whether a file's first line looks so, and most of those that follow: one that is damaged is an error of its format, and does not
 * make the file another one's. Below a line of titles, where there is one.
 */
export function mostLines({ lines }: Head, pattern: RegExp, title?: string): boolean {
  const first = lines.slice(lines[0] === title ? 1 : 0).filter((line) => line !== "");
  const some = first.slice(0, looked);
  return pattern.test(some[0] ?? "") && some.filter((line) => pattern.test(line)).length > some.length / 2;
}
