import { SimulationError } from "../core/errors.ts";
import type { Future } from "./order.ts";

/** Where a virtual machine's migration is. */
export type Phase = "history" | "bulk" | "dirty" | "rest" | "follow" | "settle" | "done";

/** Pre-copy that has sent this many times the disk again will not end. */
const MOST_DISKS = 100;
/** What a virtual machine brings. */
export interface Machine {
  readonly label: string;
  readonly diskBytes: number;
  readonly blocks: number;
  /** One byte a block, not 0 where all of its bytes are zero; undefined where nothing is known. */
  readonly zero: Uint8Array | undefined;
  readonly future: Future | undefined;
}

/** Throws when pre-copy has sent so many dirty bytes that it will not end. */
export function checkConverges(extraBytes: number, dirtyBlocks: number, { diskBytes }: Machine): void {
  if (extraBytes > MOST_DISKS * diskBytes)
    throw new SimulationError(
      "storage-migration",
      `pre-copy does not converge: dirty blocks of ${MOST_DISKS} disks were sent and ${dirtyBlocks} blocks are dirty`,
    );
}

/** A request reaches beyond the disk. */
export function beyond(offset: number, size: number, { diskBytes }: Machine): SimulationError {
  return new SimulationError(
    "storage-migration",
    `a request of ${size} bytes at ${offset} is beyond the disk's ${diskBytes}`,
  );
}

/** The bytes of a block: the last may be short. */
export function bytesOf(block: number, blockBytes: number, { diskBytes }: Machine): number {
  return Math.min(blockBytes, diskBytes - block * blockBytes);
}
