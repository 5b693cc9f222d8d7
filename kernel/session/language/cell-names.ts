import ts from "typescript";

/** How a name of a cell's top level was declared. */
export type DeclarationKind = "const" | "let" | "function" | "class" | "enum" | "namespace" | "import" | "type";

/** What a cell gives to the cells after it. */
export interface CellNames {
  readonly declared: ReadonlyMap<string, DeclarationKind>;
  /** Those that the cell exports itself. */
  readonly exported: ReadonlySet<string>;
  /** Whether it adds to what is global, or to another module. */
  readonly augments: boolean;
}

/** Finds the names that a cell declares at its top level; a `var` counts from wherever it stands outside of functions. */
export function cellNames(statements: readonly ts.Statement[]): CellNames {
  const declared = new Map<string, DeclarationKind>();
  const exported = new Set<string>();
  let augments = false;
  /** A value hides a type of the same name here: what matters is what can be assigned. */
  const declare = (name: ts.Identifier | undefined, kind: DeclarationKind): void => {
    if (name === undefined || name.text === "") return;
    if (kind === "type" && declared.has(name.text)) return;
    declared.set(name.text, kind);
  };
  const bind = (name: ts.BindingName, kind: DeclarationKind): void => {
    if (ts.isIdentifier(name)) declare(name, kind);
    else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name, kind);
  };
  const variables = (list: ts.VariableDeclarationList): void => {
    const variable = (list.flags & ts.NodeFlags.BlockScoped) === 0 || (list.flags & ts.NodeFlags.Let) !== 0;
    for (const { name } of list.declarations) bind(name, variable ? "let" : "const");
  };
  const hoisted = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0) variables(node);
    ts.forEachChild(node, hoisted);
  };
  for (const statement of statements) {
    const before = new Set(declared.keys());
    if (ts.isVariableStatement(statement)) variables(statement.declarationList);
    else if (ts.isFunctionDeclaration(statement)) declare(statement.name, "function");
    else if (ts.isClassDeclaration(statement)) declare(statement.name, "class");
    else if (ts.isEnumDeclaration(statement)) declare(statement.name, "enum");
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      declare(statement.name, "type");
    else if (ts.isImportEqualsDeclaration(statement)) declare(statement.name, "import");
    else if (ts.isModuleDeclaration(statement)) {
      if (ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0)
        augments = true;
      else if (!declared.has(statement.name.text)) declare(statement.name, "namespace");
    } else if (ts.isImportDeclaration(statement)) imported(statement, declare);
    else if (ts.isExportDeclaration(statement)) {
      if (statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause))
        for (const { name } of statement.exportClause.elements) exported.add(name.text);
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    const kinds = modifiers.map(({ kind }) => kind);
    if (kinds.includes(ts.SyntaxKind.ExportKeyword) && !kinds.includes(ts.SyntaxKind.DefaultKeyword))
      for (const name of declared.keys()) if (!before.has(name)) exported.add(name);
    hoisted(statement);
  }
  return { declared, exported, augments };
}

function imported(
  { importClause }: ts.ImportDeclaration,
  declare: (name: ts.Identifier | undefined, kind: DeclarationKind) => void,
): void {
  declare(importClause?.name, "import");
  const bindings = importClause?.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) declare(bindings.name, "import");
  else for (const { name } of bindings.elements) declare(name, "import");
}
