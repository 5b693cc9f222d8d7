import type {
  Argument,
  AssignmentExpression,
  BinaryOperator,
  CallExpression,
  Expression as Syntax,
  ForStatement,
  MemberExpression,
  Span,
  Statement as StatementSyntax,
  VariableDeclaration,
} from "oxc-parser";
import { ANY, type Code, type Expression, type FunctionCode, type Statement, type Type } from "./code.ts";
import { library, type LibraryFunction } from "./library.ts";
import { type ArrayShape, declare, type Known, look, type Scope } from "./names.ts";
import { type FunctionKnown, parseFunction, refuse, type Text } from "./text.ts";
import { alike, apply, as, binary, literal, local, number } from "./typing.ts";
import type { ElementType } from "./value.ts";

/** What a task's text may speak of. */
export interface Surroundings {
  readonly input: ArrayShape;
  readonly output: ArrayShape;
  /** Arrays by name, and numbers. */
  readonly arrays: ReadonlyMap<string, ArrayShape>;
  readonly numbers: ReadonlyMap<string, { readonly type: ElementType; readonly value: number }>;
}

/** The functions of `Math` and how many arguments they have. */
const ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ...(["fround", "trunc", "sqrt", "abs", "floor", "sin", "cos", "exp", "log"] as const).map(
    (name) => [name, 1] as const,
  ),
  ...(["imul", "min", "max"] as const).map((name) => [name, 2] as const),
]);

/**
 * Reads a task's function: `(input, output, { values })`, a block of `const`, `let`, assignments, `if`, counted `for` loops, and functions
 * of numbers. Types follow from those of the windows and values. Throws an OptionError with the line for anything else, and for an index that
 * cannot be shown to be inside its array. Linear in the text.
 */
export function readTask(label: string, source: string, around: Surroundings): Code {
  const text: Text = { label: `task ${label}`, source: `(${source})`, functions: [], library: new Map() };
  const syntax = parseFunction(text);
  const [input, output, values, ...more] = syntax.params;
  if (input?.type !== "Identifier" || output?.type !== "Identifier" || more.length > 0)
    refuse(text, syntax, "a function (input, output) or (input, output, { values })");
  const names = new Map<string, Known>();
  declare(text, input, [names], { kind: "array", ...around.input });
  declare(text, output, [names], { kind: "output", ...around.output });
  if (values !== undefined) {
    if (values.type !== "ObjectPattern") refuse(text, values, "the names of values: { a, b }");
    for (const property of values.properties) {
      if (property.type === "RestElement" || property.value.type !== "Identifier" || !property.shorthand)
        refuse(text, property, "the name of a value");
      const { name } = property.value;
      const array = around.arrays.get(name);
      const number = around.numbers.get(name);
      if (array !== undefined) declare(text, property.value, [names], { kind: "array", ...array });
      else if (number !== undefined)
        declare(text, property.value, [names], { kind: "number", expression: literal(number.value, number.type) });
      else
        refuse(
          text,
          property,
          `one of the task's values (${[...around.arrays.keys(), ...around.numbers.keys()].join(", ")})`,
        );
    }
  }
  if (syntax.body?.type !== "BlockStatement") refuse(text, syntax, "a block { … } that stores into its output");
  const body = block(text, syntax.body.body, [names]);
  return { input: input.name, output: output.name, functions: text.functions, body };
}

function block(text: Text, statements: readonly StatementSyntax[], outer: Scope): Statement[] {
  const scope = [...outer, new Map<string, Known>()];
  return statements.flatMap((statement) => statementOf(text, statement, scope));
}

function inner(text: Text, statement: StatementSyntax, scope: Scope): Statement[] {
  return block(text, statement.type === "BlockStatement" ? statement.body : [statement], scope);
}

function statementOf(text: Text, at: StatementSyntax, scope: Scope): Statement[] {
  switch (at.type) {
    case "VariableDeclaration":
      return declarations(text, at, scope);
    case "ExpressionStatement":
      if (at.expression.type !== "AssignmentExpression") break;
      return [assignment(text, at.expression, scope)];
    case "IfStatement": {
      const condition = typed(text, at.test, scope, "bool");
      const otherwise = at.alternate === null ? [] : inner(text, at.alternate, scope);
      return [{ kind: "if", condition, then: inner(text, at.consequent, scope), otherwise }];
    }
    case "ForStatement":
      return loop(text, at, scope);
    case "EmptyStatement":
      return [];
    default:
  }
  return refuse(text, at, "const, let, an assignment, if, or a for loop that counts up");
}

