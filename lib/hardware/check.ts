import { OptionError } from "../../datasets/errors.ts";

/** A whole number within bounds, or an {@link OptionError} that names the option. Constant time. */
export function whole(option: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
    throw new OptionError(option, `a whole number from ${least} to ${most}`, value);
  return value;
}

/** A finite number of at least `least`, or an {@link OptionError} that names the option. Constant time. */
export function atLeast(option: string, value: unknown, least: number): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < least)
    throw new OptionError(option, `a finite number >= ${least}`, value);
  return value;
}
