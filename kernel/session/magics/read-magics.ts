import { Above } from "./above.ts";
import { commandLines, isCommand, namesNothing } from "./commands.ts";
import { formOf, mayHaveMagics } from "./names.ts";
import { parse, ParseBudget } from "./parse-budget.ts";

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
 *   lines that follow; or where a word and a space or its end come next, and that word is no variable, nor is it a name in the
 *   cell's other statements: as TypeScript it would fail.
 *
 * @param isVariable - whether a name is one of the notebook's, of an earlier cell or a global
 * @returns nothing for a cell that has none
 */
export function readMagics(source: string, isVariable: (name: string) => boolean): MagicCell | undefined {
  if (!mayHaveMagics(source)) return undefined;
  const first = cellMagic(source);
  if (first !== undefined && first.before === undefined) return { uses: [first], text: blanked(source, first) };
  const uses = first === undefined ? [] : [first];
  const text = uses.reduce(blanked, source);
  const whole = parse(text);
  const more =
    whole.failures.length === 0
      ? commandLines(text, whole, isVariable).map(([start, end]) => command(text.slice(start, end), start))
      : usesOf(text, isVariable);
  uses.push(...more);
  return uses.length === 0 ? undefined : { uses, text: more.reduce(blanked, text) };
}

/** The lines of magics of a cell that is no TypeScript. */
function usesOf(source: string, isVariable: (name: string) => boolean): MagicUse[] {
  const budget = new ParseBudget(source);
  const above = new Above(budget);
  const uses: MagicUse[] = [];
  let text = source;
  for (const { index, 0: line } of source.matchAll(/^[^\S\n]*[%!][^\r\n]*/gm)) {
    if (!above.isWholeBefore(text, index)) continue;
    const isName = (name: string): boolean =>
      isVariable(name) || above.names.has(name) || isHoisted(text.slice(index), name);
    const use = /^\s*%/.test(line)
      ? lineMagic(line, index, text, budget)
      : namesNothing(line, isName) || isCommand(text.slice(index), line, budget)
        ? command(line, index)
        : undefined;
    if (use === undefined) continue;
    uses.push(use);
    text = blanked(text, use);
    above.endedBy(use.start);
  }
  return uses;
}

function cellMagic(source: string): MagicUse | undefined {
  const match = /^(\s*)%%(\w+)(\??)([^\r\n]*)/.exec(source);
  if (match === null) return undefined;
  const [whole, { length: start } = "", name = "", mark, rest = ""] = match;
  if (mark === "?")
    return { name: "help", argument: name, body: undefined, start, end: whole.length, before: undefined };
  const statements = formOf(name)?.form === "statement";
  const end = statements ? whole.length : source.length;
  const body = source.slice(whole.length).replace(/^\r?\n/, "");
  return { name, argument: rest.trim(), body, start, end, before: statements ? source.length : undefined };
}

function lineMagic(line: string, at: number, text: string, budget: ParseBudget): MagicUse | undefined {
  const [, { length: indent } = "", name = "", mark, rest = ""] = /^(\s*)%(\w+)(\??)(.*)$/.exec(line) ?? [];
  const [start, end] = [at + indent, at + line.length];
  const use = { name, argument: rest.trim(), body: undefined, start, end, before: undefined };
  if (name === "" || /^\S/.test(rest) || (mark === "?" && rest.trim() !== "")) return undefined;
  if (mark === "?") return { ...use, name: "help", argument: name };
  const form = formOf(name)?.form;
  // A name that is no magic's is one all the same where it is the reason why the cell cannot be read.
  if (form === undefined && !failsWithin(text, at, end, budget)) return undefined;
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

/** Whether what follows a line may declare a name that is known above it, too. */
function isHoisted(rest: string, name: string): boolean {
  return new RegExp(`\\bfunction\\b[\\s*]*${name}\\b|\\b(?:var|import)\\b[^=;]*\\b${name}\\b`).test(rest);
}

function blanked(text: string, { start, end }: MagicUse): string {
  return text.slice(0, start) + blank(text.slice(start, end)) + text.slice(end);
}

/** Of the same length. The semicolon ends what stands above it. */
function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ").replace(/^ /, ";");
}

function failsWithin(text: string, start: number, end: number, budget: ParseBudget): boolean {
  const first = budget.parse(text)?.failures[0]?.start;
  return first !== undefined && first >= start && first < end;
}
