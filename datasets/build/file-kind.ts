import { elfType, executableFile, readSegments, sharedFile } from "../readers/images/elf.ts";
import { partOf } from "../source/part.ts";
import { head, openSource } from "../source/source.ts";

/** What a package's file is; the code of each is its place here. */
export const fileKinds = [
  "program",
  "library",
  "object",
  "byte code",
  "script",
  "manual",
  "documentation",
  "configuration",
  "other",
] as const;

/** One of {@link fileKinds}. */
export type FileKind = (typeof fileKinds)[number];

const dynamicSegment = 2;
// elf(5) and glibc's elf.h: DT_FLAGS_1 with DF_1_PIE is how the linker marks a program that may be loaded anywhere.
const flags1 = 0x6ffffffb;
const isPositionIndependent = 0x08000000;

// A section's number ends the name: not all manuals are in usr/share/man.
const manual = /(^|\/)man\/.*\.[1-9]\w*(\.gz)?$/;
const documentation = /^usr\/share\/(doc|doc-base|info|gtk-doc|help)\//;
const configuration =
  /^(etc\/|(usr\/)?lib\/(systemd\/|udev\/(rules|hwdb)\.d\/|tmpfiles\.d\/|sysusers\.d\/|sysctl\.d\/|modprobe\.d\/))/;
const source = /\.(py|pm|pl|ph|al|sh|php|inc|rb|gemspec|js|mjs|cjs|lua|tcl|pp|erb)$/;

/**
 * What a file of a package is. Code is known by its content: a program, a shared library, an object (a kernel module, an object file, or a static library), byte code of
 * Java, Python or LLVM. Then manuals and documentation by their folders, whatever they hold; scripts by their first line (`#!`, `<?php`), or by the ending of their
 * name, as modules of an interpreter have no first line; configuration by its folder. `path` is the file's in the package, `at` where it is unpacked.
 */
export async function fileKind(path: string, at: string): Promise<FileKind> {
  const start = Buffer.from(await head(at, 64));
  const text = start.toString("latin1");
  const type = elfType(start);
  if (type !== undefined) return type === executableFile ? "program" : type === sharedFile ? sharedKind(at) : "object";
  if (text.startsWith("!<arch>\n")) return "object";
  if (text.startsWith("\xca\xfe\xba\xbe") || text.startsWith("BC\xc0\xde")) return "byte code";
  // A Java archive is a zip file; Python's byte code has no magic that stays from version to version.
  if ((text.startsWith("PK") && path.endsWith(".jar")) || path.endsWith(".pyc")) return "byte code";
  if (manual.test(path)) return "manual";
  if (documentation.test(path)) return "documentation";
  if (text.startsWith("#!") || text.startsWith("<?php") || source.test(path)) return "script";
  return configuration.test(path) ? "configuration" : "other";
}

/** Programs and libraries have the same type in the header: only the linker's flag tells them apart. */
async function sharedKind(at: string): Promise<FileKind> {
  const file = await openSource(at);
  const dynamic = (await readSegments(file)).find(({ type }) => type === dynamicSegment);
  if (dynamic === undefined) return "library";
  const [bytes, is64] = [await partOf(file, dynamic.offset, dynamic.bytes), (await head(at, 5))[4] === 2];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = is64 ? 8 : 4;
  // The flags fit in the lower half of an entry's words, whichever their width.
  for (let entry = 0; entry + 2 * width <= bytes.length; entry += 2 * width)
    if (view.getUint32(entry, true) === flags1)
      return (view.getUint32(entry + width, true) & isPositionIndependent) !== 0 ? "program" : "library";
  return "library";
}
