/**
 * The dirty blocks of one run, and which of them is sent next.
 *
 * @example
 * ```ts
 * import { lowestFirst } from "veelab/storage-migration";
 *
 * const dirty = lowestFirst().create(10);
 * dirty.mark(7);
 * dirty.mark(3);
 * console.log(dirty.take(), dirty.size); // 3 1
 * ```
 */
export interface DirtyBlocks {
  /** How many blocks are dirty. */
  readonly size: number;
  /** A block is written. Constant time. */
  mark(block: number): void;
  /** Whether a block is dirty. */
  has(block: number): boolean;
  /** The next block to send, which is then clean; only while `size` > 0. */
  take(): number;
}

/**
 * The order in which dirty blocks are sent again: a plain value, see {@link lowestFirst}, {@link cyclic}, {@link leastWritten}.
 *
 * @example
 * ```ts
 * import { cyclic, type DirtyOrder } from "veelab/storage-migration";
 *
 * const order: DirtyOrder = cyclic();
 * console.log(order.label); // cyclic
 * ```
 */
export interface DirtyOrder {
  /** Name in tables and charts. */
  readonly label: string;
  /** Its parameters, as columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** An empty set for a disk of so many blocks. */
  create(blocks: number): DirtyBlocks;
}
