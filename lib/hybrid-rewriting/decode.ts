import { FlowControl, Register } from "iced-x86";
import { OptionError, TraceFormatError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import type { CodeSegment, ProgramImage } from "./image.ts";
import type { Access, Block, Exit, Program } from "./program.ts";
import { type Shape, Shapes } from "./shapes.ts";

/**
 * Where decoding begins.
 *
 * @example
 * ```ts
 * import type { DecodeOptions } from "veelab/hybrid-rewriting";
 * const only: DecodeOptions = { entries: [0x401000], follow: false };
 * console.log(only.follow);
 * ```
 */
export interface DecodeOptions {
  /** Addresses of blocks, such as {@link executedBlocks} gives; the program's entry and its functions when not given. */
  readonly entries?: Iterable<number>;
  /** Whether what a block leads to is decoded, too, as far as its instructions say where that is; true when not given. */
  readonly follow?: boolean;
}

/** The most instructions of a block, as in QEMU's translator (TCG_MAX_INSNS of its include/exec/translation-block.h). */
const mostInstructions = 512;
const pageBytes = 4096;

/**
 * Decodes blocks of a program. A block ends behind an instruction that may go elsewhere (also a system call), behind a string instruction that repeats, behind the first one that
 * reaches the end of its page of 4 KiB, and after 512, as the blocks of QEMU's translator do, so that a recorded block is a decoded one.
 */
export class BlockDecoder {
  readonly #image: ProgramImage;
  readonly #shapes = new Shapes();
  /** By the function's start: whether rbp is its frame pointer. */
  readonly #frames = new Map<number, boolean>();

  constructor(image: ProgramImage) {
    this.#image = image;
  }

  /** Whether an address lies in a segment of code. */
  isCode(address: number): boolean {
    return this.#segmentOf(address) !== undefined;
  }

  /** The block that begins at an address; TraceFormatError where that is no code, or no instruction. */
  blockAt(start: number): Block {
    const segment = this.#segmentOf(start);
    if (segment === undefined)
      throw new TraceFormatError(
        { file: this.#image.file, field: hex(start) },
        `expected an address inside of a segment of code (${this.#image.code.map(({ start: at, bytes }) => `${hex(at)} to ${hex(at + bytes.length - 1)}`).join(", ")}), got ${hex(start)}`,
      );
    const { bytes } = segment;
    const accesses: Access[] = [];
    const first = start - segment.start;
    const pageEnd = Math.floor(start / pageBytes + 1) * pageBytes - segment.start;
    let at = first;
    for (let instructions = 1; ; instructions += 1) {
      const shape = this.#shapes.at(bytes, at);
      if (shape === undefined)
        throw this.#unknown(segment.offset + at, segment.start + at, bytes.subarray(at, at + 15));
      const pc = segment.start + at;
      for (const { write, size, base, threadLocal } of shape.operands) {
        const stackRelative = base === Register.RSP || (base === Register.RBP && this.#hasFrame(pc));
        accesses.push({ pc, write, size, stackRelative, threadLocal });
      }
      const next = at + shape.length;
      const ends = shape.flow !== FlowControl.Next || shape.repeated;
      if (ends || next >= pageEnd || instructions === mostInstructions)
        return {
          ...{ start, end: segment.start + next, instructions },
          ...{ exits: exitsOf(shape, bytes, next, segment.start), accesses },
        };
      at = next;
    }
  }

  #segmentOf(address: number): CodeSegment | undefined {
    return this.#image.code.find((one) => address >= one.start && address < one.start + one.bytes.length);
  }

  #unknown(offset: number, address: number, bytes: Uint8Array): TraceFormatError {
    return new TraceFormatError(
      { file: this.#image.file, offset, field: hex(address) },
      `expected an instruction of x86-64, got the bytes ${Buffer.from(bytes)
        .toString("hex")
        .replace(/..(?=.)/g, "$& ")}`,
    );
  }

  /** Whether rbp is the frame pointer where an instruction stands: its function sets it to rsp, and otherwise only restores it. */
  #hasFrame(pc: number): boolean {
    const at = lastAtOrBelow(this.#image.functions, pc);
    if (at === undefined || pc >= at.end) return false;
    const known = this.#frames.get(at.start);
    if (known !== undefined) return known;
    const segment = this.#image.code.find((one) => at.start >= one.start && at.end <= one.start + one.bytes.length)!;
    let [set, changed] = [false, false];
    for (let place = at.start - segment.start; place < at.end - segment.start;) {
      const shape = this.#shapes.at(segment.bytes, place);
      if (shape === undefined) break;
      set ||= shape.framePointer === "set";
      changed ||= shape.framePointer === "changed";
      place += shape.length;
    }
    this.#frames.set(at.start, set && !changed);
    return set && !changed;
  }
}

/** The last of what is sorted by its start that begins at an address or below. Logarithmic. */
export function lastAtOrBelow<T extends { readonly start: number }>(
  sorted: readonly T[],
  address: number,
): T | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

/** An address as messages and tables show it. */
export const hex = (address: number): string => `0x${address.toString(16)}`;

function exitsOf(shape: Shape, bytes: Uint8Array, next: number, base: number): Exit[] {
  const behind: Exit = { kind: "next", target: base + next };
  const target = base + next + relativeTarget(shape.targetBytes, bytes, next);
  switch (shape.flow) {
    case FlowControl.UnconditionalBranch:
      return [{ kind: "jump", target }];
    case FlowControl.ConditionalBranch:
      return [{ kind: "branch", target }, behind];
    case FlowControl.Call:
      // A system call comes back without a target of its own.
      return shape.targetBytes > 0 ? [{ kind: "call", target }, behind] : [behind];
    case FlowControl.IndirectCall:
      return [{ kind: "indirect-call" }, behind];
    case FlowControl.IndirectBranch:
      return [{ kind: "indirect-jump" }];
    case FlowControl.Return:
      return [{ kind: "return" }];
    case FlowControl.Exception:
      return [{ kind: "none" }];
    default:
      return [behind];
  }
}

function relativeTarget(size: number, bytes: Uint8Array, end: number): number {
  if (size === 4) return bytes[end - 4]! | (bytes[end - 3]! << 8) | (bytes[end - 2]! << 16) | (bytes[end - 1]! << 24);
  return size === 1 ? (bytes[end - 1]! << 24) >> 24 : 0;
}

/**
 * Decodes a program's code into blocks, their exits and their accesses. Without `entries`, it begins at the program's entry and its functions, and follows
 * direct jumps and calls: a stripped program is then decoded as far as its first instructions lead, and what is reached through
 * registers and memory only is not; give the blocks that ran as `entries`. About linear in the instructions.
 *
 * @throws TraceFormatError where an entry, or what an instruction leads to, is no instruction; OptionError for an unknown option
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { bytesOf, decodeProgram, readImage } from "veelab/hybrid-rewriting";
 * const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 * const move = image.functions.find(({ name }) => name === "move")!;
 * const [block] = decodeProgram(image, { entries: [move.start], follow: false }).blocks;
 * console.log(block!.instructions, block!.accesses.filter(({ stackRelative }) => !stackRelative).length); // 6 4
 * ```
 */
export function decodeProgram(image: ProgramImage, options: DecodeOptions = {}): Program {
  onlyOptions(options, ["entries", "follow"]);
  const { follow = true } = options;
  if (typeof follow !== "boolean") throw new OptionError("follow", "true or false", follow);
  const decoder = new BlockDecoder(image);
  const blocks = new Map<number, Block>();
  const waiting = [...(options.entries ?? [image.entry, ...image.functions.map(({ start }) => start)])];
  for (let start = waiting.pop(); start !== undefined; start = waiting.pop()) {
    if (blocks.has(start)) continue;
    const block = decoder.blockAt(start);
    blocks.set(start, block);
    if (!follow) continue;
    // A call of a weak symbol that was not linked leads to address 0; it is not executed.
    for (const { target } of block.exits)
      if (target !== undefined && !blocks.has(target) && decoder.isCode(target)) waiting.push(target);
  }
  const { file, buildId, functions } = image;
  return { file, buildId, functions, blocks: [...blocks.values()].sort((a, b) => a.start - b.start) };
}
