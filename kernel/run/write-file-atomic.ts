import { randomUUID } from "node:crypto";
import { chmod, lstat, open, realpath, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file so that no reader, and no crash, ever meets half of it: to a temporary file beside it, flushed to disk,
 * then renamed over it. Keeps the permissions of a file that is replaced, and writes through a symbolic link.
 *
 * @throws the file system's error, with the temporary file removed
 */
export async function writeFileAtomic(file: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(await realpath(file).catch(() => file), content);
}

/** As {@link writeFileAtomic}, but a symbolic link at this place is itself replaced, wherever it leads. */
export async function replaceFile(target: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryBeside(target);
  const handle = await open(temporary, "wx", await modeOf(target));
  try {
    await fill(handle, content);
    await putInPlace(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

async function fill(handle: FileHandle, content: string | Uint8Array): Promise<void> {
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Where what will replace a file is written: beside it, hidden, and a name that no leftover of a crash has. Of a long
 * name only the start stands in it, since a file system that takes 255 bytes takes no more.
 */
export function temporaryBeside(target: string): string {
  return join(dirname(target), `.${basename(target).slice(0, 48)}.${randomUUID()}.tmp`);
}

/**
 * The permissions of a file, undefined where there is none. What will replace it is opened with them, so that nobody
 * reads in the temporary file what they may not read in the file; without them the umask decides, as for any new file.
 */
export async function modeOf(file: string): Promise<number | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() === true ? found.mode & 0o777 : undefined;
}

/**
 * Puts a file that is written and flushed in the place of another.
 *
 * @param mode its permissions; those of the file that it replaces where it is not said
 */
export async function putInPlace(temporary: string, target: string, mode?: number): Promise<void> {
  const wanted = mode ?? (await modeOf(target));
  // What it was opened with, the umask has cut.
  if (wanted !== undefined) await chmod(temporary, wanted);
  await rename(temporary, target);
  await syncFolder(dirname(target));
}

/** The rename is on disk once the folder is; systems without folders that can be flushed (Windows) refuse. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file itself is flushed and in place.
  }
}
