import { plainText } from "../display/render.ts";

/** A finite number, or a TypeError that says what came. */
export function checkNumber(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError(`${name}: expected a finite number, got ${plainText(value)}`);
}

/** A range of finite numbers, or an error that says what came. */
export function checkBounds(min: unknown, max: unknown): readonly [number, number] {
  const bounds = [checkNumber("min", min), checkNumber("max", max)] as const;
  if (bounds[0] <= bounds[1]) return bounds;
  throw new RangeError(`max: expected a number >= min (${bounds[0]}), got ${bounds[1]}`);
}

/** A number between bounds, or an error that says what came. */
export function checkWithin(name: string, value: unknown, [min, max]: readonly [number, number]): number {
  const number = checkNumber(name, value);
  if (number >= min && number <= max) return number;
  throw new RangeError(`${name}: expected a number from ${min} to ${max}, got ${number}`);
}
