import fc from "fast-check";
import { random } from "../../core/random.ts";
import { type ElementType, graph, type Graph, sink, source, split, type Stream, task, value } from "../index.ts";

const SIDE_BY_SIDE = { minLength: 5, maxLength: 5 };

/** Tasks side by side, each fired once an iteration, and how many elements an iteration takes. */
export interface AnyTasks {
  readonly whole: Graph;
  readonly texts: readonly string[];
}

/**
 * Five tasks over all of the language: both types, histories, tables, functions, loops whose bounds are data, branches in them, stores at places that are data; every fourth stores in a
 * loop with independent rounds alone.
 */
export const anyTasks: fc.Arbitrary<AnyTasks> = fc
  .tuple(fc.constantFrom("i32", "f32"), fc.constantFrom("i32", "f32"), fc.array(fc.nat(2 ** 30), SIDE_BY_SIDE))
  .map(([input, output, seeds]) => {
    const tasks = seeds.map((seed) => made(seed, input, output));
    const [share, join] = [tasks.map(({ takes }) => takes), tasks.map(({ gives }) => gives)];
    const stream = split(
      tasks.map((one) => one.stream),
      { share, join },
    );
    return { whole: graph(source(input).to(stream).to(sink(output))), texts: tasks.map(({ text }) => text) };
  });

interface AnyTask {
  readonly stream: Stream;
  readonly takes: number;
  readonly gives: number;
  readonly text: string;
}

