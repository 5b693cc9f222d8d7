import { getSystemErrorMap } from "node:util";

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

/** What a caught value says, on one line, for a sentence that names the cause. */
export function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  // JSON.parse quotes what it met, which in a file that is no notebook may be anything.
  return text.replace(/[\p{Cc}\s]+/gu, " ");
}

/** What the system says of a file that the sentence has named: without Node's name of the call, and the path again. */
export function refusal(cause: unknown): string {
  const errno = cause instanceof Error && "errno" in cause ? cause.errno : undefined;
  const known = typeof errno === "number" ? getSystemErrorMap().get(errno) : undefined;
  return known?.[1] ?? reason(cause);
}

/**
 * Does what writes to `place`.
 *
 * @throws InputError in one sentence where the file system refuses
 */
export async function writing<T>(place: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    throw new InputError(`${place}: cannot be written: ${reason(cause)}`, { cause });
  }
}