function declarations(text: Text, at: VariableDeclaration, scope: Scope): Statement[] {
  if (at.kind !== "const" && at.kind !== "let") refuse(text, at, "const or let");
  return at.declarations.flatMap(({ id, init }): Statement[] => {
    if (id.type !== "Identifier" || init === null) refuse(text, at, "a name with its first value");
    if (init.type === "ArrowFunctionExpression" || init.type === "FunctionExpression") {
      declare(text, id, scope, { kind: "function", text, syntax: init, code: undefined });
      return [];
    }
    const value = expressionOf(text, init, scope);
    const constant = at.kind === "const";
    declare(text, id, scope, { kind: "local", type: value.type, range: constant ? value.range : ANY, constant });
    return [{ kind: "let", name: id.name, value }];
  });
}

function assignment(text: Text, at: AssignmentExpression, scope: Scope): Statement {
  const combined = (target: Expression): Expression => {
    if (at.operator === "=") return typed(text, at.right, scope, target.type);
    const operator = at.operator.slice(0, -1) as BinaryOperator;
    return as(text, at, binary(text, at, operator, target, expressionOf(text, at.right, scope)), target.type);
  };
  if (at.left.type === "Identifier") {
    const known = look(scope, at.left.name);
    if (known?.kind !== "local" || known.constant) refuse(text, at.left, "a name declared by let");
    return { kind: "set", name: at.left.name, value: combined(local(at.left.name, known)) };
  }
  if (at.left.type !== "MemberExpression") refuse(text, at.left, "a name or an element of the output");
  const { index, known } = place(text, at.left, scope);
  if (known.kind !== "output" || at.operator !== "=")
    refuse(text, at, "an element of the output that is stored: output[i] = …");
  return { kind: "store", index, value: typed(text, at.right, scope, known.type) };
}

function loop(text: Text, at: ForStatement, outer: Scope): Statement[] {
  const form = "a loop that counts up: for (let i = from; i < to; i++)";
  const { init, test, update } = at;
  const first = init?.type === "VariableDeclaration" && init.kind === "let" ? init.declarations : [];
  const [counter] = first;
  if (first.length !== 1 || counter?.id.type !== "Identifier" || !counter.init) refuse(text, at, form);
  const { name } = counter.id;
  const isCounter = (node: { readonly type: string }): boolean =>
    node.type === "Identifier" && "name" in node && node.name === name;
  if (test?.type !== "BinaryExpression" || test.operator !== "<" || !isCounter(test.left)) refuse(text, at, form);
  const from = typed(text, counter.init, outer, "i32");
  const to = typed(text, test.right, outer, "i32");
  if (!stable(from, outer) || !stable(to, outer)) refuse(text, at, "bounds made of constants, values and inputs");
  let step = 1;
  if (update?.type === "AssignmentExpression" && update.operator === "+=" && isCounter(update.left)) {
    const by = typed(text, update.right, outer, "i32");
    if (by.kind !== "literal" || by.value < 1) refuse(text, update, "a step that is a whole number above 0");
    step = by.value;
  } else if (update?.type !== "UpdateExpression" || update.operator !== "++" || !isCounter(update.argument))
    refuse(text, at, form);
  const { min } = from.range;
  // A loop that never runs, as one task's text may have for some of its values: no index in it could be shown to be inside.
  if (to.range.max <= min) return [];
  // With one beginning, the last round's number is known; else it is below the end.
  const last = min === from.range.max ? min + Math.floor((to.range.max - 1 - min) / step) * step : to.range.max - 1;
  const names = new Map<string, Known>();
  const range = { min, max: last };
  declare(text, counter.id, [...outer, names], { kind: "local", type: "i32", range, constant: true });
  return [{ kind: "for", name, from, to, step, body: inner(text, at.body, [...outer, names]) }];
}

/** Whether nothing that a statement can do changes the expression. */
function stable(expression: Expression, scope: Scope): boolean {
  switch (expression.kind) {
    case "literal":
      return true;
    case "local": {
      const known = look(scope, expression.name);
      return known?.kind === "local" && known.constant;
    }
    case "element":
      return stable(expression.index, scope);
    default:
      return expression.operands.every((operand) => stable(operand, scope));
  }
}