function made(seed: number, input: ElementType, output: ElementType): AnyTask {
  const { int: pick } = random(`task ${seed}`);
  const one = (list: readonly string[]): string => list[pick(list.length)]!;
  const type = (): ElementType => (pick(2) === 0 ? "i32" : "f32");
  const [takes, history, gives] = [1 + pick(4), pick(3), [1, 2, 8, 24][pick(4)]!];
  const window = takes + history;
  let names = 0;
  /** Names in scope, by type; those that can be set; and the ranges of counters, from 0. */
  interface Scope {
    readonly i32: readonly string[];
    readonly f32: readonly string[];
    readonly mutable: readonly { readonly name: string; readonly type: ElementType }[];
    readonly counters: readonly { readonly name: string; readonly below: number }[];
  }

  const place = (length: number, scope: Scope): string => {
    const counter = scope.counters.at(-1 - pick(2));
    const power = 2 ** Math.floor(Math.log2(length));
    switch (pick(4)) {
      case 0:
        return `${pick(length)}`;
      case 1:
        if (counter !== undefined && counter.below <= length) return counter.name;
        break;
      case 2:
        if (counter !== undefined && 2 * counter.below <= length) return `2 * ${counter.name} + ${pick(2)}`;
        break;
      default:
    }
    return `(${wholes(1, scope)}) & ${power - 1}`;
  };

  const wholes = (depth: number, scope: Scope): string => {
    const inner = (): string => wholes(depth - 1, scope);
    if (depth > 0)
      switch (pick(8)) {
        case 0:
        case 1:
          return `(${inner()} ${one(["+", "-", "*", "&", "|", "^"])} ${inner()})`;
        case 2:
          return `(${inner()} ${one(["<<", ">>", ">>>"])} ${pick(2) === 0 ? pick(32) : inner()})`;
        case 3:
          return `(${truth(depth - 1, scope)} ? ${inner()} : ${inner()})`;
        case 4:
          return pick(2) === 0 ? `Math.trunc(${floats(depth - 1, scope)})` : `${one(["-", "~"])}(${inner()})`;
        case 5:
          return `steps[${place(8, scope)}]`;
        case 6:
          return `${one(["mix", "Math.min", "Math.max"])}(${inner()}, ${inner()})`;
        default:
      }
    if (input === "i32" && pick(2) === 0) return `x[${place(window, scope)}]`;
    return scope.i32.length > 0 && pick(3) > 0 ? one(scope.i32) : `Math.imul(${pick(100)}, ${pick(2 ** 20)})`;
  };

  const floats = (depth: number, scope: Scope): string => {
    const inner = (): string => floats(depth - 1, scope);
    if (depth > 0)
      switch (pick(8)) {
        case 0:
        case 1:
          return `(${inner()} ${one(["+", "-", "*", "/"])} ${inner()})`;
        case 2:
          return `Math.${one(["sqrt", "abs", "floor", "exp", "log", "sin"])}(${inner()})`;
        case 3:
          return `(${truth(depth - 1, scope)} ? ${inner()} : ${inner()})`;
        case 4:
          return `-(${inner()})`;
        case 5:
          return `taps[${place(4, scope)}]`;
        case 6:
          return `Math.fround(${wholes(depth - 1, scope)})`;
        default:
          return `${one(["mean", "Math.min", "Math.max"])}(${inner()}, ${inner()})`;
      }
    if (input === "f32" && pick(2) === 0) return `x[${place(window, scope)}]`;
    return scope.f32.length > 0 && pick(3) > 0 ? one(scope.f32) : `Math.fround(${(pick(2000) - 1000) / 16})`;
  };

  const truth = (depth: number, scope: Scope): string => {
    const sign = one(["<", "<=", ">", ">=", "===", "!=="]);
    if (depth > 0 && pick(4) === 0)
      return `(${truth(depth - 1, scope)} ${one(["&&", "||"])} !${truth(depth - 1, scope)})`;
    return pick(2) === 0
      ? `(${wholes(depth, scope)} ${sign} ${wholes(depth, scope)})`
      : `(${floats(depth, scope)} ${sign} ${floats(depth, scope)})`;
  };

  const numbers = (of: ElementType, depth: number, scope: Scope): string =>
    of === "i32" ? wholes(depth, scope) : floats(depth, scope);
  const store = (scope: Scope): string => `y[${place(gives, scope)}] = ${numbers(output, 2, scope)};`;

  const statements = (depth: number, outer: Scope): string => {
    let scope = outer;
    const lines: string[] = [];
    for (let left = 1 + pick(4); left > 0; left--)
      switch (pick(depth > 0 ? 7 : 4)) {
        case 0:
        case 1: {
          const [of, name] = [type(), `n${names++}`];
          const mutable = pick(2) === 0;
          lines.push(`${mutable ? "let" : "const"} ${name} = ${numbers(of, 2, scope)};`);
          scope = {
            ...scope,
            [of]: [...scope[of], name],
            mutable: mutable ? [...scope.mutable, { name, type: of }] : scope.mutable,
          };
          break;
        }
        case 2: {
          const target = scope.mutable.at(-1 - pick(3));
          if (target !== undefined) lines.push(`${target.name} = ${numbers(target.type, 2, scope)};`);
          break;
        }
        case 3:
          lines.push(store(scope));
          break;
        case 4:
          lines.push(
            `if (${truth(1, scope)}) {\n${statements(depth - 1, scope)}\n} else {\n${statements(depth - 1, scope)}\n}`,
          );
          break;
        default: {
          const name = `n${names++}`;
          const below = [2, 3, 4, 6, 8, 12][pick(6)]!;
          const to = pick(4) === 0 ? `((${wholes(1, { ...scope, i32: [], f32: [], counters: [] })}) & 3)` : `${below}`;
          const within = {
            ...scope,
            i32: [...scope.i32, name],
            counters: [...scope.counters, { name, below: Math.max(4, below) }],
          };
          lines.push(
            `for (let ${name} = 0; ${name} < ${to}; ${one([`${name}++`, `${name} += 2`])}) {\n${statements(depth - 1, within)}\n}`,
          );
        }
      }
    return lines.join("\n");
  };

  const none: Scope = { i32: [], f32: [], mutable: [], counters: [] };
  const rounds = (): string => {
    const by = 1 + pick(2);
    const below = Math.ceil(gives / by);
    const within: Scope = { ...none, i32: ["i", "u"], counters: [{ name: "i", below: Math.max(4, below) }] };
    // What all rounds have, and nobody knows beforehand: places that grow from round to round are shifted by it.
    const before = `const u = ${wholes(2, none)};`;
    const shifted = `(${one(["i", "3 * i + 1", "u - i"])}) ${one(["<<", "<<", ">>", ">>>"])} (u & ${1 + pick(31)})`;
    const body = [`const s = ${shifted};`, `const m = ${wholes(1, within)};`, `let n = ${floats(2, within)};`];
    const known: Scope = { ...within, i32: ["i", "m", "s", "u"], f32: ["n"], mutable: [{ name: "n", type: "f32" }] };
    body.push(`if (${truth(1, known)}) n = ${floats(1, known)};`);
    body.push(`for (let j = 0; j < 3; j++) n += ${floats(1, { ...known, i32: ["i", "j"] })};`);
    const of = output === "i32" ? "s" : "Math.fround(s)";
    for (let part = 0; part < Math.min(by, gives); part++)
      body.push(
        `${pick(3) === 0 ? `if (${truth(1, known)}) ` : ""}y[${by} * i + ${part}] = ${pick(2) === 0 ? of : numbers(output, 2, known)};`,
      );
    return `${before}\nfor (let i = 0; i < ${Math.floor(gives / by)}; i++) {\n${body.join("\n")}\n}`;
  };

  const text = `(x, y, { steps, taps }) => {
const mix = (a, b) => { let c = a ^ (b >>> 3); if (c < 0) c = c + b; return Math.imul(c, 5); };
const mean = (a, b) => (a + b) * 0.5;
${pick(4) === 0 ? rounds() : `${statements(3, none)}\n${store(none)}`}
}`;
  const values = { steps: value("i32", [3, 1, 4, 1, 5, 9, 2, -6]), taps: value("f32", [0.5, -0.25, 3, 1e-3]) };
  const body = Object.assign(() => undefined, { toString: () => text });
  return { stream: task({ label: "any", input, output, takes, history, gives, values }, body), takes, gives, text };
}
