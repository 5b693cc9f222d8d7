/** Whose work a processor does: the guest's (natively: the system's own), the hypervisor's, the host's. */
export const work = { guest: 0, vmm: 1, host: 2 } as const;
/** How many kinds of work there are. */
export const works = 3;

/**
 * A part of work, in the order of a frame's way. Up: the guest sends; the hypervisor takes the kick and the frame; the host's driver sends it; the
 * host takes the interrupt once it is sent. Down: the host takes the interrupt and the frame; the hypervisor passes it on. Both: the hypervisor
 * injects an interrupt; the guest handles it. A command: the hypervisor answers it; or takes it, and the host's driver carries it out.
 */
// prettier-ignore
export const part = {
  send: 0, kick: 1, hostSend: 2, sent: 3, came: 4, pass: 5, inject: 6, handle: 7, answer: 8, take: 9, carryOut: 10,
} as const;
/** How many parts there are. */
export const parts = 11;

const { guest, vmm, host } = work;
const workOf = Uint8Array.of(guest, vmm, host, host, host, vmm, vmm, guest, vmm, vmm, host);

/** Places in #clock: when the part that is served is over; when it began; when the queue last changed. */
const when = { over: 0, began: 1, changed: 2 } as const;

/**
 * One processor that serves parts of work in the order in which they came, each to its end. A part that {@link ProcessorQueue.insert} puts in
 * goes before all that wait, so that what a part leads to follows it at once, as an exit follows the instruction that caused it.
 * Time in whole ns. Constant time a part; no object is made for one.
 */
export class ProcessorQueue {
  /** Time spent, by owner and kind of work, ns. */
  readonly spentNs: Float64Array;
  /** Parts in the queue, the one that is served among them. */
  waiting = 0;
  // A ring: by place, the owner and its part in one number; how long it takes; when it came.
  #what = new Int32Array(16);
  #lengthNs = new Float64Array(16);
  #cameNs = new Float64Array(16);
  #head = 0;
  readonly #clock = Float64Array.of(Infinity, 0, 0);
  /** The integral of `waiting` over time; how long the parts that are over were in the queue: parts · ns. */
  readonly #sums = new Float64Array(2);

  constructor(owners: number) {
    this.spentNs = new Float64Array(owners * works);
  }

  /** When the part that is served is over; Infinity while there is none. */
  get nextNs(): number {
    return this.#clock[when.over]!;
  }

  /** The integral of `waiting` over time until the queue last changed, parts · ns. */
  get waitedNs(): number {
    return this.#sums[0]!;
  }

  /** How long the parts that are over were in the queue, in all, parts · ns. */
  get sojournNs(): number {
    return this.#sums[1]!;
  }

  /** A part comes, behind all others. */
  add(owner: number, what: number, lengthNs: number, nowNs: number): void {
    this.#change(nowNs);
    if (this.waiting === this.#what.length) this.#grow();
    this.#put((this.#head + this.waiting) & (this.#what.length - 1), owner * parts + what, lengthNs, nowNs);
    if (this.waiting++ === 0) this.#serve(nowNs);
  }

  /** What the part that has just been over leads to: before all that wait. */
  insert(owner: number, what: number, lengthNs: number, nowNs: number): void {
    this.#change(nowNs);
    if (this.waiting === this.#what.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#what.length - 1);
    this.#put(this.#head, owner * parts + what, lengthNs, nowNs);
    this.waiting++;
    this.#serve(nowNs);
  }

  /** The part that is served is over, at {@link ProcessorQueue.nextNs}: its owner times {@link parts}, and the part. */
  finish(): number {
    const nowNs = this.#clock[when.over]!;
    this.#change(nowNs);
    const what = this.#what[this.#head]!;
    this.#charge(nowNs);
    this.#sums[1]! += nowNs - this.#cameNs[this.#head]!;
    this.#head = (this.#head + 1) & (this.#what.length - 1);
    this.waiting--;
    if (this.waiting > 0) this.#serve(nowNs);
    else this.#clock[when.over] = Infinity;
    return what;
  }

  /** The run is over: the part that is served has been so far. */
  stop(nowNs: number): void {
    this.#change(nowNs);
    if (this.waiting > 0) this.#charge(nowNs);
  }

  #charge(nowNs: number): void {
    const what = this.#what[this.#head]!;
    const owner = Math.floor(what / parts);
    this.spentNs[owner * works + workOf[what - owner * parts]!]! += nowNs - this.#clock[when.began]!;
  }

  #serve(nowNs: number): void {
    this.#clock[when.began] = nowNs;
    this.#clock[when.over] = nowNs + this.#lengthNs[this.#head]!;
  }

  #change(nowNs: number): void {
    this.#sums[0]! += this.waiting * (nowNs - this.#clock[when.changed]!);
    this.#clock[when.changed] = nowNs;
  }

  #put(at: number, what: number, lengthNs: number, nowNs: number): void {
    this.#what[at] = what;
    this.#lengthNs[at] = lengthNs;
    this.#cameNs[at] = nowNs;
  }

  #grow(): void {
    const turned = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from.subarray(this.#head));
      to.set(from.subarray(0, this.#head), from.length - this.#head);
      return to;
    };
    const places = 2 * this.#what.length;
    this.#what = turned(this.#what, new Int32Array(places));
    this.#lengthNs = turned(this.#lengthNs, new Float64Array(places));
    this.#cameNs = turned(this.#cameNs, new Float64Array(places));
    this.#head = 0;
  }
}
