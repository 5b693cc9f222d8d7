import type { Code, Expression, FunctionCode, Operator, Statement, Type } from "./code.ts";

/**
 * The text of a function that takes a task's arrays by name and gives `(n, x, xAt, y, yAt)`, which fires the task n times: its window of x begins
 * at xAt and moves by `takes`, its output at yAt and by `gives`. Names of the task begin with `_`, ours do not. Rounding every operation on binary64 to binary32 is as exact as
 * binary32's own for + − × ÷ √ (Figueroa, "When is double rounding innocuous?", SIGNUM 30(3), 1995).
 */
export function javascriptText(code: Code, takes: number, gives: number): string {
  const names: Names = new Map([
    [code.input, "x[xAt + "],
    [code.output, "y[yAt + "],
  ]);
  return [
    MATH,
    ...code.functions.map(functionText),
    "return (n, x, xAt, y, yAt) => {",
    `for (let k = 0; k < n; k++, xAt += ${takes}, yAt += ${gives}) {`,
    statements(code.body, code.output, names),
    "} };",
  ].join("\n");
}

/** What operators need of Math. */
export const MATH = "const { abs, floor, fround, imul, max, min, sqrt } = Math;";

/** How the arrays that move from firing to firing are written. */
type Names = ReadonlyMap<string, string>;

const NONE: Names = new Map();

function functionText({ name, parameters, body, result }: FunctionCode): string {
  const list = parameters.map((parameter) => `_${parameter.name}`).join(", ");
  return `function $${name}(${list}) {\n${statements(body, "", NONE)}\nreturn ${text(result, NONE)};\n}`;
}

function statements(list: readonly Statement[], output: string, names: Names): string {
  return list.map((one) => statement(one, output, names)).join("\n");
}

function statement(one: Statement, output: string, names: Names): string {
  switch (one.kind) {
    case "let":
      return `let _${one.name} = ${text(one.value, names)};`;
    case "set":
      return `_${one.name} = ${text(one.value, names)};`;
    case "store":
      return `${names.get(output)!}${text(one.index, names)}] = ${text(one.value, names)};`;
    case "if":
      return `if (${text(one.condition, names)}) {\n${statements(one.then, output, names)}\n} else {\n${statements(one.otherwise, output, names)}\n}`;
    case "for": {
      const name = `_${one.name}`;
      const head = `let ${name} = ${text(one.from, names)}; ${name} < ${text(one.to, names)}; ${name} += ${one.step}`;
      return `for (${head}) {\n${statements(one.body, output, names)}\n}`;
    }
  }
}

function text(one: Expression, names: Names): string {
  switch (one.kind) {
    case "literal":
      return one.type === "f32" && Object.is(one.value, -0)
        ? "(-0)"
        : one.value < 0
          ? `(${one.value})`
          : `${one.value}`;
    case "local":
      return `_${one.name}`;
    case "element":
      return `${names.get(one.array) ?? `_${one.array}[`}${text(one.index, names)}]`;
    case "call":
      return `$${one.function}(${one.operands.map((operand) => text(operand, names)).join(", ")})`;
    case "apply":
      return operatorText(
        one.operator,
        one.type,
        one.operands.map((operand) => text(operand, names)),
      );
  }
}

/** What an operator is in JavaScript. */
export function operatorText(operator: Operator, type: Type, [a = "", b = "", c = ""]: readonly string[]): string {
  const form = type === "f32" ? (FLOATS[operator] ?? OTHERS[operator]) : OTHERS[operator];
  return form!(a, b, c);
}

type Forms = Readonly<Partial<Record<Operator, (a: string, b: string, c: string) => string>>>;

const FLOATS: Forms = {
  add: (a, b) => `fround(${a} + ${b})`,
  sub: (a, b) => `fround(${a} - ${b})`,
  mul: (a, b) => `fround(${a} * ${b})`,
  div: (a, b) => `fround(${a} / ${b})`,
  neg: (a) => `(-${a})`,
  sqrt: (a) => `fround(sqrt(${a}))`,
  abs: (a) => `abs(${a})`,
  floor: (a) => `floor(${a})`,
  toF32: (a) => `fround(${a})`,
};

const OTHERS: Forms = {
  add: (a, b) => `(${a} + ${b} | 0)`,
  sub: (a, b) => `(${a} - ${b} | 0)`,
  mul: (a, b) => `imul(${a}, ${b})`,
  neg: (a) => `(-${a} | 0)`,
  and: (a, b) => `(${a} & ${b})`,
  or: (a, b) => `(${a} | ${b})`,
  xor: (a, b) => `(${a} ^ ${b})`,
  not: (a) => `(~${a})`,
  shl: (a, b) => `(${a} << ${b})`,
  shr: (a, b) => `(${a} >> ${b})`,
  shrLogical: (a, b) => `(${a} >>> ${b} | 0)`,
  lt: (a, b) => `(${a} < ${b})`,
  le: (a, b) => `(${a} <= ${b})`,
  gt: (a, b) => `(${a} > ${b})`,
  ge: (a, b) => `(${a} >= ${b})`,
  eq: (a, b) => `(${a} === ${b})`,
  ne: (a, b) => `(${a} !== ${b})`,
  both: (a, b) => `(${a} && ${b})`,
  either: (a, b) => `(${a} || ${b})`,
  no: (a) => `(!${a})`,
  // NaN | 0 is 0.
  toI32: (a) => `(max(-2147483648, min(2147483647, ${a})) | 0)`,
  choose: (a, b, c) => `(${a} ? ${b} : ${c})`,
};
