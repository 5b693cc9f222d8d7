import { OptionError, SimulationError } from "./errors.ts";

/** A queue of future events, in order of time; events of equal time come in the order in which they were scheduled. */
export interface EventQueue<T> {
  /** How many events wait. */
  readonly size: number;
  /** The time of the event that was taken last; 0 before the first. */
  readonly now: number;
  /** The time of the next event; Infinity when none waits. */
  readonly nextTime: number;
  /**
   * Puts an event at a time that is not before `now`; gives a handle for {@link EventQueue.cancel}. O(log n).
   *
   * @throws OptionError for a time that is no finite number; SimulationError for one in the past
   */
  schedule(time: number, event: T): number;
  /** Takes the next event and moves `now` to its time; undefined when none waits. O(log n). */
  next(): T | undefined;
  /** Removes a waiting event; false when it was taken or cancelled before. O(1), over all cancellations. */
  cancel(handle: number): boolean;
}

// A handle is a slot and the slot's generation: 2^32 slots, and 2^21 generations keep it below 2^53.
const SLOTS = 2 ** 32;
const LAST_GENERATION = 2 ** 21 - 1;

const FREE = 0;
const WAITING = 1;
const CANCELLED = 2;

/** A heap of slots by time; of equal times, the slots' places in the order of scheduling decide. */
class HeapQueue<T> implements EventQueue<T> {
  #now = 0;
  #waiting = 0;
  #order = 0;
  // By position in the heap, those that were cancelled included.
  #times: Float64Array = new Float64Array(64);
  #slots: Uint32Array = new Uint32Array(64);
  #length = 0;
  // The root of an event that was taken stays vacant until something else is asked of the queue. Most often that is
  // the next event's schedule: it sinks from the root, where a removal and an insertion would walk the heap twice.
  #vacant = false;
  // By slot.
  #orders: Float64Array = new Float64Array(64);
  #generations: Uint32Array = new Uint32Array(64);
  #states: Uint8Array = new Uint8Array(64);
  readonly #events: (T | undefined)[] = [];
  /** The slots that are free, the one to use next at the end. */
  #free: Uint32Array = new Uint32Array(64);
  #freeSlots = 0;

  get size(): number {
    return this.#waiting;
  }

  get now(): number {
    return this.#now;
  }

  get nextTime(): number {
    this.#settle();
    return this.#length === 0 ? Infinity : this.#times[0]!;
  }

  schedule(time: number, event: T): number {
    // One comparison on the fast path: it is false for NaN, for Infinity and for the past.
    if (!(time >= this.#now && time < Infinity)) {
      if (!Number.isFinite(time)) throw new OptionError("time", "a finite number", time);
      throw new SimulationError("events", `an event at ${time}, in the past of ${this.#now}`);
    }
    const slot = this.#freeSlots > 0 ? this.#free[--this.#freeSlots]! : this.#events.length;
    if (slot === this.#orders.length) this.#grow();
    this.#events[slot] = event;
    this.#states[slot] = WAITING;
    this.#orders[slot] = this.#order++;
    this.#waiting++;
    if (this.#vacant) {
      this.#vacant = false;
      this.#sink(0, time, slot);
    } else this.#rise(time, slot);
    return this.#generations[slot]! * SLOTS + slot;
  }

  next(): T | undefined {
    this.#settle();
    if (this.#length === 0) return undefined;
    const slot = this.#slots[0]!;
    const event = this.#events[slot];
    this.#now = this.#times[0]!;
    this.#waiting--;
    this.#vacant = true;
    this.#end(slot);
    this.#release(slot);
    return event;
  }

  cancel(handle: number): boolean {
    const slot = handle % SLOTS;
    if (this.#states[slot] !== WAITING || this.#generations[slot] !== Math.floor(handle / SLOTS)) return false;
    this.#end(slot);
    this.#states[slot] = CANCELLED;
    this.#waiting--;
    if (this.#length > 64 && 2 * this.#waiting < this.#length) this.#sweep();
    return true;
  }

  /** An event is over: no handle of it is good any more. */
  #end(slot: number): void {
    this.#events[slot] = undefined;
    this.#generations[slot]!++;
  }

  /** A slot may be used again, unless its generations are used up: an old handle must never meet a new event. */
  #release(slot: number): void {
    this.#states[slot] = FREE;
    if (this.#generations[slot]! <= LAST_GENERATION) this.#free[this.#freeSlots++] = slot;
  }

  /** Sees to it that an event which waits is at the root, if any does. */
  #settle(): void {
    if (this.#vacant) {
      this.#vacant = false;
      this.#removeRoot();
    }
    while (this.#length > 0 && this.#states[this.#slots[0]!] === CANCELLED) {
      this.#release(this.#slots[0]!);
      this.#removeRoot();
    }
  }

  #removeRoot(): void {
    const last = --this.#length;
    if (last > 0) this.#sink(0, this.#times[last]!, this.#slots[last]!);
  }

  // Sifting carries the moving event in registers and writes it once, where it comes to rest.
  #rise(time: number, slot: number): void {
    const times = this.#times;
    const slots = this.#slots;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = times[parent]!;
      // Of equal times the new event is the last.
      if (above <= time) break;
      times[at] = above;
      slots[at] = slots[parent]!;
      at = parent;
    }
    times[at] = time;
    slots[at] = slot;
  }

