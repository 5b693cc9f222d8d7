import { codeFrame } from "./code-frame.ts";
import type { TypeProblem } from "./language/link.ts";
import type { ErrorContent, MimeBundle } from "../protocol/messages.ts";

/** The media type of a cell's type problems: what a program reads of their display. Null where the cell could not be checked. */
export const problemsType = "application/vnd.veelab.problems+json";

const unchecked = "the types of this cell could not be checked";

/** The problems for a program alone. */
export function problemsReport(problems: readonly TypeProblem[] | undefined): MimeBundle {
  return { [problemsType]: problems ?? null };
}

/** The display of a cell's type problems. Without any form, which is nothing to see, where there are none any more. */
export function problemsDisplay(problems: readonly TypeProblem[] | undefined, source: string): MimeBundle {
  if (problems === undefined) return { "text/plain": unchecked, [problemsType]: null };
  if (problems.length === 0) return {};
  const text = problems.map((problem) => `${headline(problem)}\n${frameOf(problem, source)}`).join("\n\n");
  const items = problems.map(
    (problem) =>
      `<div style="margin: 0.3em 0"><span style="color: var(--jp-warn-color0, #8a5a00)">${escape(headline(problem))}</span>` +
      `<pre style="margin: 0.2em 0 0">${escape(frameOf(problem, source))}</pre></div>`,
  );
  const html = `<div style="border-left: 3px solid var(--jp-warn-color1, #d98200); padding-left: 0.6em; font-size: 90%">${items.join("")}</div>`;
  return { "text/plain": text, "text/html": html, [problemsType]: problems };
}

/** The error that a cell with type problems ends in where they are errors. */
export function problemsError(problems: readonly TypeProblem[] | undefined, source: string): ErrorContent {
  if (problems === undefined) return { ename: "TypeCheckError", evalue: unchecked, traceback: [unchecked] };
  const [first] = problems;
  const count = problems.length === 1 ? "a type error" : `${problems.length} type errors`;
  return {
    ename: "TypeCheckError",
    evalue: first === undefined ? count : `${count}, the first in line ${first.line}: ${firstLine(first.message)}`,
    traceback: problems.map((problem) => `\x1b[31m${headline(problem)}\x1b[39m\n${frameOf(problem, source)}`),
  };
}

function headline({ line, column, code, message }: TypeProblem): string {
  return `${line}:${column} TS${code}: ${message}`;
}

function frameOf({ line, column }: TypeProblem, source: string): string {
  return codeFrame(source, line, column, 0);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
