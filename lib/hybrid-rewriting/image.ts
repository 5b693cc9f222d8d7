import { createHash } from "node:crypto";
import { readNotes } from "../../datasets/readers/images/elf-notes.ts";
import {
  executable,
  executableFile,
  loadSegment,
  readSegments,
  sharedFile,
} from "../../datasets/readers/images/elf.ts";
import type { Source } from "../../datasets/source/source.ts";
import { OptionError, TraceFormatError } from "../core/errors.ts";
import type { ProgramFunction } from "./program.ts";

/**
 * Code of a program: bytes that are loaded to be executed.
 *
 * @example
 * ```ts
 * import type { CodeSegment } from "veelab/hybrid-rewriting";
 * const code: CodeSegment = { start: 0x401000, offset: 4096, bytes: Uint8Array.of(0xc3) };
 * console.log(code.bytes.length);
 * ```
 */
export interface CodeSegment {
  /** Link-time address of its first byte. */
  readonly start: number;
  /** Where that stands in the file. */
  readonly offset: number;
  /** Its content. */
  readonly bytes: Uint8Array;
}

/**
 * An executable file as it was read, before its code is decoded.
 *
 * @example
 * ```ts
 * import { readImage } from "veelab/hybrid-rewriting";
 * export const entryOf = async (bytes: Uint8Array) => (await readImage(bytes, "a.out")).entry;
 * ```
 */
export interface ProgramImage {
  /** The file's name, for errors. */
  readonly file: string;
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The linker's build id, or where it left none the SHA-1 of the file, hexadecimal. */
  readonly buildId: string;
  /** Whether it is linked at a fixed address (ET_EXEC). */
  readonly fixed: boolean;
  /** Link-time address where it starts. */
  readonly entry: number;
  /** Link-time address behind everything that it loads, its zeroed data included. */
  readonly memoryEnd: number;
  /** In the order of their addresses. */
  readonly code: readonly CodeSegment[];
  /** By address; several where a function has several names; of a stripped program those that it gives others, mostly none. */
  readonly functions: readonly ProgramFunction[];
}

const headerBytes = 64;
const sectionBytes = 64;
const symbolBytes = 24;
const buildIdNote = 3;
/** Says that there are more, and how many elsewhere; no program has so many. */
const manySegments = 0xffff;
const machineX8664 = 62;
const symbolTable = 2;
const dynamicSymbolTable = 11;
const functionTypes = [2, 10]; // STT_FUNC, STT_GNU_IFUNC

/**
 * Reads an executable for x86-64 in ELF (System V ABI, chapters 4 and 5): its segments of code, its functions and its build id. A stripped
 * program has no functions, but for those that it gives others, as a library does. All addresses are those of the linker: of a program that
 * can be loaded anywhere, an execution's are to be taken without where it was loaded. Linear in the file.
 *
 * @param bytes - the whole file
 * @param file - its name, for errors
 * @throws TraceFormatError with the field for a file that is cut, for 32 bits, another processor, no executable, or none at all
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { bytesOf, readImage } from "veelab/hybrid-rewriting";
 * const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 * console.log(image.fixed, image.functions.some(({ name }) => name === "transfer")); // true true
 * ```
 */
export async function readImage(bytes: Uint8Array, file: string): Promise<ProgramImage> {
  if (!(bytes instanceof Uint8Array)) throw new OptionError("bytes", "a Uint8Array", bytes);
  const fail = (offset: number, field: string, problem: string): never => {
    throw new TraceFormatError({ file, offset, field }, problem);
  };
  const source = sourceOf(bytes, file);
  const segments = await readSegments(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[4] !== 2) fail(4, "class", "expected 2 (64 bits), got 1 (32 bits)");
  const machine = view.getUint16(18, true);
  if (machine !== machineX8664) fail(18, "e_machine", `expected ${machineX8664} (x86-64), got ${machine}`);
  const type = view.getUint16(16, true);
  if (type !== executableFile && type !== sharedFile)
    fail(16, "e_type", `expected ${executableFile} or ${sharedFile} (an executable), got ${type}`);
  for (const segment of segments)
    if (segment.type === loadSegment && segment.offset + segment.bytes > bytes.length)
      fail(segment.offset, "p_filesz", `expected ${segment.bytes} bytes, got ${bytes.length - segment.offset}`);
  if (view.getUint16(56, true) === manySegments)
    fail(56, "e_phnum", `expected fewer than ${manySegments} segments, got ${manySegments} or more`);
  const code = segments
    .filter(({ type: kind, flags, bytes: size }) => kind === loadSegment && (flags & executable) !== 0 && size > 0)
    .map(({ virtual, offset, bytes: size }) => {
      if (virtual > BigInt(Number.MAX_SAFE_INTEGER))
        fail(offset, "p_vaddr", `expected an address below 2^53, got ${virtual}`);
      return { start: Number(virtual), offset, bytes: bytes.subarray(offset, offset + size) };
    })
    .sort((a, b) => a.start - b.start);
  if (code.length === 0) fail(headerBytes, "p_flags", "expected a segment that may be executed, got none");
  const note = (await readNotes(source, segments)).find(
    ({ name, type: kind }) => name === "GNU" && kind === buildIdNote,
  );
  return {
    file,
    bytes,
    buildId:
      note === undefined ? createHash("sha1").update(bytes).digest("hex") : Buffer.from(note.content).toString("hex"),
    fixed: type === executableFile,
    entry: Number(view.getBigUint64(24, true)),
    memoryEnd: memoryEnd(view),
    code,
    functions: functionsOf(view, code, fail),
  };
}

