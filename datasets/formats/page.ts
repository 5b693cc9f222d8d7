import { hash } from "node:crypto";
import { pageClasses } from "./kinds.ts";

/** Bytes of a page. */
export const pageBytes = 4096;

const zeroPage = new Uint8Array(pageBytes);
const [zero, uniform, data] = ["zero", "uniform", "data"].map((name) => pageClasses.indexOf(name)) as [
  number,
  number,
  number,
];

/** The first 64 bits of the SHA-1 of a page. */
export function pageHash(page: Uint8Array): bigint {
  return hash("sha1", page, "buffer").readBigUInt64BE(0);
}

const zeroHash = pageHash(zeroPage);

/** The place in `pageClasses` of a page: zero, uniform (one 64-bit word over and over) or data. */
export function pageClass(page: Uint8Array): number {
  // A page is uniform when it equals itself shifted by a word.
  if (Buffer.compare(page.subarray(8), page.subarray(0, pageBytes - 8)) !== 0) return data;
  return Buffer.compare(page, zeroPage) === 0 ? zero : uniform;
}

/** {@link pageHash} of a page of this class: most zero pages of a memory image need not be hashed. */
export const classifiedHash = (page: Uint8Array, of: number): bigint => (of === zero ? zeroHash : pageHash(page));
