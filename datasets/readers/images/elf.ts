import { TraceFormatError } from "../../errors.ts";
import { partOf } from "../../source/part.ts";
import type { Source } from "../../source/source.ts";

/** A segment of an ELF file, from its program header. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  /** Where it stands in the file. */
  readonly offset: number;
  readonly virtual: bigint;
  readonly physical: bigint;
  /** Its bytes in the file. */
  readonly bytes: number;
}

/** Types of ELF files and of segments, and the flag of what may be executed. */
export const executableFile = 2;
export const sharedFile = 3;
export const coreFile = 4;
export const loadSegment = 1;
export const noteSegment = 4;
export const executable = 1;

/** Behind so many program headers the number stands in the first section header. */
const manySegments = 0xffff;
/** More segments than this are no program and no memory: the list would fill memory. */
const mostSegments = 4_000_000;
const headerBytes = 64;

const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** The type in the header of an ELF file of either byte order; undefined for another file. */
export function elfType(bytes: Uint8Array): number | undefined {
  if (!isElf(bytes) || bytes.length < 52) return undefined;
  return bytes[5] === 2 ? bytes[16]! * 256 + bytes[17]! : bytes[17]! * 256 + bytes[16]!;
}

/**
 * Reads the segments of an ELF file (System V ABI, chapters 4 and 5): of 64 or 32 bits, little endian. Throws TraceFormatError with the offset and
 * the field for a file that is cut, big endian, or none. Linear in the place of the headers; memory for the list.
 */
export async function readSegments(source: Source): Promise<readonly Segment[]> {
  const { file } = source;
  const fail = (offset: number, field: string, problem: string): never => {
    throw new TraceFormatError({ file, offset, field }, problem);
  };
  const bytes = await partOf(source, 0, headerBytes);
  if (!isElf(bytes)) fail(0, "magic", "expected an ELF file, which begins with 7f 45 4c 46");
  const is64 = bytes[4] === 2;
  if (!is64 && bytes[4] !== 1) fail(4, "class", `expected 1 or 2 (32 or 64 bits), got ${bytes[4]}`);
  if (bytes[5] !== 1)
    fail(5, "data", `expected a little-endian ELF file (1), got ${bytes[5] === 2 ? "a big-endian one (2)" : bytes[5]}`);
  const shape = is64 ? wide : narrow;
  if (bytes.length < shape.headerBytes) fail(bytes.length, "header", `expected ${shape.headerBytes} bytes of header`);
  const header = new Fields(bytes, is64, (at, field) => fail(at, field, "expected a number below 2^53"));
  const phoff = header.word(shape.phoff, "e_phoff");
  const entryBytes = header.view.getUint16(shape.phentsize, true);
  let count = header.view.getUint16(shape.phnum, true);
  if (count === manySegments) {
    const at = header.word(shape.shoff, "e_shoff");
    const section = await partOf(source, at, shape.sectionBytes);
    if (section.length < shape.sectionBytes)
      fail(at, "sh_info", "expected a section header with the number of segments");
    count = new DataView(section.buffer, section.byteOffset).getUint32(shape.shInfo, true);
  }
  if (count > mostSegments) fail(shape.phnum, "e_phnum", `expected at most ${mostSegments} segments, got ${count}`);
  if (count > 0 && entryBytes < shape.entryBytes)
    fail(shape.phentsize, "e_phentsize", `expected at least ${shape.entryBytes}, got ${entryBytes}`);
  const table = await partOf(source, phoff, count * entryBytes);
  if (table.length < count * entryBytes)
    fail(phoff, "program headers", `expected ${count} of ${entryBytes} bytes, got ${table.length} bytes`);
  const fields = new Fields(table, is64, (at, field) => fail(phoff + at, field, "expected a number below 2^53"));
  return Array.from({ length: count }, (_, entry) => {
    const at = entry * entryBytes;
    return {
      type: fields.view.getUint32(at, true),
      flags: fields.view.getUint32(at + shape.flags, true),
      offset: fields.word(at + shape.offset, "p_offset"),
      virtual: fields.address(at + shape.virtual),
      physical: fields.address(at + shape.physical),
      bytes: fields.word(at + shape.bytes, "p_filesz"),
    };
  });
}

/** Where the fields stand. */
const wide = {
  headerBytes: 64,
  phoff: 32,
  shoff: 40,
  phentsize: 54,
  phnum: 56,
  sectionBytes: 64,
  shInfo: 44,
  entryBytes: 56,
  flags: 4,
  offset: 8,
  virtual: 16,
  physical: 24,
  bytes: 32,
} as const;
const narrow = {
  headerBytes: 52,
  phoff: 28,
  shoff: 32,
  phentsize: 42,
  phnum: 44,
  sectionBytes: 40,
  shInfo: 28,
  entryBytes: 32,
  flags: 24,
  offset: 4,
  virtual: 8,
  physical: 12,
  bytes: 16,
} as const;

/** Little-endian fields of a header of either width. */
class Fields {
  readonly view: DataView;
  readonly #is64: boolean;
  readonly #tooLarge: (at: number, field: string) => never;

  constructor(bytes: Uint8Array, is64: boolean, tooLarge: (at: number, field: string) => never) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#is64 = is64;
    this.#tooLarge = tooLarge;
  }

  address(at: number): bigint {
    return this.#is64 ? this.view.getBigUint64(at, true) : BigInt(this.view.getUint32(at, true));
  }

  /** An address or a size that a double holds. */
  word(at: number, field: string): number {
    const value = Number(this.address(at));
    return value <= Number.MAX_SAFE_INTEGER ? value : this.#tooLarge(at, field);
  }
}
