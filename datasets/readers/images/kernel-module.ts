import { TraceFormatError } from "../../errors.ts";
import { pageBytes } from "../../formats/page.ts";
import type { Source } from "../../source/source.ts";

/** A page of a kernel module's code. */
export interface ModulePage {
  /** Its place in memory, in pages from the module's first. */
  readonly addressPage: number;
  /** Its content as the file has it; 0 where the mask says that loading changes it. */
  readonly content: Uint8Array;
  /** Which bytes loading may change: a bit each, the lowest bit of a byte first. */
  readonly mask: Uint8Array;
  /** Bytes of the page that are the module's. */
  readonly bytesUsed: number;
}

const relocatable = 1;
const x86 = 62;
const symbolTable = 2;
const relocations = 4;
const allocated = 2;
const executable = 4;
const headerBytes = 64;
const entryBytes = 24;
/** No module has as much: the file is read whole. */
const mostBytes = 256 * 1024 * 1024;

/** How many bytes a relocation writes, by its type (System V ABI, AMD64 supplement, table 4.10): those of Linux's module loader. */
const relocationBytes: Readonly<Record<number, number>> = { 0: 0, 1: 8, 2: 4, 4: 4, 10: 4, 11: 4, 24: 8 };

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly bytes: number;
  readonly info: number;
  readonly alignment: number;
}

/** An entry of a table of places in code; the place is its first field. */
interface Entry {
  readonly view: DataView;
  /** Bytes of each entry. */
  readonly bytes: number;
  /** The code at the place. */
  readonly code: Uint8Array;
}

const callBytes = 5;
/** A conditional jump (0f 8x) is a byte longer than a call or a jump. */
const branchBytes = ({ code }: Entry): number => (code[0] === 0x0f ? 6 : callBytes);

interface RewrittenTable {
  /** Relocations of an entry. */
  readonly relocations: number;
  /** The fewest bytes of an entry, where something is read of it. */
  readonly entryBytes?: number;
  /** How many bytes of code may change at its place. */
  readonly bytes: (entry: Entry) => number;
}

/**
 * Tables of places that the kernel rewrites when it loads a module, or at any time after: how many bytes of an entry, by the number of relocations that it
 * has, and how many of code may change (Linux 5.10 to 6.12, arch/x86: alternative.h, paravirt_types.h, static_call.h, jump_label.h, ftrace.h).
 */
const rewritten: Readonly<Record<string, RewrittenTable>> = {
  // The length stands behind two offsets and 16 bits of a feature, 32 in entries of 14 bytes.
  ".altinstructions": {
    relocations: 2,
    entryBytes: 12,
    bytes: ({ view, bytes }) => view.getUint8(bytes === 14 ? 12 : 10),
  },
  ".parainstructions": { relocations: 1, entryBytes: 10, bytes: ({ view }) => view.getUint8(9) },
  ".retpoline_sites": { relocations: 1, bytes: branchBytes },
  ".return_sites": { relocations: 1, bytes: () => callBytes },
  ".call_sites": { relocations: 1, bytes: () => callBytes },
  ".smp_locks": { relocations: 1, bytes: () => 1 },
  ".static_call_sites": { relocations: 2, bytes: branchBytes },
  // A short jump, or the short no-operation in its place.
  __jump_table: { relocations: 3, bytes: ({ code }) => (code[0] === 0xeb || code[0] === 0x66 ? 2 : 5) },
  __mcount_loc: { relocations: 1, bytes: () => callBytes },
  ".ibt_endbr_seal": { relocations: 1, bytes: () => 4 },
};

/**
 * The code of a Linux kernel module for x86-64 (ELF, relocatable), in pages as the kernel lays it out in memory: sections of code in the order of the
 * file, each aligned, without those that are freed after the start (`.init*`), and zeros behind the last one. The mask has what the file cannot say: bytes of
 * relocations, and instructions that the kernel rewrites (alternatives, return thunks, static calls, jump labels, tracing, locks). Linear time;
 * memory for the file.
 *
 * Throws TraceFormatError with the offset and the field for a file that is cut, or no module.
 */
export async function readModuleCode(source: Source): Promise<readonly ModulePage[]> {
  const file = new ModuleFile(source.file, await wholeOf(source));
  const sections = file.sections();
  const starts = new Map<number, number>();
  let bytes = 0;
  for (const [at, { name, flags, bytes: size, alignment }] of sections.entries()) {
    if ((flags & (allocated | executable)) !== (allocated | executable) || name.startsWith(".init")) continue;
    bytes = Math.ceil(bytes / alignment) * alignment;
    starts.set(at, bytes);
    bytes += size;
    if (bytes > mostBytes) file.fail(0, "sh_size", `expected at most ${mostBytes} bytes of code`);
  }
  const pages = Math.ceil(bytes / pageBytes);
  const code = new Uint8Array(pages * pageBytes);
  const mask = new Uint8Array(code.length / 8);
  for (const [at, start] of starts) code.set(file.part(sections[at]!.offset, sections[at]!.bytes, "sh_offset"), start);
  const change = (from: number, length: number): void => {
    for (let at = from; at < Math.min(from + length, code.length); at += 1) mask[at >> 3]! |= 1 << (at & 7);
  };
  for (const { offset, length } of changesOf(file, sections, starts, code)) change(offset, length);
  for (let at = 0; at < code.length; at += 1) if ((mask[at >> 3]! & (1 << (at & 7))) !== 0) code[at] = 0;
  return Array.from({ length: pages }, (_, page) => ({
    addressPage: page,
    content: code.subarray(page * pageBytes, (page + 1) * pageBytes),
    mask: mask.subarray((page * pageBytes) / 8, ((page + 1) * pageBytes) / 8),
    bytesUsed: Math.min(pageBytes, bytes - page * pageBytes),
  }));
}

