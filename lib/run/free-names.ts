import { type BindingPattern, type Node, type ParamPattern, type Program, visitorKeys } from "oxc-parser";

/** What a text takes from outside of itself. */
export interface FreeNames {
  /** The names that it reads or assigns, outside of every scope that declares them; `this` and `new.target` are among them. */
  readonly names: ReadonlySet<string>;
  /** Those of them that it assigns or updates. */
  readonly assigned: ReadonlySet<string>;
}

/** What a text takes from outside of itself. Linear in the text times the depth of its scopes. */
export function freeNames(program: Program): FreeNames {
  const free = { names: new Set<string>(), assigned: new Set<string>() };
  visit(program, { names: new Set(), outer: undefined }, free);
  return free;
}

interface Found {
  readonly names: Set<string>;
  readonly assigned: Set<string>;
}

interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

function visit(node: Node, outer: Scope, free: Found): void {
  const own = nameOf(node);
  if (own !== undefined && !isDeclared(own, outer)) free.names.add(own);
  const names = declaredIn(node);
  const scope = names.length === 0 ? outer : { names: new Set(names), outer };
  for (const name of assignedBy(node)) if (!isDeclared(name, scope)) free.assigned.add(name);
  for (const child of read(node)) visit(child, scope, free);
}

/** The name that a node reads or assigns by itself. */
function nameOf(node: Node): string | undefined {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "ThisExpression":
      return "this";
    case "MetaProperty":
      return node.meta.name === "new" ? "new.target" : undefined;
    default:
      return undefined;
  }
}

/** The names that a node gives another value. */
function assignedBy(node: Node): string[] {
  switch (node.type) {
    case "AssignmentExpression":
    case "ForInStatement":
    case "ForOfStatement":
      return targets(node.left);
    case "UpdateExpression":
      return targets(node.argument);
    default:
      return [];
  }
}

/** The names in what stands left of `=`. */
function targets(node: Node): string[] {
  switch (node.type) {
    case "Identifier":
      return [node.name];
    case "AssignmentPattern":
      return targets(node.left);
    case "RestElement":
      return targets(node.argument);
    case "ArrayPattern":
      return node.elements.flatMap((element) => (element === null ? [] : targets(element)));
    case "ObjectPattern":
      return node.properties.flatMap((property) =>
        targets(property.type === "RestElement" ? property : property.value),
      );
    case "ParenthesizedExpression":
      return targets(node.expression);
    default:
      return [];
  }
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
      return [...node.body.flatMap(lexicalNames), ...(node.type === "BlockStatement" ? [] : variables(node))];
    case "StaticBlock":
      return [...OF_FUNCTIONS, ...node.body.flatMap(lexicalNames), ...variables(node)];
    case "PropertyDefinition":
    case "AccessorProperty":
      return OF_FUNCTIONS;
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
        ...OF_FUNCTIONS,
        ...node.params.flatMap(boundNames),
        ...(node.body === null ? [] : variables(node.body)),
      ];
    }
    default:
      return [];
  }
}

/** What every function has of its own, arrows excepted. */
const OF_FUNCTIONS = ["this", "new.target"];

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

/** The nodes of which a node is made. */
export function children(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => fields[key]).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
