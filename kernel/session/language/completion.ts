import ts from "typescript";
import { importStatement } from "./exports.ts";
import type { Completion, CompletionItem } from "./link.ts";
import type { NotebookProgram } from "./notebook-program.ts";
import { ownModuleCompletion } from "./own-modules.ts";
import { pathCompletion } from "./path-completion.ts";
import { stringAt } from "./string-at.ts";

/** How many of the best carry their signature: each costs the checker some time. */
const signed = 24;

/** A signature is cut here. */
const longest = 200;

const preferences: ts.GetCompletionsAtPositionOptions = {
  includeSymbol: true,
  includeCompletionsForModuleExports: false,
  includeCompletionsWithInsertText: false,
  // `"./file.ts"`, as local files are imported here.
  importModuleSpecifierEnding: "js",
  includeCompletionsForImportStatements: false,
};

/** What could stand at a place of a text that has not been run: names, members, modules, exports, literals, and files in strings. */
export function complete(notebook: NotebookProgram, code: string, at: number): Completion {
  const word = wordBefore(code, at);
  // A member is no name of an earlier cell.
  const isMember = /(?<!\.\.)\.\s*$/.test(code.slice(0, word));
  const { path, start } = notebook.draft(code, isMember ? undefined : code.slice(word, at));
  const found = notebook.service.getCompletionsAtPosition(path, start + at, preferences);
  const program = notebook.service.getProgram();
  const tree = program?.getSourceFile(path);
  if (program === undefined || tree === undefined) return { start: at, end: at, items: [] };
  const string = stringAt(tree, start + at);
  const { from, items } = fitting(program, tree, found, code, at, start);
  if (string === undefined)
    return items.length > 0 || isMember || found?.entries.some(({ name }) => name === "globalThis") !== true
      ? { start: from, end: at, items }
      : importing(notebook, code, word, at);
  const segment = at - (string.before.length - string.before.lastIndexOf("/") - 1);
  if (string.isModule) {
    const more = ownModuleCompletion(string.before).filter(({ text }) => !items.some((item) => item.text === text));
    return { start: segment, end: at, items: from === segment ? [...more, ...items] : more };
  }
  if (items.length > 0) return { start: from, end: at, items };
  return { start: segment, end: at, items: pathCompletion(string.before, notebook.directory) };
}

/** Names that nothing declares are imported once so much of them is typed, and so many of them are offered. */
const leastTyped = 3;
const mostImports = 20;

/** What modules export of such a name, each with the statement that imports it: a match is then the code up to the cursor. */
function importing(notebook: NotebookProgram, code: string, word: number, at: number): Completion {
  const typed = code.slice(word, at);
  if (typed.length < leastTyped || code.startsWith("%%")) return { start: at, end: at, items: [] };
  const items = [...notebook.exports]
    .filter(([name]) => name.startsWith(typed))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, modules]) => modules.map((module) => ({ name, statement: importStatement(name, module) })))
    .slice(0, mostImports)
    .map(({ name, statement }) => ({
      text: `${statement}\n${code.slice(0, word)}${name}`,
      type: "module",
      signature: statement,
    }));
  return { start: 0, end: at, items };
}

/** What TypeScript has found, as far as it goes on from what was typed, the best first. */
function fitting(
  program: ts.Program,
  tree: ts.SourceFile,
  found: ts.CompletionInfo | undefined,
  code: string,
  at: number,
  offset: number,
): { readonly from: number; readonly items: readonly CompletionItem[] } {
  const nothing = { from: at, items: [] };
  const [first] = found?.entries ?? [];
  if (found === undefined || first === undefined) return nothing;
  const spanOf = ({ replacementSpan }: ts.CompletionEntry): ts.TextSpan | undefined =>
    replacementSpan ?? found.optionalReplacementSpan;
  const span = spanOf(first);
  const from = span === undefined ? wordBefore(code, at) : span.start - offset;
  if (from > at) return nothing;
  const typed = code.slice(from, at);
  const checker = program.getTypeChecker();
  const items = found.entries
    // One place for all, as the protocol has it.
    .filter((entry) => spanOf(entry)?.start === span?.start)
    .filter(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()))
    .map((entry) => ({ entry, rank: rankOf(entry, typed) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.entry.name < b.entry.name ? -1 : 1))
    .map(({ entry: { name, kind, symbol } }, index): CompletionItem => {
      const signature = symbol === undefined || index >= signed ? "" : signatureOf(checker, tree, symbol);
      return { text: name, type: typeOf(kind), signature };
    });
  return { from, items };
}

function wordBefore(code: string, at: number): number {
  const [word] = /[\p{ID_Continue}$\u200c\u200d]*$/u.exec(code.slice(0, at)) ?? [""];
  return at - word.length;
}

/** TypeScript's own order, and before it: what begins as typed, and what does not begin with an underscore. */
function rankOf({ name, sortText }: ts.CompletionEntry, typed: string): string {
  const exact = name.startsWith(typed) ? "0" : "1";
  const hidden = name.startsWith("_") && !typed.startsWith("_") ? "1" : "0";
  return `${hidden}${exact}${sortText}`;
}

/** The kind of an entry in the words of the other kernels, by which front ends choose an icon. */
function typeOf(kind: ts.ScriptElementKind): string {
  switch (kind) {
    case ts.ScriptElementKind.variableElement:
    case ts.ScriptElementKind.letElement:
    case ts.ScriptElementKind.parameterElement:
    case ts.ScriptElementKind.localVariableElement:
    case ts.ScriptElementKind.alias:
      return "variable";
    case ts.ScriptElementKind.constElement:
      return "constant";
    case ts.ScriptElementKind.localFunctionElement:
      return "function";
    case ts.ScriptElementKind.memberVariableElement:
    case ts.ScriptElementKind.memberGetAccessorElement:
    case ts.ScriptElementKind.memberSetAccessorElement:
      return "property";
    case ts.ScriptElementKind.memberFunctionElement:
      return "method";
    case ts.ScriptElementKind.scriptElement:
    case ts.ScriptElementKind.externalModuleName:
      return "module";
    case ts.ScriptElementKind.primitiveType:
      return "keyword";
    case ts.ScriptElementKind.directory:
      return "path";
    default:
      return kind;
  }
}

/** How a function is called, or the type of a value; empty for a type. */
function signatureOf(checker: ts.TypeChecker, place: ts.Node, symbol: ts.Symbol): string {
  const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  if ((target.flags & ts.SymbolFlags.Value) === 0) return "";
  const type = checker.getTypeOfSymbolAtLocation(target, place);
  const [call] = type.getCallSignatures();
  const text = call === undefined ? `: ${checker.typeToString(type)}` : checker.signatureToString(call);
  return `${symbol.name}${text.length > longest ? `${text.slice(0, longest)}…` : text}`;
}
