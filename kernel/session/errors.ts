/**
 * Errors as a notebook shows them.
 *
 * @module
 */
import { inspect, types } from "node:util";
import { codeFrame } from "./code-frame.ts";
import type { SourceIndex } from "./mapped-source.ts";
import { framesOf } from "./stack.ts";
import { CellSyntaxError } from "./syntax-error.ts";

export type { SourceIndex } from "./mapped-source.ts";
export { installStackTraces } from "./stack.ts";

/** The content of the protocol's `error` message. */
export interface ErrorDescription {
  readonly ename: string;
  readonly evalue: string;
  /** With ANSI colours, one entry a line. */
  readonly traceback: string[];
}

const red = (text: string): string => `\x1b[31m${text}\x1b[39m`;
const dim = (text: string): string => `\x1b[2m${text}\x1b[22m`;

/**
 * Describes anything that a cell threw: name and message, a frame of the failing line in the cell or local module, the stack in
 * the cells' own lines without frames of the kernel or of Node, then its `cause`s and the `errors` of an AggregateError.
 * Never throws, whatever the value does when it is looked at.
 *
 * @param sources - the session's cells by their `url`, and its local modules
 */
export function describeError(value: unknown, sources: SourceIndex): ErrorDescription {
  try {
    const { ename, evalue } = summary(value);
    return { ename, evalue, traceback: section(value, sources, new Set()) };
  } catch {
    const evalue = "an object that cannot be inspected";
    return { ename: "Uncaught", evalue, traceback: [`${red("Uncaught")}: ${evalue}`] };
  }
}

function summary(value: unknown): { ename: string; evalue: string } {
  if (!isError(value)) return { ename: "Uncaught", evalue: inspect(value, { depth: 2 }) };
  return { ename: value.name || "Error", evalue: value.message };
}

/** One error of a chain, and those below it. */
function section(value: unknown, sources: SourceIndex, seen: Set<unknown>): string[] {
  const { ename, evalue } = summary(value);
  const title = evalue === "" ? red(ename) : `${red(ename)}: ${evalue}`;
  if (!isError(value) || seen.has(value)) return title.split("\n");
  seen.add(value);
  const lines = [...title.split("\n"), ...place(value, sources)];
  if (value.cause !== undefined) lines.push("", ...prefixed("Caused by: ", section(value.cause, sources, seen)));
  if ("errors" in value && Array.isArray(value.errors)) {
    value.errors.forEach((error: unknown, index) => {
      lines.push("", ...prefixed(`[${index}] `, section(error, sources, seen)));
    });
  }
  return lines;
}

/** Where it happened: the source around it, and the stack. */
function place(error: Error, sources: SourceIndex): string[] {
  if (error instanceof CellSyntaxError) {
    const { source, line, column, frame } = error;
    return ["", ...marked(frame), "", dim(`    at ${source}:${line}:${column}`)];
  }
  const frames = framesOf(error, sources);
  const own = frames.find(({ source }) => source !== undefined);
  const frame = own?.source && own.position ? codeFrame(own.source.source, own.position.line, own.position.column) : "";
  return [
    ...(frame === "" ? [] : ["", ...marked(frame)]),
    ...(frames.length === 0 ? [] : ["", ...frames.map(({ text }) => dim(`    at ${shortened(text)}`))]),
  ];
}

/** The failing line and the mark below it stand out. */
function marked(frame: string): string[] {
  return frame.split("\n").map((line) => (/^> |^ +\| +\^$/.test(line) ? line.replace(/^>|\^$/, red) : dim(line)));
}

/** A package's files are the same wherever it is installed. */
function shortened(frame: string): string {
  return frame.replace(/(?:file:\/\/)?\/[^()]*?\/(?=node_modules\/)/, "");
}

function prefixed(prefix: string, [first = "", ...rest]: string[]): string[] {
  return [prefix + first, ...rest];
}

/** Errors of this realm and of others, and what passes for one. */
function isError(value: unknown): value is Error {
  if (value instanceof Error || types.isNativeError(value)) return true;
  return (
    typeof value === "object" &&
    value !== null &&
    "message" in value &&
    "stack" in value &&
    typeof value.message === "string" &&
    typeof value.stack === "string"
  );
}