interface Change {
  readonly offset: number;
  readonly length: number;
}

function* changesOf(
  file: ModuleFile,
  sections: readonly Section[],
  starts: ReadonlyMap<number, number>,
  code: Uint8Array,
): Generator<Change, void> {
  const symbols = sections.find(({ type }) => type === symbolTable);
  for (const { type, offset, bytes, info } of sections) {
    const target = sections[info];
    if (type !== relocations || target === undefined) continue;
    const start = starts.get(info);
    const table = rewritten[target.name];
    const count = Math.floor(bytes / entryBytes);
    if ((start === undefined && table === undefined) || count === 0) continue;
    const list = file.view(offset, count * entryBytes, "sh_offset");
    const entries = table === undefined ? 0 : count / table.relocations;
    const size = target.bytes / entries;
    if (table !== undefined && !(Number.isInteger(size) && size >= (table.entryBytes ?? 0)))
      file.fail(
        target.offset,
        target.name,
        `expected entries of ${table.relocations} relocations, got ${count} in ${target.bytes} bytes`,
      );
    for (let at = 0; at < list.byteLength; at += entryBytes) {
      const place = Number(list.getBigUint64(at, true));
      const kind = list.getUint32(at + 8, true);
      if (start !== undefined) {
        const length = relocationBytes[kind];
        if (length === undefined)
          file.fail(offset + at, "r_info", `expected a relocation of the kernel's loader, got type ${kind}`);
        yield { offset: start + place, length };
        continue;
      }
      if (place % size !== 0 || symbols === undefined) continue;
      const symbol = file.view(symbols.offset + list.getUint32(at + 12, true) * entryBytes, entryBytes, "r_info");
      const within = starts.get(symbol.getUint16(6, true));
      // Most tables have places of code that is freed after the start, too.
      if (within === undefined) continue;
      const from = within + Number(symbol.getBigUint64(8, true) + list.getBigInt64(at + 16, true));
      const view = file.view(target.offset + place, size, target.name);
      yield { offset: from, length: table!.bytes({ view, bytes: size, code: code.subarray(from) }) };
    }
  }
}

async function wholeOf(source: Source): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source.chunks()) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new TraceFormatError({ file: source.file }, `expected a kernel module of at most ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The bytes of a module, read with their bounds. */
class ModuleFile {
  readonly #file: string;
  readonly #bytes: Uint8Array;

  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
  }

  fail(offset: number, field: string, problem: string): never {
    throw new TraceFormatError({ file: this.#file, offset, field }, problem);
  }

  part(offset: number, length: number, field: string): Uint8Array {
    if (!(offset >= 0 && offset + length <= this.#bytes.length))
      this.fail(offset, field, `expected ${length} bytes inside of the file's ${this.#bytes.length}`);
    return this.#bytes.subarray(offset, offset + length);
  }

  view(offset: number, length: number, field: string): DataView {
    const { buffer, byteOffset } = this.part(offset, length, field);
    return new DataView(buffer, byteOffset, length);
  }

  sections(): readonly Section[] {
    const header = this.view(0, headerBytes, "header");
    if (header.getUint32(0, false) !== 0x7f45_4c46 || header.getUint8(4) !== 2 || header.getUint8(5) !== 1)
      this.fail(0, "magic", "expected an ELF file of 64 bits, little endian");
    if (header.getUint16(16, true) !== relocatable || header.getUint16(18, true) !== x86)
      this.fail(16, "e_type", "expected a relocatable file for x86-64");
    const table = Number(header.getBigUint64(40, true));
    const count = header.getUint16(60, true);
    const names = header.getUint16(62, true);
    const read = (at: number): Omit<Section, "name"> & { readonly nameAt: number } => {
      const view = this.view(table + at * headerBytes, headerBytes, "e_shoff");
      return {
        nameAt: view.getUint32(0, true),
        type: view.getUint32(4, true),
        flags: Number(view.getBigUint64(8, true) & 0xffn),
        offset: Number(view.getBigUint64(24, true)),
        bytes: Number(view.getBigUint64(32, true)),
        info: view.getUint32(44, true),
        alignment: Math.max(1, Number(view.getBigUint64(48, true))),
      };
    };
    const { offset: namesAt } = read(names);
    const sections = Array.from({ length: count }, (_, at): Section => {
      const { nameAt, ...section } = read(at);
      const end = this.#bytes.indexOf(0, namesAt + nameAt);
      const name = Buffer.from(this.part(namesAt + nameAt, Math.max(0, end - namesAt - nameAt), "sh_name"));
      return { name: name.toString("latin1"), ...section };
    });
    if (!sections.some(({ name }) => name === ".gnu.linkonce.this_module"))
      this.fail(
        0,
        "e_shoff",
        "expected a kernel module, got an object file without a section .gnu.linkonce.this_module",
      );
    return sections;
  }
}
