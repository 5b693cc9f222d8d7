import { showJson } from "../../protocol/json.ts";
import { tryEraseTypes } from "../erase.ts";

/** A condition as JavaScript. A log message prints instead of stopping: `x is {x}`. */
export function conditionOf(condition: string | undefined, logMessage: string | undefined): string | undefined {
  const erased = condition && withoutTypes(condition);
  if (logMessage === undefined) return erased;
  const parts = logMessage
    .split(/\{([^{}]*)\}/)
    .map((part, index) => (index % 2 === 0 ? JSON.stringify(part.trim()) : `(${part})`));
  // One text, as far as all of it is text: what is an object is printed as one.
  const printed = `console.log(${parts.filter((part) => part !== '""').join(", ")})`;
  return erased === undefined ? `${printed}, false` : `(${erased}) && (${printed}, false)`;
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

/** `5`, `== 5`, `> 5`, `>= 5`, `< 5`, `<= 5`, `% 5`. */
export function countOf(hitCondition: string | undefined): ((hits: number) => boolean) | undefined {
  if (hitCondition === undefined) return undefined;
  const [, operator = "==", digits] = /^\s*(==?=?|[<>]=?|%)?\s*(\d+)\s*$/.exec(hitCondition) ?? [];
  if (digits === undefined)
    throw new TypeError(
      `hitCondition: expected a number, or one after ==, >, >=, <, <= or %, got ${showJson(hitCondition)}`,
    );
  const count = Number(digits);
  if (operator === ">") return (hits) => hits > count;
  if (operator === ">=") return (hits) => hits >= count;
  if (operator === "<") return (hits) => hits < count;
  if (operator === "<=") return (hits) => hits <= count;
  if (operator === "%") return (hits) => hits % count === 0;
  return (hits) => hits === count;
}
