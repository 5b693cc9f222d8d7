import { open, rm } from "node:fs/promises";

import { putInPlace, temporaryBeside } from "../../run/write-file-atomic.ts";
import { chunksOf, type OpenFile } from "./open-file.ts";
import type { Place } from "./root.ts";

/**
 * Puts a copy of an open file in a place, whole or not at all.
 *
 * @param mode the copy's permissions; those of the source where it is not said, lest a private file's copy be public
 */
export async function copyFileTo(source: OpenFile, place: Place, mode: number = permissionsOf(source)): Promise<void> {
  const temporary = await copyBeside(source, place, mode);
  try {
    await putInPlace(temporary, place.file, mode);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Copies an open file to a temporary one beside a place, flushed, and gives its name. */
export async function copyBeside({ handle }: OpenFile, { file }: Place, mode: number): Promise<string> {
  const temporary = temporaryBeside(file);
  const copy = await open(temporary, "wx", mode);
  try {
    for await (const chunk of chunksOf(handle)) await copy.writeFile(chunk);
    await copy.sync();
    await copy.close();
    return temporary;
  } catch (cause) {
    await copy.close();
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Who may read, write and run a file. */
export function permissionsOf({ stats }: OpenFile): number {
  return Number(stats.mode) & 0o777;
}
