import { Code, CodeExt, Decoder, DecoderOptions, EncodingKind, Encoder } from "iced-x86";
import { Formatter, FormatterSyntax, type Instruction, Mnemonic, OpKind, Register } from "iced-x86";
import { beforeAll, describe, expect, it } from "vitest";
import { isVeelabError } from "../../../datasets/index.ts";
import { BlockDecoder } from "../decode.ts";
import { type ProgramImage, readImage } from "../image.ts";
import { instrument } from "../instrument.ts";
import { codeFile, codeStart } from "./elf-program.ts";
import { instructionOf } from "./instruction-of.ts";

const place = { address: codeStart + 0x10_0000, linkBase: codeStart + 0x20_0000, firstLink: 0 };
const nothing = { unlocks: new Set<number>(), privatePcs: new Set<number>() };
/** Each instruction stands at a multiple of this, and returns behind it. */
const slotBytes = 32;

/** An instruction's bytes; undefined where iced-x86 has none for it in 64-bit code, or decodes them to another instruction. */
function bytesOf(instruction: Instruction): Uint8Array | undefined {
  const encoder = new Encoder(64);
  try {
    encoder.encode(instruction, BigInt(codeStart));
    const bytes = encoder.takeBuffer();
    const decoder = new Decoder(64, bytes, DecoderOptions.None);
    const again = decoder.decode();
    const same = again.code === instruction.code && again.length === bytes.length;
    again.free();
    decoder.free();
    return same ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    encoder.free();
  }
}

interface Tried {
  readonly mnemonic: string;
  /** Whether an operand of it is [rbx], or an absolute address. */
  readonly operand: boolean;
  /** From what rdi takes addresses before its barriers. */
  readonly addresses: readonly string[];
  readonly refusal?: string;
}

/** Every instruction of 64-bit code that iced-x86 has, changed by a function; those that it gives nothing for are left out. */
async function tried(change: (instruction: Instruction) => boolean): Promise<Tried[]> {
  const found: Omit<Tried, "addresses">[] = [];
  const bytes: number[] = [];
  for (const code of Object.values(Code)) {
    if (typeof code === "string") continue;
    const opcode = CodeExt.opCode(code);
    const plain = opcode.decoderOption === 0 && opcode.encoding !== EncodingKind.MVEX;
    if (opcode.isInstruction && opcode.mode64 && plain) {
      const instruction = instructionOf(code);
      const own = change(instruction) ? bytesOf(instruction) : undefined;
      if (own !== undefined) {
        bytes.push(...own, ...new Array<number>(slotBytes - own.length).fill(0xc3));
        const operands = Array.from({ length: instruction.opCount }, (_, operand) => instruction.opKind(operand));
        found.push({ mnemonic: Mnemonic[instruction.mnemonic], operand: operands.includes(OpKind.Memory) });
      }
      instruction.free();
    }
    opcode.free();
  }
  const image = await readImage(codeFile(bytes), "code");
  const decoder = new BlockDecoder(image);
  return found.map((one, slot) => ({ ...one, ...instrumented(image, decoder, codeStart + slotBytes * slot) }));
}

/** The operands from which rdi takes addresses before the barriers of the block at an address; or why it is refused. */
function instrumented(image: ProgramImage, decoder: BlockDecoder, start: number): Pick<Tried, "addresses" | "refusal"> {
  try {
    const { code, accesses, exits } = instrument(image, decoder.blockAt(start), { ...place, ...nothing });
    const lines = linesOf(code);
    const calls = lines.filter((line) => line.startsWith("call qword [rel 0x60"));
    const linked = [...accesses, ...exits.filter(({ kind }) => kind === "call")].filter(
      ({ link }) => link !== undefined,
    );
    expect(calls).toHaveLength(linked.length);
    return { addresses: lines.flatMap((line) => /^(?:lea|mov) rdi,\[?([^\]]*)\]?$/.exec(line)?.[1] ?? []) };
  } catch (error) {
    // Anything else would end an active run.
    if (!isVeelabError(error)) throw error;
    return {
      addresses: [],
      refusal: error.message.replace(/^hybrid-rewriting: (the instruction at 0x[\da-f]+ )?/, ""),
    };
  }
}

const formatter = new Formatter(FormatterSyntax.Nasm);
formatter.hexPrefix = "0x";
formatter.hexSuffix = "";
formatter.uppercaseHex = false;

function linesOf(code: Uint8Array): string[] {
  const decoder = new Decoder(64, code, DecoderOptions.None);
  decoder.ip = BigInt(place.address);
  const lines: string[] = [];
  while (decoder.canDecode) {
    const instruction = decoder.decode();
    lines.push(formatter.format(instruction));
    instruction.free();
  }
  decoder.free();
  return lines;
}

