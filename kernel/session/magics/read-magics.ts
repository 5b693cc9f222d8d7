import { parseSync, type Program } from "oxc-parser";
import { topLevelNames } from "../scope.ts";
import { formOf, mayHaveMagics } from "./names.ts";

/** A magic of a cell. Places count UTF-16 code units from the cell's start. */
export interface MagicUse {
  /** `!` for a command. */
  readonly name: string;
  readonly argument: string;
  /** The lines below it, where it stands at the top of a cell. */
  readonly body: string | undefined;
  /** Where it stands, and the end of what is not TypeScript of it. */
  readonly start: number;
  readonly end: number;
  /** The statements that it is about begin between `end` and here; undefined where there are none. */
  readonly before: number | undefined;
}

/** A cell with magics. */
export interface MagicCell {
  readonly uses: readonly MagicUse[];
  /** The cell with its magics blank, as long in every line as it is: what is left is TypeScript. */
  readonly text: string;
}

/**
 * Finds the magics of a cell. The rule, by which no TypeScript that could run is taken for a magic:
 *
 * - A cell that begins with `%%` and a name is a cell magic; no TypeScript begins so.
 * - In a cell that is no TypeScript, a line is a magic that begins with `%` and the name of one, where what stands above it is whole
 *   (not within a string, a comment, brackets or a statement that goes on).
 * - A line that begins with `!` there is a command, in a cell of either kind, where it is no TypeScript, also not together with
 *   lines that follow; or where a word and a space or its end come next, and that word is no variable: as TypeScript it would fail.
 *
 * @param isVariable - whether a name is one of the notebook's, of an earlier cell or a global
 * @returns nothing for a cell that has none
 */
export function readMagics(source: string, isVariable: (name: string) => boolean): MagicCell | undefined {
  if (!mayHaveMagics(source)) return undefined;
  const ofCell = cellMagic(source);
  if (ofCell !== undefined) return ofCell;
  const broken = !isWhole(source);
  const isOwn = namesOf(source);
  const uses: MagicUse[] = [];
  let text = source;
  for (const { index, 0: line } of source.matchAll(/^[^\S\n]*[%!][^\r\n]*/gm)) {
    const percent = /^\s*%/.test(line);
    if ((percent && !broken) || !isWhole(text.slice(0, index))) continue;
    const use = percent
      ? lineMagic(line, index, text)
      : isCommand(text.slice(index), line, (name) => isOwn(name) || isVariable(name))
        ? command(line, index)
        : undefined;
    if (use === undefined) continue;
    uses.push(use);
    text = blanked(text, use);
  }
  return uses.length === 0 ? undefined : { uses, text };
}

function cellMagic(source: string): MagicCell | undefined {
  const match = /^(\s*)%%(\w+)(\??)([^\r\n]*)/.exec(source);
  if (match === null) return undefined;
  const [whole, { length: start } = "", name = "", mark, rest = ""] = match;
  if (mark === "?") {
    const use = { name: "help", argument: name, body: undefined, start, end: whole.length, before: undefined };
    return { uses: [use], text: blanked(source, use) };
  }
  const statements = formOf(name)?.form === "statement";
  const end = statements ? whole.length : source.length;
  const body = source.slice(whole.length).replace(/^\r?\n/, "");
  const use = { name, argument: rest.trim(), body, start, end, before: statements ? source.length : undefined };
  return { uses: [use], text: blanked(source, use) };
}

function lineMagic(line: string, at: number, text: string): MagicUse | undefined {
  const [, { length: indent } = "", name = "", mark, rest = ""] = /^(\s*)%(\w+)(\??)(.*)$/.exec(line) ?? [];
  const [start, end] = [at + indent, at + line.length];
  const use = { name, argument: rest.trim(), body: undefined, start, end, before: undefined };
  if (name === "" || /^\S/.test(rest)) return undefined;
  if (mark === "?") return { ...use, name: "help", argument: name };
  const form = formOf(name)?.form;
  // A name that is no magic's is one all the same where it is the reason why the cell cannot be read.
  if (form === undefined && !failsWithin(text, at, end)) return undefined;
  if (form !== "statement") return use;
  const { length: options } = /^(?:\s+-[nr]\s*\d+(?=\s|$))*\s*/.exec(rest)?.[0] ?? "";
  const from = end - rest.length + options;
  return { ...use, argument: rest.slice(0, options).trim(), end: from, before: from < end ? end : undefined };
}

function command(line: string, at: number): MagicUse {
  const start = at + line.indexOf("!");
  const argument = line.trimStart().slice(1).trim();
  return { name: "!", argument, body: undefined, start, end: at + line.length, before: undefined };
}

/** Words that stand for no variable. */
const reserved = /^(?:await|async|class|delete|false|function|import|new|null|super|this|true|typeof|void)$/;

/** Whether a line that begins with `!` is no TypeScript; `rest` is the cell from there on. */
function isCommand(rest: string, line: string, isVariable: (name: string) => boolean): boolean {
  const word = /^\s*!([A-Za-z_]\w*)(?=\s|$)/.exec(line)?.[1];
  if (word !== undefined && !reserved.test(word) && !isVariable(word)) return true;
  for (let end = line.length; ; end = rest.indexOf("\n", end + 1)) {
    if (isWhole(end === -1 ? rest : rest.slice(0, end))) return false;
    if (end === -1) return true;
  }
}

/** The names that a cell declares itself, its magics left out. */
function namesOf(source: string): (name: string) => boolean {
  let names: ReadonlySet<string> | undefined;
  return (name) => {
    names ??= topLevelNames(parse(source.replace(/^[^\S\n]*[%!].*/gm, blank)).program);
    return names.has(name);
  };
}

function blanked(text: string, { start, end }: MagicUse): string {
  return text.slice(0, start) + blank(text.slice(start, end)) + text.slice(end);
}

/** Of the same length. The semicolon ends what stands above it. */
function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ").replace(/^ /, ";");
}

function parse(text: string): { readonly program: Program; readonly failures: readonly number[] } {
  const { program, errors } = parseSync("cell.ts", text, { lang: "ts", sourceType: "module" });
  return { program, failures: errors.map(({ labels }) => labels[0]?.start ?? text.length) };
}

function isWhole(text: string): boolean {
  return parse(text).failures.length === 0;
}

function failsWithin(text: string, start: number, end: number): boolean {
  const first = Math.min(...parse(text).failures);
  return first >= start && first < end;
}
