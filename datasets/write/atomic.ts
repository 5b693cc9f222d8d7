import { randomBytes } from "node:crypto";
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Writes a file so that nobody sees it half written: into a temporary file beside it, which is flushed to the disk and
 * then renamed; the permissions of a file that is replaced stay. When `write` throws, the temporary file is removed and an older file of that name is untouched. `write` is given the
 * open file, and its name for a library that opens it itself. Where `path` is a symbolic link, what it leads to is written. A process that is
 * killed leaves the temporary file, `PATH.….tmp`.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { writeAtomically } from "veelab/datasets";
 *
 * await writeAtomically(join(tmpdir(), "veelab-note.txt"), (handle) => handle.writeFile("whole or not at all"));
 * ```
 */
export async function writeAtomically(
  path: string,
  write: (handle: FileHandle, temporary: string) => Promise<void>,
): Promise<void> {
  const target = await targetOf(path);
  const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      const replaced = await stat(target).catch(() => undefined);
      if (replaced !== undefined) await handle.chmod(replaced.mode & 0o777);
      await write(handle, temporary);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    // What went wrong is of the file that was asked for.
    if (error instanceof Error && error.message.includes(temporary))
      error.message = error.message.replace(`'${temporary}' -> '${target}'`, `'${path}'`).replaceAll(temporary, path);
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Where a name leads: the end of symbolic links, also where there is no file yet; absolute, as DuckDB takes ~ for the home folder. */
const targetOf = (path: string): Promise<string> =>
  realpath(path)
    .catch(async () => resolve(dirname(path), await readlink(path)))
    .catch(() => resolve(path));

/** The rename itself must reach the disk; a file system that cannot sync folders (Windows) does it in its own time. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
