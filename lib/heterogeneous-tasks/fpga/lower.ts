import { ANY, type Expression, type Range, type Statement, type Type } from "../code.ts";
import type { Task } from "../task.ts";
import { UNROLLED, weights } from "./weight.ts";
import { type Memory, type Node, nodes, type Register } from "./nodes.ts";

/** An element of the output that is stored, where `when` is true or missing. */
export interface Store {
  readonly index: Node;
  readonly value: Node;
  readonly when: Node | undefined;
}

/** Data flow without jumps: all is computed, then registers are written and one of two blocks follows. */
export interface Block {
  readonly writes: { readonly register: Register; readonly value: Node }[];
  readonly stores: Store[];
  /** Missing: `yes` follows. */
  condition: Node | undefined;
  yes: number;
  no: number;
}

/** The number of the block that is behind the last. */
export const DONE = -1;

interface Variable {
  readonly type: Type;
  readonly range: Range;
  register: Register | undefined;
}

type Environment = Map<string, { readonly variable: Variable; readonly value: Node }>;

/**
 * A task's code as blocks of data flow: short loops are unrolled, `if` without loops becomes a choice, functions are expanded, and what ranges decide is gone.
 * A loop in a function is always unrolled. `window` is the range of what comes in. Linear in the operations that there are then.
 */
export function lower({ code, input, takes, history, arrays }: Task, window: Range): readonly Block[] {
  const make = nodes();
  const blocks: Block[] = [];
  const memories = new Map<string, Memory>([
    [code.input, { name: "window", kind: "window", type: input, length: history + takes, range: window }],
  ]);
  for (const [name, { type, length, elements }] of arrays) {
    const all = type === "f32" ? [] : [...elements()];
    const [min, max] = [all.reduce((a, b) => Math.min(a, b), 0), all.reduce((a, b) => Math.max(a, b), 0)];
    const range = type === "f32" ? ANY : { min, max };
    memories.set(name, { name, kind: "table", type, length, range });
  }
  const tables = new Map([...arrays].map(([name, array]) => [name, array.elements()]));
  const functions = new Map(code.functions.map((one) => [one.name, one]));
  let registers = 0;

  const open = (): Block => {
    const block: Block = { writes: [], stores: [], condition: undefined, yes: DONE, no: DONE };
    blocks.push(block);
    return block;
  };
  let block = open();

  const expression = (one: Expression, around: Environment): Node => {
    switch (one.kind) {
      case "literal":
        return make.constant(one.type, one.value);
      case "local":
        return around.get(one.name)!.value;
      case "element": {
        const index = expression(one.index, around);
        const table = tables.get(one.array);
        if (table !== undefined && index.kind === "constant") return make.constant(one.type, table[index.value]!);
        return make.element(memories.get(one.array)!, index);
      }
      case "apply":
        return make.apply(
          one.operator,
          one.type,
          one.operands.map((operand) => expression(operand, around)),
        );
      case "call": {
        const { parameters, body, result } = functions.get(one.function)!;
        const own: Environment = new Map();
        const changed = assigned(body);
        for (const [at, { name }] of parameters.entries())
          own.set(name, variable(expression(one.operands[at]!, around), changed.has(name)));
        run(body, own, undefined, true, changed);
        return expression(result, own);
      }
    }
  };

  const variable = (value: Node, changes: boolean): { readonly variable: Variable; readonly value: Node } => ({
    variable: { type: value.type, range: changes ? ANY : value.range, register: undefined },
    value,
  });

  const run = (
    list: readonly Statement[],
    around: Environment,
    when: Node | undefined,
    always: boolean,
    changed: ReadonlySet<string>,
  ): void => {
    for (const one of list)
      switch (one.kind) {
        case "let":
          around.set(one.name, variable(expression(one.value, around), changed.has(one.name)));
          break;
        case "set": {
          const { variable } = around.get(one.name)!;
          around.set(one.name, { variable, value: expression(one.value, around) });
          break;
        }
        case "store":
          block.stores.push({ index: expression(one.index, around), value: expression(one.value, around), when });
          break;
        case "if": {
          const condition = expression(one.condition, around);
          if (condition.kind === "constant")
            run(condition.value === 1 ? one.then : one.otherwise, around, when, always, changed);
          else if (always || ![...one.then, ...one.otherwise].some((inner) => weight(inner) > UNROLLED))
            choose(condition, one.then, one.otherwise, around, when, changed);
          else branch(condition, one.then, one.otherwise, around, changed);
          break;
        }
        case "for":
          repeat(one, around, when, always, changed);
          break;
      }
  };

  const choose = (
    condition: Node,
    then: readonly Statement[],
    otherwise: readonly Statement[],
    around: Environment,
    when: Node | undefined,
    changed: ReadonlySet<string>,
  ): void => {
    const [yes, no] = [new Map(around), new Map(around)];
    const and = (one: Node): Node => (when === undefined ? one : make.apply("both", "bool", [when, one]));
    run(then, yes, and(condition), true, changed);
    run(otherwise, no, and(make.apply("no", "bool", [condition])), true, changed);
    for (const [name, { variable }] of around) {
      const value = make.apply("choose", variable.type, [condition, yes.get(name)!.value, no.get(name)!.value]);
      around.set(name, { variable, value });
    }
  };

  /** Puts into registers what is no constant, and what a region that follows may change. */
  const keep = (around: Environment, changes: ReadonlySet<string>): void => {
    for (const [name, { variable, value }] of around) {
      if (value.kind === "constant" && !changes.has(name)) continue;
      variable.register ??= { name: `r${registers++}`, type: variable.type, range: variable.range };
      const { register } = variable;
      if (value.kind !== "register" || value.register !== register) block.writes.push({ register, value });
      around.set(name, { variable, value: make.register(register, variable.range) });
    }
  };

  const branch = (
    condition: Node,
    then: readonly Statement[],
    otherwise: readonly Statement[],
    around: Environment,
    changed: ReadonlySet<string>,
  ): void => {
    const before = block;
    const changes = new Set([...assigned(then), ...assigned(otherwise)]);
    keep(around, changes);
    before.condition = condition;
    const ends = [then, otherwise].map((list, at) => {
      if (at === 0) before.yes = blocks.length;
      else before.no = blocks.length;
      block = open();
      const own = new Map(around);
      run(list, own, undefined, false, changed);
      keep(own, changes);
      return block;
    });
    for (const end of ends) end.yes = blocks.length;
    block = open();
  };

  const repeat = (
    one: Statement & { readonly kind: "for" },
    around: Environment,
    when: Node | undefined,
    always: boolean,
    changed: ReadonlySet<string>,
  ): void => {
    const from = expression(one.from, around);
    const to = expression(one.to, around);
    const { min } = from.range;
    if (to.range.max <= min) return;
    if (from.kind === "constant" && to.kind === "constant") {
      const rounds = Math.ceil((to.value - min) / one.step);
      if (always || rounds * Math.max(1, sum(one.body)) <= UNROLLED) {
        for (let round = 0, at = min; round < rounds; round++, at += one.step) {
          around.set(one.name, variable(make.constant("i32", at), false));
          run(one.body, around, when, always, changed);
        }
        around.delete(one.name);
        return;
      }
    }
    const last =
      from.kind === "constant" ? min + Math.floor((to.range.max - 1 - min) / one.step) * one.step : to.range.max - 1;
    const changes = assigned(one.body);
    const end = `to ${one.name}`;
    around.set(end, variable(to, false));
    keep(around, changes);
    const counter: Register = { name: `r${registers++}`, type: "i32", range: { min, max: last + one.step } };
    block.writes.push({ register: counter, value: from });
    block.condition = make.apply("lt", "bool", [from, to]);
    const before = block;
    const first = blocks.length;
    block.yes = first;
    block = open();
    const own = new Map(around);
    const range = { min, max: last };
    const value = make.register(counter, range);
    own.set(one.name, { variable: { type: "i32", range, register: counter }, value });
    run(one.body, own, undefined, false, changed);
    keep(own, changes);
    const next = make.next(value, one.step, counter.range);
    block.writes.push({ register: counter, value: next });
    block.condition = make.apply("lt", "bool", [next, own.get(end)!.value]);
    block.yes = first;
    block.no = before.no = blocks.length;
    around.delete(end);
    block = open();
  };

  const { weight, sum } = weights(code);
  run(code.body, new Map(), undefined, false, assigned(code.body));
  return cleaned(blocks);
}

