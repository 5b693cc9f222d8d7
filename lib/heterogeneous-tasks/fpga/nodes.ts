import { ANY, type Operator, type Range, type Type } from "../code.ts";
import { rangeOf } from "../ranges.ts";
import type { ElementType } from "../value.ts";

/** Keeps a variable from block to block. */
export interface Register {
  readonly name: string;
  readonly type: Type;
  readonly range: Range;
}

/** What a task reads by index: its window of the input, or a value. */
export interface Memory {
  readonly name: string;
  readonly kind: "window" | "table";
  readonly type: ElementType;
  readonly length: number;
  readonly range: Range;
}

/** A value of the data flow. Equal ones are one object, and operands have smaller numbers. */
export type Node = { readonly id: number; readonly type: Type; readonly range: Range } & (
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "register"; readonly register: Register }
  | { readonly kind: "element"; readonly memory: Memory; readonly index: Node }
  | { readonly kind: "apply"; readonly operator: Operator | "next"; readonly operands: readonly Node[] }
);

/** What a node is, without its number. */
type Shape = Node extends infer One ? (One extends Node ? Omit<One, "id"> : never) : never;

/** Makes nodes; what ranges decide becomes a constant. */
export interface Nodes {
  readonly constant: (type: Type, value: number) => Node;
  readonly register: (register: Register, range?: Range) => Node;
  readonly element: (memory: Memory, index: Node) => Node;
  readonly apply: (operator: Operator, type: Type, operands: readonly Node[]) => Node;
  /** A loop's counter after a round: it may leave 32 bits. */
  readonly next: (counter: Node, step: number, range: Range) => Node;
}

/** A place to make nodes in. */
export function nodes(): Nodes {
  const known = new Map<string, Node>();
  const make = (key: string, shape: Shape): Node => {
    const found = known.get(key) ?? { ...shape, id: known.size };
    known.set(key, found);
    return found;
  };

  const constant = (type: Type, given: number): Node => {
    // A range may begin with -0, which is no whole number.
    const value = type === "f32" ? given : given + 0;
    const range = type === "f32" ? ANY : { min: value, max: value };
    return make(`${type} ${Object.is(value, -0) ? "-0" : value}`, { kind: "constant", type, range, value });
  };
  const register = (register: Register, range = register.range): Node =>
    make(`${register.name} ${range.min} ${range.max}`, { kind: "register", type: register.type, range, register });
  const element = (memory: Memory, index: Node): Node => {
    const { type, range } = memory;
    return make(`${memory.kind} ${memory.name} ${index.id}`, { kind: "element", type, range, memory, index });
  };
  const applied = (operator: Operator | "next", type: Type, range: Range, operands: readonly Node[]): Node => {
    const key = `${operator} ${type} ${range.max} ${operands.map(({ id }) => id).join(" ")}`;
    return make(key, { kind: "apply", type, range, operator, operands });
  };

  const apply = (operator: Operator, type: Type, operands: readonly Node[]): Node => {
    const [a, b, c] = operands;
    if (operator === "choose") {
      if (a?.kind === "constant") return a.value === 1 ? b! : c!;
      if (b === c) return b!;
    }
    if (operator === "toF32" && a?.type === "f32") return a;
    if (operator === "toF32" && a?.kind === "constant") return constant("f32", Math.fround(a.value));
    if (type === "bool") {
      const truth = decided(operator, operands);
      if (truth !== undefined) return typeof truth === "boolean" ? constant("bool", truth ? 1 : 0) : truth;
      return applied(operator, type, ANY, operands);
    }
    if (type === "f32") return applied(operator, type, ANY, operands);
    const range = rangeOf(
      operator,
      operands.map((operand) => operand.range),
    );
    return range.min === range.max ? constant("i32", range.min) : applied(operator, type, range, operands);
  };
  const next = (counter: Node, step: number, range: Range): Node =>
    applied("next", "i32", range, [counter, constant("i32", step)]);

  return { constant, register, element, apply, next };
}

/** What is known of a truth value, or the operand that it equals. */
function decided(operator: Operator, [a, b]: readonly Node[]): boolean | Node | undefined {
  const [first, second] = [a!, b ?? a!];
  switch (operator) {
    case "no":
      return first.kind === "constant" ? first.value === 0 : undefined;
    case "both":
      if (first.kind === "constant") return first.value === 1 && second;
      return second.kind === "constant" ? second.value === 1 && first : undefined;
    case "either":
      if (first.kind === "constant") return first.value === 1 || second;
      return second.kind === "constant" ? second.value === 1 || first : undefined;
    default:
  }
  if (first.type !== "i32") return undefined;
  const below = ({ range: x }: Node, { range: y }: Node): boolean | undefined =>
    x.max < y.min ? true : x.min >= y.max ? false : undefined;
  const not = (truth: boolean | undefined): boolean | undefined => (truth === undefined ? undefined : !truth);
  const apart = below(first, second) === true || below(second, first) === true;
  const same = first.kind === "constant" && first === second;
  switch (operator) {
    case "lt":
      return below(first, second);
    case "gt":
      return below(second, first);
    case "ge":
      return not(below(first, second));
    case "le":
      return not(below(second, first));
    case "eq":
      return apart ? false : same ? true : undefined;
    case "ne":
      return apart ? true : same ? false : undefined;
    default:
      return undefined;
  }
}
