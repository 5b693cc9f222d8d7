import { showJson } from "../../protocol/json.ts";
import { tryEraseTypes } from "../erase.ts";
import { doorExpression } from "./door.ts";

/** When a breakpoint is to stop the program. */
interface Wanted {
  readonly condition: string | undefined;
  readonly hitCondition: string | undefined;
  readonly logMessage: string | undefined;
}

/** A breakpoint's condition as JavaScript. A log message prints instead of stopping: `x is {x}`. */
export function conditionOf(id: number, { condition, hitCondition, logMessage }: Wanted): string | undefined {
  const erased = condition === undefined ? [] : [`(${withoutTypes(condition)})`];
  // Counted by the program itself: it need not stop for that.
  const counted = hitCondition === undefined ? [] : [`${doorExpression}.hit(${id}) ${countOf(hitCondition)}`];
  const conditions = [...erased, ...counted];
  if (logMessage === undefined) return conditions.length === 0 ? undefined : conditions.join(" && ");
  const parts = logMessage
    .split(/\{([^{}]*)\}/)
    .map((part, index) => (index % 2 === 0 ? JSON.stringify(part.trim()) : `(${part})`));
  // One text, as far as all of it is text: what is an object is printed as one.
  const printed = `(console.log(${parts.filter((part) => part !== '""').join(", ")}), false)`;
  return [...conditions, printed].join(" && ");
}

/**
 * An expression of TypeScript as one of JavaScript, and statements as a block: what they declare is gone after them. What is neither
 * is V8's to refuse.
 */
export function withoutTypes(expression: string): string {
  const erased = tryEraseTypes(`(${expression}\n)`)?.code.replace(/[;\s]+$/, "");
  if (erased !== undefined) return erased;
  const statements = tryEraseTypes(expression)?.code;
  return statements === undefined ? expression : `{ ${statements} }`;
}

/** What follows the number of hits where the program is to stop: for `5`, `== 5`, `> 5`, `>= 5`, `< 5`, `<= 5`, `% 5`. */
function countOf(hitCondition: string): string {
  const [, operator = "==", digits] = /^\s*(==?=?|[<>]=?|%)?\s*(\d+)\s*$/.exec(hitCondition) ?? [];
  if (digits === undefined)
    throw new TypeError(
      `hitCondition: expected a number, or one after ==, >, >=, <, <= or %, got ${showJson(hitCondition)}`,
    );
  const count = Number(digits);
  if (operator === "%") return `% ${count} === 0`;
  return `${operator.startsWith("=") ? "===" : operator} ${count}`;
}