/** Reads an expression. What is wanted of it tells the type of what a function gives where its own text does not. */
function expressionOf(text: Text, at: Syntax | Argument, scope: Scope, wanted?: Type): Expression {
  switch (at.type) {
    case "Literal":
      if (typeof at.value !== "number") break;
      if (!Number.isFinite(Math.fround(at.value))) refuse(text, at, "a number of single precision");
      return literal(at.value);
    case "Identifier": {
      const known = look(scope, at.name);
      if (known?.kind === "local") return local(at.name, known);
      if (known?.kind === "number") return known.expression;
      return refuse(text, at, "a local number or a value (a task knows nothing outside itself)");
    }
    case "MemberExpression": {
      const constant = constantOfMath(at);
      if (constant !== undefined) return literal(constant, "f32");
      const length = lengthOf(at, scope);
      if (length !== undefined) return literal(length, "i32");
      const { index, known } = place(text, at, scope);
      if (known.kind !== "array") refuse(text, at, "an element of the input or of a value (the output is only stored)");
      const array = (at.object as { readonly name: string }).name;
      return { kind: "element", type: known.type, range: known.range, array, index };
    }
    case "UnaryExpression": {
      if (at.operator === "!") return apply("no", "bool", [typed(text, at.argument, scope, "bool")]);
      if (at.operator === "~") return apply("not", "i32", [typed(text, at.argument, scope, "i32")]);
      const operand = number(text, at.argument, expressionOf(text, at.argument, scope));
      if (at.operator !== "-") break;
      return operand.kind === "literal"
        ? literal(-operand.value, operand.type === "f32" ? "f32" : "i32")
        : apply("neg", operand.type, [operand]);
    }
    case "BinaryExpression":
      if (at.left.type === "PrivateIdentifier") break;
      return binary(text, at, at.operator, expressionOf(text, at.left, scope), expressionOf(text, at.right, scope));
    case "LogicalExpression":
      if (at.operator === "??") break;
      return apply(at.operator === "&&" ? "both" : "either", "bool", [
        typed(text, at.left, scope, "bool"),
        typed(text, at.right, scope, "bool"),
      ]);
    case "ConditionalExpression": {
      const condition = typed(text, at.test, scope, "bool");
      const [yes, no] = alike(
        text,
        at,
        expressionOf(text, at.consequent, scope),
        expressionOf(text, at.alternate, scope),
      );
      return apply("choose", yes.type, [condition, yes, no]);
    }
    case "CallExpression":
      return call(text, at, scope, wanted);
    default:
  }
  return refuse(text, at, "numbers, their operators, elements, and calls of functions");
}

function typed(text: Text, at: Syntax | Argument, scope: Scope, type: Type): Expression {
  return as(text, at, expressionOf(text, at, scope, type), type);
}

/** `Math.PI` and the like. */
function constantOfMath({ object, property, computed }: MemberExpression): number | undefined {
  if (object.type !== "Identifier" || object.name !== "Math" || computed || property.type !== "Identifier")
    return undefined;
  const value = (Math as unknown as Readonly<Record<string, unknown>>)[property.name];
  return typeof value === "number" ? value : undefined;
}

/** How many elements a window or a value has: `name.length`. */
function lengthOf({ object, property, computed }: MemberExpression, scope: Scope): number | undefined {
  if (object.type !== "Identifier" || computed || property.type !== "Identifier" || property.name !== "length")
    return undefined;
  const known = look(scope, object.name);
  return known?.kind === "array" ? known.length : undefined;
}

/** An element's array and its index, which is shown to be inside. */
function place(
  text: Text,
  at: MemberExpression,
  scope: Scope,
): { readonly index: Expression; readonly known: ArrayShape & { readonly kind: "array" | "output" } } {
  const known = at.object.type === "Identifier" ? look(scope, at.object.name) : undefined;
  if (!at.computed || at.optional || (known?.kind !== "array" && known?.kind !== "output"))
    return refuse(text, at, "an element of the input, the output or a value: name[i]");
  const index = typed(text, at.property, scope, "i32");
  const { min, max } = index.range;
  if (min < 0 || max >= known.length)
    refuse(text, at, `an index that is surely from 0 to ${known.length - 1} (it may be ${min < 0 ? min : max})`);
  return { index, known };
}

