import { type Instruction, Mnemonic, OpAccess, OpKind, Register, type UsedMemory } from "iced-x86";
import type { CachedAccess } from "./instrument.ts";

const conditional = new Set([OpAccess.CondRead, OpAccess.CondWrite]);
/** Access memory that no operand names: clzero a line around rax, enclu what its leaf says. */
const unnamed = new Set([Mnemonic.Clzero, Mnemonic.Enclu]);
/** Mask by a vector; iced-x86 takes their accesses for whole ones. */
const masked = new Set([
  ...[Mnemonic.Maskmovq, Mnemonic.Maskmovdqu, Mnemonic.Vmaskmovdqu],
  ...[Mnemonic.Vmaskmovps, Mnemonic.Vmaskmovpd, Mnemonic.Vpmaskmovd, Mnemonic.Vpmaskmovq],
]);
const bitTests = new Set([Mnemonic.Bt, Mnemonic.Bts, Mnemonic.Btr, Mnemonic.Btc]);

/** Why an instruction cannot be in a block of the cache, whatever it accesses; undefined where it can. */
export function whyNotCached({ mnemonic }: Instruction): string | undefined {
  if (unnamed.has(mnemonic)) return "accesses memory that it does not name";
  if (mnemonic === Mnemonic.Xbegin) return "begins a transaction of the processor, which aborts to the original code";
  return undefined;
}

/** Why a barrier before an instruction cannot be told the address and the bytes of an access; undefined where it can. */
export function whyNoBarrier(instruction: Instruction, memory: UsedMemory, { size }: CachedAccess): string | undefined {
  const { mnemonic } = instruction;
  if (instruction.isStringInstruction && (instruction.hasRepPrefix || instruction.hasRepnePrefix))
    return "repeats as often as rcx says: its accesses are not known before it";
  if (conditional.has(memory.access) || instruction.isVsib || instruction.hasOpMask || masked.has(mnemonic))
    return "decides by a mask or a count what it accesses: its accesses are not known before it";
  if (bitTests.has(mnemonic) && instruction.op1Kind === OpKind.Register)
    return "adds a bit's number in a register to its address: what it accesses is not known before it";
  if (memory.index === Register.AL) return "adds al to its address, which no address of a barrier can";
  return size === 0 ? "accesses as many bytes as the processor's state says" : undefined;
}
