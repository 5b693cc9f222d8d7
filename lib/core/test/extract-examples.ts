import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** An example of the documentation: where it stands and its program. */
export interface Example {
  readonly file: string;
  readonly symbol: string;
  readonly code: string;
}

/** A value that an entry point exports. */
export interface ExportedValue {
  readonly entry: string;
  readonly file: string;
  readonly symbol: string;
  readonly examples: number;
}

/** Every example in the sources, and every value that the entry points export with the number of its examples. */
export function extract(
  root: string,
  folders: readonly string[],
  entries: readonly string[],
): { readonly examples: readonly Example[]; readonly values: readonly ExportedValue[] } {
  const files = folders.flatMap((folder) => sourcesIn(join(root, folder)));
  const options: ts.CompilerOptions = {
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, noEmit: true, skipLibCheck: true },
    ...{ allowImportingTsExtensions: true, types: [] },
  };
  const program = ts.createProgram(files, options);
  // Made first: it binds the sources, and only then do nodes and comments know their parents.
  const checker = program.getTypeChecker();
  const examples: Example[] = [];
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source === undefined) continue;
    const visit = (node: ts.Node): void => {
      for (const code of examplesOf(node)) examples.push({ file: relative(root, file), symbol: nameOf(node), code });
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  const values = entries.flatMap((entry) => {
    const source = program.getSourceFile(join(root, entry));
    const module = source && checker.getSymbolAtLocation(source);
    // A module without an export has no symbol.
    if (module === undefined) return [];
    return checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if ((symbol.flags & ts.SymbolFlags.Value) === 0) return [];
      const declarations = symbol.declarations ?? [];
      const file = declarations[0]?.getSourceFile().fileName ?? entry;
      return [
        {
          entry,
          file: relative(root, file),
          symbol: exported.name,
          examples: declarations.flatMap(declaredExamples).length,
        },
      ];
    });
  });
  return { examples, values };
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ["test", "bench", "node_modules", "page"].includes(entry.name) ? [] : sourcesIn(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

/** The examples in the comments right above a node; a variable's comment stands above its whole statement. */
function examplesOf(node: ts.Node): string[] {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter((comment): comment is ts.JSDoc => ts.isJSDoc(comment) && comment.parent === node)
    .flatMap((comment) => comment.tags ?? [])
    .filter((tag) => tag.tagName.text === "example")
    .flatMap((tag) => programs(ts.getTextOfJSDocComment(tag.comment) ?? ""));
}

function declaredExamples(declaration: ts.Declaration): string[] {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return examplesOf(statement);
}

/** The fenced `ts` blocks of a text. */
function programs(text: string): string[] {
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");
}

function nameOf(node: ts.Node): string {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.map((one) => one.name.getText()).join(", ");
  const named = node as ts.Node & { readonly name?: ts.Node };
  return named.name?.getText() ?? ts.SyntaxKind[node.kind];
}
