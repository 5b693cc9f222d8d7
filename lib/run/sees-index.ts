import type { Node, ParamPattern, Program } from "oxc-parser";
import { children } from "./free-names.ts";

/**
 * Whether a run function can see its point's place in the sweep, or give it on: unless it has no second parameter, or takes that apart
 * without `index`.
 *
 * @param program - the function as one expression, without nodes for parentheses
 */
export function seesIndex({ body: [statement] }: Program): boolean {
  const node = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (node?.type === "ArrowFunctionExpression") return anySees(node.params);
  // A function has `arguments` besides.
  return node?.type !== "FunctionExpression" || hasArguments(node) || anySees(node.params);
}

function anySees([first, second]: readonly ParamPattern[]): boolean {
  if (first?.type === "RestElement") return true;
  if (second === undefined) return false;
  const pattern = second.type === "AssignmentPattern" ? second.left : second;
  if (pattern.type !== "ObjectPattern") return true;
  return pattern.properties.some(
    (property) =>
      property.type === "RestElement" ||
      property.computed ||
      property.key.type !== "Identifier" ||
      property.key.name === "index",
  );
}

function hasArguments(node: Node): boolean {
  if (node.type === "Identifier") return node.name === "arguments" || node.name === "eval";
  return children(node).some(hasArguments);
}
