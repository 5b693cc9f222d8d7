import { open, rm } from "node:fs/promises";

import { putInPlace, temporaryBeside } from "../../run/write-file-atomic.ts";
import { chunksOf, type OpenFile } from "./open-file.ts";
import type { Place } from "./root.ts";

/** Puts a copy of an open file in a place, whole or not at all. */
export async function copyFileTo(source: OpenFile, place: Place): Promise<void> {
  const temporary = await copyBeside(source, place);
  try {
    await putInPlace(temporary, place.file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Copies an open file to a temporary one beside a place, flushed, and gives its name. */
export async function copyBeside({ handle }: OpenFile, { file }: Place): Promise<string> {
  const temporary = temporaryBeside(file);
  const copy = await open(temporary, "wx");
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
