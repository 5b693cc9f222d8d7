import type { Meter } from "./meter.ts";
import { NumberQueue } from "./number-queue.ts";

/** Writes that go to the destination, too, and are answered when both have done them; in order. */
export class MirroredWrites {
  readonly #atNs = new NumberQueue();
  readonly #bytes = new NumberQueue();
  readonly #localNs = new NumberQueue();

  /** Those that have not left. */
  get size(): number {
    return this.#atNs.size;
  }

  /** A write happens; the local disk takes so long for it. */
  add(atNs: number, bytes: number, localNs: number): void {
    this.#atNs.push(atNs);
    this.#bytes.push(bytes);
    this.#localNs.push(localNs);
  }

  /** The first is sent from now on: its bytes. */
  send(): number {
    return this.#bytes.shift();
  }

  /** The first has left. */
  left(nowNs: number, rttNs: number, meter: Meter): void {
    const waitedNs = nowNs - this.#atNs.shift() + rttNs;
    meter.delayed(nowNs, waitedNs);
    meter.answered(Math.max(this.#localNs.shift(), waitedNs));
  }
}
