import { isUtf8 } from "node:buffer";
import { RecordFault } from "../../formats/read-records.ts";
import type { ByteReader } from "../../source/byte-reader.ts";

/** Types of a tar archive's entries, as a table names them. */
export const tarTypes: readonly string[] = [
  "file",
  "hard link",
  "symbolic link",
  "character device",
  "block device",
  "directory",
  "pipe",
];

/** An entry of a tar archive; its content is what the reader has next. */
export interface TarEntry {
  readonly path: string;
  /** Its place in {@link tarTypes}. */
  readonly type: number;
  /** Of its content, which follows. */
  readonly bytes: number;
  readonly mode: number;
  readonly user: string;
  readonly group: string;
  /** Since 1970. */
  readonly modifiedSeconds: number;
  readonly link: string;
}

const blockBytes = 512;
/** A path that is longer is none: it would fill memory. */
const longestExtension = 1024 * 1024;

const text = (header: Uint8Array, from: number, length: number): string => {
  const end = header.indexOf(0, from);
  const bytes = header.subarray(from, end < 0 ? from + length : Math.min(end, from + length));
  if (!isUtf8(bytes)) throw new RecordFault("header", "expected text in UTF-8");
  return Buffer.from(bytes).toString("utf8");
};

/** A number in octal digits, or of more bits with the first one set (GNU). */
function number(header: Uint8Array, from: number, length: number, field: string): number {
  let value = 0;
  if ((header[from]! & 0x80) !== 0) {
    value = (header[from]! & 0x40) !== 0 ? -1 : 0;
    const first = header[from]! & 0x3f;
    value = value === -1 ? first - 0x40 : first;
    for (let at = from + 1; at < from + length; at += 1) value = value * 256 + header[at]!;
  } else {
    const digits = text(header, from, length).trim();
    if (!/^[0-7]*$/.test(digits)) throw new RecordFault(field, `expected octal digits, got ${JSON.stringify(digits)}`);
    value = digits === "" ? 0 : Number.parseInt(digits, 8);
  }
  if (!Number.isSafeInteger(value)) throw new RecordFault(field, `expected a number below 2^53, got ${value}`);
  return value;
}

/** The sum of the header's bytes, with blanks in place of the sum itself. */
function checkSum(header: Uint8Array): void {
  let sum = 8 * 32;
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += header[at]!;
  const expected = number(header, 148, 8, "checksum");
  if (sum !== expected) throw new RecordFault("checksum", `expected ${expected}, the header's bytes are ${sum}`);
}

/** The records `length key=value\n` of a pax header. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(32, at);
    const length = blank < 0 ? NaN : Number(Buffer.from(bytes.subarray(at, blank)).toString("latin1"));
    const equals = bytes.indexOf(61, blank);
    const end = at + length;
    if (!(Number.isInteger(length) && equals > blank && equals < end && end <= bytes.length && bytes[end - 1] === 10))
      throw new RecordFault("pax", 'expected records such as "12 path=a/b\\n"');
    records.set(text(bytes, blank + 1, equals - blank - 1), text(bytes, equals + 1, end - equals - 2));
    at = end;
  }
  return records;
}

const paddedBytes = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;

/**
 * Reads the next entry's header of a tar archive (tar(5): ustar, pax and GNU's long names; no sparse files), with the extensions before it; undefined at the
 * archive's end. The reader must be where the last entry's content, with its padding, ends: {@link tarContent}. Throws {@link RecordFault}.
 */
export async function tarEntry(bytes: ByteReader): Promise<TarEntry | undefined> {
  let long: { path?: string; link?: string; bytes?: number; modified?: number; user?: string; group?: string } = {};
  for (;;) {
    const header = await bytes.read(blockBytes);
    if (header.length === 0) throw new RecordFault("end", "expected two empty blocks, got the archive's end");
    if (header.length < blockBytes)
      throw new RecordFault("header", `expected ${blockBytes} bytes, got ${header.length}`);
    if (header.every((byte) => byte === 0)) return undefined;
    checkSum(header);
    const flag = header[156] === 0 ? "0" : String.fromCharCode(header[156]!);
    const size = number(header, 124, 12, "size");
    if (size < 0) throw new RecordFault("size", `expected at least 0, got ${size}`);
    if ("xgLK".includes(flag)) {
      if (size > longestExtension)
        throw new RecordFault("size", `expected a name of at most ${longestExtension} bytes, got ${size}`);
      const content = await bytes.read(paddedBytes(size));
      if (content.length < size) throw new RecordFault("content", `expected ${size} bytes, got ${content.length}`);
      if (flag === "L") long = { ...long, path: text(content, 0, size) };
      else if (flag === "K") long = { ...long, link: text(content, 0, size) };
      else if (flag === "x") {
        const records = paxRecords(content.subarray(0, size));
        const [path, link, user, group] = ["path", "linkpath", "uname", "gname"].map((key) => records.get(key));
        const [length, modified] = ["size", "mtime"].map((key) =>
          records.has(key) ? Number(records.get(key)) : undefined,
        );
        if (length !== undefined && !Number.isSafeInteger(length)) throw new RecordFault("pax", "expected a size");
        if (modified !== undefined && !Number.isFinite(modified)) throw new RecordFault("pax", "expected a time");
        long = {
          ...long,
          ...(path === undefined ? {} : { path }),
          ...(link === undefined ? {} : { link }),
          ...(user === undefined ? {} : { user }),
          ...(group === undefined ? {} : { group }),
          ...(length === undefined ? {} : { bytes: length }),
          ...(modified === undefined ? {} : { modified }),
        };
      }
      continue;
    }
    const type = flag === "7" ? 0 : "0123456".indexOf(flag);
    if (type < 0) throw new RecordFault("type", `expected one of 0 to 7, x, g, L and K, got ${JSON.stringify(flag)}`);
    // GNU's header has other fields where ustar's has the path's beginning.
    const isUstar = text(header, 257, 6) === "ustar" && header[262] === 0;
    const prefix = isUstar ? text(header, 345, 155) : "";
    const name = text(header, 0, 100);
    const content = long.bytes ?? size;
    return {
      path: long.path ?? (prefix === "" ? name : `${prefix}/${name}`),
      type,
      bytes: type === 0 ? content : 0,
      mode: number(header, 100, 8, "mode") & 0o7777,
      user: long.user ?? text(header, 265, 32),
      group: long.group ?? text(header, 297, 32),
      modifiedSeconds: long.modified ?? number(header, 136, 12, "mtime"),
      link: long.link ?? text(header, 157, 100),
    };
  }
}

/** Reads an entry's content in pieces, and the padding behind it. Throws {@link RecordFault} where it is cut. */
export async function* tarContent(bytes: ByteReader, { bytes: size }: TarEntry): AsyncGenerator<Uint8Array, void> {
  const pieceBytes = 64 * blockBytes;
  for (let left = size; left > 0;) {
    const wanted = Math.min(pieceBytes, paddedBytes(left));
    const piece = await bytes.read(wanted);
    if (piece.length < wanted)
      throw new RecordFault("content", `expected ${size} bytes, got ${size - left + piece.length}`);
    yield piece.length > left ? piece.subarray(0, left) : piece;
    left -= piece.length;
  }
}
