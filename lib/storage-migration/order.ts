/**
 * The bulk pass as it will be, for an order that knows the future.
 *
 * @example
 * ```ts
 * import { type Future, oracle } from "veelab/storage-migration";
 *
 * const future: Future = { startNs: 0, blockNs: 10, lastWriteNs: Float64Array.of(25, -1, 5) };
 * console.log(oracle().create({ blocks: 3, future }).order().join()); // 0,1,2: block 0 is lost in any place
 * ```
 */
export interface Future {
  /** When the pass starts, ns. */
  readonly startNs: number;
  /** How long a block takes, ns: at its fair share of the link. */
  readonly blockNs: number;
  /** When each block is written last during the pass, ns; −1 for never. */
  readonly lastWriteNs: Float64Array;
}

/**
 * What an order is told of the run it is made for.
 *
 * @example
 * ```ts
 * import type { OrderRun } from "veelab/storage-migration";
 *
 * const disk: OrderRun = { blocks: 1024 };
 * console.log(disk.blocks);
 * ```
 */
export interface OrderRun {
  /** Number of blocks of the disk. */
  readonly blocks: number;
  /** What is to come, for an order that asks for it. */
  readonly future?: Future;
}

/**
 * One run of an order: it may watch the virtual machine's requests until blocks are to be sent, and then says in which order.
 *
 * @example
 * ```ts
 * import type { Sequencer } from "veelab/storage-migration";
 *
 * const backwards = (blocks: number): Sequencer => ({
 *   order: () => Uint32Array.from({ length: blocks }, (_, i) => blocks - 1 - i),
 * });
 * console.log(backwards(3).order()[0]); // 2
 * ```
 */
export interface Sequencer {
  /** A write to the blocks `first` to `last`, both included. */
  write?(first: number, last: number): void;
  /** A read of the blocks `first` to `last`, both included. */
  read?(first: number, last: number): void;
  /** Every block once, in the order in which they are sent. Called once, when sending begins. */
  order(): Uint32Array;
  /** The chunk size that was used, in blocks; absent where the order has none. Asked for after `order`. */
  readonly chunkBlocks?: number;
}

/**
 * An order of sending is a plain value: a label, its parameters (they become columns of a sweep), and a function that starts
 * it for one run.
 *
 * @example
 * ```ts
 * import type { Order } from "veelab/storage-migration";
 *
 * const backwards: Order = {
 *   label: "backwards",
 *   params: {},
 *   create: ({ blocks }) => ({ order: () => Uint32Array.from({ length: blocks }, (_, i) => blocks - 1 - i) }),
 * };
 * console.log(backwards.label);
 * ```
 */
export interface Order {
  /** Name in tables and charts. */
  readonly label: string;
  /** Its parameters, as columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** Whether it needs to know the writes that are still to come; the trace is then read twice. */
  readonly future?: boolean;
  /** Starts the order for one run. */
  create(run: OrderRun): Sequencer;
}

/** 0, 1, …, n − 1. */
export const ascending = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, index) => index);
