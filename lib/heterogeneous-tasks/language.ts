import {
  type Argument,
  type ArrowFunctionExpression,
  type AssignmentExpression,
  type BinaryOperator,
  type CallExpression,
  type Expression as Syntax,
  type ForStatement,
  type Function as FunctionSyntax,
  type MemberExpression,
  parseSync,
  type Span,
  type Statement as StatementSyntax,
  type VariableDeclaration,
} from "oxc-parser";
import { OptionError } from "../core/errors.ts";
import {
  ANY,
  type Code,
  type Expression,
  type FunctionCode,
  type Operator,
  type Range,
  type Statement,
  type Type,
} from "./code.ts";
import { library, type LibraryFunction } from "./library.ts";
import { rangeOf } from "./ranges.ts";
import type { ElementType } from "./value.ts";

/** An array that a task sees: its window of the input or of the output, or a value. */
export interface ArrayShape {
  readonly type: ElementType;
  readonly length: number;
  readonly range: Range;
}

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

type AnyFunction = ArrowFunctionExpression | FunctionSyntax;

type Known =
  | { readonly kind: "local"; readonly type: Type; readonly range: Range; readonly constant: boolean }
  | { readonly kind: "number"; readonly expression: Expression }
  | ({ readonly kind: "array" } & ArrayShape)
  | ({ readonly kind: "output" } & ArrayShape)
  | FunctionKnown;

interface FunctionKnown {
  readonly kind: "function";
  readonly text: Text;
  readonly syntax: AnyFunction;
  /** Undefined before its first call, null while that is looked at. */
  code: FunctionCode | null | undefined;
}

/** Where names are looked up: innermost last. */
type Scope = readonly Map<string, Known>[];

/** The source that is read, and the functions that were found in it. */
interface Text {
  readonly label: string;
  readonly source: string;
  readonly functions: FunctionCode[];
  /** Those of the library that are among them. */
  readonly library: Map<string, FunctionKnown>;
}

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

function parseFunction(text: Text): AnyFunction {
  const { program, errors } = parseSync("task.js", text.source, {
    lang: "js",
    sourceType: "module",
    preserveParens: false,
  });
  const [first] = program.body;
  const syntax = first?.type === "ExpressionStatement" ? first.expression : undefined;
  if (errors.length > 0 || (syntax?.type !== "ArrowFunctionExpression" && syntax?.type !== "FunctionExpression"))
    throw new OptionError(text.label, "the text of an arrow function or a function", text.source.slice(1, -1));
  if (syntax.async || syntax.generator) refuse(text, syntax, "a plain function");
  return syntax;
}

function refuse(text: Text, at: Span, expected: string): never {
  const line = text.source.slice(0, at.start).split("\n").length;
  throw new OptionError(`${text.label}, line ${line}`, expected, text.source.slice(at.start, at.end));
}

function look(scope: Scope, name: string): Known | undefined {
  return scope.findLast((names) => names.has(name))?.get(name);
}

