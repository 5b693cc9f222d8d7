import {
  visitorKeys,
  type AssignmentTarget,
  type BindingPattern,
  type Expression,
  type Node,
  type ParamPattern,
  type Program,
  type VariableDeclaration,
} from "oxc-parser";

/** The names that a pattern binds: `{ a, b: [c = 1, ...d] }` binds a, c and d. */
export function boundNames(pattern: BindingPattern | ParamPattern): string[] {
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

/** A `var` that reaches the top level, with its names (true: made of an enum) and where it stands. */
export interface HoistedVariable {
  readonly node: VariableDeclaration;
  /** `for`: the first part of a `for`; `head`: of `for … of` or `for … in`. */
  readonly place: "statement" | "for" | "head";
  readonly names: ReadonlyMap<string, boolean>;
}

/** Every `var` of the program that is not inside a function or a class's static block, in source order. */
export function hoistedVariables(program: Program): HoistedVariable[] {
  const found: HoistedVariable[] = [];
  const visit = (node: Node, parent: Node | undefined): void => {
    if (isFunction(node) || node.type === "StaticBlock") return;
    if (node.type === "VariableDeclaration" && node.kind === "var") {
      const names = new Map<string, boolean>();
      for (const { id, init } of node.declarations)
        for (const name of boundNames(id)) names.set(name, isEnum(name, init));
      const head = (parent?.type === "ForOfStatement" || parent?.type === "ForInStatement") && parent.left === node;
      const first = parent?.type === "ForStatement" && parent.init === node;
      found.push({ node, place: head ? "head" : first ? "for" : "statement", names });
    }
    for (const child of children(node)) visit(child, node);
  };
  visit(program, undefined);
  return found;
}

/** `function(E) { … }(E || {})`: what becomes of `enum E`. */
function isEnum(name: string, init: Expression | null): boolean {
  if (init?.type !== "CallExpression" || init.callee.type !== "FunctionExpression") return false;
  const [argument] = init.arguments;
  return argument?.type === "LogicalExpression" && argument.left.type === "Identifier" && argument.left.name === name;
}

/** An assignment to a constant. With `value`, that is evaluated before it fails; otherwise `whole` is what fails. */
export interface ConstantAssignment {
  readonly name: string;
  readonly value: Expression | undefined;
  readonly whole: Node;
}

/** The assignments to the given names of the top level, in source order, where no inner declaration hides the name. */
export function constantAssignments(program: Program, names: ReadonlySet<string>): ConstantAssignment[] {
  if (names.size === 0) return [];
  const found: ConstantAssignment[] = [];
  const visit = (node: Node, hidden: ReadonlySet<string>): void => {
    const inner = node.type === "Program" ? hidden : union(hidden, declaredIn(node));
    const assigned = assignedBy(node)?.find((name) => names.has(name) && !inner.has(name));
    if (assigned !== undefined) {
      if (node.type === "AssignmentExpression") found.push({ name: assigned, value: node.right, whole: node });
      else if (node.type === "ForOfStatement" || node.type === "ForInStatement") {
        found.push({ name: assigned, value: node.right, whole: node });
      } else {
        found.push({ name: assigned, value: undefined, whole: node });
        return;
      }
    }
    for (const child of children(node)) visit(child, inner);
  };
  visit(program, new Set());
  return found;
}

/** The plain names that a node assigns to itself, if it is an assignment of any kind. */
function assignedBy(node: Node): string[] | undefined {
  switch (node.type) {
    case "AssignmentExpression":
      return targetNames(node.left);
    case "UpdateExpression":
      return targetNames(node.argument);
    case "ForOfStatement":
    case "ForInStatement":
      return node.left.type === "VariableDeclaration" ? undefined : targetNames(node.left);
    default:
      return undefined;
  }
}

function targetNames(target: AssignmentTarget | Node): string[] {
  switch (target.type) {
    case "Identifier":
      return [target.name];
    case "ParenthesizedExpression":
      return targetNames(target.expression);
    case "AssignmentPattern":
      return targetNames(target.left);
    case "RestElement":
      return targetNames(target.argument);
    case "ArrayPattern":
      return target.elements.flatMap((element) => (element === null ? [] : targetNames(element)));
    case "ObjectPattern":
      return target.properties.flatMap((property) =>
        targetNames(property.type === "RestElement" ? property.argument : property.value),
      );
    default:
      return [];
  }
}

/** The names that a node declares for what is inside it. */
function declaredIn(node: Node): string[] {
  switch (node.type) {
    case "BlockStatement":
    case "StaticBlock":
      return node.body.flatMap(lexicalNames);
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
      return node.id === null ? [] : [node.id.name];
    default:
      return isFunction(node) ? functionNames(node) : [];
  }
}

function functionNames(node: FunctionLike): string[] {
  const own = node.type === "FunctionExpression" && node.id !== null ? [node.id.name] : [];
  const variables = node.body === null ? [] : variablesOf(node.body);
  return [...own, ...node.params.flatMap(boundNames), ...variables];
}

function variablesOf(node: Node): string[] {
  if (isFunction(node)) return [];
  const own =
    node.type === "VariableDeclaration" && node.kind === "var"
      ? node.declarations.flatMap(({ id }) => boundNames(id))
      : [];
  return [...own, ...children(node).flatMap(variablesOf)];
}

function lexicalNames(node: Node): string[] {
  if (node.type === "VariableDeclaration" && node.kind !== "var") {
    return node.declarations.flatMap(({ id }) => boundNames(id));
  }
  if ((node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id !== null)
    return [node.id.name];
  return [];
}

type FunctionLike = Extract<Node, { params: ParamPattern[]; body: unknown; async: boolean }>;

export function isFunction(node: Node): node is FunctionLike {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

export function children(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => fields[key]).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function union(hidden: ReadonlySet<string>, more: readonly string[]): ReadonlySet<string> {
  return more.length === 0 ? hidden : new Set([...hidden, ...more]);
}

/** The names that a program declares as values at its top level. */
export function topLevelNames(program: Program): ReadonlySet<string> {
  const names = new Set(hoistedVariables(program).flatMap(({ names }) => [...names.keys()]));
  for (const statement of program.body) {
    const declared = "declaration" in statement ? statement.declaration : statement;
    if (declared === null || ("declare" in declared && declared.declare)) continue;
    for (const name of lexicalNames(declared)) names.add(name);
    if (declared.type === "ImportDeclaration" && declared.importKind !== "type")
      for (const specifier of declared.specifiers)
        if (specifier.type !== "ImportSpecifier" || specifier.importKind !== "type") names.add(specifier.local.name);
    if (declared.type === "TSEnumDeclaration" || declared.type === "TSImportEqualsDeclaration")
      names.add(declared.id.name);
    if (declared.type === "TSModuleDeclaration" && declared.id.type === "Identifier") names.add(declared.id.name);
  }
  return names;
}
