import ts from "typescript";

/** A string that a place is in. */
export interface StringAt {
  /** What stands in it before the place. */
  readonly before: string;
  /** Where its text begins. */
  readonly start: number;
  /** Whether it names a module. */
  readonly isModule: boolean;
}

/** The string whose text a place is in, closed or not. */
export function stringAt(tree: ts.SourceFile, at: number): StringAt | undefined {
  const inside = (node: ts.Node): ts.StringLiteralLike | undefined => {
    const start = node.getStart(tree);
    if (at <= start || at > node.end) return undefined;
    if (!ts.isStringLiteralLike(node)) return ts.forEachChild(node, inside);
    const closed = node.end - start > 1 && tree.text[node.end - 1] === tree.text[start];
    return at < node.end || !closed ? node : undefined;
  };
  const literal = inside(tree);
  if (literal === undefined) return undefined;
  const { parent } = literal;
  const isModule =
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) &&
      (parent.expression.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(parent.expression) && parent.expression.text === "require")));
  const start = literal.getStart(tree) + 1;
  return { before: tree.text.slice(start, at), start, isModule };
}
