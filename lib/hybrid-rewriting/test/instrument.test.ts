import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { activeRun, disassembly, type Execution, openPic, type ProgramImage } from "../index.ts";
import { codeImage, codeStart } from "./elf-program.ts";

const folder = temporaryFolder();
let files = 0;

/** A thread that holds a mutex runs these blocks. */
const inside = (...starts: number[]): Execution => [
  {
    thread: new Uint16Array(starts.length + 1),
    event: Uint8Array.of(3, ...starts.map(() => 0)),
    pc: Float64Array.of(0, ...starts),
    address: new Float64Array(starts.length + 1),
    size: new Uint16Array(starts.length + 1),
  },
];

/** The function that unlocks stands at the code's end. */
const withUnlock = async (...code: number[]): Promise<ProgramImage> => {
  const image = await codeImage(...code, 0xc3);
  const start = codeStart + code.length;
  return { ...image, functions: [{ name: "pthread_mutex_unlock", start, end: start + 1 }] };
};

/** The cached code of the first block, by instruction, and what its pointers are for. */
async function cached(...code: number[]): Promise<string[]> {
  const image = await withUnlock(...code);
  const path = folder.path(`${(files += 1)}.pic`);
  const { refusals } = await activeRun(image, inside(codeStart), path);
  if (refusals.length > 0) return [...refusals];
  const rows = disassembly(image, await openPic(path, image), codeStart).toArray() as {
    code: string;
    instruction: string;
    through: string;
  }[];
  return rows
    .filter((row) => row.code === "cached")
    .map(({ instruction, through }) => (through === "" ? instruction : `${instruction.split(" ")[0]!} ${through}`));
}

const before = ["lea rsp,[rsp-0x80]", "push rdi"];
const after = ["pop rdi", "lea rsp,[rsp+0x80]"];

