import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

/** A file of an archive: its bytes, or where they are. */
export interface ZipEntry {
  /** With forward slashes. */
  readonly path: string;
  readonly content: Uint8Array | { readonly file: string };
  /** Whether it is a program. */
  readonly isExecutable?: boolean;
}

/** Packed already: another compression would take time for nothing. */
const PACKED = /\.(?:gz|tgz|zst|xz|lz4|zip|png|parquet)$/u;

/**
 * Writes a ZIP archive with the entries in the order of their paths, all of the same time and modes: the same contents give the same bytes. Complete, or not at
 * all.
 */
export async function writeZip(target: string, entries: readonly ZipEntry[]): Promise<void> {
  const zip = new ZipFile();
  const written = zip.outputStream.pipe(new PassThrough());
  // A file that cannot be read is told by the archive, not by its stream.
  zip.once("error", (cause: Error) => written.destroy(cause));
  for (const { path, content, isExecutable } of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const options = {
      // In local time, as the format has it: the same bytes in every zone.
      ...{ mtime: new Date(2000, 0, 1), forceDosTimestamp: true },
      ...{ mode: isExecutable === true ? 0o100755 : 0o100644, compress: !PACKED.test(path) },
    };
    if ("file" in content) zip.addFile(content.file, path, options);
    else zip.addBuffer(Buffer.from(content), path, options);
  }
  zip.end();
  const temporary = `${target}.part`;
  try {
    await pipeline(written, createWriteStream(temporary));
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
