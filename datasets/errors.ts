/**
 * Options and inputs that cannot be used, each as one sentence. `lib/core/errors` adds the simulators' own two.
 * They are told apart by `name` or by {@link isVeelabError}, not by `instanceof`: two copies of this module
 * (a notebook's and a package's) must agree.
 *
 * @module
 */

const brand: symbol = Symbol.for("veelab.error");

/**
 * What veelab's errors have in common: a brand that survives two copies of this module.
 *
 * @example
 * ```ts
 * import { isVeelabError, VeelabError } from "veelab/datasets";
 *
 * class LinkError extends VeelabError {
 *   override readonly name = "LinkError";
 * }
 * console.log(isVeelabError(new LinkError("the link is down"))); // true
 * ```
 */
export abstract class VeelabError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * An option that is out of its range or of the wrong type: `bandwidthMbps: expected a finite number > 0, got -1`.
 *
 * @example
 * ```ts
 * import { OptionError } from "veelab/datasets";
 *
 * const error = new OptionError("bandwidthMbps", "a finite number > 0", -1);
 * console.log(error.message); // bandwidthMbps: expected a finite number > 0, got -1
 * ```
 */
export class OptionError extends VeelabError {
  /** What tells the class from other errors. */
  override readonly name = "OptionError";
  /** The option's name, with dots into nested objects. */
  readonly option: string;

  constructor(option: string, expected: string, got: unknown) {
    super(`${option}: expected ${expected}, got ${show(got)}`);
    this.option = option;
  }
}

/** Where in a file a {@link TraceFormatError} was found; `offset` in bytes, `row` and `line` from 1. */
export interface TracePlace {
  /** The file's name as it was given. */
  readonly file: string;
  /** In bytes from the file's beginning. */
  readonly offset?: number;
  /** From 1. */
  readonly line?: number;
  /** From 1, without the header. */
  readonly row?: number;
  /** The column or the header's field. */
  readonly field?: string;
}

/**
 * A file that cannot be read as what it claims to be, with the place: `trace.csv, row 7, field "page": expected …`.
 *
 * @example
 * ```ts
 * import { TraceFormatError } from "veelab/datasets";
 *
 * const error = new TraceFormatError({ file: "trace.csv", row: 7, field: "page" }, 'expected a whole number, got "x"');
 * console.log(error.message); // trace.csv, row 7, field "page": expected a whole number, got "x"
 * ```
 */
export class TraceFormatError extends VeelabError {
  /** What tells the class from other errors. */
  override readonly name = "TraceFormatError";
  /** Where it was found. */
  readonly place: TracePlace;

  constructor(place: TracePlace, problem: string, options?: ErrorOptions) {
    const { file, offset, line, row, field } = place;
    const where = [
      file,
      ...(offset === undefined ? [] : [`offset ${offset}`]),
      ...(line === undefined ? [] : [`line ${line}`]),
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(field === undefined ? [] : [`field "${field}"`]),
    ];
    super(`${where.join(", ")}: ${problem}`, options);
    this.place = place;
  }
}

/**
 * Whether a value is an error of veelab's, from whichever copy of the library. Constant time.
 *
 * @example
 * ```ts
 * import { isVeelabError, OptionError } from "veelab/datasets";
 *
 * console.log(isVeelabError(new OptionError("rttMs", "a finite number > 0", 0)), isVeelabError(new Error("other"))); // true false
 * ```
 */
export function isVeelabError(value: unknown): value is Error {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true;
}

/** A value as an error message shows it: strings quoted, long ones cut, errors in their own words. */
export function show(value: unknown): string {
  if (value instanceof Error) return value.message;
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === "object" && value !== null) {
    const text = Array.isArray(value)
      ? `[${value.map(show).join(", ")}]`
      : `an object with ${Object.keys(value).join(", ") || "no keys"}`;
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  }
  return typeof value === "function" ? "a function" : String(value);
}
