import { TraceFormatError } from "../../errors.ts";
import { chunkBytes } from "../../source/byte-reader.ts";
import { skipTo } from "../../source/part.ts";
import type { Source } from "../../source/source.ts";

/** A file in an archive. */
export interface ArMember {
  readonly name: string;
  /** Where its content begins in the archive. */
  readonly offset: number;
  readonly bytes: number;
}

/** What an archive begins with. */
export const arMagic = "!<arch>\n";
const headerBytes = 60;
/** More members than this are no package: the list would fill memory. */
const mostMembers = 1000;

/**
 * Lists the members of an archive of `ar` (deb(5), https://manpages.debian.org/deb.5; names of at most 16 bytes). Throws TraceFormatError for what is none, or for a
 * header that is damaged. The last member may be cut. Linear in the archive, of which nothing is kept.
 */
export async function arMembers(source: Source): Promise<readonly ArMember[]> {
  const bytes = chunkBytes(source.chunks());
  const members: ArMember[] = [];
  const fail = (offset: number, field: string, problem: string): never => {
    throw new TraceFormatError({ file: source.file, offset, field }, problem);
  };
  try {
    const magic = Buffer.from(await bytes.read(arMagic.length)).toString("latin1");
    if (magic !== arMagic) fail(0, "magic", `expected an archive, which begins with "!<arch>"`);
    for (;;) {
      const at = bytes.offset;
      const header = Buffer.from(await bytes.read(headerBytes)).toString("latin1");
      if (header === "") return members;
      if (header.length < headerBytes || !header.endsWith("`\n"))
        fail(at, "member", `expected a member's header of ${headerBytes} bytes, got ${header.length} that are none`);
      const size = header.slice(48, 58).trimEnd();
      if (!/^\d+$/.test(size)) fail(at + 48, "size", `expected a whole number, got ${JSON.stringify(size)}`);
      if (members.length === mostMembers) fail(at, "member", `expected at most ${mostMembers} members`);
      const length = Number(size);
      members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ""), offset: bytes.offset, bytes: length });
      await skipTo(bytes, bytes.offset + length + (length % 2));
    }
  } finally {
    await bytes.close();
  }
}

/** The content of a member, in chunks. */
export async function* memberChunks(source: Source, { offset, bytes }: ArMember): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for await (const chunk of source.chunks()) {
    const from = Math.max(0, offset - at);
    const to = Math.min(chunk.length, offset + bytes - at);
    if (to > from) yield chunk.subarray(from, to);
    at += chunk.length;
    if (at >= offset + bytes) return;
  }
}
