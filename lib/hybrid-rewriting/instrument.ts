import {
  Code,
  Decoder,
  DecoderOptions,
  Instruction,
  InstructionInfoFactory,
  MemoryOperand,
  OpAccess,
  Register,
  type UsedMemory,
} from "iced-x86";
import { SimulationError } from "../core/errors.ts";
import { whyNoBarrier, whyNotCached } from "./barrier-check.ts";
import { hex } from "./decode.ts";
import { Emitter, redZoneBytes } from "./emitter.ts";
import type { ProgramImage } from "./image.ts";
import type { Access, Block, Exit } from "./program.ts";

/**
 * Why an access needs no barrier, or that it needs one: `shared` has one; `stack` and `thread` are private by the instruction's operand,
 * `profile` by what active runs saw.
 *
 * @example
 * ```ts
 * import type { Privacy } from "veelab/hybrid-rewriting";
 * const needsBarrier: Privacy = "shared";
 * console.log(needsBarrier);
 * ```
 */
export type Privacy = "shared" | "stack" | "thread" | "profile";

/** How cached code can be left: `leave` is where the section ends, before the call (or jump) that unlocks. */
export type CachedExitKind = Exit["kind"] | "leave";

/**
 * An exit of a cached block. One with a `link` goes through the pointer of that number, which a run sets to the target's cached code, or
 * to the original code where there is none.
 *
 * @example
 * ```ts
 * import type { CachedExit } from "veelab/hybrid-rewriting";
 * const unknown: CachedExit = { kind: "return" };
 * console.log(unknown.link);
 * ```
 */
export interface CachedExit {
  /** How. */
  readonly kind: CachedExitKind;
  /** Link-time address in the original code; absent where only the run knows it. */
  readonly target?: number;
  /** The pointer's number. */
  readonly link?: number;
}

/**
 * An access of a cached block; the barrier of one that is shared is called through the pointer `link`.
 *
 * @example
 * ```ts
 * import type { CachedAccess } from "veelab/hybrid-rewriting";
 * const spill: CachedAccess = { pc: 0x401000, write: true, size: 8, privacy: "stack" };
 * console.log(spill.link);
 * ```
 */
export interface CachedAccess {
  /** Link-time address of the original instruction. */
  readonly pc: number;
  /** Whether it writes. */
  readonly write: boolean;
  /** Bytes. */
  readonly size: number;
  /** Whether it has a barrier, and why not. */
  readonly privacy: Privacy;
  /** The pointer's number. */
  readonly link?: number;
}

/**
 * A block as the cache holds it.
 *
 * @example
 * ```ts
 * import type { CachedBlock } from "veelab/hybrid-rewriting";
 * export const expansion = ({ code, start, end }: CachedBlock) => code.length / (end - start);
 * ```
 */
export interface CachedBlock {
  /** Link-time address of the original block. */
  readonly start: number;
  /** Link-time address behind it. */
  readonly end: number;
  /** Instructions of the original block. */
  readonly instructions: number;
  /** In the order of the decoded block's. */
  readonly exits: readonly CachedExit[];
  /** In the order of the decoded block's. */
  readonly accesses: readonly CachedAccess[];
  /** Where its code is to be in memory. */
  readonly address: number;
  /** The instrumented code. */
  readonly code: Uint8Array;
}

/** Whether a block ends in a call of a function that unlocks, or in a jump to one, as a call is that is the last thing a function does. */
export function letsGo({ exits: [first] }: Pick<CachedBlock, "exits">, unlocks: ReadonlySet<number>): boolean {
  return (first?.kind === "call" || first?.kind === "jump") && unlocks.has(first.target!);
}

/** Where a block's code goes, and what it is to know. */
export interface Placement {
  /** The code's address. */
  readonly address: number;
  /** Where the pointers are. */
  readonly linkBase: number;
  /** The first pointer that is free. */
  readonly firstLink: number;
  /** Addresses of the functions that unlock. */
  readonly unlocks: ReadonlySet<number>;
  /** Addresses of instructions whose accesses active runs found private. */
  readonly privatePcs: ReadonlySet<number>;
}

const linked = new Set<CachedExitKind>(["next", "jump", "branch", "call", "leave"]);
export const pointerBytes = 8;

const privacyOf = ({ pc, stackRelative, threadLocal }: Access, privatePcs: ReadonlySet<number>): Privacy =>
  stackRelative ? "stack" : threadLocal ? "thread" : privatePcs.has(pc) ? "profile" : "shared";

/**
 * Generates a block's instrumented code. The original instructions are moved: their operands relative to rip and their targets mean the same as
 * before. Before an instruction with a shared access, the stack pointer steps over the red zone, rdi is saved and takes the access's address,
 * and a barrier is called through a pointer; it must keep all registers and the flags. Exits go through pointers, too, so that what is
 * written once need not be changed when the cache grows.
 *
 * SimulationError where an access cannot be told before its instruction runs.
 */
