import { OptionError } from "./errors.ts";

/**
 * A finite number, or an {@link OptionError}. Constant time.
 *
 * @example
 * ```ts
 * import { finite } from "veelab";
 *
 * console.log(finite("offsetS", -2.5)); // -2.5
 * ```
 */
export function finite(name: string, value: unknown): number {
  return numberWhere(name, value, Number.isFinite, "a finite number");
}

/**
 * A finite number above zero, or an {@link OptionError}: `bandwidthMbps: expected a finite number > 0, got -1`.
 *
 * @example
 * ```ts
 * import { positive } from "veelab";
 *
 * console.log(positive("bandwidthMbps", 1000)); // 1000
 * ```
 */
export function positive(name: string, value: unknown): number {
  return numberWhere(name, value, (n) => Number.isFinite(n) && n > 0, "a finite number > 0");
}

/**
 * A finite number, zero or above, or an {@link OptionError}.
 *
 * @example
 * ```ts
 * import { nonNegative } from "veelab";
 *
 * console.log(nonNegative("switchCostS", 0)); // 0
 * ```
 */
export function nonNegative(name: string, value: unknown): number {
  return numberWhere(name, value, (n) => Number.isFinite(n) && n >= 0, "a finite number >= 0");
}

/**
 * A number from 0 to 1, both included (a probability, a share), or an {@link OptionError}.
 *
 * @example
 * ```ts
 * import { fraction } from "veelab";
 *
 * console.log(fraction("dirtyShare", 0.25)); // 0.25
 * ```
 */
export function fraction(name: string, value: unknown): number {
  return numberWhere(name, value, (n) => n >= 0 && n <= 1, "a number from 0 to 1");
}

/** The bounds of a whole number, both included; a bound that is left out does not bind. */
export interface IntegerBounds {
  /** The smallest number that is accepted. */
  readonly min?: number;
  /** The largest number that is accepted. */
  readonly max?: number;
}

/**
 * A whole number within bounds and within ±(2^53 − 1), or an {@link OptionError}:
 * `ways: expected a whole number from 1 to 64, got 2.5`.
 *
 * @example
 * ```ts
 * import { integer } from "veelab";
 *
 * console.log(integer("ways", 4, { min: 1, max: 64 })); // 4
 * ```
 */
export function integer(name: string, value: unknown, bounds: IntegerBounds = {}): number {
  const { min, max } = bounds;
  const range =
    min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? ` >= ${min}`
        : max !== undefined
          ? ` <= ${max}`
          : "";
  const within = (n: number): boolean => Number.isSafeInteger(n) && n >= (min ?? n) && n <= (max ?? n);
  return numberWhere(name, value, within, `a whole number${range}`);
}

/**
 * A power of two (1, 2, 4, …, 2^52), as sets and page sizes must be, or an {@link OptionError}.
 *
 * @example
 * ```ts
 * import { powerOfTwo } from "veelab";
 *
 * console.log(powerOfTwo("sets", 128)); // 128
 * ```
 */
export function powerOfTwo(name: string, value: unknown): number {
  const isPower = (n: number): boolean => Number.isSafeInteger(n) && n > 0 && 2 ** Math.round(Math.log2(n)) === n;
  return numberWhere(name, value, isPower, "a power of two");
}

/**
 * One of a few values, or an {@link OptionError}: `replacement: expected one of lru, fifo, got "mru"`.
 *
 * @example
 * ```ts
 * import { oneOf } from "veelab";
 *
 * console.log(oneOf("replacement", "lru", ["lru", "fifo"])); // lru
 * ```
 */
export function oneOf<const T extends string | number | boolean>(
  name: string,
  value: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new OptionError(name, `one of ${choices.join(", ")}`, value);
  return found;
}

/**
 * Refuses a misspelt option: every own name of `options` must be among `names`.
 * `options: expected only bandwidthMbps, rttMs, got "bandwithMbps"`. Linear in the number of options.
 *
 * @param options - the caller's object; `undefined` stands for no options
 * @param names - every name that the simulator reads
 * @param where - what the sentence calls the object, for nested ones (`tlb.l1`)
 *
 * @example
 * ```ts
 * import { onlyOptions } from "veelab";
 *
 * onlyOptions({ rttMs: 20 }, ["bandwidthMbps", "rttMs"]);
 * ```
 */
export function onlyOptions(options: unknown, names: readonly string[], where = "options"): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError(where, `an object with ${names.join(", ")}`, options);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new OptionError(where, `only ${names.join(", ")}`, name);
  }
}

function numberWhere(name: string, value: unknown, accepts: (n: number) => boolean, expected: string): number {
  if (typeof value !== "number" || !accepts(value)) throw new OptionError(name, expected, value);
  return value;
}
