/** A file of an archive: a folder, a symbolic link (its target as bytes) or a plain file. */
export interface ArchiveEntry {
  /** Without a slash at the beginning. */
  readonly name: string;
  /** Type and permissions, as stat's st_mode. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** Modes of an archive's entries. */
export const folderMode = 0o040755;
export const linkMode = 0o120777;
export const programMode = 0o100755;

/** A cpio archive in the format "newc", of which Linux unpacks its first file system. */
export function cpio(entries: readonly ArchiveEntry[]): Buffer {
  const parts: Buffer[] = [];
  const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);
  for (const [at, { name, mode, bytes }] of [
    ...entries,
    { name: "TRAILER!!!", mode: 0, bytes: Buffer.alloc(0) },
  ].entries()) {
    const fields = [at + 1, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
    parts.push(Buffer.from(head, "latin1"), padding(head.length), Buffer.from(bytes), padding(bytes.length));
  }
  return Buffer.concat(parts);
}
