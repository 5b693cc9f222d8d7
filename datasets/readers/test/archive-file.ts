export interface TarSpec {
  readonly path: string;
  /** "0" a file, "2" a symbolic link, "5" a directory; a file when not given. */
  readonly type?: string;
  readonly content?: string;
  readonly mode?: number;
  readonly link?: string;
  /** A size that is not the content's. */
  readonly claims?: number;
}

const latin = (text: string) => Buffer.from(text, "latin1");

/** Makes a tar archive (ustar; paths of more than 100 bytes are cut at a slash). */
export function tarFile(entries: readonly TarSpec[]): Uint8Array {
  const blocks = entries.map(({ path, type = "0", content = "", mode = 0o644, link = "", claims }) => {
    const header = Buffer.alloc(512);
    const octal = (value: number, at: number, length: number) =>
      header.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
    const slash = path.length > 100 ? path.indexOf("/", path.length - 101) : -1;
    header.write(path.slice(slash + 1), 0, "latin1");
    header.write(slash < 0 ? "" : path.slice(0, slash), 345, "latin1");
    octal(mode, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(claims ?? content.length, 124, 12);
    octal(1_600_000_000, 136, 12);
    header.write(`        ${type}`, 148, "latin1");
    header.write(link, 157, "latin1");
    header.write("ustar\u000000root", 257, "latin1");
    header.write("root", 297, "latin1");
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      148,
      7,
    );
    return Buffer.concat([header, latin(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Makes an archive of `ar`. */
export function arFile(members: readonly (readonly [name: string, content: Uint8Array | string])[]): Uint8Array {
  const parts = members.flatMap(([name, content]) => {
    const bytes = Buffer.from(content as string);
    const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
    return [
      latin(`${fields.join("")}${String(bytes.length).padEnd(10)}\`\n`),
      bytes,
      latin("\n".repeat(bytes.length % 2)),
    ];
  });
  return new Uint8Array(Buffer.concat([latin("!<arch>\n"), ...parts]));
}