function declare(text: Text, at: Span & { readonly name: string }, scope: Scope, known: Known): void {
  if (look(scope, at.name) !== undefined) refuse(text, at, "a name that is not taken");
  scope.at(-1)!.set(at.name, known);
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
    if (at.operator === "=") return as(text, at.right, expressionOf(text, at.right, scope), target.type);
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
  return { kind: "store", index, value: as(text, at.right, expressionOf(text, at.right, scope), known.type) };
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

function expressionOf(text: Text, at: Syntax | Argument, scope: Scope): Expression {
  switch (at.type) {
    case "Literal":
      if (typeof at.value === "number") return literal(at.value);
      break;
    case "Identifier": {
      const known = look(scope, at.name);
      if (known?.kind === "local") return local(at.name, known);
      if (known?.kind === "number") return known.expression;
      return refuse(text, at, "a local number or a value (a task knows nothing outside itself)");
    }
    case "MemberExpression": {
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
      return call(text, at, scope);
    default:
  }
  return refuse(text, at, "numbers, their operators, elements, and calls of functions");
}

function literal(value: number, type?: ElementType): Expression {
  const whole = Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  if (type === "i32" || (type === undefined && whole)) {
    return { kind: "literal", type: "i32", range: { min: value, max: value }, value };
  }
  return { kind: "literal", type: "f32", range: ANY, value: Math.fround(value) };
}

function local(name: string, { type, range }: { readonly type: Type; readonly range: Range }): Expression {
  return { kind: "local", type, range, name };
}

function apply(operator: Operator, type: Type, operands: readonly Expression[]): Expression {
  const range =
    type === "i32"
      ? rangeOf(
          operator,
          operands.map((operand) => operand.range),
        )
      : ANY;
  return { kind: "apply", type, range, operator, operands };
}

/** The expression in a type: a whole number that is written, or a value, is an `f32` where one is expected. */
function as(text: Text, at: Span, expression: Expression, type: Type): Expression {
  if (expression.type === type) return expression;
  if (expression.kind === "literal" && expression.type === "i32" && type === "f32")
    return literal(expression.value, "f32");
  return refuse(text, at, `${nameOf(type)} and not ${nameOf(expression.type)}`);
}

function nameOf(type: Type): string {
  return type === "bool" ? "a truth value" : `a number of type ${type}`;
}

function typed(text: Text, at: Syntax | Argument, scope: Scope, type: Type): Expression {
  return as(text, at, expressionOf(text, at, scope), type);
}

function number(text: Text, at: Span, expression: Expression): Expression {
  return expression.type === "bool" ? refuse(text, at, "a number") : expression;
}

function alike(text: Text, at: Span, left: Expression, right: Expression): readonly [Expression, Expression] {
  const type = left.kind === "literal" && left.type === "i32" ? right.type : left.type;
  return [as(text, at, left, type), as(text, at, right, type)];
}

const ARITHMETIC: Readonly<Partial<Record<BinaryOperator, Operator>>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
};
const BITS: Readonly<Partial<Record<BinaryOperator, Operator>>> = {
  ...{ "&": "and", "|": "or", "^": "xor" },
  ...{ "<<": "shl", ">>": "shr", ">>>": "shrLogical" },
};
const COMPARISONS: Readonly<Partial<Record<BinaryOperator, Operator>>> = {
  ...{ "<": "lt", "<=": "le", ">": "gt", ">=": "ge" },
  ...{ "===": "eq", "!==": "ne" },
};

function binary(text: Text, at: Span, sign: BinaryOperator, first: Expression, second: Expression): Expression {
  const [left, right] = alike(text, at, number(text, at, first), number(text, at, second));
  const compared = COMPARISONS[sign];
  if (compared !== undefined) return apply(compared, "bool", [left, right]);
  const bits = BITS[sign];
  if (bits !== undefined) return apply(bits, "i32", [as(text, at, left, "i32"), as(text, at, right, "i32")]);
  const operator = ARITHMETIC[sign];
  if (operator === undefined || (operator === "div" && left.type === "i32"))
    return refuse(text, at, "an operator that every device has (no ==, no **, no %, no division of i32)");
  return apply(operator, left.type, [left, right]);
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

function call(text: Text, at: CallExpression, scope: Scope): Expression {
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
): Expression {
  if (known.code === null) return refuse(text, at, "a function that does not call itself");
  known.code ??= functionOf(name, known, operands, scope);
  const { parameters, result } = known.code;
  if (operands.length !== parameters.length) return refuse(text, at, `${parameters.length} arguments`);
  return {
    ...{ kind: "call", type: result.type, range: result.range, function: known.code.name },
    operands: operands.map((operand, index) => as(text, at, operand, parameters[index]!.type)),
  };
}

/** Reads a function with the types of its first call. It sees its parameters and the task's functions: no local, no window, no value. */
function functionOf(name: string, known: FunctionKnown, operands: readonly Expression[], scope: Scope): FunctionCode {
  const { text, syntax } = known;
  known.code = null;
  const functions = new Map(scope.flatMap((names) => [...names].filter(([, one]) => one.kind === "function")));
  const own: Scope = [functions, new Map<string, Known>()];
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
  const result = expressionOf(text, returned, own);
  const code: FunctionCode = { name: `${name}${text.functions.length}`, parameters, body, result };
  text.functions.push(code);
  return code;
}
