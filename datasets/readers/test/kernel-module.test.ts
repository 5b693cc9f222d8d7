import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { TraceFormatError } from "../../errors.ts";
import { openSource } from "../../source/source.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { readModuleCode } from "../images/kernel-module.ts";

const folder = temporaryFolder();

// A place in each table that the kernel rewrites code by, and code that is freed after the start.
const assembler = `
  .text
  .balign 16
start: nop; nop
  call there                # 2: relocation of 4 bytes at 3
call1: call there           # 7: a call that tracing replaces, 5 bytes with its relocation
lock1: lock; incl (%rax)    # 12: the prefix alone
ret1: .byte 0xe9, 1, 1, 1, 1 # 15: a return thunk, 5 bytes
thunk1: .byte 0x0f, 0x84, 1, 1, 1, 1 # 20: a conditional jump to a thunk, 6 bytes
jump1: .byte 0xeb, 9        # 26: a short label, 2 bytes
jump2: .byte 0x0f, 0x1f, 0x44, 0, 0  # 28: a long one, 5 bytes
alt1: .byte 1, 2, 3, 4      # 33: an alternative of 3 bytes
para1: .byte 1, 2, 3        # 37: a paravirtual call of 2 bytes
seal1: .byte 1, 2, 3, 4, 5  # 40: a landing pad, 4 bytes
tramp1: .byte 0xe8, 2, 2, 2, 2 # 45: a static call, 5 bytes
abs1: movabs $data, %rax    # 50: relocation of 8 bytes at 52
  .fill 4096 - 60, 1, 0x77  # the page's rest
  .section .init.text, "ax"
  call there
init1: .byte 1, 2, 3, 4, 5
  .section .text.unlikely, "ax"
  .balign 4
cold: call there            # the next page, as code that is freed has no place
  .data
data: .quad 0
  .macro at section, size, place, more:vararg
  .section \\section, "a"
  .long \\place - .
  \\more
  .endm
  .section __mcount_loc, "a"
  .quad call1
  .quad init1
  at .smp_locks, 4, lock1
  at .return_sites, 4, ret1
  at .retpoline_sites, 4, thunk1
  at __jump_table, 16, jump1, .long abs1 - .; .quad data - .
  at __jump_table, 16, jump2, .long there - .; .quad data - .
  at .altinstructions, 12, alt1, .long there - .; .word 9; .byte 3, 1
  .section .parainstructions, "a"
  .quad para1
  .byte 0, 2, 0, 0, 0, 0, 0, 0
  at .ibt_endbr_seal, 4, seal1
  at .static_call_sites, 8, tramp1, .long there - .
  .section .gnu.linkonce.this_module, "aw"
  .quad 0
`;

/** Where a section's header begins. */
function headerOf(file: Buffer, name: string): number {
  const [table, count, names] = [Number(file.readBigUInt64LE(40)), file.readUInt16LE(60), file.readUInt16LE(62)];
  const at = (index: number) => table + 64 * index;
  const texts = Number(file.readBigUInt64LE(at(names) + 24));
  const isNamed = (index: number) => {
    const from = texts + file.readUInt32LE(at(index));
    return file.toString("latin1", from, file.indexOf(0, from)) === name;
  };
  return at(Array.from({ length: count }, (_, index) => index).find(isNamed)!);
}

/** The masked bytes of a page, as ranges. */
function ranges(mask: Uint8Array): string[] {
  const list: string[] = [];
  const isMasked = (at: number) => (mask[at >> 3]! & (1 << (at & 7))) !== 0;
  for (let at = 0; at < 4096; at += 1) {
    if (!isMasked(at)) continue;
    const from = at;
    while (at + 1 < 4096 && isMasked(at + 1)) at += 1;
    list.push(`${from}-${at}`);
  }
  return list;
}

describe.skipIf(!tool("as", ["--version"], "binutils"))("a kernel module", () => {
  const path = folder.path("some.ko");
  const made = spawnSync("as", ["-o", path, folder.write("some.s", assembler.replaceAll("\\\\", "\\"))], {
    encoding: "utf8",
  });

  it("has the code that stays, and a mask of what the kernel changes", async () => {
    expect(made.stderr).toBe("");
    const pages = await readModuleCode(await openSource(path));
    const text = readFileSync(path).subarray(64, 64 + 4096);
    expect(pages.map(({ addressPage, bytesUsed }) => [addressPage, bytesUsed])).toEqual([
      [0, 4096],
      [1, 5],
    ]);
    expect(ranges(pages[0]!.mask)).toEqual(["3-12", "15-35", "37-38", "40-43", "45-49", "52-59"]);
    // The call at the beginning of the second page.
    expect(ranges(pages[1]!.mask)).toEqual(["1-4"]);
    expect([...pages[1]!.content.subarray(0, 8)]).toEqual([0xe8, 0, 0, 0, 0, 0, 0, 0]);
    for (let at = 0; at < 4096; at += 1) {
      const isMasked = (pages[0]!.mask[at >> 3]! & (1 << (at & 7))) !== 0;
      expect(pages[0]!.content[at], String(at)).toBe(isMasked ? 0 : text[at]);
    }
  });

  it("that is cut, damaged or none is an error with a place, or pages", async () => {
    const whole = new Uint8Array(readFileSync(path));
    const read = async (bytes: Uint8Array) => readModuleCode(await openSource(folder.write("bad.ko", bytes)));
    await expect(read(whole.subarray(0, 40))).rejects.toThrow('bad.ko, offset 0, field "header": expected 64 bytes');
    await expect(read(Buffer.alloc(100))).rejects.toThrow("expected an ELF file of 64 bits, little endian");
    await expect(read(new Uint8Array(readFileSync(process.execPath).subarray(0, 4096)))).rejects.toThrow(
      "expected a relocatable file for x86-64",
    );
    const object = Buffer.from(whole);
    object.write(".gnu.linkonce.that_module", object.indexOf(".gnu.linkonce.this_module"), "latin1");
    await expect(read(object)).rejects.toThrow("expected a kernel module, got an object file");
    const short = Buffer.from(whole);
    short.writeBigUInt64LE(4n, headerOf(short, ".parainstructions") + 32);
    await expect(read(short)).rejects.toThrow(
      'field ".parainstructions": expected entries of 1 relocations, got 1 in 4 bytes',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            for (const { content, mask } of await read(bytes))
              expect([content.length, mask.length]).toEqual([4096, 512]);
          } catch (error) {
            expect(error).toBeInstanceOf(TraceFormatError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
