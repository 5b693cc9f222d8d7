import { disk, type Disk } from "../hardware/index.ts";
import type { DiskSpeed } from "../hardware/index.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

/** What a virtual machine's requests take during its migration, and would take on the same disk without one. */
export class Meter {
  readonly latency: LatencyHistogram = new LatencyHistogram();
  readonly baseline: LatencyHistogram = new LatencyHistogram();
  readonly delays: LatencyHistogram = new LatencyHistogram();
  reads = 0;
  writes = 0;
  lastDelayNs = 0;
  readonly #disk: Disk | undefined;
  readonly #undisturbed: Disk | undefined;

  constructor(speed: DiskSpeed | undefined, own: Disk | undefined) {
    this.#disk = own;
    this.#undisturbed = speed && disk(speed);
  }

  /** A request's place in the queue without migration. */
  undisturbed(atNs: number, offsetBytes: number, sizeBytes: number): void {
    if (this.#undisturbed !== undefined) this.baseline.add(this.#undisturbed.serve(atNs, offsetBytes, sizeBytes));
  }

  /** What the disk takes for a request, of the virtual machine or of the migration, ns. */
  local(atNs: number, offsetBytes: number, sizeBytes: number): number {
    return this.#disk === undefined ? 0 : this.#disk.serve(atNs, offsetBytes, sizeBytes);
  }

  /** The virtual machine has its answer. */
  answered(ns: number): void {
    if (this.#disk !== undefined) this.latency.add(ns);
  }

  /** A request that waited for the migration goes on: a read of a block that was not there, a write that was mirrored or held. */
  delayed(atNs: number, waitedNs: number): void {
    this.delays.add(waitedNs);
    this.lastDelayNs = atNs;
  }
}
