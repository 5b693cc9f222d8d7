import type { Code, Expression, Statement } from "../code.ts";

/** Loops whose rounds have so many operations in all become data flow; others stay loops. Larger circuits are faster: a choice. */
export const UNROLLED = 64;

/** How many operations statements are when their loops are unrolled; infinite where a loop's rounds are not known. Linear in the code. */
export function weights({ functions }: Code): {
  readonly weight: (one: Statement) => number;
  readonly sum: (list: readonly Statement[]) => number;
  /** Of a call of each function. */
  readonly calls: ReadonlyMap<string, number>;
} {
  const calls = new Map<string, number>();
  const count = (one: Expression): number => {
    switch (one.kind) {
      case "literal":
      case "local":
        return 0;
      case "element":
        return 1 + count(one.index);
      case "call":
        return one.operands.reduce((all, operand) => all + count(operand), calls.get(one.function)!);
      case "apply":
        return one.operands.reduce((all, operand) => all + count(operand), 1);
    }
  };
  const sum = (list: readonly Statement[]): number => list.reduce((all, inner) => all + weight(inner), 0);
  const weight = (one: Statement): number => {
    switch (one.kind) {
      case "let":
      case "set":
        return count(one.value);
      case "store":
        return 1 + count(one.index) + count(one.value);
      case "if":
        return count(one.condition) + sum(one.then) + sum(one.otherwise);
      case "for": {
        const { from, to, step, body } = one;
        if (to.range.max <= from.range.min) return 0;
        if (from.range.min < from.range.max || to.range.min < to.range.max) return Infinity;
        return Math.ceil((to.range.max - from.range.min) / step) * Math.max(1, sum(body));
      }
    }
  };
  for (const { name, body, result } of functions) calls.set(name, sum(body) + count(result));
  return { weight, sum, calls };
}
