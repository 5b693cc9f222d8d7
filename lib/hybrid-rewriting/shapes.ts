import {
  Code,
  Decoder,
  DecoderOptions,
  EncodingKind,
  FlowControl,
  type Instruction,
  type InstructionInfo,
  InstructionInfoFactory,
  MemorySizeExt,
  OpAccess,
  Register,
  type UsedMemory,
} from "iced-x86";

/** A memory operand, or one that an instruction has without naming it, read or written. */
export interface OperandShape {
  readonly write: boolean;
  /** Bytes; 0 where only the processor's state says it (xsave). */
  readonly size: number;
  readonly base: Register;
  /** In the thread's own storage: relative to fs or gs. */
  readonly threadLocal: boolean;
}

/** What all instructions have in common whose bytes before the displacement and the immediate are the same. */
export interface Shape {
  readonly length: number;
  readonly flow: FlowControl;
  /** Bytes of the relative target at the instruction's end, 0 where it has none. */
  readonly targetBytes: number;
  readonly operands: readonly OperandShape[];
  /** A string instruction that repeats: it accesses as often as rcx says. */
  readonly repeated: boolean;
  /** How it changes rbp. */
  readonly framePointer: "kept" | "set" | "restored" | "changed";
}

const longest = 15;
const readsOf = new Set([OpAccess.Read, OpAccess.CondRead, OpAccess.ReadWrite, OpAccess.ReadCondWrite]);
const writesOf = new Set([OpAccess.Write, OpAccess.CondWrite, OpAccess.ReadWrite, OpAccess.ReadCondWrite]);
const relative = new Set([FlowControl.ConditionalBranch, FlowControl.UnconditionalBranch, FlowControl.Call]);
const segments = new Set([Register.FS, Register.GS]);
const framePointers = new Set([Register.RBP, Register.EBP, Register.BP, Register.BPL]);

/**
 * The shapes of instructions, learnt from iced-x86: the first time that a sequence of prefixes, opcode, ModRM and SIB is met, iced
 * decodes it, and the sequence is put in a tree by its bytes; from then on it is followed in the tree. What stands behind (displacement
 * and immediate) changes neither the length nor the operands' registers. 256 numbers of 4 bytes for each beginning of a sequence.
 */
export class Shapes {
  /** A row of 256 for each beginning: 0 unknown, above 0 the row that follows, below 0 minus the shape's number. */
  #tree = new Int32Array(256 * 1024);
  #rows = 1;
  readonly #shapes: Shape[] = [];
  readonly #information = new InstructionInfoFactory();

  /** The shape of the instruction at a place; undefined where the bytes are none, or end before it does. */
  at(bytes: Uint8Array, place: number): Shape | undefined {
    const tree = this.#tree;
    let row = 0;
    for (let at = place; at < bytes.length; at += 1) {
      const next = tree[(row << 8) | bytes[at]!]!;
      if (next < 0) {
        const shape = this.#shapes[-next]!;
        return place + shape.length <= bytes.length ? shape : undefined;
      }
      if (next === 0) return this.#learn(bytes, place);
      row = next;
    }
    return undefined;
  }

  #learn(bytes: Uint8Array, place: number): Shape | undefined {
    const decoder = new Decoder(64, bytes.subarray(place, place + longest), DecoderOptions.None);
    const instruction = decoder.decode();
    const constants = decoder.getConstantOffsets(instruction);
    try {
      if (instruction.code === Code.INVALID) return undefined;
      const { hasDisplacement, displacementOffset, hasImmediate, immediateOffset, immediateSize } = constants;
      const shape = this.#shapeOf(instruction, immediateSize);
      // 3DNow!'s opcode stands behind the displacement.
      const whole = instruction.encoding === EncodingKind.D3NOW;
      const head = Math.min(
        hasDisplacement && !whole ? displacementOffset : shape.length,
        hasImmediate && !whole ? immediateOffset : shape.length,
      );
      this.#shapes.push(shape);
      if (this.#shapes.length === 1) this.#shapes.push(shape); // the number 0 is no shape's
      this.#put(bytes.subarray(place, place + head), this.#shapes.length - 1);
      return shape;
    } finally {
      constants.free();
      instruction.free();
      decoder.free();
    }
  }

  #put(head: Uint8Array, shape: number): void {
    let row = 0;
    for (const byte of head.subarray(0, -1)) {
      const at = (row << 8) | byte;
      if (this.#tree[at] === 0) {
        if ((this.#rows + 1) << 8 > this.#tree.length) {
          const larger = new Int32Array(this.#tree.length * 2);
          larger.set(this.#tree);
          this.#tree = larger;
        }
        this.#tree[at] = this.#rows;
        this.#rows += 1;
      }
      row = this.#tree[at]!;
    }
    this.#tree[(row << 8) | head.at(-1)!] = -shape;
  }

  #shapeOf(instruction: Instruction, immediateSize: number): Shape {
    const information = this.#information.info(instruction);
    const flow = instruction.flowControl;
    const repeated = instruction.isStringInstruction && (instruction.hasRepPrefix || instruction.hasRepnePrefix);
    const operands: OperandShape[] = [];
    for (const memory of information.usedMemory() as UsedMemory[]) {
      const { access, base, segment, memorySize } = memory;
      const common = {
        // Of an instruction that repeats, one access.
        ...{ size: MemorySizeExt.size(repeated ? instruction.memorySize : memorySize), base },
        threadLocal: segments.has(segment),
      };
      if (readsOf.has(access)) operands.push({ write: false, ...common });
      if (writesOf.has(access)) operands.push({ write: true, ...common });
      memory.free();
    }
    const framePointer = framePointerOf(instruction, information);
    information.free();
    return {
      length: instruction.length,
      flow,
      targetBytes: relative.has(flow) ? immediateSize : 0,
      operands,
      repeated,
      framePointer,
    };
  }
}

/** How an instruction changes rbp: by an operand; enter and leave without one. */
function framePointerOf(instruction: Instruction, information: InstructionInfo): Shape["framePointer"] {
  const { code, opCount } = instruction;
  if (code === Code.Leaveq) return "restored";
  if (code === Code.Enterq_imm16_imm8) return "changed";
  let changed = false;
  for (let operand = 0; operand < opCount; operand += 1)
    changed ||= framePointers.has(instruction.opRegister(operand)) && writesOf.has(information.opAccess(operand));
  if (!changed) return "kept";
  if (code === Code.Pop_r64) return "restored";
  const moved = code === Code.Mov_r64_rm64 || code === Code.Mov_rm64_r64;
  return moved && instruction.op1Register === Register.RSP ? "set" : "changed";
}
