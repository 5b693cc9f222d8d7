import type { ElementType } from "./value.ts";

/** The type of an expression; truth values stay within a task. */
export type Type = ElementType | "bool";

/** The smallest and the largest number that a whole expression can be: proves indices, and is the width of a wire. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** All 32-bit whole numbers. */
export const ANY: Range = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/**
 * What a back-end has to be able to do with operands of one type. `f32` knows neither bits nor remainders, `i32` no division. `toI32` drops the fraction, gives the nearest
 * whole number of 32 bits for one beyond them, and 0 for NaN.
 */
export type Operator =
  | ("add" | "sub" | "mul" | "div" | "neg" | "sqrt" | "abs" | "floor" | "toF32" | "toI32")
  | ("and" | "or" | "xor" | "not" | "shl" | "shr" | "shrLogical")
  | ("lt" | "le" | "gt" | "ge" | "eq" | "ne" | "both" | "either" | "no" | "choose");

/** A checked expression. `range` is that of an `i32`. */
export type Expression = { readonly type: Type; readonly range: Range } & (
  | { readonly kind: "literal"; readonly value: number }
  | { readonly kind: "local"; readonly name: string }
  | { readonly kind: "element"; readonly array: string; readonly index: Expression }
  | { readonly kind: "apply"; readonly operator: Operator; readonly operands: readonly Expression[] }
  | { readonly kind: "call"; readonly function: string; readonly operands: readonly Expression[] }
);

/** A checked statement. A loop's bounds do not change while it runs, and its step is positive: every loop ends. */
export type Statement =
  | { readonly kind: "let"; readonly name: string; readonly value: Expression }
  | { readonly kind: "set"; readonly name: string; readonly value: Expression }
  | { readonly kind: "store"; readonly index: Expression; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly from: Expression;
      /** The loop runs below it. */
      readonly to: Expression;
      readonly step: number;
      readonly body: readonly Statement[];
    };

/** A pure function of numbers, called by a task's body or by functions behind it in the list. */
export interface FunctionCode {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: Type }[];
  readonly body: readonly Statement[];
  readonly result: Expression;
}

/**
 * What a task does in one firing, checked: code that ends, cannot fail, and reads and writes nothing but its own locals, its window of the input
 * (`input`), its window of the output (`output`) and its values. Devices generate their programs from it.
 */
export interface Code {
  /** The names of the parameters. */
  readonly input: string;
  readonly output: string;
  /** Functions, each before those that call it. */
  readonly functions: readonly FunctionCode[];
  readonly body: readonly Statement[];
}
