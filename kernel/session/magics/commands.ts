import type { Node } from "oxc-parser";
import { children } from "../scope.ts";
import { parse, type ParseBudget, type Parsed } from "./parse-budget.ts";

/** Words that stand for no variable. */
const reserved = /^(?:await|async|class|delete|false|function|import|new|null|super|this|true|typeof|void)$/;

/** Whether a line is `!`, a word that is no variable, and a space or its end. */
export function namesNothing(line: string, isVariable: (name: string) => boolean): boolean {
  const word = /^\s*!([A-Za-z_]\w*)(?=\s|$)/.exec(line)?.[1];
  return word !== undefined && !reserved.test(word) && !isVariable(word);
}

/** Whether a line that begins with `!` is no TypeScript; `rest` is the cell from there on. */
export function isCommand(rest: string, line: string, budget: ParseBudget): boolean {
  for (let end = line.length; ; end = rest.indexOf("\n", end + 1)) {
    const text = end === -1 ? rest : rest.slice(0, end);
    const parsed = budget.parse(text);
    if (parsed?.failures.length === 0) return false;
    // What fails before the end fails whatever follows.
    if (end === -1 || parsed === undefined || parsed.failures.every((failure) => failure.end < text.length))
      return true;
  }
}

/**
 * The lines of a cell of TypeScript that are commands all the same: statements that begin with `!` and the name of nothing, neither
 * of the notebook nor of any other statement of the cell.
 *
 * @returns where they begin and end
 */
export function commandLines(
  source: string,
  { program }: Parsed,
  isVariable: (name: string) => boolean,
): (readonly [number, number])[] {
  const lines = program.body.flatMap((statement) => {
    const { type, start, end } = statement;
    const at = source.lastIndexOf("\n", start) + 1;
    if (type !== "ExpressionStatement" || source.slice(at, start + 1).trim() !== "!") return [];
    const line = lineAt(source, at);
    if (!namesNothing(line, isVariable)) return [];
    // What follows on the next lines, as in `!ls` above `(1 + 2)`, must be a statement by itself.
    const next = at + line.length;
    return end <= next || parse(source.slice(next, end)).failures.length === 0 ? [{ statement, at, line }] : [];
  });
  if (lines.length === 0) return [];
  const candidates = new Set<Node>(lines.map(({ statement }) => statement));
  const mentioned = new Set(program.body.flatMap((each) => (candidates.has(each) ? [] : mentions(each))));
  return lines
    .filter(({ line }) => namesNothing(line, (name) => mentioned.has(name)))
    .map(({ at, line }) => [at, at + line.length] as const);
}

function lineAt(source: string, at: number): string {
  const end = source.indexOf("\n", at);
  return source.slice(at, end === -1 ? source.length : end).replace(/\r$/, "");
}

/** All names in a piece of TypeScript: a variable can also be made by `globalThis.name = …`. */
export function mentions(node: Node): string[] {
  const own = node.type === "Identifier" ? [node.name] : [];
  return [...own, ...children(node).flatMap(mentions)];
}
