import type { BinaryOperator, Span } from "oxc-parser";
import { ANY, type Expression, type Operator, type Range, type Type } from "./code.ts";
import { rangeOf } from "./ranges.ts";
import { refuse, type Text } from "./text.ts";
import type { ElementType } from "./value.ts";

/** A number that is written; a whole one of 32 bits is an `i32` where no type is given. */
export function literal(value: number, type?: ElementType): Expression {
  const whole = Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  if (type === "i32" || (type === undefined && whole)) {
    return { kind: "literal", type: "i32", range: { min: value, max: value }, value };
  }
  return { kind: "literal", type: "f32", range: ANY, value: Math.fround(value) };
}

/** A local, as it was declared. */
export function local(name: string, { type, range }: { readonly type: Type; readonly range: Range }): Expression {
  return { kind: "local", type, range, name };
}

/** An operator with operands of the types that it wants, and the range of what it gives. */
export function apply(operator: Operator, type: Type, operands: readonly Expression[]): Expression {
  const range =
    type === "i32"
      ? rangeOf(
          operator,
          operands.map((operand) => operand.range),
        )
      : ANY;
  return { kind: "apply", type, range, operator, operands };
}

/** The expression in a type: a whole number that is written, a value, or a choice of these, is an `f32` where one is expected. */
export function as(text: Text, at: Span, expression: Expression, type: Type): Expression {
  if (expression.type === type) return expression;
  if (type === "f32" && isEither(expression)) {
    if (expression.kind === "literal") return literal(expression.value, "f32");
    if (expression.kind === "apply") {
      const [condition, yes, no] = expression.operands;
      return apply("choose", "f32", [condition!, as(text, at, yes!, type), as(text, at, no!, type)]);
    }
  }
  const convert = type === "bool" || expression.type === "bool" ? "" : " (Math.fround makes an f32, Math.trunc an i32)";
  return refuse(text, at, `${nameOf(type)} and not ${nameOf(expression.type)}${convert}`);
}

/** Whether nothing tells yet if it is an `i32` or an `f32`. */
function isEither(expression: Expression): boolean {
  if (expression.type !== "i32") return false;
  if (expression.kind === "literal") return true;
  return (
    expression.kind === "apply" && expression.operator === "choose" && expression.operands.slice(1).every(isEither)
  );
}

function nameOf(type: Type): string {
  return type === "bool" ? "a truth value" : `a number of type ${type}`;
}

/** The expression, which is to be a number. */
export function number(text: Text, at: Span, expression: Expression): Expression {
  return expression.type === "bool" ? refuse(text, at, "a number") : expression;
}

/** Two expressions in the type of one of them. */
export function alike(text: Text, at: Span, left: Expression, right: Expression): readonly [Expression, Expression] {
  const type = isEither(left) ? right.type : left.type;
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

/** What a sign between two numbers means for their types. */
export function binary(text: Text, at: Span, sign: BinaryOperator, first: Expression, second: Expression): Expression {
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
