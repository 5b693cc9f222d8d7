import type { Expression, FunctionCode, Operator, Statement, Type } from "./code.ts";
import { hoisted } from "./hoist.ts";
import { independent, roundsOf } from "./independent.ts";
import { storesAll } from "./stores-all.ts";
import type { Task } from "./task.ts";
import { type Loop, namesIn } from "./trees.ts";
import { wgslArithmetic } from "./wgsl-arithmetic.ts";

/** Invocations of a workgroup. */
export const WORKGROUP = 64;

/** What every program is told of its run: where it begins, in elements, how many invocations have work, and a zero that no compiler knows. */
const PLACE = `struct Place { x: u32, y: u32, count: u32, zero: u32, xStep: u32, yStep: u32, length: u32, unused: u32 };
@group(0) @binding(0) var<uniform> place: Place;`;

/** Copies runs of elements, whose beginnings are xStep and yStep apart. */
export function wgslCopy(): string {
  return `${PLACE}
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
${each("let run = k / place.length; let at = k % place.length;\ny[place.y + run * place.yStep + at] = x[place.x + run * place.xStep + at];")}`;
}

function each(body: string): string {
  return `@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
for (var k = id.x; k < place.count; k += groups.x * ${WORKGROUP}u) {
${body}
}
}`;
}

/** A task's program, and how many invocations a firing of it has. */
export interface WgslTask {
  readonly text: string;
  readonly invocations: number;
}

/** Where a task's arrays lie among its values, in words. */
export function valuesAt({ arrays }: Task): ReadonlyMap<string, number> {
  let words = 0;
  return new Map(
    [...arrays].map(([name, { length }]) => {
      const at = words;
      words += length;
      return [name, at];
    }),
  );
}

/**
 * A task's program: an invocation for each firing, or for each round of a loop that does all of it and whose rounds are independent. Sums, products and constants go through an
 * exclusive or with a zero that compilers do not know: they would make a − (b − a) and a·b + c something that is rounded once, or not at all (so does SwiftShader's). Quotients and roots are made of whole numbers.
 */
export function wgslTask(task: Task): WgslTask {
  const code = hoisted(task.code);
  const { input, output, takes, gives, arrays } = task;
  const at = valuesAt(task);
  const mutable = new Set(namesIn(code.body).set);
  const windows: Windows = (array, index) => {
    if (array === code.input) return `x[xAt + ${unsigned(index)}]`;
    const word = `values[${at.get(array)!}u + ${unsigned(index)}]`;
    return `bitcast<${arrays.get(array)!.type}>(${word})`;
  };
  const loop = wholeLoop(code.body, gives);
  const rounds = loop === undefined ? 1 : roundsOf(loop);
  const place = (firing: string): string =>
    `let xAt = place.x + ${firing} * ${takes}u;\nlet yAt = place.y + ${firing} * ${gives}u;`;
  const writer = writerOf(mutable, windows);
  let body: string;
  if (loop === undefined) {
    const clear = storesAll(code.body, gives)
      ? ""
      : `for (var c = 0u; c < ${gives}u; c++) { y[yAt + c] = ${output}(0); }\n`;
    body = `${place("k")}\n${clear}${writer.statements(code.body)}`;
  } else {
    const counter = `let ${writer.name(loop.name)} = ${writer.text(loop.from)} + i32(k % ${rounds}u) * ${loop.step};`;
    const before = writer.statements(code.body.slice(0, -1));
    body = `${place(`(k / ${rounds}u)`)}\n${before}\n${counter}\n${writer.statements(loop.body)}`;
  }
  const text = [
    ...(arrays.size > 0 ? [`@group(0) @binding(3) var<storage, read> values: array<u32>;`] : []),
    PLACE,
    `@group(0) @binding(1) var<storage, read> x: array<${input}>;`,
    `@group(0) @binding(2) var<storage, read_write> y: array<${output}>;`,
    wgslArithmetic,
    ...code.functions.map(functionText),
    each(body),
  ].join("\n");
  return { text, invocations: rounds };
}

/** The last statement, where it is a loop that alone stores, all elements, and with independent rounds of a known number. */
function wholeLoop(body: readonly Statement[], gives: number): Loop | undefined {
  const last = body.at(-1);
  const known = ({ from, to }: Loop): boolean => from.range.min === from.range.max && to.range.min === to.range.max;
  if (last?.kind !== "for" || !known(last) || !independent(last) || !storesAll([last], gives)) return undefined;
  return body.slice(0, -1).every((one) => one.kind === "let") ? last : undefined;
}

type Windows = (array: string, index: string) => string;

function unsigned(index: string): string {
  return `u32(${index})`;
}

function functionText({ name, parameters, body, result }: FunctionCode): string {
  const { set } = namesIn(body);
  const writer = writerOf(new Set(set), () => "");
  const list = parameters.map((one) => `${writer.name(one.name)}: ${one.type}`).join(", ");
  const statements = writer.statements(body);
  return `fn f_${plain(name)}(${list}) -> ${result.type} {\n${statements}\nreturn ${writer.text(result)};\n}`;
}

