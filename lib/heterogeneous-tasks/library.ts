import { ANY, type Range, type Type } from "./code.ts";
import { exponential } from "./exponential.ts";
import { logarithm } from "./logarithm.ts";
import { wave } from "./sine.ts";
import type { ElementType } from "./value.ts";

/** A function of `Math` that is itself written in the language: its text is read as a task's functions are, so no device has to know it. */
export interface LibraryFunction {
  /** What its numbers are. */
  readonly type: ElementType;
  readonly name: string;
  readonly text: string;
  /** Arguments behind those of `Math`. */
  readonly more: readonly number[];
  /** The range of what it gives, where that is better than its text tells. */
  readonly range: (a: Range, b: Range) => Range;
}

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

const everything = (): Range => ANY;
const float = (name: string, f: Unary | Binary, ...more: readonly number[]): LibraryFunction => ({
  ...{ type: "f32", name, text: f.toString(), more, range: everything },
});

const FLOATS: ReadonlyMap<string, LibraryFunction> = new Map([
  ["sin", float("wave", wave, 0)],
  ["cos", float("wave", wave, 1)],
  ["exp", float("exponential", exponential)],
  ["log", float("logarithm", logarithm)],
  // Not a number where one of the two is; of zeros, which are equal, the second.
  ["min", float("least", (a, b) => (a < b ? a : b <= a ? b : a + b))],
  ["max", float("most", (a, b) => (a > b ? a : b >= a ? b : a + b))],
]);

const whole = (name: string, f: Unary | Binary, range: LibraryFunction["range"]): LibraryFunction => ({
  ...{ type: "i32", name, text: f.toString(), more: [], range },
});

const WHOLES: ReadonlyMap<string, LibraryFunction> = new Map([
  // Without a branch, which of random signs is mispredicted half of the time.
  ["abs", whole("size", (a: number) => (a ^ (a >> 31)) - (a >> 31), sizes)],
  [
    "min",
    whole(
      "least",
      (a, b) => (a < b ? a : b),
      (a, b) => ({ min: Math.min(a.min, b.min), max: Math.min(a.max, b.max) }),
    ),
  ],
  [
    "max",
    whole(
      "most",
      (a, b) => (a > b ? a : b),
      (a, b) => ({ min: Math.max(a.min, b.min), max: Math.max(a.max, b.max) }),
    ),
  ],
]);

/** The size of -2^31 wraps around to itself. */
function sizes({ min, max }: Range): Range {
  if (min === ANY.min) return ANY;
  return { min: min > 0 ? min : max < 0 ? -max : 0, max: Math.max(-min, max) };
}

/** The library's function of this name for numbers of this type; for `f32` where there is none for `i32`. */
export function library(name: string, type: Type): LibraryFunction | undefined {
  return (type === "i32" ? WHOLES.get(name) : undefined) ?? FLOATS.get(name);
}
