import { OptionError } from "../core/errors.ts";
import type { ProgramImage } from "./image.ts";

/** The functions that lock and unlock when it is not said: pthread's, also behind a wrapper that the linker put before them. */
export const functionNames = {
  locks: ["pthread_mutex_lock", "__wrap_pthread_mutex_lock"],
  unlocks: ["pthread_mutex_unlock", "__wrap_pthread_mutex_unlock"],
} as const;

/** Where functions of these names begin; OptionError where the program has none of them, as a stripped one has. */
export function startsOf(image: ProgramImage, option: string, names: readonly string[]): ReadonlySet<number> {
  const starts = image.functions.filter(({ name }) => names.includes(name)).map(({ start }) => start);
  if (starts.length === 0)
    throw new OptionError(
      option,
      `names of functions that are linked into ${image.file}, which critical sections are found by`,
      image.functions.length === 0 ? "a stripped program, which has no names" : names,
    );
  return new Set(starts);
}
