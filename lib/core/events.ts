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
  /** Removes a waiting event; false when it was taken or cancelled before. O(log n). */
  cancel(handle: number): boolean;
}

// A handle is a slot and the slot's generation: 2^32 slots, and 2^21 generations keep it below 2^53.
const SLOTS = 2 ** 32;
const LAST_GENERATION = 2 ** 21 - 1;

/**
 * An event queue: a binary heap whose keys lie in typed arrays, so that sifting moves no objects; the more events wait,
 * the more that helps (`npm run bench events` measures it against a heap of objects and a sorted array). Memory: 36 bytes
 * an event and the event itself; grows as needed, does not shrink.
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
  let capacity = 64;
  // The heap: by position, the time, the order of scheduling and the slot.
  let times = new Float64Array(capacity);
  let orders = new Float64Array(capacity);
  let slots = new Uint32Array(capacity);
  // By slot: its position in the heap (-1 when free), its generation and its event.
  let positions = new Int32Array(capacity).fill(-1);
  let generations = new Uint32Array(capacity);
  const events: (T | undefined)[] = [];
  const free: number[] = [];
  let size = 0;
  // In an array: a number in a variable that closures share would be allocated anew at each write.
  const clock = new Float64Array(1);
  let order = 0;

  const grow = (): void => {
    capacity *= 2;
    const longer = <A extends Float64Array | Uint32Array | Int32Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    times = longer(new Float64Array(capacity), times);
    orders = longer(new Float64Array(capacity), orders);
    slots = longer(new Uint32Array(capacity), slots);
    positions = longer(new Int32Array(capacity).fill(-1), positions);
    generations = longer(new Uint32Array(capacity), generations);
  };

  // Sifting carries the moving event in registers and writes it once, where it comes to rest.
  const rise = (start: number, time: number, rank: number, slot: number): void => {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = times[parent]!;
      if (above < time || (above === time && orders[parent]! < rank)) break;
      times[at] = above;
      orders[at] = orders[parent]!;
      const moved = slots[parent]!;
      slots[at] = moved;
      positions[moved] = at;
      at = parent;
    }
    times[at] = time;
    orders[at] = rank;
    slots[at] = slot;
    positions[slot] = at;
  };

  const sink = (start: number, time: number, rank: number, slot: number): void => {
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size) {
        const leftTime = times[child]!;
        const rightTime = times[right]!;
        if (rightTime < leftTime || (rightTime === leftTime && orders[right]! < orders[child]!)) child = right;
      }
      const below = times[child]!;
      if (time < below || (time === below && rank < orders[child]!)) break;
      times[at] = below;
      orders[at] = orders[child]!;
      const moved = slots[child]!;
      slots[at] = moved;
      positions[moved] = at;
      at = child;
    }
    times[at] = time;
    orders[at] = rank;
    slots[at] = slot;
    positions[slot] = at;
  };

  const release = (slot: number): void => {
    positions[slot] = -1;
    events[slot] = undefined;
    const generation = generations[slot]!;
    generations[slot] = generation + 1;
    // A slot whose generations are used up is retired, so that an old handle never meets a new event.
    if (generation < LAST_GENERATION) free.push(slot);
  };

  /** Fills a position of the heap, whose event is gone, with the last event. */
  const close = (at: number): void => {
    size -= 1;
    if (at === size) return;
    const time = times[size]!;
    const rank = orders[size]!;
    const last = slots[size]!;
    const parent = (at - 1) >>> 1;
    const rises = at > 0 && (time < times[parent]! || (time === times[parent]! && rank < orders[parent]!));
    if (rises) rise(at, time, rank, last);
    else sink(at, time, rank, last);
  };

  // The root of an event that was taken stays vacant until something else is asked of the queue. Most often that is
  // the next event's schedule: it sinks from the root, where a removal and an insertion would walk the heap twice.
  let vacant = false;
  const settle = (): void => {
    if (!vacant) return;
    vacant = false;
    close(0);
  };

  return {
    get size() {
      return vacant ? size - 1 : size;
    },
    get now() {
      return clock[0]!;
    },
    get nextTime() {
      settle();
      return size === 0 ? Infinity : times[0]!;
    },
    schedule(time, event) {
      // One comparison on the fast path: it is false for NaN, for Infinity and for the past.
      const now = clock[0]!;
      if (!(time >= now && time < Infinity)) {
        if (!Number.isFinite(time)) throw new OptionError("time", "a finite number", time);
        throw new SimulationError("events", `an event at ${time}, in the past of ${now}`);
      }
      const slot = free.pop() ?? events.length;
      if (slot >= capacity) grow();
      events[slot] = event;
      if (vacant) {
        vacant = false;
        sink(0, time, order, slot);
      } else {
        rise(size, time, order, slot);
        size += 1;
      }
      order += 1;
      return generations[slot]! * SLOTS + slot;
    },
    next() {
      settle();
      if (size === 0) return undefined;
      clock[0] = times[0]!;
      const slot = slots[0]!;
      const event = events[slot];
      release(slot);
      vacant = true;
      return event;
    },
    cancel(handle) {
      const slot = handle % SLOTS;
      if (!(positions[slot]! >= 0) || generations[slot] !== Math.floor(handle / SLOTS)) return false;
      // First, for it may move the event.
      settle();
      const at = positions[slot]!;
      release(slot);
      close(at);
      return true;
    },
  };
}
