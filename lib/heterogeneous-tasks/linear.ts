import type { Expression } from "./code.ts";

/** A whole expression as constant + Σ factor · name. */
export interface Linear {
  readonly constant: number;
  readonly factors: ReadonlyMap<string, number>;
}

/** The linear form of an expression in the names that `of` does not replace; undefined for what has none, or where a factor is too large to trust sums of it. */
export function linear(one: Expression, of: (name: string) => Linear | undefined): Linear | undefined {
  if (one.type !== "i32") return undefined;
  if (one.range.min === one.range.max) return { constant: one.range.min, factors: new Map() };
  if (one.kind === "local") return of(one.name);
  if (one.kind !== "apply") return undefined;
  const [a, b] = one.operands.map((operand) => linear(operand, of));
  if (a === undefined) return undefined;
  switch (one.operator) {
    case "neg":
      return sum(a, a, -2);
    case "add":
      return b && sum(a, b, 1);
    case "sub":
      return b && sum(a, b, -1);
    case "mul":
      return (
        b && (a.factors.size === 0 ? times(b, a.constant) : b.factors.size === 0 ? times(a, b.constant) : undefined)
      );
    case "shl":
      return b?.factors.size === 0 ? times(a, 2 ** (b.constant & 31)) : undefined;
    default:
      return undefined;
  }
}

function times(a: Linear, by: number): Linear | undefined {
  return sum(a, a, by - 1);
}

function sum(a: Linear, b: Linear, by: number): Linear | undefined {
  const factors = new Map(a.factors);
  for (const [name, factor] of b.factors) factors.set(name, (factors.get(name) ?? 0) + by * factor);
  for (const [name, factor] of factors) if (factor === 0) factors.delete(name);
  const constant = a.constant + by * b.constant;
  return [constant, ...factors.values()].every((number) => Math.abs(number) < 2 ** 30)
    ? { constant, factors }
    : undefined;
}
