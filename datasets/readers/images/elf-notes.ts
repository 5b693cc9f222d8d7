import { TraceFormatError } from "../../errors.ts";
import { partOf } from "../../source/part.ts";
import type { Source } from "../../source/source.ts";
import { noteSegment, type Segment } from "./elf.ts";

/** A note of an ELF file. */
export interface ElfNote {
  /** Who defines the type: CORE, QEMU, GNU. */
  readonly name: string;
  readonly type: number;
  readonly content: Uint8Array;
}

const headerBytes = 12;
/** More notes than these are none of a thousand processors: they would fill memory. */
const mostBytes = 64 * 1024 * 1024;

const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/**
 * Reads the notes of an ELF file of little endian (System V ABI, chapter 5), of its PT_NOTE segments, whose parts are padded to 4 bytes. Throws TraceFormatError
 * with the offset for notes that do not fit their segment. Linear in the place of the notes; memory for them.
 */
export async function readNotes(source: Source, segments: readonly Segment[]): Promise<readonly ElfNote[]> {
  const notes: ElfNote[] = [];
  for (const { offset, bytes: size } of segments.filter(({ type }) => type === noteSegment)) {
    const fail = (at: number, problem: string): never => {
      throw new TraceFormatError({ file: source.file, offset: offset + at, field: "PT_NOTE" }, problem);
    };
    if (size > mostBytes) fail(0, `expected at most ${mostBytes} bytes of notes, got ${size}`);
    const bytes = await partOf(source, offset, size);
    if (bytes.length < size) fail(bytes.length, `expected ${size} bytes of notes, got ${bytes.length}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + headerBytes <= bytes.length;) {
      const [nameBytes, contentBytes] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      const type = view.getUint32(at + 8, true);
      const from = at + headerBytes + padded(nameBytes);
      const end = from + contentBytes;
      if (end > bytes.length)
        fail(at, `expected a note inside of its segment, got one that ends ${end - bytes.length} bytes behind it`);
      const name = Buffer.from(bytes.subarray(at + headerBytes, at + headerBytes + nameBytes)).toString("latin1");
      notes.push({ name: name.replace(/\0$/, ""), type, content: bytes.subarray(from, end) });
      at = padded(end);
    }
  }
  return notes;
}

const names = [
  ..."rax rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15 rip rflags"
    .split(" ")
    .map((name, at) => [name, 8 + 8 * at] as const),
  // Behind ten descriptors of 24 bytes each.
  ...["cr0", "cr1", "cr2", "cr3", "cr4"].map((name, at) => [name, 392 + 8 * at] as const),
] as const;
const stateBytes = 432;

/**
 * Registers of each x86 processor, hexadecimal, from the notes that QEMU adds to a guest's dump (QEMUCPUState version 1 in its target/i386/arch_dump.c;
 * described in https://gitlab.com/qemu-project/qemu/-/tree/master/contrib/elf2dmp).
 */
export const processorsOf = (notes: readonly ElfNote[]): readonly Readonly<Record<string, string>>[] =>
  notes
    .filter(({ name, content }) => name === "QEMU" && content.length >= stateBytes && content[0] === 1)
    .map(({ content }) => {
      const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
      return Object.fromEntries(names.map(([name, at]) => [name, `0x${view.getBigUint64(at, true).toString(16)}`]));
    });