/** The names that statements set. */
function assigned(list: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (one: Statement): void => {
    if (one.kind === "set") names.add(one.name);
    if (one.kind === "if") [...one.then, ...one.otherwise].forEach(look);
    if (one.kind === "for") one.body.forEach(look);
  };
  list.forEach(look);
  return names;
}

/** The range of the elements that blocks store, and of zero, which is what is not stored. */
export function outputRange(blocks: readonly Block[]): Range {
  let [min, max] = [0, 0];
  for (const { stores } of blocks)
    for (const { value } of stores) [min, max] = [Math.min(min, value.range.min), Math.max(max, value.range.max)];
  return { min, max };
}

/** All nodes that a block computes, operands first. */
export function nodesOf({ writes, stores, condition }: Block): readonly Node[] {
  const found = new Set<Node>();
  const look = (node: Node | undefined): void => {
    if (node === undefined || found.has(node)) return;
    found.add(node);
    if (node.kind === "element") look(node.index);
    if (node.kind === "apply") node.operands.forEach(look);
  };
  for (const { value } of writes) look(value);
  for (const { index, value, when } of stores) [index, value, when].forEach(look);
  look(condition);
  return [...found].sort((a, b) => a.id - b.id);
}

/** Without jumps that are decided, blocks that do nothing or are never reached, and registers that are never read. */
function cleaned(blocks: readonly Block[]): readonly Block[] {
  for (const block of blocks)
    if (block.condition?.kind === "constant") {
      if (block.condition.value === 0) block.yes = block.no;
      block.condition = undefined;
    }
  for (let before = -1, after = Infinity; before !== after;) {
    const read = new Set<Register>();
    for (const block of blocks)
      for (const node of nodesOf(block)) if (node.kind === "register") read.add(node.register);
    [before, after] = [after, read.size];
    for (const { writes } of blocks)
      writes.splice(0, writes.length, ...writes.filter(({ register }) => read.has(register)));
  }
  const behind = (at: number): number => {
    const block = blocks[at];
    if (block === undefined || block.condition !== undefined || block.writes.length + block.stores.length > 0)
      return at;
    return behind(block.yes);
  };
  const numbers = new Map([
    [DONE, DONE],
    [0, 0],
  ]);
  const reached: Block[] = [];
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const block = blocks[at]!;
    reached.push(block);
    [block.yes, block.no] = [behind(block.yes), block.condition === undefined ? DONE : behind(block.no)];
    for (const to of [block.no, block.yes])
      if (!numbers.has(to)) {
        numbers.set(to, 0);
        waiting.push(to);
      }
    numbers.set(at, reached.length - 1);
  }
  for (const block of reached) [block.yes, block.no] = [numbers.get(block.yes)!, numbers.get(block.no)!];
  return reached;
}
