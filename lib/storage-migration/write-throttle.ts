import type { DirtyBlocks } from "./dirty-order.ts";
import type { RequestCursor } from "./request-cursor.ts";

/** Writes of clean blocks that are held back, so that less becomes dirty than is sent. */
export class WriteThrottle {
  /** How long the virtual machine has stood still for that. */
  throttledNs = 0;
  readonly #dirty: DirtyBlocks;
  readonly #blockBytes: number;
  #notBeforeNs = 0;

  constructor(dirty: DirtyBlocks, blockBytes: number) {
    this.#dirty = dirty;
    this.#blockBytes = blockBytes;
  }

  /** When a write that dirties clean blocks may happen. */
  hold(atNs: number, first: number, last: number): number {
    if (atNs >= this.#notBeforeNs) return atNs;
    for (let block = first; block <= last; block++) if (!this.#dirty.has(block)) return this.#notBeforeNs;
    return atNs;
  }

  /** A held write of the trace's time happens: the virtual machine stood still until now, and the next one waits for its own turn. */
  admit(
    atNs: number,
    first: number,
    last: number,
    tracedNs: number,
    requests: RequestCursor,
    bytesPerNs: number,
  ): void {
    let clean = 0;
    for (let block = first; block <= last; block++) clean += this.#dirty.has(block) ? 0 : 1;
    if (clean === 0) return;
    const moreNs = Math.max(0, atNs - tracedNs - requests.lagNs);
    requests.lagNs += moreNs;
    this.throttledNs += moreNs;
    // Half of what is sent. [authors' 2014 code release]
    this.#notBeforeNs = atNs + (clean * this.#blockBytes) / (bytesPerNs / 2);
  }
}
