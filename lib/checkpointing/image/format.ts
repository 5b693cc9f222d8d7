import { crc32 } from "node:zlib";
import { TraceFormatError } from "../../../datasets/errors.ts";
import { pageBytes } from "../../../datasets/formats/page.ts";

/*
 * An image, little endian:
 *
 *   header   128 bytes: magic "VEECKPT1", version, bytes of a page, the memory's length, the disk's length, number of extents,
 *            where the table stands, CRC-32 of the table, CRC-32 of the header before it
 *   contents of the stored extents, one after the other
 *   table    an extent each 24 bytes: its length (7 bytes) and kind (1), where its contents stand in the image or on the disk (8),
 *            CRC-32 of what it restores (4), how many bytes it takes in the image (4)
 *
 * Extents tile the memory file in its order, so their checksums cover each byte that a restore writes.
 */

/** What begins an image. */
const magic = "VEECKPT1";
const version = 1;
export const headerBytes = 128;
export const entryBytes = 24;
/** Extents are cut at so many bytes: a restore holds one at a time. */
export const mostExtentBytes: number = 256 * pageBytes;

/** What an extent is: bytes in the image, zeros, blocks of the disk, or bytes in the image compressed by raw DEFLATE (RFC 1951). */
export const extentKinds = ["stored", "zero", "disk", "packed"] as const;

/** A stretch of the memory file. */
export interface Extent {
  readonly kind: (typeof extentKinds)[number];
  /** Its length, at most {@link mostExtentBytes} (zeros: any). */
  readonly bytes: number;
  /** Where its contents stand: in the image for `stored` and `packed`, on the disk for `disk`; 0 for zeros. */
  readonly at: number;
  /** How many bytes of the image its contents take: its length for `stored`, less for `packed`, else 0. */
  readonly held: number;
  /** CRC-32 of its contents; 0 for zeros. */
  readonly crc: number;
}

/** What the header says. */
export interface ImageHeader {
  /** Length of the memory file. */
  readonly memoryBytes: number;
  /** Length of the disk when the image was taken. */
  readonly diskBytes: number;
  readonly extents: number;
  /** Where the table stands: at the end of the contents. */
  readonly tableAt: number;
  readonly tableCrc: number;
}

/** The header's bytes. */
export function encodeHeader(header: ImageHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(magic, "latin1"));
  view.setUint32(8, version, true);
  view.setUint32(12, pageBytes, true);
  view.setBigUint64(16, BigInt(header.memoryBytes), true);
  view.setBigUint64(24, BigInt(header.diskBytes), true);
  view.setBigUint64(32, BigInt(header.extents), true);
  view.setBigUint64(40, BigInt(header.tableAt), true);
  view.setUint32(48, header.tableCrc, true);
  view.setUint32(headerBytes - 4, crc32(bytes.subarray(0, headerBytes - 4)), true);
  return bytes;
}

/** Reads a header. Throws TraceFormatError naming the field of one that is damaged, or of another version. */
export function decodeHeader(bytes: Uint8Array, file: string, fileBytes: number): ImageHeader {
  const fail = (offset: number, field: string, problem: string): never => {
    throw new TraceFormatError({ file, offset, field }, problem);
  };
  if (bytes.length < headerBytes) fail(0, "header", `expected ${headerBytes} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (Buffer.from(bytes.subarray(0, 8)).toString("latin1") !== magic)
    fail(0, "magic", "expected an image that veelab checkpoint save wrote");
  const crc = crc32(bytes.subarray(0, headerBytes - 4));
  if (view.getUint32(headerBytes - 4, true) !== crc)
    fail(headerBytes - 4, "checksum", "expected the header's CRC-32: the header is damaged");
  if (view.getUint32(8, true) !== version)
    fail(8, "version", `expected ${version}, got ${view.getUint32(8, true)}: a newer veelab wrote it`);
  if (view.getUint32(12, true) !== pageBytes)
    fail(12, "pageBytes", `expected ${pageBytes}, got ${view.getUint32(12, true)}`);
  const whole = (at: number, field: string): number => {
    const value = Number(view.getBigUint64(at, true));
    if (!Number.isSafeInteger(value)) fail(at, field, "expected a number below 2^53");
    return value;
  };
  const header = {
    memoryBytes: whole(16, "memoryBytes"),
    diskBytes: whole(24, "diskBytes"),
    extents: whole(32, "extents"),
    tableAt: whole(40, "tableAt"),
    tableCrc: view.getUint32(48, true),
  };
  const expected = header.tableAt + header.extents * entryBytes;
  if (expected !== fileBytes) fail(32, "extents", `expected an image of ${expected} bytes, got ${fileBytes}`);
  return header;
}

/** The table's bytes. */
export function encodeTable(extents: readonly Extent[]): Uint8Array {
  const bytes = new Uint8Array(extents.length * entryBytes);
  const view = new DataView(bytes.buffer);
  for (const [row, { kind, bytes: size, at, held, crc }] of extents.entries()) {
    const to = row * entryBytes;
    view.setBigUint64(to, BigInt(size) | (BigInt(extentKinds.indexOf(kind)) << 56n), true);
    view.setBigUint64(to + 8, BigInt(at), true);
    view.setUint32(to + 16, crc, true);
    view.setUint32(to + 20, held, true);
  }
  return bytes;
}

/** Reads a table and checks that its extents tile the memory. Throws TraceFormatError naming the extent. */
export function decodeTable(bytes: Uint8Array, header: ImageHeader, file: string): readonly Extent[] {
  const fail = (row: number, field: string, problem: string): never => {
    throw new TraceFormatError({ file, offset: header.tableAt + row * entryBytes, field }, problem);
  };
  if (crc32(bytes) !== header.tableCrc) fail(0, "table", "expected the table's CRC-32: the table is damaged");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [covered, stored] = [0, headerBytes];
  const extents = Array.from({ length: header.extents }, (_, row): Extent => {
    const from = row * entryBytes;
    const first = view.getBigUint64(from, true);
    const kind = extentKinds[Number(first >> 56n)] ?? fail(row, "kind", `expected 0 to 3, got ${first >> 56n}`);
    const size = Number(first & 0xff_ffff_ffff_ffffn);
    const at = Number(view.getBigUint64(from + 8, true));
    const held = view.getUint32(from + 20, true);
    if (size === 0 || (kind !== "zero" && size > mostExtentBytes))
      fail(row, "bytes", `expected 1 to ${mostExtentBytes}, got ${size}`);
    const fits = kind === "stored" ? held === size : kind === "packed" ? held > 0 && held < size : held === 0;
    if (!fits) fail(row, "held", `expected a number that fits ${kind} and ${size} bytes, got ${held}`);
    if (held > 0 && at !== stored) fail(row, "at", `expected ${stored}, got ${at}`);
    if (kind === "disk" && at + size > header.diskBytes)
      fail(row, "at", `expected blocks inside of the disk of ${header.diskBytes} bytes, got ${at}`);
    stored += held;
    covered += size;
    return { kind, bytes: size, at, held, crc: view.getUint32(from + 16, true) };
  });
  if (covered !== header.memoryBytes)
    fail(0, "table", `expected extents of ${header.memoryBytes} bytes in all, got ${covered}`);
  if (stored !== header.tableAt) fail(0, "table", `expected contents up to ${header.tableAt}, got ${stored}`);
  return extents;
}