function call(text: Text, at: CallExpression, scope: Scope, wanted?: Type): Expression {
  const { callee } = at;
  if (callee.type === "Identifier") {
    const known = look(scope, callee.name);
    if (known?.kind !== "function") return refuse(text, at, "a function of this task, declared before");
    return callOf(
      text,
      at,
      callee.name,
      known,
      at.arguments.map((argument) => number(text, argument, expressionOf(text, argument, scope))),
      scope,
      wanted,
    );
  }
  if (
    callee.type !== "MemberExpression" ||
    callee.computed ||
    callee.object.type !== "Identifier" ||
    callee.object.name !== "Math"
  )
    return refuse(text, at, "a function of this task or of Math");
  const { name } = callee.property;
  const count = ARGUMENTS.get(name);
  if (count === undefined) return refuse(text, at, `Math's ${[...ARGUMENTS.keys()].join(", ")}`);
  const operands = at.arguments.map((argument) => number(text, argument, expressionOf(text, argument, scope)));
  const [first, second = first] = operands;
  if (first === undefined || second === undefined || operands.length !== count)
    return refuse(text, at, count === 1 ? "one argument" : "two arguments");
  const all = (type: Type): Expression[] =>
    operands.map((operand, index) => as(text, at.arguments[index]!, operand, type));
  switch (name) {
    case "fround":
      if (first.type === "f32") return first;
      return first.kind === "literal" ? literal(first.value, "f32") : apply("toF32", "f32", [first]);
    case "trunc":
      return apply("toI32", "i32", all("f32"));
    case "imul":
      return apply("mul", "i32", all("i32"));
    case "sqrt":
    case "floor":
      return apply(name, "f32", all("f32"));
    default:
  }
  const [{ type }] = alike(text, at, first, second);
  if (name === "abs" && type === "f32") return apply("abs", "f32", [first]);
  const own = library(name, type)!;
  const ready = all(own.type);
  const range = own.range(ready[0]!.range, ready.at(-1)!.range);
  const further = own.more.map((argument) => literal(argument, own.type));
  return { ...callOf(text, at, own.name, libraryFunction(text, own), [...ready, ...further], []), range };
}

/** A function of the library, read once a task. */
function libraryFunction(
  { library: read, functions }: Text,
  { type, name, text: body }: LibraryFunction,
): FunctionKnown {
  const key = `${name} of ${type}`;
  const before = read.get(key);
  if (before !== undefined) return before;
  const text: Text = { label: `Math's ${name}`, source: `(${body})`, functions, library: read };
  const known: FunctionKnown = { kind: "function", text, syntax: parseFunction(text), code: undefined };
  read.set(key, known);
  return known;
}

function callOf(
  text: Text,
  at: Span,
  name: string,
  known: FunctionKnown,
  operands: readonly Expression[],
  scope: Scope,
  wanted?: Type,
): Expression {
  if (known.code === null) return refuse(text, at, "a function that does not call itself");
  known.code ??= functionOf(name, known, operands, scope, wanted);
  const { parameters, result } = known.code;
  if (operands.length !== parameters.length) return refuse(text, at, `${parameters.length} arguments`);
  return {
    ...{ kind: "call", type: result.type, range: result.range, function: known.code.name },
    operands: operands.map((operand, index) => as(text, at, operand, parameters[index]!.type)),
  };
}

/** Reads a function with the types of its first call. It sees its parameters, the task's functions and numbers: no local, no window, no array. */
function functionOf(
  name: string,
  known: FunctionKnown,
  operands: readonly Expression[],
  scope: Scope,
  wanted: Type | undefined,
): FunctionCode {
  const { text, syntax } = known;
  known.code = null;
  const seen = scope.flatMap((names) => [...names].filter(([, { kind }]) => kind === "function" || kind === "number"));
  const own: Scope = [new Map(seen), new Map<string, Known>()];
  if (syntax.params.length !== operands.length) refuse(text, syntax, `a function of ${operands.length} numbers`);
  const parameters = syntax.params.map((parameter, index) => {
    const { type } = operands[index]!;
    if (parameter.type !== "Identifier") return refuse(text, parameter, "a parameter's name");
    declare(text, parameter, own, { kind: "local", type, range: ANY, constant: true });
    return { name: parameter.name, type };
  });
  const statements = syntax.body?.type === "BlockStatement" ? syntax.body.body : [];
  const body = statements.slice(0, -1).flatMap((statement) => statementOf(text, statement, own));
  const last = statements.at(-1);
  const returned =
    syntax.body?.type === "BlockStatement" ? (last?.type === "ReturnStatement" ? last.argument : null) : syntax.body;
  if (returned === null) return refuse(text, syntax, "a function whose last statement returns a number");
  const result = wanted === undefined ? expressionOf(text, returned, own) : typed(text, returned, own, wanted);
  const code: FunctionCode = { name: `${name}${text.functions.length}`, parameters, body, result };
  text.functions.push(code);
  return code;
}
