import { NumberQueue } from "./number-queue.ts";
import { type Served, WaitingReads } from "./waiting-reads.ts";

const ABSENT = 0;
const ASKED = 1;
const UNDER_WAY = 2;
const PRESENT = 3;
const SECTOR = 512;

/** Which blocks are on the destination's disk once the virtual machine is there, and who waits for the others. */
export class Arrivals {
  readonly #state: Uint8Array;
  readonly #blockBytes: number;
  readonly #oneWayNs: number;
  // What was written of a block that is not there yet: one run of sectors each, from and to.
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;
  readonly #asked = new NumberQueue();
  readonly #askedNs = new NumberQueue();
  readonly #flying = new NumberQueue();
  readonly #flyingNs = new NumberQueue();
  readonly #waiting: WaitingReads;
  /** Blocks that were never sent because they were written over as a whole. */
  overwritten = 0;

  constructor(present: Uint8Array, blockBytes: number, rttNs: number, served: Served) {
    this.#state = present.map((here) => (here === 0 ? ABSENT : PRESENT));
    this.#blockBytes = blockBytes;
    this.#oneWayNs = rttNs / 2;
    this.#waiting = new WaitingReads(present.length, served);
    this.#from = new Uint32Array(present.length);
    this.#to = new Uint32Array(present.length);
  }

  /** When the last block that is under way arrives. */
  lastNs = 0;

  /** Takes in what has arrived by now. */
  arrive(untilNs: number): void {
    while (this.#flying.size > 0 && this.#flyingNs.first <= untilNs) {
      const block = this.#flying.shift();
      const nowNs = this.#flyingNs.shift();
      this.#state[block] = PRESENT;
      this.#waiting.arrived(block, nowNs);
    }
  }

  /** A read; false when it has to wait, and its missing blocks are asked for. */
  read(atNs: number, first: number, last: number, offsetBytes: number, sizeBytes: number): boolean {
    let waiting = -1;
    for (let block = first; block <= last; block++) {
      if (this.#state[block] === PRESENT || this.#writtenHere(block, offsetBytes, sizeBytes)) continue;
      if (waiting < 0) waiting = this.#waiting.open(atNs, offsetBytes, sizeBytes);
      this.#waiting.wait(waiting, block);
      if (this.#state[block] !== ABSENT) continue;
      this.#state[block] = ASKED;
      this.#asked.push(block);
      this.#askedNs.push(atNs + this.#oneWayNs);
    }
    return waiting < 0;
  }

  /** A write: it waits for nothing, and a block that is written over as a whole need not come. */
  write(first: number, last: number, offsetBytes: number, sizeBytes: number): void {
    for (let block = first; block <= last; block++) {
      if (this.#state[block] === PRESENT) continue;
      const start = block * this.#blockBytes;
      const from = Math.ceil(Math.max(0, offsetBytes - start) / SECTOR);
      const to = Math.floor(Math.min(this.#blockBytes, offsetBytes + sizeBytes - start) / SECTOR);
      const had = this.#to[block]! > this.#from[block]!;
      if (had && from <= this.#to[block]! && to >= this.#from[block]!) {
        this.#from[block] = Math.min(from, this.#from[block]!);
        this.#to[block] = Math.max(to, this.#to[block]!);
      } else if (!had || to - from > this.#to[block]! - this.#from[block]!) {
        this.#from[block] = from;
        this.#to[block] = to;
      }
      if (this.#state[block] === ABSENT && this.#from[block] === 0 && this.#to[block]! * SECTOR === this.#blockBytes) {
        this.#state[block] = PRESENT;
        this.overwritten++;
      }
    }
  }

  /** Whether the source has yet to send this block. */
  absent(block: number): boolean {
    return this.#state[block]! <= ASKED;
  }

  /** When the source learns of the oldest block that was asked for and not sent in its turn meanwhile; Infinity where there is none. */
  get askedNs(): number {
    while (this.#asked.size > 0 && this.#state[this.#asked.first] !== ASKED) this.takeAsked();
    return this.#asked.size === 0 ? Infinity : this.#askedNs.first;
  }

  /** The oldest block that was asked for. */
  takeAsked(): number {
    this.#askedNs.shift();
    return this.#asked.shift();
  }

  /** The source sends a block from now on. */
  send(block: number): void {
    this.#state[block] = UNDER_WAY;
  }

  /** A block has left the source. */
  sent(block: number, nowNs: number): void {
    this.lastNs = nowNs + this.#oneWayNs;
    this.#flying.push(block);
    this.#flyingNs.push(this.lastNs);
  }

  #writtenHere(block: number, offsetBytes: number, sizeBytes: number): boolean {
    const start = block * this.#blockBytes;
    const from = Math.max(0, offsetBytes - start);
    const to = Math.min(this.#blockBytes, offsetBytes + sizeBytes - start);
    return this.#from[block]! * SECTOR <= from && to <= this.#to[block]! * SECTOR;
  }
}
