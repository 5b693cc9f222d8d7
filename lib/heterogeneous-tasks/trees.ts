import type { Expression, Statement } from "./code.ts";

/** A `for` of a task. */
export type Loop = Extract<Statement, { kind: "for" }>;

/** Visits every statement, and those within. */
function eachStatement(list: readonly Statement[], visit: (one: Statement) => void): void {
  for (const one of list) {
    visit(one);
    if (one.kind === "for") eachStatement(one.body, visit);
    if (one.kind !== "if") continue;
    eachStatement(one.then, visit);
    eachStatement(one.otherwise, visit);
  }
}

/** The expressions that an expression is made of. */
export function partsOf(one: Expression): readonly Expression[] {
  return one.kind === "element" ? [one.index] : "operands" in one ? one.operands : [];
}

/** The same expression of other parts. */
export function withParts(one: Expression, change: (part: Expression) => Expression): Expression {
  if (one.kind === "element") return { ...one, index: change(one.index) };
  return "operands" in one ? { ...one, operands: one.operands.map(change) } : one;
}

/** The same statement with its own expressions changed, and the statements in it, if that is asked for. */
export function withExpressions(
  one: Statement,
  change: (part: Expression) => Expression,
  within: (list: readonly Statement[]) => readonly Statement[] = (list) => list,
): Statement {
  switch (one.kind) {
    case "let":
    case "set":
      return { ...one, value: change(one.value) };
    case "store":
      return { ...one, index: change(one.index), value: change(one.value) };
    case "if":
      return { ...one, condition: change(one.condition), then: within(one.then), otherwise: within(one.otherwise) };
    case "for":
      return { ...one, from: change(one.from), to: change(one.to), body: within(one.body) };
  }
}

/** The names that statements declare, and those that they set. */
export function namesIn(list: readonly Statement[]): { readonly declared: Set<string>; readonly set: Set<string> } {
  const declared = new Set<string>();
  const set = new Set<string>();
  eachStatement(list, (one) => {
    if (one.kind === "let" || one.kind === "for") declared.add(one.name);
    if (one.kind === "set") set.add(one.name);
  });
  return { declared, set };
}
