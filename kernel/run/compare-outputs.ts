import { isJsonObject, type JsonObject, type Json } from "../protocol/json.ts";
import { problemsType } from "../session/type-report.ts";
import { formatJson } from "./format-json.ts";
import { firstLine, type Notebook, type Output } from "./notebook.ts";
import { unifiedDiff } from "./text-diff.ts";

/** How strictly outputs are compared. */
export interface CompareOptions {
  /**
   * The committed outputs were made by another version of Node, whose floating-point functions may round differently:
   * numbers may differ by a millionth or by one in their last printed digit, and of images only the presence counts.
   */
  readonly anotherNode: boolean;
}

/** Where a re-run of a notebook put out something else than the committed notebook holds. */
export interface CellDifference {
  /** The cell's place in the notebook, from 1. */
  readonly cell: number;
  /** The cell's first line. */
  readonly line: string;
  /** The differences, for a person to read. */
  readonly lines: readonly string[];
}

/**
 * Compares the outputs of two runs of the same notebook, cell by cell. Execution counts are not outputs: they tell the
 * order of an interactive session, not a result.
 */
export function compareOutputs(committed: Notebook, fresh: Notebook, options: CompareOptions): CellDifference[] {
  return committed.cells.flatMap((cell, index) => {
    const other = fresh.cells[index];
    if (cell.cell_type !== "code" || other?.cell_type !== "code") return [];
    const lines = compareLists(cell.outputs.filter(isSeen), other.outputs.filter(isSeen), options);
    return lines.length === 0 ? [] : [{ cell: index + 1, line: firstLine(cell.source), lines }];
  });
}

/**
 * Whether an output is one of the cell's own: a progress bar that came to its end in a page leaves one without any form, and type
 * problems are shown in a page alone.
 */
function isSeen(output: Output): boolean {
  if (output.output_type !== "display_data") return true;
  return Object.keys(output.data).length > 0 && !Object.hasOwn(output.data, problemsType);
}

function compareLists(before: readonly Output[], after: readonly Output[], options: CompareOptions): string[] {
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, index) => {
    const [was, is] = [before[index], after[index]];
    const name = `output ${index + 1}`;
    if (was === undefined) return [`${name}: committed nothing, now ${describe(is)}`, ...preview("+", is)];
    if (is === undefined) return [`${name}: committed ${describe(was)}, now nothing`, ...preview("-", was)];
    return compareOutput(name, was, is, options);
  }).flat();
}

function compareOutput(name: string, was: Output, is: Output, options: CompareOptions): string[] {
  if (was.output_type === "stream" && is.output_type === "stream" && was.name === is.name)
    return compareText(`${name}, ${was.name}`, was.text, is.text, options);
  if (was.output_type === "error" && is.output_type === "error") {
    const texts = (error: typeof was): string =>
      [`${error.ename}: ${error.evalue}`, ...(options.anotherNode ? [] : error.traceback)].join("\n");
    return compareText(`${name}, error`, texts(was), texts(is), options);
  }
  if ("data" in was && "data" in is && was.output_type === is.output_type) {
    return [
      ...compareBundles(name, was.data, is.data, options),
      ...compareJson(`${name}, metadata`, was.metadata, is.metadata, options),
    ];
  }
  return [`${name}: committed ${describe(was)}, now ${describe(is)}`, ...preview("-", was), ...preview("+", is)];
}

function compareBundles(name: string, was: JsonObject, is: JsonObject, options: CompareOptions): string[] {
  const mimes = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return mimes.flatMap((mime) => {
    const [before, after] = [was[mime], is[mime]];
    if (before === undefined) return [`${name}: ${mime} is new`];
    if (after === undefined) return [`${name}: ${mime} is gone`];
    // Which of the kernel's widgets it is: another one in each run.
    if (mime === "application/vnd.jupyter.widget-view+json") return [];
    if (mime.startsWith("image/")) {
      if (options.anotherNode || before === after) return [];
      return [`${name}: ${mime} differs (${size(before)} committed, ${size(after)} now)`];
    }
    if (typeof before === "string" && typeof after === "string")
      return compareText(`${name}, ${mime}`, before, after, options);
    return compareJson(`${name}, ${mime}`, before, after, options);
  });
}

function compareText(name: string, was: string, is: string, options: CompareOptions): string[] {
  if (was === is || (options.anotherNode && nearText(was, is))) return [];
  return [`${name}:`, ...unifiedDiff(was, is).map((line) => `  ${line}`)];
}

function compareJson(name: string, was: Json, is: Json, options: CompareOptions): string[] {
  const [before, after] = [formatJson(was), formatJson(is)];
  if (before === after || (options.anotherNode && nearJson(was, is))) return [];
  return [`${name}:`, ...unifiedDiff(before, after).map((line) => `  ${line}`)];
}

const RELATIVE = 1e-6;
const NUMBER = /[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/giu;

/** Whether two numbers differ by no more than another version of the same mathematics would make them. */
function near(a: number, b: number, unit = 0): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= Math.max(RELATIVE * Math.max(Math.abs(a), Math.abs(b)), unit * 1.000001);
}

/** Whether texts differ only in numbers that are near, and in the blanks that align them. */
function nearText(a: string, b: string): boolean {
  const words = (text: string): string => text.replaceAll(NUMBER, "#").replaceAll(/\s+/gu, " ").trim();
  if (words(a) !== words(b)) return false;
  const others = b.match(NUMBER) ?? [];
  return (a.match(NUMBER) ?? []).every((text, index) => {
    const other = others[index]!;
    return near(Number(text), Number(other), Math.max(lastDigit(text), lastDigit(other)));
  });
}

/** The unit of a printed number's last digit; a whole number was not rounded, so it has none. */
function lastDigit(text: string): number {
  const [, decimals, exponent = "0"] = /\.(\d+)(?:e([-+]?\d+))?$/iu.exec(text) ?? [];
  return decimals === undefined ? 0 : 10 ** (Number(exponent) - decimals.length);
}

function nearJson(a: Json, b: Json): boolean {
  if (typeof a === "number" && typeof b === "number") return near(a, b, 1e-12);
  if (typeof a === "string" && typeof b === "string") return nearText(a, b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Json, index) => nearJson(item, b[index] as Json));
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => {
        const other = b[key];
        return other !== undefined && nearJson(a[key]!, other);
      })
    );
  }
  return a === b;
}

function describe(output: Output | undefined): string {
  if (output === undefined) return "nothing";
  if (output.output_type === "stream") return `text on ${output.name}`;
  if (output.output_type === "error") return `the error ${output.ename}`;
  return `${output.output_type} (${Object.keys(output.data).sort().join(", ")})`;
}

/** The first lines of what is there on one side only. */
function preview(mark: "-" | "+", output: Output | undefined): string[] {
  const text =
    output === undefined
      ? ""
      : output.output_type === "stream"
        ? output.text
        : output.output_type === "error"
          ? `${output.ename}: ${output.evalue}`
          : output.data["text/plain"];
  if (typeof text !== "string" || text === "") return [];
  const lines = text.split("\n").slice(0, 5);
  return lines.map((line) => `  ${mark}${line.slice(0, 160)}`);
}

function size(value: Json): string {
  return typeof value === "string" ? `${value.length} characters` : "JSON";
}
