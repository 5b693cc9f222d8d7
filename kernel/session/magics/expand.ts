import { parseSync, type Node } from "oxc-parser";
import { tryEraseTypes } from "../erase.ts";
import { boundNames, children, isFunction } from "../scope.ts";

/** A part of a line: its text, or an expression whose value's text stands there. */
export type LinePart = string | { readonly expression: string };

/** What a line of a magic may ask of the notebook. */
export interface Names {
  /** Whether a name is a variable that cells have declared. */
  readonly isVariable: (name: string) => boolean;
  /** Whether it is a global of the runtime. */
  readonly isGlobal: (name: string) => boolean;
}

/** So many braces of a line are looked into: a line that has more is no command that somebody wrote. */
const mostTries = 200;

/**
 * Finds the notebook's variables in a line, as IPython does, but where it takes all of a line or nothing, here each place is decided by itself:
 * the shell has these signs, too, and gets all that does not name a variable of the notebook.
 *
 * - `{expression}`, an expression of TypeScript that names a variable of the notebook, and otherwise only globals, and assigns nothing. `{a,b}`, `{1..3}`, `a{2}` and
 *   `{ echo a; }` are the shell's. `{{expression}}` stands for `{expression}`.
 * - `$name` and `${name}`, outside of single quotes. `$$name` stands for `$name`.
 * - What a backslash stands before is left alone, outside of single quotes.
 *
 * Linear in the line's length, but for its braces.
 */
export function expand(line: string, names: Names): LinePart[] {
  const parts: LinePart[] = [];
  let text = "";
  let quote = "";
  let tries = 0;
  const value = (expression: string): void => {
    parts.push(text, { expression });
    text = "";
  };
  /** The expression in the braces that open at a place. */
  const braced = (open: number): string | undefined => {
    for (let close = line.indexOf("}", open); close !== -1; close = line.indexOf("}", close + 1)) {
      tries += 1;
      if (tries > mostTries) return undefined;
      const inside = line.slice(open + 1, close);
      if (isExpression(inside, names)) return inside;
    }
    return undefined;
  };
  for (let at = 0; at < line.length;) {
    const rest = line.slice(at, at + 2);
    const [sign = ""] = rest;
    let taken = sign;
    if (sign === "\\" && quote !== "'") taken = rest;
    else if ((sign === "'" || sign === '"') && (quote === "" || quote === sign)) quote = quote === "" ? sign : "";
    else if (sign === "$" && quote !== "'") {
      const [whole = rest, own, name, bare = name ?? ""] = dollar(line, at) ?? [];
      if (whole !== rest && names.isVariable(bare)) {
        at += whole.length;
        if (own === "") value(bare);
        else text += whole.slice(1);
        continue;
      }
      if (rest === "$$" || rest === "${") taken = rest;
    } else if (sign === "{") {
      const doubled = rest === "{{";
      const inside = braced(doubled ? at + 1 : at);
      const end = at + (inside?.length ?? 0) + (doubled ? 4 : 2);
      if (inside !== undefined && (!doubled || line[end - 1] === "}")) {
        at = end;
        if (doubled) text += `{${inside}}`;
        else value(inside);
        continue;
      }
    }
    text += taken;
    at += taken.length;
  }
  return text === "" && parts.length > 0 ? parts : [...parts, text];
}

/** `$name`, `${name}`, `$$name` or `$${name}` at a place. */
function dollar(line: string, at: number): RegExpExecArray | null {
  const pattern = /\$(\$?)(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/y;
  pattern.lastIndex = at;
  return pattern.exec(line);
}

/** Whether a text is one expression that names a variable of the notebook, and nothing that is unknown. */
function isExpression(text: string, { isVariable, isGlobal }: Names): boolean {
  if (text.trim() === "") return false;
  // As it is put into the cell: a comment would take the parenthesis with it.
  const erased = tryEraseTypes(`(${text})`);
  if (erased === undefined) return false;
  const { program, errors } = parseSync("line.js", erased.code, { lang: "js", sourceType: "module" });
  const [statement] = program.body;
  if (errors.length > 0 || program.body.length !== 1 || statement?.type !== "ExpressionStatement") return false;
  const whole = statement.expression;
  const expression = whole.type === "ParenthesizedExpression" ? whole.expression : whole;
  if (expression.type === "SequenceExpression" || assigns(expression)) return false;
  const used = [...freeNames(expression, new Set())];
  return used.some(isVariable) && used.every((name) => isVariable(name) || isGlobal(name));
}

/** Whether an expression sets or deletes something, as a program of awk's in braces does. */
function assigns(node: Node): boolean {
  const isDelete = node.type === "UnaryExpression" && node.operator === "delete";
  return (
    isDelete || node.type === "AssignmentExpression" || node.type === "UpdateExpression" || children(node).some(assigns)
  );
}

/** The names that an expression takes from around it. */
function freeNames(node: Node, own: ReadonlySet<string>): string[] {
  if (node.type === "Identifier") return own.has(node.name) ? [] : [node.name];
  if (node.type === "MemberExpression" && !node.computed) return freeNames(node.object, own);
  if (node.type === "Property" && !node.computed) return freeNames(node.value, own);
  const inner = isFunction(node)
    ? new Set([...own, ...node.params.flatMap((parameter) => boundNames(parameter))])
    : own;
  return children(node).flatMap((child) => freeNames(child, inner));
}
