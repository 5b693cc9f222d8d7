import type * as arrow from "apache-arrow";
import { createHash } from "node:crypto";
import { isVeelabError, show, TraceFormatError } from "../../errors.ts";
import type { FormatOptions, TraceFormat } from "../../formats/format.ts";
import { codes, optional } from "../../formats/layout.ts";
import { RecordFault } from "../../formats/read-records.ts";
import { type Rows, traceRows } from "../../formats/rows.ts";
import { type ByteReader, chunkBytes } from "../../source/byte-reader.ts";
import { decompressed, type Source } from "../../source/source.ts";
import { arMagic, type ArMember, arMembers, memberChunks } from "./ar.ts";
import { tarContent, type TarEntry, tarEntry, tarTypes } from "./tar.ts";

const layout = {
  package: "words",
  version: "words",
  architecture: "words",
  path: "text",
  type: codes(tarTypes),
  sizeBytes: "float64",
  mode: "uint16",
  user: "words",
  group: "words",
  modifiedSeconds: "float64",
  link: optional("text"),
  isElf: "bool",
  md5: optional("text"),
  sha256: optional("text"),
} as const;

const compressions = { "": undefined, ".gz": "gzip", ".xz": "xz", ".zst": "zstd" } as const;
/** A control file that is larger is none: it would fill memory. */
const largestControl = 16 * 1024 * 1024;

/** A tar archive inside a package. */
interface Inside {
  readonly bytes: ByteReader;
  /** An error as one of the package's file; those of the system as they are. */
  readonly placed: (error: unknown) => unknown;
}

/** Opens `control.tar` or `data.tar`. */
function openTar(source: Source, members: readonly ArMember[], name: "control.tar" | "data.tar"): Inside {
  const { file } = source;
  const member = members.find((other) => other.name.startsWith(name));
  const compression = member?.name.slice(name.length) ?? "none";
  if (member === undefined || !Object.hasOwn(compressions, compression))
    throw new TraceFormatError(
      { file, offset: member?.offset ?? 0, field: name },
      `expected ${name}, plain or with .gz, .xz or .zst behind its name, got ${show(members.map((of) => of.name))}`,
    );
  const way = compressions[compression as keyof typeof compressions];
  return {
    bytes: chunkBytes(decompressed(memberChunks(source, member), way)),
    placed(error) {
      if (isVeelabError(error) || !(error instanceof Error) || (error as NodeJS.ErrnoException).syscall !== undefined)
        return error;
      const isRecord = error instanceof RecordFault;
      return new TraceFormatError(
        { file, offset: member.offset, field: isRecord ? `${member.name}: ${error.field}` : member.name },
        isRecord ? error.problem : `expected a whole ${way ?? "tar"} archive (${error.message})`,
        { cause: error },
      );
    },
  };
}

/** What `control` says of the package. */
async function controlOf(source: Source, members: readonly ArMember[]): Promise<readonly string[]> {
  const { bytes, placed } = openTar(source, members, "control.tar");
  try {
    for (let entry = await tarEntry(bytes); entry !== undefined; entry = await tarEntry(bytes)) {
      const isControl = pathOf(entry) === "control";
      if (isControl && entry.bytes > largestControl)
        throw new RecordFault("control", `expected at most ${largestControl} bytes, got ${entry.bytes}`);
      const pieces: Uint8Array[] = [];
      for await (const piece of tarContent(bytes, entry)) if (isControl) pieces.push(piece);
      if (!isControl) continue;
      const text = Buffer.concat(pieces).toString("utf8");
      return ["Package", "Version", "Architecture"].map((field) => {
        const value = new RegExp(`^${field}:[ \\t]*(\\S+)[ \\t]*\\r?$`, "im").exec(text)?.[1];
        if (value === undefined) throw new RecordFault("control", `expected a field ${field} of one word`);
        return value;
      });
    }
    throw new RecordFault("control", "expected a file of this name");
  } catch (error) {
    throw placed(error);
  } finally {
    await bytes.close();
  }
}

