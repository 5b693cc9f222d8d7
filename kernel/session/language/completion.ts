import ts from "typescript";
import { pathCompletion } from "./path-completion.ts";
import type { Completion, CompletionItem } from "./link.ts";
import type { NotebookProgram } from "./notebook-program.ts";

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
  const { path, start } = notebook.draft(code);
  const found = notebook.service.getCompletionsAtPosition(path, start + at, preferences);
  const nothing: Completion = { start: at, end: at, items: [] };
  if (found === undefined || found.entries.length === 0) {
    const tree = notebook.service.getProgram()?.getSourceFile(path);
    return (tree && pathCompletion(tree, start + at, notebook.directory, start)) ?? nothing;
  }
  const { entries } = found;
  const spanOf = ({ replacementSpan }: ts.CompletionEntry): ts.TextSpan | undefined =>
    replacementSpan ?? found.optionalReplacementSpan;
  const span = spanOf(entries[0]!);
  const from = span === undefined ? wordBefore(code, at) : span.start - start;
  if (from > at) return nothing;
  const typed = code.slice(from, at);
  const fitting = entries
    // One place for all, as the protocol has it.
    .filter((entry) => spanOf(entry)?.start === span?.start)
    .filter(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()))
    .map((entry) => ({ entry, rank: rankOf(entry, typed) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.entry.name < b.entry.name ? -1 : 1));
  const program = notebook.service.getProgram();
  const tree = program?.getSourceFile(path);
  const checker = program?.getTypeChecker();
  const items = fitting.map(({ entry: { name, kind, symbol } }, index): CompletionItem => {
    const signature =
      symbol === undefined || checker === undefined || tree === undefined || index >= signed
        ? ""
        : signatureOf(checker, tree, symbol);
    return { text: name, type: typeOf(kind), signature };
  });
  return { start: from, end: at, items };
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
