import { OptionError } from "../core/errors.ts";
import { finite, integer, oneOf } from "../core/options.ts";

/**
 * What flows between tasks: IEEE 754 single precision, or 32-bit whole numbers that wrap around.
 *
 * @example
 * ```ts
 * import type { ElementType } from "veelab/heterogeneous-tasks";
 * const type: ElementType = "f32";
 * console.log(type);
 * ```
 */
export type ElementType = "f32" | "i32";

/**
 * Elements in memory: a `Float32Array` for `f32`, an `Int32Array` for `i32`.
 *
 * @example
 * ```ts
 * import type { Elements } from "veelab/heterogeneous-tasks";
 * const samples: Elements = Float32Array.of(0.5, 1);
 * console.log(samples.length); // 2
 * ```
 */
export type Elements = Float32Array | Int32Array;

/**
 * A number or an array of numbers that can never change. Made by {@link value}.
 *
 * @example
 * ```ts
 * import { value, type Value } from "veelab/heterogeneous-tasks";
 * const taps: Value = value("f32", [0.25, 0.5, 0.25]);
 * console.log(taps.length); // 3
 * ```
 */
export interface Value<Shape extends "number" | "array" = "number" | "array"> {
  /** Whether it is one number or an array. */
  readonly shape: Shape;
  /** What the elements are. */
  readonly type: ElementType;
  /** How many elements there are. */
  readonly length: number;
  /** A copy of the elements. */
  readonly elements: () => Elements;
}

const made = new WeakSet<Value>();

/**
 * A value: a copy of a number or of numbers, which nobody can change. `f32` rounds to single precision; `i32` takes whole numbers within ±2^31.
 * Linear.
 *
 * @throws OptionError for a number that is not finite, or does not fit the type
 *
 * @example
 * ```ts
 * import { value } from "veelab/heterogeneous-tasks";
 * const own = Float32Array.of(1, 2);
 * const kept = value("f32", own);
 * own[0] = 9;
 * console.log(kept.elements()[0], value("i32", 7).shape); // 1 number
 * ```
 */
export function value(type: ElementType, data: number): Value<"number">;
export function value(type: ElementType, data: Iterable<number>): Value<"array">;
export function value(type: ElementType, data: number | Iterable<number>): Value {
  checkType("type", type);
  const given: unknown = data;
  if (typeof given !== "number" && (typeof given !== "object" || given === null || !(Symbol.iterator in given)))
    throw new OptionError("data", "a number or a list of numbers", given);
  const [shape, list] = typeof data === "number" ? (["number", [data]] as const) : (["array", [...data]] as const);
  const elements = toElements(type, list);
  const result: Value = Object.freeze({ shape, type, length: elements.length, elements: () => elements.slice() });
  made.add(result);
  return result;
}

/** A value that `value` made, or an OptionError: anything else could change. */
export function checkValue(name: string, candidate: Value): Value {
  if (!made.has(candidate)) throw new OptionError(name, "a value made by value()", candidate);
  return candidate;
}

/** One of the element types, or an OptionError. */
export function checkType(name: string, type: ElementType): ElementType {
  return oneOf(name, type, ["f32", "i32"]);
}

/** Zeros in memory. */
export function zeros(type: ElementType, length: number): Elements {
  return type === "f32" ? new Float32Array(length) : new Int32Array(length);
}

/** The same memory as whole words. */
export function bits(elements: Elements): Int32Array {
  return new Int32Array(elements.buffer, elements.byteOffset, elements.length);
}

function toElements(type: ElementType, data: readonly number[]): Elements {
  const elements = zeros(type, data.length);
  for (const [at, number] of data.entries())
    elements[at] =
      type === "f32"
        ? single(`data[${at}]`, finite(`data[${at}]`, number))
        : integer(`data[${at}]`, number, { min: -(2 ** 31), max: 2 ** 31 - 1 });
  return elements;
}

/** A number that stays finite in single precision if it is, or an OptionError: rounding would make an infinity of it unseen. */
export function single(name: string, number: number): number {
  if (Number.isFinite(number) && !Number.isFinite(Math.fround(number)))
    throw new OptionError(name, "a number of single precision, within ±3.4028234663852886e+38", number);
  return number;
}