/** Without the dot that dpkg's paths begin with; the root directory is a dot. */
const pathOf = ({ path }: TarEntry): string => path.replace(/^(\.?\/)+/, "").replace(/\/$/, "") || ".";

const isElf = (piece: Uint8Array): boolean =>
  piece.length >= 4 && piece[0] === 0x7f && piece[1] === 0x45 && piece[2] === 0x4c && piece[3] === 0x46;

/** Reads an entry and its content into a row. */
async function readEntry(
  bytes: ByteReader,
  entry: TarEntry,
  control: readonly string[],
  rows: Rows<typeof layout>,
): Promise<void> {
  const { columns, count } = rows;
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  let begins: boolean | undefined;
  for await (const piece of tarContent(bytes, entry)) {
    begins ??= isElf(piece);
    md5.update(piece);
    sha256.update(piece);
  }
  columns.package.setText(count, control[0]!);
  columns.version.setText(count, control[1]!);
  columns.architecture.setText(count, control[2]!);
  columns.path.setText(count, pathOf(entry));
  columns.type[count] = entry.type;
  columns.sizeBytes[count] = entry.bytes;
  columns.mode[count] = entry.mode;
  columns.user.setText(count, entry.user);
  columns.group.setText(count, entry.group);
  columns.modifiedSeconds[count] = entry.modifiedSeconds;
  columns.isElf[count] = Number(begins ?? false);
  const isFile = tarTypes[entry.type] === "file";
  if (isFile) {
    columns.md5.setText(count, md5.digest("hex"));
    columns.sha256.setText(count, sha256.digest("hex"));
  } else {
    rows.setNull("md5");
    rows.setNull("sha256");
  }
  if (entry.link === "") rows.setNull("link");
  else columns.link.setText(count, entry.link);
}

async function* readPackage(source: Source, options: FormatOptions): AsyncGenerator<arrow.RecordBatch, void> {
  const members = await arMembers(source);
  const control = await controlOf(source, members);
  const rows = traceRows(layout, options.batchRows, options.reuse);
  const { bytes, placed } = openTar(source, members, "data.tar");
  let yielded = false;
  try {
    for (let isOpen = true; isOpen;) {
      try {
        const entry = await tarEntry(bytes);
        if (entry === undefined) isOpen = false;
        else {
          await readEntry(bytes, entry, control, rows);
          rows.count += 1;
        }
      } catch (error) {
        const fault = placed(error);
        if (!(fault instanceof TraceFormatError)) throw fault;
        // Nothing is read behind it: where the next file begins is not known.
        options.fault(fault);
        rows.discard();
        isOpen = false;
      }
      if (rows.count < options.batchRows) continue;
      yield rows.take();
      yielded = true;
    }
  } finally {
    await bytes.close();
  }
  if (rows.count > 0 || !yielded) yield rows.take();
}

/**
 * A Debian package (`.deb`, deb(5), https://manpages.debian.org/deb.5): an `ar` archive of `control.tar` and `data.tar`, plain or compressed by gzip, xz or zstd. A row is
 * an entry of `data.tar`, in its order: a file, a link, a directory. `package`, `version` and `architecture` are those of the control file. `path` is from
 * the root directory, as in dpkg's lists; `link` what a link refers to; `mode` the permissions; `modifiedSeconds` since 1970. Files have `md5` and `sha256` of their
 * content, and `isElf`: whether they begin as ELF files do. Contents are not kept, so nothing is written back. Behind damage nothing is read.
 * Limits: bzip2 and lzma, which dpkg no longer writes, and sparse files.
 */
export const deb: TraceFormat = {
  name: "deb",
  title: "Debian package (.deb)",
  kind: "packages",
  detect: ({ bytes }) =>
    Buffer.from(bytes.subarray(0, arMagic.length + 13)).toString("latin1") === `${arMagic}debian-binary`,
  read: readPackage,
};
