import type { Expression, Statement } from "./code.ts";
import { roundsOf } from "./independent.ts";
import { partsOf } from "./trees.ts";

/** About how many operations statements take: each expression's parts, loops as often as they can run. Linear. */
export function workOf(list: readonly Statement[]): number {
  return list.reduce((sum, one) => sum + workOfOne(one), 0);
}

function workOfOne(one: Statement): number {
  switch (one.kind) {
    case "let":
    case "set":
      return operations(one.value);
    case "store":
      return 1 + operations(one.index) + operations(one.value);
    case "if":
      return operations(one.condition) + workOf(one.then) + workOf(one.otherwise);
    case "for":
      return roundsOf(one) * (1 + workOf(one.body));
  }
}

function operations(one: Expression): number {
  return partsOf(one).reduce(
    (sum, part) => sum + operations(part),
    one.kind === "literal" || one.kind === "local" ? 0 : 1,
  );
}
