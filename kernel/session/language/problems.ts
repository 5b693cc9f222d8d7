import ts from "typescript";
import { positionAt } from "../syntax-error.ts";
import { readTslabCell } from "../tslab-cell.ts";
import { importStatement } from "./exports.ts";
import type { DeclarationKind } from "./cell-names.ts";
import type { TypeProblem } from "./link.ts";

/**
 * What TypeScript says that a notebook does not want to hear: that a type could be written (in a notebook it often is not), or
 * what the kernel runs all the same.
 */
const unwanted: ReadonlySet<number> = new Set([
  1543, // an import of JSON without its attribute
  1544, // a named import of JSON
  5097, // an import of a file by its extension
  7005,
  7006,
  7008,
  7010,
  7011,
  7013,
  7016,
  7017,
  7018,
  7019,
  7020,
  7022,
  7023,
  7024,
  7025,
  7031,
  7034, // implicitly any
  7059,
  7060, // what only the extension of a cell's module forbids: `<any>a` and `<T>(x: T) => x`
]);

/** Messages that say a name is not declared. */
const notDeclared: ReadonlySet<number> = new Set([
  2304,
  2503,
  2552,
  2580,
  2581,
  2582,
  2583,
  2584,
  2591,
  2592,
  2593, // with the advice to install or name types: `$`, `test`, `document`
  2663,
  2868,
  18004,
]);

/** An assignment to an import, which names of earlier cells are only to the checker. */
const importAssigned = 2632;

/** The problems of a cell's module, and the names in it that nothing declares. */
export function problemsOf(
  program: ts.Program,
  tree: ts.SourceFile,
  { source, start }: { readonly source: string; readonly start: number },
  kinds: ReadonlyMap<string, DeclarationKind>,
  exportersOf: (name: string) => readonly string[],
  cancellation: ts.HostCancellationToken,
): { readonly problems: readonly TypeProblem[]; readonly unresolved: ReadonlySet<string> } {
  // Cells are no files of JSX: what TypeScript says of one that has it is not about its types.
  if (/^\s*\/\/\s*@ts-nocheck\b/m.test(source) || readTslabCell(source)?.jsx === true)
    return { problems: [], unresolved: new Set() };
  const problems: TypeProblem[] = [];
  const unresolved = new Set<string>();
  const token: ts.CancellationToken = {
    isCancellationRequested: () => cancellation.isCancellationRequested(),
    throwIfCancellationRequested() {
      // By this class the checker knows to start anew.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      if (cancellation.isCancellationRequested()) throw new ts.OperationCanceledException();
    },
  };
  const found = [...program.getSyntacticDiagnostics(tree, token), ...program.getSemanticDiagnostics(tree, token)];
  for (const { start: at = 0, length = 0, code, messageText } of found) {
    const from = at - start;
    if (from < 0 || from > source.length || unwanted.has(code)) continue;
    const name = tree.text.slice(at, at + length);
    if (notDeclared.has(code)) unresolved.add(name);
    const message = ts.flattenDiagnosticMessageText(messageText, "\n");
    const first = positionAt(source, from);
    const last = positionAt(source, Math.min(from + length, source.length));
    problems.push({
      ...first,
      endLine: last.line,
      endColumn: last.column,
      ...(code === importAssigned
        ? assignmentTo(name, kinds.get(name), message)
        : { code, message: shown(message) + (notDeclared.has(code) ? importHint(name, exportersOf(name)) : "") }),
    });
  }
  return { problems, unresolved };
}

function assignmentTo(
  name: string,
  kind: DeclarationKind | undefined,
  message: string,
): Pick<TypeProblem, "code" | "message"> {
  const because = (code: number, what: string): Pick<TypeProblem, "code" | "message"> => ({
    code,
    message: `Cannot assign to '${name}' because it is ${what}.`,
  });
  if (kind === "const") return because(2588, "a constant");
  if (kind === "function") return because(2630, "a function");
  if (kind === "class") return because(2629, "a class");
  if (kind === "enum") return because(2628, "an enum");
  if (kind === "namespace") return because(2631, "a namespace");
  return { code: importAssigned, message };
}

/** So many modules of a name are told. */
const mostModules = 3;

function importHint(name: string, modules: readonly string[]): string {
  if (modules.length === 0) return "";
  const statements = modules.slice(0, mostModules).map((module) => importStatement(name, module));
  return ` It can be imported: ${statements.join(" or ")}`;
}

/** Cells by their names instead of their files' paths, and no advice on a compiler's options, of which a notebook has none. */
function shown(message: string): string {
  return message
    .replace(/import\("[^"]*[\\/](cell \[[^\]"]*\])(?:\.mts)?"[^)]*\)/g, 'import("$1")')
    .replace(/ when 'verbatimModuleSyntax' is enabled/, "")
    .replace(/ Do you need to (?:change your target library|install type definitions)\b.*$/m, "");
}
