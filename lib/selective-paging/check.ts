import { OptionError } from "../core/errors.ts";

/** A finite number ≥ `least`, or an {@link OptionError} that names the option. Constant time. */
export function atLeast(option: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) throw new OptionError(option, `a finite number >= ${least}`, value);
  return value;
}

/** A finite number > 0, or an {@link OptionError} that names the option. Constant time. */
export function positive(option: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw new OptionError(option, "a finite number > 0", value);
  return value;
}

/** A whole number ≥ `least`, or an {@link OptionError} that names the option. Constant time. */
export function whole(option: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) throw new OptionError(option, `a whole number >= ${least}`, value);
  return value;
}
