import { open, realpath, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file so that no reader, and no crash, ever meets half of it: to a temporary file beside it, flushed to disk,
 * then renamed over it. Keeps the permissions of a file that is replaced, and writes through a symbolic link.
 *
 * @throws the file system's error, with the temporary file removed
 */
export async function writeFileAtomic(file: string, content: string | Uint8Array): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => undefined,
  );
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${unique()}.tmp`);
  try {
    await filled(await open(temporary, "wx"), content, mode);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncFolder(dirname(target));
}

async function filled(handle: FileHandle, content: string | Uint8Array, mode: number | undefined): Promise<void> {
  try {
    await handle.writeFile(content);
    if (mode !== undefined) await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
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

let count = 0;
const unique = (): number => (count += 1);
