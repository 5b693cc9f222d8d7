import type * as arrow from "apache-arrow";
import { basename } from "node:path";
import { TraceFormatError } from "../../errors.ts";
import type { FormatOptions, TraceFormat } from "../../formats/format.ts";
import { optional } from "../../formats/layout.ts";
import { pageBytes, pageHash } from "../../formats/page.ts";
import { traceRows } from "../../formats/rows.ts";
import { chunkBytes } from "../../source/byte-reader.ts";
import { skipTo } from "../../source/part.ts";
import type { Source } from "../../source/source.ts";
import { elfType, executable, executableFile, loadSegment, readSegments, type Segment, sharedFile } from "./elf.ts";
import { readNotes } from "./elf-notes.ts";

const layout = {
  file: "words",
  addressPage: "float64",
  hash: "uint64",
  bytesUsed: "uint16",
  buildId: optional("words"),
} as const;

const buildIdNote = 3;
const page = BigInt(pageBytes);

/** The segments of code, in the order of the file, and the number of the file's first page in memory. */
function codeOf(source: Source, segments: readonly Segment[]): { code: readonly Segment[]; first: bigint } {
  const loads = segments.filter(({ type }) => type === loadSegment);
  let first = loads[0]?.virtual ?? 0n;
  for (const { virtual } of loads) if (virtual < first) first = virtual;
  const code = loads
    .filter(({ flags, bytes }) => (flags & executable) !== 0 && bytes > 0)
    .sort((a, b) => a.offset - b.offset);
  for (const { offset, virtual } of code)
    if (offset % pageBytes !== Number(virtual % page))
      throw new TraceFormatError(
        { file: source.file, offset, field: "p_vaddr" },
        `expected a segment that can be mapped in pages of ${pageBytes} bytes, got one at 0x${virtual.toString(16)} in memory`,
      );
  return { code, first: first / page };
}

async function* readCode(source: Source, options: FormatOptions): AsyncGenerator<arrow.RecordBatch, void> {
  const segments = await readSegments(source);
  const notes = await readNotes(source, segments);
  const { code, first } = codeOf(source, segments);
  const buildId = notes.find(({ name, type }) => name === "GNU" && type === buildIdNote);
  const id = buildId === undefined ? undefined : Buffer.from(buildId.content).toString("hex");
  const file = basename(source.file);
  const rows = traceRows(layout, options.batchRows, options.reuse);
  if (id !== undefined) rows.metadata.set("veelab.buildId", id);
  let hashes = new BigUint64Array(rows.columns.hash.buffer);
  let yielded = false;
  const bytes = chunkBytes(source.chunks());
  const content = new Uint8Array(pageBytes);
  /** Where the page in `content` stands. */
  let held = -1;
  try {
    for (const { offset, virtual, bytes: size } of code) {
      const end = offset + size;
      for (let at = offset - (offset % pageBytes); at < end; at += pageBytes) {
        // Two segments may share a page of the file.
        if (at !== held) {
          if (at < bytes.offset)
            throw new TraceFormatError({ file: source.file, offset }, "expected segments of code that do not overlap");
          await skipTo(bytes, at);
          const piece = await bytes.read(pageBytes);
          if (at + piece.length < Math.min(end, at + pageBytes)) {
            options.fault(
              new TraceFormatError(
                { file: source.file, offset: at },
                `expected ${end - at} more bytes of code, got ${piece.length} at the end`,
              ),
            );
            if (rows.count > 0 || !yielded) yield rows.take();
            return;
          }
          content.fill(0);
          content.set(piece);
          held = at;
        }
        const { columns, count } = rows;
        columns.file.setText(count, file);
        columns.addressPage[count] = Number((virtual + BigInt(at - offset)) / page - first);
        hashes[count] = pageHash(content);
        columns.bytesUsed[count] = Math.min(end, at + pageBytes) - Math.max(offset, at);
        if (id === undefined) rows.setNull("buildId");
        else columns.buildId.setText(count, id);
        rows.count += 1;
        if (rows.count < options.batchRows) continue;
        yield rows.take();
        yielded = true;
        hashes = new BigUint64Array(rows.columns.hash.buffer);
      }
    }
  } finally {
    await bytes.close();
  }
  if (rows.count > 0 || !yielded) yield rows.take();
}

/**
 * Pages of code of a program or a library in ELF (System V ABI, chapter 5; `/usr/bin/*`, `*.so`, vmlinux): a row is a page of 4 KiB of a segment that is
 * loaded and may be executed, in the order of the file. `addressPage` counts from the first page that the file loads. `hash` is of the whole page as
 * the system maps it: with what stands in the file before or behind the segment, and zeros behind the file's end. So it equals the hash of
 * the same page in a memory image, unless code was relocated or patched. `bytesUsed` of the page are the segment's. `buildId` is the linker's
 * (GNU's note), null where it left none. Files of 64 and 32 bits, little endian; kernel modules and object files have no segments and are not recognised
 * (`veelab audit --build` reads modules).
 */
export const elfCode: TraceFormat = {
  name: "elf-code",
  title: "Code pages of an ELF program or library",
  kind: "code",
  detect: ({ bytes }) => [executableFile, sharedFile].includes(elfType(bytes) ?? -1),
  read: readCode,
};
