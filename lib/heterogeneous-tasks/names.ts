import type { Span } from "oxc-parser";
import type { Expression, Range, Type } from "./code.ts";
import { type FunctionKnown, refuse, type Text } from "./text.ts";
import type { ElementType } from "./value.ts";

/** An array that a task sees: its window of the input or of the output, or a value. */
export interface ArrayShape {
  readonly type: ElementType;
  readonly length: number;
  readonly range: Range;
}

/** What a name stands for. */
export type Known =
  | { readonly kind: "local"; readonly type: Type; readonly range: Range; readonly constant: boolean }
  | { readonly kind: "number"; readonly expression: Expression }
  | ({ readonly kind: "array" } & ArrayShape)
  | ({ readonly kind: "output" } & ArrayShape)
  | FunctionKnown;

/** Where names are looked up: innermost last. */
export type Scope = readonly Map<string, Known>[];

/** What a name stands for, innermost first. */
export function look(scope: Scope, name: string): Known | undefined {
  return scope.findLast((names) => names.has(name))?.get(name);
}

/** Adds a name to the innermost scope. */
export function declare(text: Text, at: Span & { readonly name: string }, scope: Scope, known: Known): void {
  if (look(scope, at.name) !== undefined) refuse(text, at, "a name that is not taken");
  scope.at(-1)!.set(at.name, known);
}