/** The end of the last segment in memory; its size there may be more than in the file. */
function memoryEnd(view: DataView): number {
  const [table, entryBytes, count] = [
    Number(view.getBigUint64(32, true)),
    view.getUint16(54, true),
    view.getUint16(56, true),
  ];
  let end = 0;
  for (let at = table; at < table + count * entryBytes; at += entryBytes)
    if (view.getUint32(at, true) === loadSegment)
      end = Math.max(end, Number(view.getBigUint64(at + 16, true) + view.getBigUint64(at + 40, true)));
  return end;
}

/** The functions of a symbol table that lie in the code, by address and name. */
function functionsOf(
  view: DataView,
  code: readonly CodeSegment[],
  fail: (offset: number, field: string, problem: string) => never,
): ProgramFunction[] {
  const sections = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  if (sections === 0 || count === 0) return [];
  if (sections + count * sectionBytes > view.byteLength)
    fail(
      sections,
      "section headers",
      `expected ${count} of ${sectionBytes} bytes, got ${Math.max(0, view.byteLength - sections)} bytes`,
    );
  const place = (section: number): { offset: number; size: number } => {
    const at = sections + section * sectionBytes;
    const [offset, size] = [Number(view.getBigUint64(at + 24, true)), Number(view.getBigUint64(at + 32, true))];
    if (offset + size > view.byteLength)
      fail(at, "sh_size", `expected ${size} bytes at ${offset}, got ${Math.max(0, view.byteLength - offset)}`);
    return { offset, size };
  };
  const typeOf = (section: number): number => view.getUint32(sections + section * sectionBytes + 4, true);
  const numbers = Array.from({ length: count }, (_, section) => section);
  // A file that is stripped still names what it gives others.
  const wanted = numbers.some((section) => typeOf(section) === symbolTable) ? symbolTable : dynamicSymbolTable;
  const functions: ProgramFunction[] = [];
  for (const section of numbers) {
    const at = sections + section * sectionBytes;
    if (typeOf(section) !== wanted) continue;
    const symbols = place(section);
    const link = view.getUint32(at + 40, true);
    if (link >= count) fail(at + 40, "sh_link", `expected a section below ${count}, got ${link}`);
    const texts = place(link);
    for (let symbol = symbols.offset; symbol + symbolBytes <= symbols.offset + symbols.size; symbol += symbolBytes) {
      if (!functionTypes.includes(view.getUint8(symbol + 4) & 15)) continue;
      const [start, size] = [Number(view.getBigUint64(symbol + 8, true)), Number(view.getBigUint64(symbol + 16, true))];
      const from = texts.offset + view.getUint32(symbol, true);
      if (from >= texts.offset + texts.size)
        fail(
          symbol,
          "st_name",
          `expected a place below ${texts.size} in the table of names, got ${from - texts.offset}`,
        );
      if (size === 0 || !code.some((one) => start >= one.start && start + size <= one.start + one.bytes.length))
        continue;
      let end = from;
      while (end < texts.offset + texts.size && view.getUint8(end) !== 0) end += 1;
      const name = Buffer.from(view.buffer, view.byteOffset + from, end - from).toString("latin1");
      functions.push({ name, start, end: start + size });
    }
  }
  return functions.sort((a, b) => a.start - b.start || (a.name < b.name ? -1 : 1));
}

/** Bytes in memory as the readers of ELF take a file. */
const sourceOf = (bytes: Uint8Array, file: string): Source => ({
  file,
  path: file,
  bytes: bytes.length,
  compression: undefined,
  async *chunks() {
    await Promise.resolve();
    yield bytes;
  },
  sibling: () => Promise.resolve(undefined),
});
