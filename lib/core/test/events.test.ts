import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EventQueue, eventQueue } from "../events.ts";

interface Waiting {
  readonly time: number;
  readonly name: number;
  readonly handle: number;
}

const drain = (queue: EventQueue<number>): number[] => {
  const names: number[] = [];
  for (let event = queue.next(); event !== undefined; event = queue.next()) names.push(event);
  return names;
};

describe("eventQueue", () => {
  it("by hand: by time, then in the order of scheduling; a cancelled event never comes", () => {
    const queue = eventQueue<string>();
    queue.schedule(2, "c");
    queue.schedule(1, "a");
    const gone = queue.schedule(1, "x");
    queue.schedule(1, "b");
    expect(queue.cancel(gone)).toBe(true);
    expect(queue.cancel(gone)).toBe(false);
    expect([queue.size, queue.now, queue.nextTime]).toEqual([3, 0, 1]);
    expect([queue.next(), queue.now]).toEqual(["a", 1]);
    queue.schedule(1, "now, but after b");
    expect([queue.next(), queue.next(), queue.next(), queue.next()]).toEqual(["b", "now, but after b", "c", undefined]);
    expect([queue.size, queue.now, queue.nextTime]).toEqual([0, 2, Infinity]);
  });

  it("does what a sorted array does, for any sequence of schedule, next and cancel", () => {
    const command = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant("schedule" as const), delay: fc.integer({ min: 0, max: 8 }) }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("next" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), pick: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
        const queue = eventQueue<number>();
        const sorted: Waiting[] = [];
        const handles: number[] = [];
        let name = 0;
        for (const step of commands) {
          if (step.do === "schedule") {
            const time = queue.now + step.delay;
            const handle = queue.schedule(time, name);
            handles.push(handle);
            const after = sorted.findIndex((waiting) => waiting.time > time);
            sorted.splice(after < 0 ? sorted.length : after, 0, { time, name, handle });
            name += 1;
          } else if (step.do === "next") {
            const expected = sorted.shift();
            expect(queue.next()).toBe(expected?.name);
            if (expected !== undefined) expect(queue.now).toBe(expected.time);
          } else if (handles.length > 0) {
            // Any handle that was ever given: taken and cancelled ones must be refused, even where a slot was used again.
            const handle = handles[step.pick % handles.length] ?? -1;
            const at = sorted.findIndex((waiting) => waiting.handle === handle);
            expect(queue.cancel(handle)).toBe(at >= 0);
            if (at >= 0) sorted.splice(at, 1);
          }
          expect(queue.size).toBe(sorted.length);
          expect(queue.nextTime).toBe(sorted[0]?.time ?? Infinity);
        }
        expect(drain(queue)).toEqual(sorted.map((waiting) => waiting.name));
      }),
      { numRuns: 300 },
    );
  });

  it("sorts many events, through several growths, stably", () => {
    const queue = eventQueue<number>();
    const times = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 257);
    times.forEach((time, name) => queue.schedule(time, name));
    const expected = times.map((time, name) => ({ time, name })).sort((a, b) => a.time - b.time || a.name - b.name);
    expect(drain(queue)).toEqual(expected.map(({ name }) => name));
  });

  it("keeps the order when most events are cancelled, and uses their slots again", () => {
    const timesThatRepeat = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 200, maxLength: 600 });
    fc.assert(
      fc.property(timesThatRepeat, fc.infiniteStream(fc.boolean()), (times, coin) => {
        const queue = eventQueue<number>();
        let waiting: Waiting[] = [];
        for (const round of [0, 1]) {
          times.forEach((delay, at) => {
            const time = queue.now + delay;
            const name = round * times.length + at;
            waiting.push({ time, name, handle: queue.schedule(time, name) });
          });
          // Of each four, three are cancelled, or all: less than half of the heap is left.
          waiting = waiting.filter(({ handle }, at) => {
            if (at % 4 === 0 && coin.next().value) return true;
            expect(queue.cancel(handle)).toBe(true);
            return false;
          });
          waiting.sort((a, b) => a.time - b.time || a.name - b.name);
          expect(queue.size).toBe(waiting.length);
          for (const { name } of waiting.splice(0, 10)) expect(queue.next()).toBe(name);
        }
        expect(drain(queue)).toEqual(waiting.map(({ name }) => name));
      }),
    );
  });

  it("keeps handles apart when one slot is used over and over", () => {
    const queue = eventQueue<number>();
    const first = queue.schedule(0, 0);
    queue.next();
    // Past the slot's last generation (2^21): a handle that wrapped would meet a new event.
    let met = 0;
    for (let i = 1; i <= 2 ** 21 + 3; i += 1) {
      const handle = queue.schedule(i, i);
      if (handle === first || queue.cancel(first) || queue.next() !== i) met += 1;
    }
    expect(met).toBe(0);
  });

  it("refuses the past and times that are none", () => {
    const queue = eventQueue<number>();
    queue.schedule(5, 0);
    queue.next();
    expect(() => queue.schedule(4, 1)).toThrow("events: an event at 4, in the past of 5");
    expect(() => queue.schedule(NaN, 1)).toThrow("time: expected a finite number, got NaN");
    expect(() => queue.schedule(Infinity, 1)).toThrow("time: expected a finite number, got Infinity");
    expect([queue.cancel(-1), queue.cancel(NaN), queue.cancel(2 ** 40)]).toEqual([false, false, false]);
    expect(queue.size).toBe(0);
  });
});
