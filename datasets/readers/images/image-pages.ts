import { pageBytes } from "../../formats/page.ts";
import { chunkBytes } from "../../source/byte-reader.ts";
import { partOf, skipTo } from "../../source/part.ts";
import { openSource, type Source } from "../../source/source.ts";
import { coreFile, elfType, loadSegment, readSegments } from "./elf.ts";

const pagesAtOnce = 256;

/**
 * The contents of a memory image's pages: pieces of whole pages of 4 KiB, in the order of the file. Those of an ELF core are its PT_LOAD
 * segments', what two have in common once; those of any other file stand one after the other from its beginning. A last page that is cut is left
 * out: who reads the image's table is told. Linear time; memory for a piece.
 */
export async function* imagePages(path: string): AsyncGenerator<Uint8Array, void> {
  const source = await openSource(path);
  const bytes = chunkBytes(source.chunks());
  try {
    for (const { offset, end } of await runsOf(source)) {
      if (end <= bytes.offset) continue;
      await skipTo(bytes, offset);
      while (bytes.offset < end) {
        const piece = await bytes.read(Math.min(pagesAtOnce * pageBytes, end - bytes.offset));
        const whole = piece.length - (piece.length % pageBytes);
        if (whole > 0) yield piece.subarray(0, whole);
        if (whole < piece.length || piece.length === 0) return;
      }
    }
  } finally {
    await bytes.close();
  }
}

async function runsOf(source: Source): Promise<readonly { readonly offset: number; readonly end: number }[]> {
  if (elfType(await partOf(source, 0, 64)) !== coreFile) return [{ offset: 0, end: Infinity }];
  return (await readSegments(source))
    .filter(({ type, bytes }) => type === loadSegment && bytes > 0)
    .map(({ offset, bytes }) => ({ offset, end: offset + bytes }))
    .sort((a, b) => a.offset - b.offset);
}
