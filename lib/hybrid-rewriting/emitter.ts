import { Code, Encoder, Instruction, MemoryOperand, Register } from "iced-x86";
import { SimulationError } from "../core/errors.ts";
import { hex } from "./decode.ts";

/** An address in an operand: relative to rip, so that it is encoded in 32 bits. */
export const at = (address: number): MemoryOperand =>
  new MemoryOperand(Register.RIP, Register.None, 1, BigInt(address), 8, false, Register.None);

/** Below what a function may use under its stack pointer without moving it (System V ABI for x86-64, 3.2.2). */
export const redZoneBytes = 128;

/** Writes instructions one behind the other, from an address on. */
export class Emitter {
  readonly #encoder = new Encoder(64);
  readonly #start: number;
  #bytes = 0;

  constructor(start: number) {
    this.#start = start;
  }

  /** Where the next instruction will be. */
  get address(): number {
    return this.#start + this.#bytes;
  }

  /** Writes an instruction, whose relative operands mean the same as before, and lets go of it; SimulationError where they reach too far. */
  put(instruction: Instruction): void {
    try {
      this.#bytes += this.#encoder.encode(instruction, BigInt(this.address));
    } catch (error) {
      throw new SimulationError(
        "hybrid-rewriting",
        `an instruction cannot stand at ${hex(this.address)}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    } finally {
      instruction.free();
    }
  }

  /** `rsp += bytes`, without a change of the flags. */
  moveStack(bytes: number): void {
    const to = new MemoryOperand(Register.RSP, Register.None, 1, BigInt(bytes), 1, false, Register.None);
    this.put(Instruction.createRegMem(Code.Lea_r64_m, Register.RSP, to));
  }

  /** A jump or a call through a pointer at an address. */
  through(code: Code.Jmp_rm64 | Code.Call_rm64, pointer: number): void {
    this.put(Instruction.createMem(code, at(pointer)));
  }

  /** What was written; the emitter is not used again. */
  take(): Uint8Array {
    const bytes = this.#encoder.takeBuffer();
    this.#encoder.free();
    return bytes;
  }
}
