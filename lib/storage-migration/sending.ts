import type { DiskSpeed } from "../hardware/index.ts";
import type { DirtyBlocks } from "./dirty-order.ts";
import { bytesOf, type Machine } from "./machine.ts";

/** What is sent when it is not a block: nothing, or a mirrored write. */
export const NOTHING = -1;
export const MIRRORED = -2;

/** What a connection sends, at the pace of the slower of link and disk. */
export class Sending {
  /** The block that is being sent. */
  unit: number = NOTHING;
  bytesPerNs = 0;
  /** When it has left at the present rate. */
  #linkEndNs = 0;
  /** When the disk has done its part, whatever the rate. */
  #diskEndNs = 0;

  /** Begins with a unit, for which the disk takes so long: when it is done with. */
  start(unit: number, nowNs: number, bytes: number, diskNs: number): number {
    this.unit = unit;
    this.#linkEndNs = nowNs + bytes / this.bytesPerNs;
    this.#diskEndNs = nowNs + diskNs;
    return Math.max(this.#linkEndNs, this.#diskEndNs);
  }

  /** Goes on at another rate: when what is being sent is done with; undefined where that does not change. */
  rate(bytesPerNs: number, nowNs: number): number | undefined {
    const before = this.bytesPerNs;
    this.bytesPerNs = bytesPerNs;
    if (this.unit === NOTHING || this.#linkEndNs <= nowNs) return undefined;
    this.#linkEndNs = nowNs + ((this.#linkEndNs - nowNs) * before) / bytesPerNs;
    return Math.max(this.#linkEndNs, this.#diskEndNs);
  }
}

/** What all dirty blocks would take from now on, with the disk's queue empty and a seek for each. */
export function restNs(
  dirty: DirtyBlocks,
  machine: Machine,
  blockBytes: number,
  speed: DiskSpeed | undefined,
  bytesPerNs: number,
): number {
  const paceNs = (bytes: number): number => {
    const linkNs = bytes / bytesPerNs;
    if (speed === undefined) return linkNs;
    return Math.max(linkNs, (speed.accessMs + speed.latencyMs) * 1e6 + (bytes * 1e3) / speed.sequentialMBps);
  };
  const last = machine.blocks - 1;
  const short = dirty.has(last) ? 1 : 0;
  return (dirty.size - short) * paceNs(blockBytes) + short * paceNs(bytesOf(last, blockBytes, machine));
}
