/**
 * Something that cannot be used as it is: a file that is no notebook, an option that makes no sense. One sentence for
 * a person; the command ends with exit status 2.
 *
 * @example
 * ```ts
 * import { InputError } from "veelab/kernel";
 *
 * const error = new InputError("a.ipynb: expected a notebook with cells, got none");
 * console.log(error.message);
 * ```
 */
export class InputError extends Error {
  /** The class, as errors name it. */
  override readonly name = "InputError";
}

/** What a caught value says, for a sentence that names the cause. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