  #sink(start: number, time: number, slot: number): void {
    const times = this.#times;
    const slots = this.#slots;
    const orders = this.#orders;
    const length = this.#length;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length) {
        const left = times[child]!;
        const right = times[child + 1]!;
        // Which of the two comes first no processor can foresee: added up, as a branch costs more. Equal times are rare,
        // or the rule, and foreseen.
        if (left === right) child += Number(orders[slots[child + 1]!]! < orders[slots[child]!]!);
        else child += Number(right < left);
      }
      const below = times[child]!;
      if (time < below || (time === below && orders[slot]! < orders[slots[child]!]!)) break;
      times[at] = below;
      slots[at] = slots[child]!;
      at = child;
    }
    times[at] = time;
    slots[at] = slot;
  }

  /** Takes what was cancelled out of the heap. O(n), after at least n / 2 cancellations. */
  #sweep(): void {
    if (this.#vacant) {
      this.#vacant = false;
      this.#removeRoot();
    }
    let kept = 0;
    for (let at = 0; at < this.#length; at++) {
      const slot = this.#slots[at]!;
      if (this.#states[slot] === CANCELLED) this.#release(slot);
      else {
        this.#times[kept] = this.#times[at]!;
        this.#slots[kept++] = slot;
      }
    }
    this.#length = kept;
    for (let at = (kept >>> 1) - 1; at >= 0; at--) this.#sink(at, this.#times[at]!, this.#slots[at]!);
  }

  #grow(): void {
    const capacity = 2 * this.#orders.length;
    const longer = <A extends Float64Array | Uint32Array | Uint8Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.#times = longer(new Float64Array(capacity), this.#times);
    this.#slots = longer(new Uint32Array(capacity), this.#slots);
    this.#orders = longer(new Float64Array(capacity), this.#orders);
    this.#generations = longer(new Uint32Array(capacity), this.#generations);
    this.#states = longer(new Uint8Array(capacity), this.#states);
    this.#free = longer(new Uint32Array(capacity), this.#free);
  }
}

/**
 * An event queue: a binary heap whose keys lie in typed arrays, so that sifting moves no objects; the more events wait,
 * the more that helps (`npm run bench events` measures it against C, a heap of objects, a sorted array and SimPy).
 * Cancelled events stay in the heap until they come up or are more than half of it. Memory: 29 bytes an event and the
 * event itself; grows as needed, does not shrink.
 *
 * @example
 * ```ts
 * import { eventQueue } from "veelab";
 *
 * const queue = eventQueue<string>();
 * queue.schedule(2, "guest page fault");
 * const timer = queue.schedule(5, "sample counters");
 * queue.schedule(1, "TLB miss");
 * queue.cancel(timer);
 * for (let event = queue.next(); event !== undefined; event = queue.next()) console.log(queue.now, event);
 * // 1 TLB miss
 * // 2 guest page fault
 * ```
 */
export function eventQueue<T>(): EventQueue<T> {
  return new HeapQueue<T>();
}
