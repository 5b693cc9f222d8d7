import type { Source } from "../source/source.ts";

/** A file's first bytes, uncompressed: what its format is detected from. */
export interface Head {
  /** The file's name, for formats that spread over several files of fixed names. It decides nothing else. */
  readonly file: string;
  /** At most 64 KiB. */
  readonly bytes: Uint8Array;
  /** Whether these are all of the file's bytes. */
  readonly whole: boolean;
  /** The bytes as numbers, little endian unless said. */
  readonly view: DataView;
  /** Whole lines, without their ends and without a byte order mark; none when the bytes are not text. */
  readonly lines: readonly string[];
}

/** How many of a file's first bytes are looked at. */
export const headBytes: number = 64 * 1024;

/** Reads the head of a file. */
export async function headOf(source: Source): Promise<Head> {
  const parts: Uint8Array[] = [];
  let held = 0;
  let whole = true;
  for await (const chunk of source.chunks()) {
    parts.push(chunk);
    held += chunk.length;
    if (held > headBytes) {
      whole = false;
      break;
    }
  }
  const all = Buffer.concat(parts);
  return makeHead(source.file, new Uint8Array(all.buffer, all.byteOffset, Math.min(held, headBytes)), whole);
}

/** The head that some bytes make. */
export function makeHead(file: string, bytes: Uint8Array, whole: boolean): Head {
  return {
    file,
    bytes,
    whole,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    lines: isText(bytes) ? linesOf(bytes, whole) : [],
  };
}

/** Tab, newline, form feed, carriage return and escape occur in text; other control characters do not. */
export const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 32 || byte === 10 || byte === 13 || byte === 9 || byte === 12 || byte === 27);

function linesOf(bytes: Uint8Array, whole: boolean): string[] {
  const text = Buffer.from(bytes)
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  const lines = text.split(/\r?\n/);
  const last = lines.pop()!;
  if (whole && last !== "") lines.push(last);
  return lines;
}