export function instrument(image: ProgramImage, block: Block, to: Placement): CachedBlock {
  let link = to.firstLink;
  const accesses = block.accesses.map((access): CachedAccess => {
    const { pc, write, size } = access;
    const privacy = privacyOf(access, to.privatePcs);
    return { pc, write, size, privacy, ...(privacy === "shared" ? { link: link++ } : {}) };
  });
  const leaves = letsGo(block, to.unlocks);
  const emitter = new Emitter(to.address);
  const segment = image.code.find((one) => block.start >= one.start && block.end <= one.start + one.bytes.length)!;
  const bytes = segment.bytes.subarray(block.start - segment.start, block.end - segment.start);
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  decoder.ip = BigInt(block.start);
  const information = new InstructionInfoFactory();
  let exits: readonly CachedExit[] = [];
  for (let left = block.instructions; left > 0; left -= 1) {
    const pc = block.start + decoder.position;
    const instruction = decoder.decode();
    const why = whyNotCached(instruction);
    if (why !== undefined) refuse(pc, why);
    const shared = accesses.filter((access) => access.pc === pc && access.link !== undefined);
    if (shared.length > 0) putBarriers(emitter, instruction, information, accesses, pc, to.linkBase);
    if (left > 1) {
      emitter.put(instruction);
      continue;
    }
    const kinds: readonly Omit<CachedExit, "link">[] = leaves ? [{ kind: "leave", target: pc }] : block.exits;
    exits = kinds.map((exit) => (linked.has(exit.kind) ? { ...exit, link: link++ } : exit));
    putExits(emitter, instruction, exits, to.linkBase);
  }
  decoder.free();
  information.free();
  const { start, end, instructions } = block;
  return { start, end, instructions, exits, accesses, address: to.address, code: emitter.take() };
}

/** The block's last instruction, and the jumps behind it. */
function putExits(emitter: Emitter, last: Instruction, exits: readonly CachedExit[], linkBase: number): void {
  const pointer = ({ link }: CachedExit): number => linkBase + pointerBytes * link!;
  const [first, second] = exits;
  switch (first?.kind) {
    case "jump":
    case "leave":
      last.free();
      emitter.through(Code.Jmp_rm64, pointer(first));
      return;
    case "call":
      last.free();
      emitter.through(Code.Call_rm64, pointer(first));
      emitter.through(Code.Jmp_rm64, pointer(second!));
      return;
    case "branch": {
      // Over the jump to the next block. Those that are never long (loop, jrcxz) keep their length.
      const behind = emitter.address + Math.min(last.length, shortestBytes) + jumpBytes;
      last.asShortBranch();
      last.nearBranch64 = BigInt(behind);
      emitter.put(last);
      if (emitter.address + jumpBytes !== behind)
        throw new SimulationError(
          "hybrid-rewriting",
          `the jump before ${hex(second!.target!)} has prefixes of unknown sense`,
        );
      emitter.through(Code.Jmp_rm64, pointer(second!));
      emitter.through(Code.Jmp_rm64, pointer(first));
      return;
    }
    default:
      emitter.put(last);
      for (const exit of exits) if (exit.link !== undefined) emitter.through(Code.Jmp_rm64, pointer(exit));
  }
}
/** Bytes of a short conditional jump, and of a jump through a pointer. */
const shortestBytes = 2;
const jumpBytes = 6;

const touches = new Set([
  ...[OpAccess.Read, OpAccess.CondRead, OpAccess.Write, OpAccess.CondWrite],
  ...[OpAccess.ReadWrite, OpAccess.ReadCondWrite],
]);
const both = new Set([OpAccess.ReadWrite, OpAccess.ReadCondWrite]);

/** Calls the barriers of an instruction's shared accesses. */
function putBarriers(
  emitter: Emitter,
  instruction: Instruction,
  information: InstructionInfoFactory,
  accesses: readonly CachedAccess[],
  pc: number,
  linkBase: number,
): void {
  const info = information.info(instruction);
  // In the order of the accesses: a memory operand that is read and written has two.
  const own = accesses.filter((access) => access.pc === pc);
  for (const memory of info.usedMemory() as UsedMemory[]) {
    if (!touches.has(memory.access)) continue;
    const shared = own.splice(0, both.has(memory.access) ? 2 : 1).filter(({ link }) => link !== undefined);
    if (shared.length > 0) {
      const why = whyNoBarrier(instruction, memory, shared[0]!);
      if (why !== undefined) refuse(pc, why);
      emitter.moveStack(-redZoneBytes);
      emitter.put(Instruction.createReg(Code.Push_r64, Register.RDI));
      emitter.put(addressInto(memory, instruction));
      for (const { link } of shared) emitter.through(Code.Call_rm64, linkBase + pointerBytes * link!);
      emitter.put(Instruction.createReg(Code.Pop_r64, Register.RDI));
      emitter.moveStack(redZoneBytes);
    }
    memory.free();
  }
  info.free();
}

function refuse(pc: number, why: string): never {
  throw new SimulationError("hybrid-rewriting", `the instruction at ${hex(pc)} ${why}`);
}

/** Takes the address of what an instruction accesses into rdi; never on the stack, which is private. */
function addressInto({ base, index, scale, displacement }: UsedMemory, instruction: Instruction): Instruction {
  const bare = base === Register.None && index === Register.None;
  // An absolute address may have 64 bits.
  if (bare && !instruction.isIpRelMemoryOperand)
    return Instruction.createRegU64(Code.Mov_r64_imm64, Register.RDI, displacement);
  const operand = bare
    ? new MemoryOperand(Register.RIP, Register.None, 1, displacement, 8, false, Register.None)
    : // Of 32 bits, extended by its sign, also where the address has only 32.
      new MemoryOperand(
        ...([base, index, scale, BigInt.asIntN(32, displacement), base === Register.None ? 4 : 1] as const),
        ...([false, Register.None] as const),
      );
  return Instruction.createRegMem(Code.Lea_r64_m, Register.RDI, operand);
}
