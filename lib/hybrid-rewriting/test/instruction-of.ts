import { type Code, CodeExt, Instruction, OpCodeOperandKind, OpKind, Register } from "iced-x86";

const byNumber = Object.values(Register).filter((one): one is Register => typeof one === "number");
const registers: readonly (readonly [RegExp, Register])[] = [
  [/^r8_/, Register.CL],
  [/^r16_/, Register.CX],
  [/^r32_/, Register.ECX],
  [/^r64_/, Register.RCX],
  [/^kp?1?_?/, Register.K1],
  [/^mm_/, Register.MM1],
  [/^xmm/, Register.XMM1],
  [/^ymm/, Register.YMM1],
  [/^zmm/, Register.ZMM1],
  [/^bnd/, Register.BND1],
  [/^tmm/, Register.TMM1],
];
const fixed: Readonly<Record<string, Register>> = {
  ...{ es: Register.ES, cs: Register.CS, ss: Register.SS, ds: Register.DS, fs: Register.FS, gs: Register.GS },
  ...{ al: Register.AL, cl: Register.CL, ax: Register.AX, dx: Register.DX, eax: Register.EAX, rax: Register.RAX },
  ...{ seg_reg: Register.ES, cr_reg: Register.CR0, dr_reg: Register.DR0, tr_reg: Register.TR1 },
  ...{ st0: Register.ST0, sti_opcode: Register.ST1 },
};
const others: Readonly<Record<string, OpKind>> = {
  ...{ seg_rSI: OpKind.MemorySegRSI, es_rDI: OpKind.MemoryESRDI, seg_rDI: OpKind.MemorySegRDI },
  ...{ imm4_m2z: OpKind.Immediate8, imm8: OpKind.Immediate8, imm8_const_1: OpKind.Immediate8 },
  ...{ imm8sex16: OpKind.Immediate8to16, imm8sex32: OpKind.Immediate8to32, imm8sex64: OpKind.Immediate8to64 },
  ...{ imm16: OpKind.Immediate16, imm32: OpKind.Immediate32, imm32sex64: OpKind.Immediate32to64 },
  ...{ imm64: OpKind.Immediate64, br32_4: OpKind.NearBranch32, xbegin_2: OpKind.NearBranch64 },
  ...{ br64_1: OpKind.NearBranch64, br64_4: OpKind.NearBranch64, xbegin_4: OpKind.NearBranch64 },
  ...{ br16_1: OpKind.NearBranch16, br16_2: OpKind.NearBranch16 },
};
const vectors: Readonly<Record<string, Register>> = { x: Register.XMM7, y: Register.YMM7, z: Register.ZMM7 };

/** An instruction of a code of iced-x86, whose memory operand, where it may have one, is [rbx], and else different registers. */
export function instructionOf(code: Code): Instruction {
  const opcode = CodeExt.opCode(code);
  const instruction = new Instruction();
  instruction.code = code;
  for (let operand = 0; operand < opcode.opCount; operand += 1) {
    const kind = OpCodeOperandKind[opcode.opKind(operand)];
    if (kind in fixed) {
      instruction.setOpKind(operand, OpKind.Register);
      instruction.setOpRegister(operand, fixed[kind]!);
    } else if (kind === "mem_offs") {
      instruction.setOpKind(operand, OpKind.Memory);
      instruction.memoryDisplacement = 0x1122_3344_5566_7788n;
      instruction.memoryDisplSize = 8;
    } else if (kind === "seg_rBX_al" || (kind.includes("mem") && !kind.endsWith("reg_mem"))) {
      instruction.setOpKind(operand, OpKind.Memory);
      // What an address of 32 bits goes with takes its other one from a register of 32 bits.
      instruction.memoryBase = opcode.instructionString.endsWith("r32, m512") ? Register.EBX : Register.RBX;
      instruction.memoryIndexScale = 1;
      if (kind === "seg_rBX_al") instruction.memoryIndex = Register.AL;
      if (kind.startsWith("mem_vsib")) instruction.memoryIndex = vectors[kind.at(-1)!]!;
    } else if (kind in others) {
      const second = kind === "imm8" && operand > 0 && OpCodeOperandKind[opcode.opKind(operand - 1)].includes("imm");
      instruction.setOpKind(operand, second ? OpKind.Immediate8_2nd : others[kind]!);
      if (kind === "imm8_const_1") instruction.immediate8 = 1;
      if (kind.startsWith("br") || kind.startsWith("xbegin")) instruction.nearBranch64 = 0x401020n;
    } else {
      const [, first] = registers.find(([pattern]) => pattern.test(kind))!;
      instruction.setOpKind(operand, OpKind.Register);
      instruction.setOpRegister(operand, byNumber[byNumber.indexOf(first) + operand]!);
    }
  }
  if (opcode.requireOpMaskRegister) instruction.opMask = Register.K2;
  opcode.free();
  return instruction;
}
