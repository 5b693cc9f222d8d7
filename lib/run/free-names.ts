import { type BindingPattern, type Node, type ParamPattern, type Program, visitorKeys } from "oxc-parser";

/**
 * The names that a text takes from outside of itself: those that it reads or assigns, outside of every scope that declares them. `typeof name`
 * takes none, as it does not fail. Linear in the text times the depth of its scopes.
 */
export function freeNames(program: Program): ReadonlySet<string> {
  const free = new Set<string>();
  visit(program, { names: new Set(), outer: undefined }, free);
  return free;
}

interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

function visit(node: Node, outer: Scope, free: Set<string>): void {
  if (node.type === "Identifier") {
    if (!isDeclared(node.name, outer)) free.add(node.name);
    return;
  }
  const names = declaredIn(node);
  const scope = names.length === 0 ? outer : { names: new Set(names), outer };
  for (const child of read(node)) visit(child, scope, free);
}

function isDeclared(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at !== undefined; at = at.outer) if (at.names.has(name)) return true;
  return false;
}

/** The parts of a node that are evaluated: not the names of properties and labels. */
function read(node: Node): Node[] {
  switch (node.type) {
    case "MemberExpression":
      return node.computed ? [node.object, node.property] : [node.object];
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      return children(node).filter((child) => child !== node.key || node.computed);
    case "UnaryExpression":
      return node.operator === "typeof" && node.argument.type === "Identifier" ? [] : [node.argument];
    case "LabeledStatement":
      return [node.body];
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
      return [];
    default:
      return children(node);
  }
}

/** The names that a node declares for what is inside it. */
function declaredIn(node: Node): string[] {
  switch (node.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
      return [...node.body.flatMap(lexicalNames), ...(node.type === "BlockStatement" ? [] : variables(node))];
    case "SwitchStatement":
      return node.cases.flatMap(({ consequent }) => consequent.flatMap(lexicalNames));
    case "ForStatement":
      return node.init === null ? [] : lexicalNames(node.init);
    case "ForOfStatement":
    case "ForInStatement":
      return lexicalNames(node.left);
    case "CatchClause":
      return node.param === null ? [] : boundNames(node.param);
    case "ClassExpression":
    case "ClassDeclaration":
      return node.id === null ? [] : [node.id.name];
    case "ArrowFunctionExpression":
      return [...node.params.flatMap(boundNames), ...variables(node.body)];
    case "FunctionExpression":
    case "FunctionDeclaration": {
      const own = node.id === null ? [] : [node.id.name];
      return [
        ...own,
        "arguments",
        ...node.params.flatMap(boundNames),
        ...(node.body === null ? [] : variables(node.body)),
      ];
    }
    default:
      return [];
  }
}

function lexicalNames(node: Node): string[] {
  if (node.type === "VariableDeclaration") {
    return node.kind === "var" ? [] : node.declarations.flatMap(({ id }) => boundNames(id));
  }
  const isNamed = node.type === "FunctionDeclaration" || node.type === "ClassDeclaration";
  return isNamed && node.id !== null ? [node.id.name] : [];
}

/** Every `var` inside, but for those of functions. */
function variables(node: Node): string[] {
  const own = node.type === "VariableDeclaration" && node.kind === "var" ? node.declarations.map(({ id }) => id) : [];
  const inner = children(node).filter(
    ({ type }) =>
      type !== "FunctionDeclaration" &&
      type !== "FunctionExpression" &&
      type !== "ArrowFunctionExpression" &&
      type !== "StaticBlock",
  );
  return [...own.flatMap(boundNames), ...inner.flatMap(variables)];
}

function boundNames(pattern: BindingPattern | ParamPattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "RestElement":
      return boundNames(pattern.argument);
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "RestElement" ? property.argument : property.value),
      );
    case "TSParameterProperty":
      return boundNames(pattern.parameter);
  }
}

function children(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => fields[key]).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
