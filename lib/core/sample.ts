import { OptionError } from "./errors.ts";

/**
 * A sample as simple-statistics reads it: checked to be finite numbers, as many as are needed. A typed array passes as
 * it is (simple-statistics reads elements and length only); nothing is copied.
 */
export function finiteSample(name: string, values: ArrayLike<number>, atLeast: number): readonly number[] {
  if (values.length < atLeast) {
    throw new OptionError(name, `at least ${atLeast} ${atLeast === 1 ? "number" : "numbers"}`, values.length);
  }
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isFinite(values[i])) throw new OptionError(`${name}[${i}]`, "a finite number", values[i]);
  }
  return values as readonly number[];
}
