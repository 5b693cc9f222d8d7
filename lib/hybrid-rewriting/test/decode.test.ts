import fc from "fast-check";
import { Code, Decoder, DecoderOptions, InstructionInfoFactory, type UsedMemory } from "iced-x86";
import { beforeAll, describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { bytesOf, decodeProgram, executedBlocks, executionBatches, type ProgramImage, readImage } from "../index.ts";
import { Shapes } from "../shapes.ts";
import { codeImage, codeStart } from "./elf-program.ts";

const names = ["reservations", "clusters", "packets", "transfers"];
let kernels: ProgramImage;
beforeAll(async () => {
  kernels = await readImage(bytesOf(await open("executions/kernels")), "kernels");
});

const blocksOf = async (...code: number[]) => decodeProgram(await codeImage(...code), { entries: [codeStart] }).blocks;

describe("blocks by hand", () => {
  it("a conditional jump has two exits, of which the second is decoded, too", async () => {
    // cmp edi, 5; jne +1; ret; nop; ret
    const blocks = await blocksOf(0x83, 0xff, 0x05, 0x75, 0x01, 0xc3, 0x90, 0xc3);
    expect(blocks).toEqual([
      {
        ...{ start: codeStart, end: codeStart + 5, instructions: 2, accesses: [] },
        exits: [
          { kind: "branch", target: codeStart + 6 },
          { kind: "next", target: codeStart + 5 },
        ],
      },
      {
        ...{ start: codeStart + 5, end: codeStart + 6, instructions: 1, exits: [{ kind: "return" }] },
        accesses: [{ pc: codeStart + 5, write: false, size: 8, stackRelative: true, threadLocal: false }],
      },
      {
        ...{ start: codeStart + 6, end: codeStart + 8, instructions: 2, exits: [{ kind: "return" }] },
        accesses: [{ pc: codeStart + 7, write: false, size: 8, stackRelative: true, threadLocal: false }],
      },
    ]);
  });

  it.each([
    ["jmp -2", [0xeb, 0xfe], [{ kind: "jump", target: codeStart }]],
    ["jmp rax", [0xff, 0xe0], [{ kind: "indirect-jump" }]],
    ["call rax", [0xff, 0xd0, 0xc3], [{ kind: "indirect-call" }, { kind: "next", target: codeStart + 2 }]],
    [
      "call +1",
      [0xe8, 1, 0, 0, 0, 0xc3, 0xc3],
      [
        { kind: "call", target: codeStart + 6 },
        { kind: "next", target: codeStart + 5 },
      ],
    ],
    ["syscall", [0x0f, 0x05, 0xc3], [{ kind: "next", target: codeStart + 2 }]],
    ["ud2", [0x0f, 0x0b], [{ kind: "none" }]],
    ["rep movsb", [0xf3, 0xa4, 0xc3], [{ kind: "next", target: codeStart + 2 }]],
  ])("exits of %s", async (_, code, exits) => {
    expect((await blocksOf(...code))[0]!.exits).toEqual(exits);
  });

  it.each([
    // What an instruction reads and writes: bytes, w where it writes, s on the stack, t in the thread's own storage.
    ["mov rax, [rdi+8]", [0x48, 0x8b, 0x47, 0x08], ["8"]],
    ["add dword [rdi], 1", [0x83, 0x07, 0x01], ["4", "4w"]],
    ["mov [rsp+rax*8+16], cx", [0x66, 0x89, 0x4c, 0xc4, 0x10], ["2ws"]],
    ["push [rax]", [0xff, 0x30], ["8", "8ws"]],
    ["mov rax, fs:[0x28]", [0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0], ["8t"]],
    ["mov rax, [rip+16]", [0x48, 0x8b, 0x05, 0x10, 0, 0, 0], ["8"]],
    ["lea rax, [rdi+8]", [0x48, 0x8d, 0x47, 0x08], []],
    ["nop [rax]", [0x0f, 0x1f, 0x00], []],
    ["movups [rdi], xmm0", [0x0f, 0x11, 0x07], ["16w"]],
    ["movsq", [0x48, 0xa5], ["8w", "8"]],
    ["mov eax, [rbp-4], no frame pointer known", [0x8b, 0x45, 0xfc], ["4"]],
  ])("accesses of %s", async (_, code, expected) => {
    const [block] = await blocksOf(...code, 0x0f, 0x0b);
    expect(
      block!.accesses.map((one) =>
        [one.size, one.write ? "w" : "", one.stackRelative ? "s" : "", one.threadLocal ? "t" : ""].join(""),
      ),
    ).toEqual(expected);
  });

  it("rbp is on the stack in a function that sets it to rsp and restores it, and in no other", async () => {
    // push rbp; mov rbp, rsp; mov eax, [rbp-4]; leave; ret — and the same with mov rbp, rdi.
    const framed = [0x55, 0x48, 0x89, 0xe5, 0x8b, 0x45, 0xfc, 0xc9, 0xc3];
    const free = [0x55, 0x48, 0x89, 0xfd, 0x8b, 0x45, 0xfc, 0xc9, 0xc3];
    const image = await codeImage(...framed, ...free);
    const functions = [
      { name: "framed", start: codeStart, end: codeStart + 9 },
      { name: "free", start: codeStart + 9, end: codeStart + 18 },
    ];
    const { blocks } = decodeProgram({ ...image, functions });
    const stacked = blocks.map(({ accesses }) => accesses.map(({ stackRelative }) => stackRelative));
    // push, the load, leave, ret
    expect(stacked).toEqual([
      [true, true, true, true],
      [true, false, false, true],
    ]);
  });

  it("a block ends behind the first instruction that reaches its page's end, and after 512", async () => {
    const pages = await codeImage(...new Array<number>(4094).fill(0x90), 0x48, 0x8b, 0x07, 0xc3);
    const [first] = decodeProgram(pages, { entries: [codeStart + 4000] }).blocks;
    expect(first).toMatchObject({ end: codeStart + 4097, instructions: 95, exits: [{ kind: "next" }] });
    const [long] = decodeProgram(pages, { entries: [codeStart], follow: false }).blocks;
    expect(long!.instructions).toBe(512);
  });
});

describe("bytes that are no instruction", () => {
  it.each([
    [
      "06 in 64-bit code",
      [0x90, 0x06, 0x00],
      'code, offset 4097, field "0x401001": expected an instruction of x86-64, got the bytes 06 00',
    ],
    [
      "an instruction that is cut",
      [0xe8, 0x00],
      'code, offset 4096, field "0x401000": expected an instruction of x86-64, got the bytes e8 00',
    ],
  ])("%s", async (_, code, message) => {
    const image = await codeImage(...code);
    expect(() => decodeProgram(image)).toThrow(message);
  });

  it("an entry outside of the code, and an unknown option", async () => {
    const image = await codeImage(0xc3);
    expect(() => decodeProgram(image, { entries: [0x500000] })).toThrow(
      'code, field "0x500000": expected an address inside of a segment of code (0x401000 to 0x401000), got 0x500000',
    );
    expect(() => decodeProgram(image, { from: 1 } as never)).toThrow(
      'options: expected only entries, follow, got "from"',
    );
    expect(() => decodeProgram(image, { follow: 1 as never })).toThrow("follow: expected true or false, got 1");
  });
});

describe("against iced-x86 on a whole program", () => {
  it("every instruction has iced's length, control flow, target and memory operands", () => {
    const shapes = new Shapes();
    const information = new InstructionInfoFactory();
    let [checked, target] = [0, 0];
    // Every tenth function: iced's own information takes long.
    for (const [number, { start, end }] of kernels.functions.entries()) {
      if (number % 10 !== 0) continue;
      const { bytes, start: base } = kernels.code.find(
        (one) => start >= one.start && end <= one.start + one.bytes.length,
      )!;
      const decoder = new Decoder(64, bytes.subarray(start - base, end - base), DecoderOptions.None);
      decoder.ip = BigInt(start);
      while (decoder.canDecode) {
        const at = start - base + decoder.position;
        const instruction = decoder.decode();
        const shape = shapes.at(bytes, at)!;
        expect([shape.length, shape.flow]).toEqual([instruction.length, instruction.flowControl]);
        if (shape.targetBytes > 0) {
          const [block] = decodeProgram(kernels, { entries: [base + at], follow: false }).blocks;
          if (target % 50 === 0) expect(block!.exits[0]!.target).toBe(Number(instruction.nearBranchTarget));
          target += 1;
        }
        const info = information.info(instruction);
        const bases = (info.usedMemory() as UsedMemory[]).map(({ base: register }) => register);
        expect([...new Set(shape.operands.map(({ base: register }) => register))].sort()).toEqual(
          [...new Set(bases)].sort(),
        );
        info.free();
        instruction.free();
        checked += 1;
      }
      decoder.free();
    }
    expect(checked).toBeGreaterThan(10_000);
  });
});

describe("against iced-x86 on any bytes", () => {
  it("bytes are an instruction of the same length and control flow, or none to both, whatever was learnt before", () => {
    const shapes = new Shapes();
    // Prefixes and escapes more often than by chance, so that long instructions are met.
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0x66, 0xf2, 0xf3, 0xf0, 0x48, 0x0f, 0x38, 0x3a, 0xc4, 0xc5, 0x62, 0x67),
    );
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 15 }), (list) => {
        const bytes = Uint8Array.from(list);
        const decoder = new Decoder(64, bytes, DecoderOptions.None);
        const instruction = decoder.decode();
        const shape = shapes.at(bytes, 0);
        const expected = instruction.code === Code.INVALID ? undefined : [instruction.length, instruction.flowControl];
        expect(shape && [shape.length, shape.flow]).toEqual(expected);
        instruction.free();
        decoder.free();
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("against what QEMU executed", () => {
  it.each(names)("%s: every block has QEMU's instructions, and they access what was recorded", async (name) => {
    const ran = await executedBlocks(await open(`executions/${name}`));
    const program = decodeProgram(kernels, { entries: ran.keys(), follow: false });
    const blocks = new Map(program.blocks.map((block) => [block.start, block]));
    expect(program.blocks.filter(({ start, instructions }) => ran.get(start) !== instructions)).toEqual([]);
    // What is left of the accesses of each thread's block. An atomic instruction is recorded as a write alone.
    const left = new Map<number, { pc: number; write: boolean; size: number }[]>();
    const others: number[] = [];
    for await (const { thread, event, pc, size } of executionBatches(await open(`executions/${name}`)))
      for (let row = 0; row < event.length; row += 1) {
        if (event[row] === 0) left.set(thread[row]!, [...blocks.get(pc[row]!)!.accesses]);
        if (event[row] !== 1 && event[row] !== 2) continue;
        const accesses = left.get(thread[row]!)!;
        const at = accesses.findIndex(
          (one) => one.pc === pc[row] && one.write === (event[row] === 2) && one.size === size[row],
        );
        if (at >= 0) accesses.splice(0, at + 1);
        else others.push(pc[row]!);
      }
    // The one string instruction that repeats; its accesses are one row.
    expect(others.map((at) => at.toString(16))).toEqual(["41a91c"]);
  });
});
