import type { BlockBatch } from "./trace.ts";

const none: BlockBatch = {
  timeNs: new Float64Array(0),
  op: new Uint8Array(0),
  offsetBytes: new Float64Array(0),
  sizeBytes: new Float64Array(0),
};

/** Where a virtual machine is in its trace. */
export class RequestCursor {
  readonly #source: AsyncIterator<BlockBatch>;
  batch: BlockBatch = none;
  /** The next request of the batch. */
  row = 0;
  nowNs = 0;
  /** How long the virtual machine has stood still so far. */
  lagNs = 0;

  constructor(source: AsyncIterator<BlockBatch>) {
    this.#source = source;
  }

  /** The next batch of the trace; false when there is none. */
  async load(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.batch = next.value;
    this.row = 0;
    return true;
  }

  /** Whether there is a request in memory. */
  get ready(): boolean {
    return this.row < this.batch.timeNs.length;
  }

  /** When the next request in memory happens. */
  get requestNs(): number {
    return Math.max(this.nowNs, this.batch.timeNs[this.row]! + this.lagNs);
  }
}
