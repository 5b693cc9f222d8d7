import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Makes a folder's new content beside it and puts it in place when it is complete, so that at no time a reader meets
 * half of it: only between two renames the folder is missing. When `fill` throws, what was there stays.
 *
 * @param fill Writes the content into the folder that it is given
 */
export async function replaceFolder<T>(folder: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, `.${basename(folder)}-`));
  const fresh = join(temporary, "new");
  const old = join(temporary, "old");
  try {
    await mkdir(fresh);
    const result = await fill(fresh);
    const had = await rename(folder, old).then(
      () => true,
      () => false,
    );
    try {
      await rename(fresh, folder);
    } catch (cause) {
      if (had) await rename(old, folder);
      throw cause;
    }
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
