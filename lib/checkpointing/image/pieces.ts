import type { FileHandle } from "node:fs/promises";
import { pageBytes } from "../../../datasets/formats/page.ts";
import { coreFile, elfType, loadSegment, readSegments } from "../../../datasets/readers/images/elf.ts";
import { openSource } from "../../../datasets/source/source.ts";
import { TraceFormatError } from "../../../datasets/errors.ts";

/** A stretch of a memory file in which pages begin at its first byte; what is behind its last whole page is kept as it is. */
export interface Piece {
  readonly offset: number;
  readonly bytes: number;
  /** Whether it is pages; else headers, notes or padding. */
  readonly isPages: boolean;
}

/**
 * Where a memory file's pages stand: those of an ELF core in its segments, which need not begin at a multiple of a page in the
 * file, and those of a raw image everywhere. The pieces tile the file. Memory for the list of segments.
 */
export async function piecesOf(path: string, handle: FileHandle): Promise<readonly Piece[]> {
  const { size } = await handle.stat();
  const head = new Uint8Array(64);
  await handle.read(head, 0, head.length, 0);
  const type = elfType(head);
  if (type === undefined) {
    if (size > 0 && size < pageBytes)
      throw new TraceFormatError(
        { file: path },
        `expected a memory image of at least a page (${pageBytes} bytes), got ${size} bytes`,
      );
    return size === 0 ? [] : [{ offset: 0, bytes: size, isPages: true }];
  }
  if (type !== coreFile)
    throw new TraceFormatError(
      { file: path, offset: 16, field: "e_type" },
      `expected a core (${coreFile}), got ${type}`,
    );
  const segments = (await readSegments(await openSource(path))).filter(
    ({ type: of, bytes }) => of === loadSegment && bytes > 0,
  );
  const pieces: Piece[] = [];
  let at = 0;
  for (const { offset, bytes } of [...segments].sort((a, b) => a.offset - b.offset)) {
    const end = offset + bytes;
    if (end > size)
      throw new TraceFormatError(
        { file: path, offset },
        `expected a segment inside of the file, got one that ends at ${end} of ${size}`,
      );
    // Segments may show the same bytes: what an earlier one has is passed over, in whole pages of this one.
    const from = Math.max(offset, at);
    if (from >= end) continue;
    if (from > at) pieces.push({ offset: at, bytes: from - at, isPages: false });
    pieces.push({ offset: from, bytes: end - from, isPages: (from - offset) % pageBytes === 0 });
    at = end;
  }
  if (at < size) pieces.push({ offset: at, bytes: size - at, isPages: false });
  return pieces;
}

/** Reads exactly so many bytes into a buffer; TraceFormatError with the place where the file ends before. */
export async function readAll(handle: FileHandle, into: Uint8Array, at: number, file: string): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
    if (bytesRead === 0)
      throw new TraceFormatError({ file, offset: at + done }, `expected ${into.length - done} more bytes, got the end`);
    done += bytesRead;
  }
}
