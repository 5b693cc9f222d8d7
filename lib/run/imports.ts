import type { Node } from "oxc-parser";
import { children } from "./free-names.ts";

/** What a function that was sent calls where it says `import(…)`; its `meta` is `import.meta`. */
export const IMPORT = "__import__";

/** The same in a cell of a notebook: the kernel has rewritten its imports before it runs. */
export const CELL_IMPORT = "__veelab__";

/** What a text imports. */
export interface Imports {
  /** The modules that it names by a literal: `veelab/hardware`, `./model.ts`. */
  readonly specifiers: readonly string[];
  /** Where it computes which module it imports: what that is, only a run can tell. */
  readonly computed: readonly Node[];
}

/** What a text imports by declarations, `import(…)` (also as a notebook's cell has it) and `require(…)`. Linear. */
export function importsIn(program: Node): Imports {
  const specifiers: string[] = [];
  const computed: Node[] = [];
  const visit = (node: Node): void => {
    const source = importedBy(node);
    const specifier = source === undefined ? undefined : literalText(source);
    if (specifier !== undefined) specifiers.push(specifier);
    else if (source !== undefined) computed.push(node);
    for (const child of children(node)) visit(child);
  };
  visit(program);
  return { specifiers, computed };
}

/** What tells the module that a node imports, if it imports one. */
function importedBy(node: Node): Node | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ImportExpression":
    case "ExportAllDeclaration":
      return node.source;
    case "ExportNamedDeclaration":
      return node.source ?? undefined;
    case "TSExternalModuleReference":
      return node.expression;
    case "CallExpression":
      return isImporter(node.callee) ? node.arguments[0] : undefined;
    default:
      return undefined;
  }
}

/** `require`, `require.resolve`, and what `import` has become in a cell. */
function isImporter(callee: Node): boolean {
  if (callee.type === "Identifier") return callee.name === "require";
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier" || callee.computed) return false;
  const { name } = callee.property;
  return callee.object.name === "require"
    ? name === "resolve"
    : callee.object.name === CELL_IMPORT && name === "import";
}

function literalText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}
