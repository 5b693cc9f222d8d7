/**
 * One read or write of an instruction. An instruction that reads and writes the same operand has two.
 *
 * @example
 * ```ts
 * import type { Access } from "veelab/hybrid-rewriting";
 * const load: Access = { pc: 0x401000, write: false, size: 8, stackRelative: false, threadLocal: false };
 * console.log(load.size);
 * ```
 */
export interface Access {
  /** Link-time address of the instruction. */
  readonly pc: number;
  /** Whether it writes. */
  readonly write: boolean;
  /** Bytes. */
  readonly size: number;
  /** Whether the operand says that it is on the thread's stack: relative to rsp, or to rbp where that is the frame pointer. */
  readonly stackRelative: boolean;
  /** Whether the operand says that it is in the thread's own storage: relative to fs or gs. */
  readonly threadLocal: boolean;
}

/**
 * How a block can be left: `next` (the following instruction), `jump`, `branch` (a conditional jump when it is taken), `call`,
 * `return`, `indirect-jump`, `indirect-call`, or `none` (an instruction that traps). After a call the `next` exit is where it returns to.
 *
 * @example
 * ```ts
 * import type { Exit } from "veelab/hybrid-rewriting";
 * const back: Exit = { kind: "branch", target: 0x401000 };
 * console.log(back.kind);
 * ```
 */
export interface Exit {
  /** How. */
  readonly kind: "next" | "jump" | "branch" | "call" | "return" | "indirect-jump" | "indirect-call" | "none";
  /** Link-time address of where to; absent where it is known only at run time. */
  readonly target?: number;
}

/**
 * A block of instructions: entered at its start only, left by its last instruction only. Blocks may overlap, as those of a binary
 * translator do: one that is entered in the middle of another is a block of its own.
 *
 * @example
 * ```ts
 * import type { Block } from "veelab/hybrid-rewriting";
 * const leaf: Block = { start: 0x401000, end: 0x401001, instructions: 1, exits: [{ kind: "return" }], accesses: [] };
 * console.log(leaf.end - leaf.start);
 * ```
 */
export interface Block {
  /** Link-time address of its first instruction. */
  readonly start: number;
  /** Link-time address behind its last instruction. */
  readonly end: number;
  /** How many instructions it has. */
  readonly instructions: number;
  /** Where it can go. */
  readonly exits: readonly Exit[];
  /** What it reads and writes, in the order of its instructions. */
  readonly accesses: readonly Access[];
}

/**
 * A function of a program, by its symbol.
 *
 * @example
 * ```ts
 * import type { ProgramFunction } from "veelab/hybrid-rewriting";
 * const main: ProgramFunction = { name: "main", start: 0x401000, end: 0x401040 };
 * console.log(main.name);
 * ```
 */
export interface ProgramFunction {
  /** The symbol's name. */
  readonly name: string;
  /** Link-time address of its first instruction. */
  readonly start: number;
  /** Link-time address behind its last instruction. */
  readonly end: number;
}

/**
 * A program's code as far as it was decoded.
 *
 * @example
 * ```ts
 * import type { Program } from "veelab/hybrid-rewriting";
 * const empty: Program = { file: "none", buildId: "00", functions: [], blocks: [] };
 * console.log(empty.blocks.length);
 * ```
 */
export interface Program {
  /** The file's name, for errors. */
  readonly file: string;
  /** What tells this build of the program from others, hexadecimal: the linker's build id, or where it left none a hash of the file. */
  readonly buildId: string;
  /** By address; empty for a stripped program. */
  readonly functions: readonly ProgramFunction[];
  /** By address. */
  readonly blocks: readonly Block[];
}