describe("cached code by hand", () => {
  it("a load has a barrier, with the address that the load uses, rdi included", async () => {
    // mov rax, [rdi+rsi*4+8]; ret
    expect(await cached(0x48, 0x8b, 0x44, 0xb7, 0x08, 0xc3)).toEqual([
      ...before,
      "lea rdi,[rdi+rsi*4+8]",
      "call barrier: read of 8 bytes by 0x401000",
      ...after,
      "mov rax,[rdi+rsi*4+8]",
      "ret",
    ]);
  });

  it("what is read and written has two barriers; an operand relative to rip means the same address", async () => {
    // add dword [rip+0x100], 1: the address is 0x401007 + 0x100
    expect(await cached(0x83, 0x05, 0x00, 0x01, 0x00, 0x00, 0x01, 0xc3)).toEqual([
      ...before,
      "lea rdi,[rel 0x401107]",
      "call barrier: read of 4 bytes by 0x401000",
      "call barrier: write of 4 bytes by 0x401000",
      ...after,
      "add dword [rel 0x401107],1",
      "ret",
    ]);
  });

  it("what is private by its operand has none", async () => {
    // push rbx; mov [rsp+8], rax; mov rax, fs:[0]; pop rbx; ret
    const own = [0x53, 0x48, 0x89, 0x44, 0x24, 0x08, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x5b, 0xc3];
    expect(await cached(...own)).toEqual(["push rbx", "mov [rsp+8],rax", "mov rax,[fs:0]", "pop rbx", "ret"]);
  });

  it("a copy has a barrier for each side", async () => {
    expect(await cached(0x48, 0xa5, 0xc3)).toEqual([
      ...[...before, "lea rdi,[rdi]", "call barrier: write of 8 bytes by 0x401000", ...after],
      ...[...before, "lea rdi,[rsi]", "call barrier: read of 8 bytes by 0x401000", ...after],
      "movsq",
      "ret",
    ]);
  });

  it.each([
    ["jne +0x100", [0x0f, 0x85, 0x00, 0x01, 0, 0], ["jne", "jmp exit: next, 0x401006", "jmp exit: branch, 0x401106"]],
    ["jrcxz +4", [0xe3, 0x04], ["jrcxz", "jmp exit: next, 0x401002", "jmp exit: branch, 0x401006"]],
    ["jmp +1", [0xeb, 0x01], ["jmp exit: jump, 0x401003"]],
    ["call +1", [0xe8, 1, 0, 0, 0], ["call exit: call, 0x401006", "jmp exit: next, 0x401005"]],
    ["call unlock", [0xe8, 0, 0, 0, 0], ["jmp exit: leave, 0x401000"]],
    ["jmp unlock", [0xe9, 0, 0, 0, 0], ["jmp exit: leave, 0x401000"]],
    ["syscall", [0x0f, 0x05], ["syscall", "jmp exit: next, 0x401002"]],
    ["jmp rax", [0xff, 0xe0], ["jmp rax"]],
  ])("%s goes through pointers", async (name, code, expected) => {
    // Something stands between, so that only those "unlock" meet the function that unlocks.
    const rest = name.endsWith("unlock") ? [] : [0x90, 0x90, 0x90];
    expect((await cached(...code, ...rest)).map((line) => line.replace(/^(j\w+) (short )?0x.*/, "$1"))).toEqual(
      expected,
    );
  });

  it.each([
    ["mov eax, [esi-8]", [0x67, 0x8b, 0x46, 0xf8], "lea rdi,[esi-8]"],
    ["mov eax, [esi*2-0x100]", [0x67, 0x8b, 0x04, 0x75, 0x00, 0xff, 0xff, 0xff], "lea rdi,[esi*2-0x100]"],
    ["mov eax, [dword 0xfffffff0]", [0x67, 0x8b, 0x04, 0x25, 0xf0, 0xff, 0xff, 0xff], "mov rdi,0xfffffff0"],
    ["mov eax, [-16]", [0x8b, 0x04, 0x25, 0xf0, 0xff, 0xff, 0xff], "mov rdi,0xfffffffffffffff0"],
    ["mov eax, [qword 0x123456789ab]", [0xa1, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0, 0], "mov rdi,0x123456789ab"],
    ["mov eax, [eip+0x10]", [0x67, 0x8b, 0x05, 0x10, 0, 0, 0], "lea rdi,[rel 0x401017]"],
  ])("%s: an address of 32 bits or an absolute one", async (_, code, address) => {
    expect((await cached(...code, 0xc3))[2]).toBe(address);
  });

  it.each([
    ["rep movsb", [0xf3, 0xa4], "repeats as often as rcx says: its accesses are not known before it"],
    [
      "vpgatherdd xmm1, [rax+xmm2*4], xmm0",
      [0xc4, 0xe2, 0x79, 0x90, 0x0c, 0x90],
      "decides by a mask or a count what it accesses: its accesses are not known before it",
    ],
    ["xlat", [0xd7], "adds al to its address, which no address of a barrier can"],
    [
      "bts [rbx], rcx",
      [0x48, 0x0f, 0xab, 0x0b],
      "adds a bit's number in a register to its address: what it accesses is not known before it",
    ],
  ])("%s is refused in one sentence, and the run goes on", async (_, code, why) => {
    const behind = codeStart + code.length + 1;
    const image = await withUnlock(...code, 0xc3, 0x48, 0x8b, 0x07, 0xc3);
    const { row, refusals } = await activeRun(image, inside(codeStart, behind), folder.path(`${(files += 1)}.pic`));
    expect(refusals).toEqual([`hybrid-rewriting: the instruction at 0x401000 ${why}`]);
    expect(row).toMatchObject({ blocks: 2, appended: 1, refused: 1 });
  });

  it("bts [rbx], 5 accesses what its operand says", async () => {
    expect((await cached(0x0f, 0xba, 0x2b, 0x05, 0xc3)).slice(2, 5)).toEqual([
      "lea rdi,[rbx]",
      "call barrier: read of 4 bytes by 0x401000",
      "call barrier: write of 4 bytes by 0x401000",
    ]);
  });

  it("code that is too far from what it accesses is refused in one sentence", async () => {
    const far = codeStart + 2 ** 32;
    const image = { ...(await withUnlock(0x8b, 0x05, 0, 0, 0, 0, 0xc3)), memoryEnd: far };
    const { refusals } = await activeRun(image, inside(codeStart), folder.path("far.pic"));
    expect(refusals).toEqual([
      expect.stringMatching(/^hybrid-rewriting: an instruction cannot stand at 0x1006[\da-f]+: /),
    ]);
  });

  it("what earlier runs found private has no barrier, and says why", async () => {
    const image = await withUnlock(0x48, 0x8b, 0x07, 0x48, 0x89, 0x06, 0xc3); // mov rax, [rdi]; mov [rsi], rax; ret
    const path = folder.path("profile.pic");
    const { row } = await activeRun(image, inside(codeStart), path, { privatePcs: new Set([codeStart]) });
    expect(row).toMatchObject({
      blocks: 1,
      appended: 1,
      instructions: 3,
      originalBytes: 7,
      barriers: 1,
      privateAccesses: 2,
    });
    const [block] = (await openPic(path, image)).blocks.values();
    expect(block!.accesses.map(({ privacy }) => privacy)).toEqual(["profile", "shared", "stack"]);
    expect(block!.accesses.map(({ link }) => link)).toEqual([undefined, 0, undefined]);
  });

  it("only blocks that ran with a mutex held are cached, each once", async () => {
    const image = await withUnlock(0xc3, 0x90, 0xc3);
    const path = folder.path("twice.pic");
    const events = (rows: readonly (readonly [number, number])[]): Execution => [
      {
        thread: new Uint16Array(rows.length),
        event: Uint8Array.from(rows, ([event]) => event),
        pc: Float64Array.from(rows, ([, pc]) => pc),
        address: new Float64Array(rows.length),
        size: new Uint16Array(rows.length),
      },
    ];
    const run = events([
      [0, codeStart],
      [3, 0],
      [0, codeStart + 1],
      [4, 0],
      [0, codeStart + 2],
    ]);
    expect((await activeRun(image, run, path)).row).toMatchObject({ blocks: 1, appended: 1 });
    expect((await activeRun(image, run, path)).row).toMatchObject({ blocks: 1, appended: 0 });
    expect([...(await openPic(path, image)).blocks.keys()]).toEqual([codeStart + 1]);
  });
});

describe("what cannot be cached or shown is one sentence", () => {
  it("a stripped program, an unknown option, a block that is not there", async () => {
    const bare = await codeImage(0xc3);
    await expect(activeRun(bare, inside(codeStart), folder.path("bare.pic"))).rejects.toThrow(
      'unlocks: expected names of functions that are linked into code, which critical sections are found by, got "a stripped program, which has no names"',
    );
    await expect(activeRun(bare, [], folder.path("bare.pic"), { lock: 1 } as never)).rejects.toThrow(
      'options: expected only unlocks, privatePcs, got "lock"',
    );
    const image = await withUnlock(0xc3);
    const path = folder.path("one.pic");
    await activeRun(image, inside(codeStart), path);
    const pic = await openPic(path, image);
    expect(() => disassembly(image, pic, 7)).toThrow(
      "start: expected the address of one of the 1 blocks in one.pic, got 7",
    );
  });
});