const byMask = "decides by a mask or a count what it accesses: its accesses are not known before it";
const refusals: Readonly<Record<string, string>> = {
  [byMask]:
    "Ccs_encrypt Ccs_hash Lwpval Maskmovdqu Maskmovq Montmul Rdmsrlist Vgatherdpd Vgatherdps Vgatherqpd Vgatherqps " +
    "Vmaskmovdqu Vmaskmovpd Vmaskmovps Vpgatherdd Vpgatherdq Vpgatherqd Vpgatherqq Vpmaskmovd Vpmaskmovq " +
    "Vpscatterdd Vpscatterdq Vpscatterqd Vpscatterqq Vscatterdpd Vscatterdps Vscatterqpd Vscatterqps Wrmsrlist " +
    "Xcryptcbc Xcryptcfb Xcryptctr Xcryptecb Xcryptofb Xsha1 Xsha256 Xsha512 Xsha512_alt Xstore_alt",
  "accesses as many bytes as the processor's state says":
    "Llwpcb Pbndkb Tileloadd Tileloaddt1 Tilestored Xrstor Xrstor64 Xrstors Xrstors64 Xsave Xsave64 Xsavec Xsavec64 " +
    "Xsaveopt Xsaveopt64 Xsaves Xsaves64 Xstore",
  "adds a bit's number in a register to its address: what it accesses is not known before it": "Bt Btc Btr Bts",
  "adds al to its address, which no address of a barrier can": "Xlatb",
  "accesses memory that it does not name": "Clzero Enclu",
  "begins a transaction of the processor, which aborts to the original code": "Xbegin",
  "the jump before ... has prefixes of unknown sense": "Jecxz Loop Loope Loopne",
};
/** An operand in memory that is not accessed. */
const unaccessed =
  "Cldemote Invlpg Lea Nop Prefetch Prefetchit0 Prefetchit1 Prefetchnta Prefetcht0 Prefetcht1 Prefetcht2 Prefetchw " +
  "Prefetchwt1 Reservednop Ud0 Ud1 Vgatherpf0dpd Vgatherpf0dps Vgatherpf0qpd Vgatherpf0qps Vgatherpf1dpd " +
  "Vgatherpf1dps Vgatherpf1qpd Vgatherpf1qps Vscatterpf0dpd Vscatterpf0dps Vscatterpf0qpd Vscatterpf0qps " +
  "Vscatterpf1dpd Vscatterpf1dps Vscatterpf1qpd Vscatterpf1qps";
/** Where it accesses memory that is no such operand, or another place, too. */
const elsewhere: Readonly<Record<string, string>> = {
  ...{ Insb: "rdi", Insw: "rdi", Insd: "rdi", Outsb: "rsi", Outsw: "rsi", Outsd: "rsi" },
  ...{ Stosb: "rdi", Stosw: "rdi", Stosd: "rdi", Stosq: "rdi", Scasb: "rdi", Scasw: "rdi", Scasd: "rdi", Scasq: "rdi" },
  ...{ Lodsb: "rsi", Lodsw: "rsi", Lodsd: "rsi", Lodsq: "rsi", Leave: "rbp", Umonitor: "rcx", Rmpupdate: "rcx" },
  ...{ Movsb: "rdi rsi", Movsw: "rdi rsi", Movsd: "rdi rsi", Movsq: "rdi rsi" },
  ...{ Cmpsb: "rsi rdi", Cmpsw: "rsi rdi", Cmpsd: "rsi rdi", Cmpsq: "rsi rdi" },
  ...{ Movdir64b: "rbx rcx", Enqcmd: "rbx rcx", Enqcmds: "rbx rcx" },
};

describe("every instruction of iced-x86", { timeout: 60_000 }, () => {
  let all: Tried[];
  beforeAll(async () => {
    all = await tried(() => true);
  }, 60_000);

  it("is there: all but those that are another one's in 64-bit code", () => {
    expect(all.length).toBe(4357);
  });

  it("that is refused is refused by name", () => {
    const found: Record<string, string[]> = {};
    for (const { mnemonic, refusal } of all)
      if (refusal !== undefined) (found[refusal.replace(/0x[\da-f]+/, "...")] ??= []).push(mnemonic);
    expect(
      Object.fromEntries(Object.entries(found).map(([why, names]) => [why, [...new Set(names)].sort().join(" ")])),
    ).toEqual(refusals);
  });

  it("has barriers of the addresses that it accesses, and none where it accesses nothing", () => {
    const silent = new Set<string>();
    for (const { mnemonic, operand, addresses, refusal } of all) {
      if (refusal !== undefined) continue;
      const found = addresses.join(" ").replace(/\be/g, "r");
      if (found === "" && operand) silent.add(mnemonic);
      else if (mnemonic in elsewhere && found !== "rbx")
        expect([mnemonic, found]).toEqual([mnemonic, elsewhere[mnemonic]]);
      // An absolute address of 64 bits.
      else if (mnemonic === "Mov" && operand) expect(["rbx", "0x1122334455667788"]).toContain(found);
      else expect([mnemonic, found]).toEqual([mnemonic, operand ? "rbx" : ""]);
    }
    expect([...silent].sort().join(" ")).toBe(unaccessed);
  });

  it("is refused with a mask, and where it repeats", async () => {
    const masked = await tried((instruction) => {
      const opcode = CodeExt.opCode(instruction.code);
      const { canUseOpMaskRegister } = opcode;
      opcode.free();
      instruction.opMask = Register.K2;
      return canUseOpMaskRegister;
    });
    const accessing = masked.filter(({ operand, mnemonic }) => operand && !mnemonic.includes("pf"));
    expect(accessing.length).toBeGreaterThan(1000);
    expect(accessing.filter(({ refusal }) => refusal !== byMask)).toEqual([]);
    const repeated = await tried((instruction) => {
      instruction.hasRepPrefix = true;
      return instruction.isStringInstruction;
    });
    expect(repeated.length).toBe(26);
    const why = "repeats as often as rcx says: its accesses are not known before it";
    expect(repeated.filter(({ refusal }) => refusal !== why)).toEqual([]);
  });
});
