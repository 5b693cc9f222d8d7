import type { Code, Expression, Statement } from "./code.ts";
import { type Loop, namesIn, partsOf, withExpressions, withParts } from "./trees.ts";

/**
 * The same code with elements and calls that do not change in a loop computed before it. They cannot fail, so it does not matter whether the loop runs at all; and
 * no compiler behind us would do it, as it cannot know that the output is nowhere in the input. Linear in nodes × depth of loops.
 */
export function hoisted(code: Code): Code {
  let made = 0;
  const list = (statements: readonly Statement[]): Statement[] =>
    statements.flatMap((one) => {
      if (one.kind !== "for") return [withExpressions(one, (part) => part, list)];
      const before: Statement[] = [];
      const { declared, set } = namesIn(one.body);
      const changes = (name: string): boolean => name === one.name || declared.has(name) || set.has(name);
      const change = (part: Expression): Expression => {
        if (!reads(part)) return part;
        if (uses(part, changes)) return withParts(part, change);
        // No name of a task's text begins with a digit.
        const name = `${made++}`;
        before.push({ kind: "let", name, value: part });
        return { kind: "local", type: part.type, range: part.range, name };
      };
      const within = (body: readonly Statement[]): Statement[] =>
        body.map((inside) => withExpressions(inside, change, within));
      const loop: Loop = { ...one, body: within(one.body) };
      return [...before, { ...loop, body: list(loop.body) }];
    });
  return { ...code, body: list(code.body) };
}

function reads(one: Expression): boolean {
  return one.kind === "element" || one.kind === "call" || partsOf(one).some(reads);
}

function uses(one: Expression, changes: (name: string) => boolean): boolean {
  return one.kind === "local" ? changes(one.name) : partsOf(one).some((part) => uses(part, changes));
}
