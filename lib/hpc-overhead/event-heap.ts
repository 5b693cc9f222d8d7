/**
 * The events of a replay in order of time, those of one time in order of their number, whatever the order in which they came. Two typed
 * arrays and no handles, which makes it faster than the general `eventQueue`; `npm run bench hpc` measures by how much.
 */
export class EventHeap {
  /** The time of the event that {@link EventHeap.next} gave last. */
  now = 0;
  #times = new Float64Array(1024);
  #events = new Uint32Array(1024);
  #size = 0;
  // The root of an event that was taken stays vacant until the next is put or taken: most often what comes is put there.
  #vacant = false;

  /** Puts an event. O(log n). */
  put(time: number, event: number): void {
    if (this.#vacant) {
      this.#vacant = false;
      this.#sink(time, event);
      return;
    }
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    const events = this.#events;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = times[parent]!;
      if (above < time || (above === time && events[parent]! < event)) break;
      times[at] = above;
      events[at] = events[parent]!;
      at = parent;
    }
    times[at] = time;
    events[at] = event;
  }

  /** Takes the next event; -1 when none is left. O(log n). */
  next(): number {
    if (this.#vacant) {
      const last = --this.#size;
      if (last > 0) this.#sink(this.#times[last]!, this.#events[last]!);
      this.#vacant = false;
    }
    if (this.#size === 0) return -1;
    this.now = this.#times[0]!;
    this.#vacant = true;
    return this.#events[0]!;
  }

  /** Puts an event at the root and lets it sink. */
  #sink(time: number, event: number): void {
    const times = this.#times;
    const events = this.#events;
    const size = this.#size;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= size) break;
      const right = left + 1 < size ? left + 1 : left;
      const leftTime = times[left]!;
      const rightTime = times[right]!;
      // Which of the two comes first no processor can foresee: added up, as a branch costs more.
      const child =
        left +
        (Number(rightTime < leftTime) | (Number(rightTime === leftTime) & Number(events[right]! < events[left]!)));
      const below = times[child]!;
      if (time < below || (time === below && event < events[child]!)) break;
      times[at] = below;
      events[at] = events[child]!;
      at = child;
    }
    times[at] = time;
    events[at] = event;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length);
    times.set(this.#times);
    this.#times = times;
    const events = new Uint32Array(2 * this.#events.length);
    events.set(this.#events);
    this.#events = events;
  }
}
