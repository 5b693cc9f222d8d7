import { Code, Instruction, Register } from "iced-x86";
import { at, Emitter, redZoneBytes } from "./emitter.ts";

/** A count and a sum of addresses, each of 8 bytes, for every pointer. */
export const counterBytes = 16;

/** Linux's system calls for x86-64, and the flags of those that the entry makes. */
const system = { open: 2, close: 3, mmap: 9, exitGroup: 231 } as const;
const readAndWrite = 2;
const readWriteMemory = 3; // PROT_READ | PROT_WRITE
const sharedAndFixed = 0x11; // MAP_SHARED | MAP_FIXED

/** With what a patched program ends that cannot open the file of its counts. */
const noCountsStatus = 125;

const move = (register: Register, value: number): Instruction =>
  Instruction.createRegU32(Code.Mov_r32_imm32, register, value);
const addressInto = (register: Register, address: number): Instruction =>
  Instruction.createRegMem(Code.Lea_r64_m, register, at(address));

/** `lock inc qword [address]`: threads may hold different mutexes. */
function increment(emitter: Emitter, address: number): void {
  const instruction = Instruction.createMem(Code.Inc_rm64, at(address));
  instruction.hasLockPrefix = true;
  emitter.put(instruction);
}

/** A barrier that counts its calls and adds the addresses up that come in rdi; it keeps all registers and the flags. */
export function putBarrier(emitter: Emitter, counter: number): number {
  const start = emitter.address;
  emitter.put(Instruction.create(Code.Pushfq));
  increment(emitter, counter);
  const sum = Instruction.createMemReg(Code.Add_rm64_r64, at(counter + 8), Register.RDI);
  sum.hasLockPrefix = true;
  emitter.put(sum);
  emitter.put(Instruction.create(Code.Popfq));
  emitter.put(Instruction.create(Code.Retnq));
  return start;
}

/** Where the cache is left: counts, and jumps to the original code with all registers, the flags and the red zone as they were. */
export function putWayOut(emitter: Emitter, counter: number, target: number): number {
  const start = emitter.address;
  emitter.moveStack(-redZoneBytes);
  emitter.put(Instruction.create(Code.Pushfq));
  increment(emitter, counter);
  emitter.put(Instruction.create(Code.Popfq));
  emitter.moveStack(redZoneBytes);
  emitter.put(Instruction.createBranch(Code.Jmp_rel32_64, BigInt(target)));
  return start;
}

/** What the entry maps, and where. */
export interface EntryPlan {
  /** Address of the file's name, which ends in a zero. */
  readonly name: number;
  readonly counters: number;
  readonly bytes: number;
  /** Where the program would have started. */
  readonly original: number;
}

/**
 * The program's new entry: maps the file of the counts in place of the counters' pages, then starts the program as the kernel left it (System V ABI,
 * 3.4.1: rdx is what it is to call at its end). Where that fails the program ends at once.
 */
export function putEntry(emitter: Emitter, plan: EntryPlan): number {
  const call = (number: number): void => {
    emitter.put(move(Register.EAX, number));
    emitter.put(Instruction.create(Code.Syscall));
  };
  const failed = emitter.address;
  emitter.put(move(Register.EDI, noCountsStatus));
  call(system.exitGroup);
  const start = emitter.address;
  emitter.put(Instruction.createReg(Code.Push_r64, Register.RDX));
  emitter.put(addressInto(Register.RDI, plan.name));
  emitter.put(move(Register.ESI, readAndWrite));
  emitter.put(move(Register.EDX, 0));
  call(system.open);
  emitter.put(Instruction.createRegReg(Code.Test_rm32_r32, Register.EAX, Register.EAX));
  emitter.put(Instruction.createBranch(Code.Js_rel32_64, BigInt(failed)));
  emitter.put(Instruction.createRegReg(Code.Mov_r32_rm32, Register.R8D, Register.EAX));
  emitter.put(addressInto(Register.RDI, plan.counters));
  emitter.put(move(Register.ESI, plan.bytes));
  emitter.put(move(Register.EDX, readWriteMemory));
  emitter.put(move(Register.R10D, sharedAndFixed));
  emitter.put(move(Register.R9D, 0));
  call(system.mmap);
  emitter.put(Instruction.createRegReg(Code.Cmp_r64_rm64, Register.RAX, Register.RDI));
  emitter.put(Instruction.createBranch(Code.Jne_rel32_64, BigInt(failed)));
  emitter.put(Instruction.createRegReg(Code.Mov_r32_rm32, Register.EDI, Register.R8D));
  call(system.close);
  emitter.put(Instruction.createReg(Code.Pop_r64, Register.RDX));
  emitter.put(Instruction.createBranch(Code.Jmp_rel32_64, BigInt(plan.original)));
  return start;
}
