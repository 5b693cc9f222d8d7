import type { RandomStream } from "../core/random.ts";
import type { Counter } from "./counters.ts";

/** What a PMU of a machine is made of. */
export interface PmuParts {
  readonly counters: readonly Counter[];
  /** Events a cycle, by place and counter. */
  readonly rates: Float64Array;
  /** Sets of counters: one a virtual CPU, or one a processor. */
  readonly sets: number;
  readonly vcpus: number;
  /** Counters that the processor has. */
  readonly hardware: number;
  /** How long counters keep the hardware when there are more of them, cycles in which they may count. */
  readonly rotateCycles: number;
  readonly stream: RandomStream;
}

/** Counters of the PMU, in sets: programmed registers, overflows, and multiplexing by rotation, a step of one counter each time. */
export class Pmu {
  readonly count: number;
  readonly active: number;
  /** By set and counter. */
  readonly counted: Float64Array;
  readonly running: Float64Array;
  readonly overflows: Float64Array;
  /** By set. */
  readonly enabled: Float64Array;
  readonly rotateLeft: Float64Array;
  /** Counters of the set that overflowed and are in their skid. */
  readonly skidding: Uint32Array;
  readonly skidLeft: Float64Array;
  /** By virtual CPU: counters that overflowed for it and whose interrupt waits for its entry. */
  readonly held: Uint32Array;
  /** Overflows of a counter whose overflow before was still on its way. */
  lost = 0;
  readonly #left: Float64Array;
  readonly #rates: Float64Array;
  readonly #first: Uint32Array;
  readonly #period: Float64Array;
  readonly #jitter: Float64Array;
  readonly #rotateCycles: number;
  readonly #stream: RandomStream;

  constructor({ counters, rates, sets, vcpus, hardware, rotateCycles, stream }: PmuParts) {
    const count = counters.length;
    this.count = count;
    this.active = Math.min(count, hardware);
    this.counted = new Float64Array(sets * count);
    this.running = new Float64Array(sets * count);
    this.overflows = new Float64Array(sets * count);
    this.enabled = new Float64Array(sets);
    this.rotateLeft = new Float64Array(sets).fill(count > hardware ? rotateCycles : Infinity);
    this.skidding = new Uint32Array(sets);
    this.held = new Uint32Array(vcpus);
    this.skidLeft = new Float64Array(sets).fill(Infinity);
    this.#rates = rates;
    this.#first = new Uint32Array(sets);
    this.#period = Float64Array.from(counters, ({ period }) => period ?? Infinity);
    this.#jitter = Float64Array.from(counters, ({ jitter }) => jitter ?? 0);
    this.#rotateCycles = rotateCycles;
    this.#stream = stream;
    this.#left = Float64Array.from({ length: sets * count }, (_, at) => this.#draw(at % count));
  }

  #draw(counter: number): number {
    const period = this.#period[counter]!;
    const jitter = this.#jitter[counter]!;
    if (jitter === 0 || period === Infinity) return period;
    return Math.max(1, Math.round(period * (1 - jitter / 2 + jitter * this.#stream.float())));
  }

  /** Whole cycles at a place until a counter of the set overflows; Infinity when none does within so many. */
  untilOverflow(set: number, place: number, within: number): number {
    const { count, active } = this;
    let least = Infinity;
    let most = within;
    let counter = this.#first[set]!;
    for (let i = 0; i < active; i += 1) {
      const left = this.#left[set * count + counter]!;
      const rate = this.#rates[place * count + counter]!;
      // A product is as exact as a quotient, and cheaper.
      if (left <= most * rate) least = most = Math.ceil(left / rate);
      counter += 1;
      if (counter === count) counter = 0;
    }
    return least;
  }

  /** Counts cycles at a place; gives the counters that overflowed in them, as bits. */
  advance(set: number, place: number, cycles: number): number {
    const { count, active } = this;
    this.enabled[set]! += cycles;
    this.rotateLeft[set]! -= cycles;
    this.skidLeft[set]! -= cycles;
    let overflowed = 0;
    let counter = this.#first[set]!;
    for (let i = 0; i < active; i += 1) {
      const at = set * count + counter;
      const events = cycles * this.#rates[place * count + counter]!;
      this.counted[at]! += events;
      this.running[at]! += cycles;
      const left = this.#left[at]! - events;
      this.#left[at] = left;
      if (left <= 0) overflowed |= 1 << counter;
      counter += 1;
      if (counter === count) counter = 0;
    }
    return overflowed;
  }

  /** Reloads counters that overflowed; gives those whose overflow before is not on its way, in its skid or among the held. */
  overflow(set: number, overflowed: number, held: number): number {
    const waiting = this.skidding[set]! | held;
    for (let left = overflowed; left !== 0; left &= left - 1) {
      const counter = lowest(left);
      const at = set * this.count + counter;
      this.#left[at]! += this.#draw(counter);
      this.overflows[at]! += 1;
      if ((waiting & (1 << counter)) !== 0) this.lost += 1;
    }
    return overflowed & ~waiting;
  }

  /** The interrupt of a skid waits for the entry of the virtual CPU whose set it is. */
  hold(vcpu: number): void {
    if (this.skidding[vcpu] === 0) return;
    this.held[vcpu]! |= this.skidding[vcpu]!;
    this.skidding[vcpu] = 0;
    this.skidLeft[vcpu] = Infinity;
  }

  rotate(set: number): void {
    this.#first[set] = (this.#first[set]! + 1) % this.count;
    this.rotateLeft[set] = this.#rotateCycles;
  }
}

/** The place of the lowest bit of a mask that has one. */
export const lowest = (mask: number): number => 31 - Math.clz32(mask & -mask);