/** A name without what WGSL has not in its names. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/gu, (sign) => `_${sign.codePointAt(0)!}_`);
}

interface Writer {
  readonly name: (name: string) => string;
  readonly statements: (list: readonly Statement[]) => string;
  readonly text: (one: Expression) => string;
}

function writerOf(mutable: ReadonlySet<string>, windows: Windows): Writer {
  const name = (one: string): string => `v_${plain(one)}`;
  const statements = (list: readonly Statement[]): string => list.map(statement).join("\n");

  const statement = (one: Statement): string => {
    switch (one.kind) {
      case "let":
        return `${mutable.has(one.name) ? "var" : "let"} ${name(one.name)}: ${one.value.type} = ${text(one.value)};`;
      case "set":
        return `${name(one.name)} = ${text(one.value)};`;
      case "store":
        return `y[yAt + ${unsigned(text(one.index))}] = ${text(one.value)};`;
      case "if":
        return `if (${text(one.condition)}) {\n${statements(one.then)}\n} else {\n${statements(one.otherwise)}\n}`;
      case "for": {
        const [counter, end] = [name(one.name), `e_${plain(one.name)}`];
        const head = `var ${counter}: i32 = ${text(one.from)};\nlet ${end}: i32 = ${text(one.to)};`;
        // The counter goes on where it does not reach the end: it cannot wrap around.
        const next = `if (bitcast<u32>(${end} - ${counter}) <= ${one.step}u) { break; }\n${counter} += ${one.step};`;
        return `{\n${head}\nif (${counter} < ${end}) { loop {\n${statements(one.body)}\n${next}\n} }\n}`;
      }
    }
  };

  const text = (one: Expression): string => {
    switch (one.kind) {
      case "literal":
        return literal(one.value, one.type);
      case "local":
        return name(one.name);
      case "element":
        return windows(one.array, text(one.index));
      case "call":
        return `f_${plain(one.function)}(${one.operands.map(text).join(", ")})`;
      case "apply": {
        const operands = one.operands.map(text);
        const [first] = one.operands;
        // Constant expressions that overflow would be refused.
        if (first!.type === "i32" && one.operands.every(({ kind }) => kind === "literal"))
          operands[0] = `bitcast<i32>(bitcast<u32>(${operands[0]!}) ^ place.zero)`;
        return FORMS[one.operator](operands as [string, string, string], first!.type);
      }
    }
  };
  return { name, statements, text };
}

function literal(value: number, type: Type): string {
  if (type === "f32") return `bitcast<f32>(${new Uint32Array(Float32Array.of(value).buffer)[0]!}u ^ place.zero)`;
  return value === -(2 ** 31) ? "i32(-2147483647 - 1)" : `i32(${value})`;
}

type Form = (operands: readonly [string, string, string], type: Type) => string;

const infix =
  (sign: string): Form =>
  ([a, b]) =>
    `(${a} ${sign} ${b})`;
/** Sums and products of `f32`. */
const rounded =
  (sign: string): Form =>
  ([a, b], type) =>
    type === "f32" ? `bitcast<f32>(bitcast<u32>(${a} ${sign} ${b}) ^ place.zero)` : `(${a} ${sign} ${b})`;
const shift =
  (sign: string): Form =>
  ([a, b]) =>
    `(${a} ${sign} (bitcast<u32>(${b}) & 31u))`;
const signBit =
  (sign: string, bits: string): Form =>
  ([a]) =>
    `bitcast<f32>(bitcast<u32>(${a}) ${sign} ${bits}u)`;

const FORMS: Readonly<Record<Operator, Form>> = {
  add: rounded("+"),
  sub: rounded("-"),
  mul: rounded("*"),
  div: ([a, b]) => `quotient(${a}, ${b})`,
  neg: (operands, type) => (type === "f32" ? signBit("^", "0x80000000")(operands, type) : `(-(${operands[0]}))`),
  sqrt: ([a]) => `root(${a})`,
  abs: signBit("&", "0x7fffffff"),
  floor: ([a]) => `floor(${a})`,
  toF32: ([a]) => `f32(${a})`,
  toI32: ([a]) => `whole(${a})`,
  and: infix("&"),
  or: infix("|"),
  xor: infix("^"),
  not: ([a]) => `(~(${a}))`,
  shl: shift("<<"),
  shr: shift(">>"),
  shrLogical: ([a, b]) => `bitcast<i32>(bitcast<u32>(${a}) >> (bitcast<u32>(${b}) & 31u))`,
  lt: infix("<"),
  le: infix("<="),
  gt: infix(">"),
  ge: infix(">="),
  eq: infix("=="),
  ne: infix("!="),
  both: infix("&&"),
  either: infix("||"),
  no: ([a]) => `(!(${a}))`,
  choose: ([condition, yes, no]) => `select(${no}, ${yes}, ${condition})`,
};
