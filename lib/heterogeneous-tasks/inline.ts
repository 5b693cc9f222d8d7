import type { Code, Expression, Statement } from "./code.ts";
import { namesIn, withExpressions, withParts } from "./trees.ts";

/**
 * A task's statements with its functions written where they are called, before the statement with the call: functions are pure and end, so it does not matter that a
 * call in an arm that is not chosen is computed too. Undefined where that would be more than `most` statements.
 */
export function inlined({ functions, body }: Code, most: number): readonly Statement[] | undefined {
  const known = new Map(functions.map((one) => [one.name, one]));
  let made = 0;
  let count = 0;

  const list = (statements: readonly Statement[]): Statement[] =>
    statements.flatMap((one) => {
      const before: Statement[] = [];
      if (count++ > most) return before;
      const change = (part: Expression): Expression => {
        if (part.kind !== "call") return withParts(part, change);
        if (count++ > most) return part;
        const { parameters, body: within, result } = known.get(part.function)!;
        const prefix = `${made++}.`;
        const operands = part.operands.map(change);
        const own = new Set([...namesIn(within).declared, ...parameters.map(({ name }) => name)]);
        const renamed = (inside: Expression): Expression =>
          inside.kind === "local" && own.has(inside.name)
            ? { ...inside, name: prefix + inside.name }
            : withParts(inside, renamed);
        const rename = (inside: readonly Statement[]): Statement[] =>
          inside.map((statement) => {
            const changed = withExpressions(statement, renamed, rename);
            return "name" in changed ? { ...changed, name: prefix + changed.name } : changed;
          });
        for (const [at, { name }] of parameters.entries())
          before.push({ kind: "let", name: prefix + name, value: operands[at]! });
        before.push(...list(rename(within)));
        // A call may be known better than what its function gives.
        return { ...change(renamed(result)), range: part.range };
      };
      const changed = withExpressions(one, change, list);
      before.push(changed);
      return before;
    });
  const result = list(body);
  return count > most ? undefined : result;
}
