// The event queue against its peers, by the hold model: with n events waiting, take the next and schedule another an
// exponentially distributed time later (Vaucher and Duval, "A comparison of simulation event list algorithms", CACM 1975).
// Peers outside of JavaScript take the same delays, measure themselves and must end at the same time: the same queue in C where gcc
// is there, and SimPy 3 or newer where Python finds it (PYTHON names another Python, PYTHONPATH where it looks).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timed } from "../../datasets/bench/processor-seconds.ts";
import { eventQueue } from "../core/events.ts";
import { random } from "../core/random.ts";
import { inTurns } from "./in-turns.ts";
import { compiler, inC, inSimPy, type Peer } from "./reference/peer.ts";

interface Queue {
  fill(times: Float64Array): void;
  /** One pop and push a delay; gives the time at the end. */
  hold(delays: Float64Array): number;
}

function ours(): Queue {
  const queue = eventQueue<number>();
  return {
    fill(times) {
      for (const [event, time] of times.entries()) queue.schedule(time, event);
    },
    hold(delays) {
      for (const delay of delays) {
        const event = queue.next()!;
        queue.schedule(queue.now + delay, event);
      }
      return queue.now;
    },
  };
}

interface Item {
  readonly time: number;
  readonly order: number;
  readonly event: number;
}

const before = (a: Item, b: Item): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** The usual binary heap of objects, stable too, without cancel. */
function heapOfObjects(): Queue {
  const heap: Item[] = [];
  let order = 0;
  const push = (time: number, event: number): void => {
    const item = { time, order, event };
    order += 1;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent]!;
      if (before(above, item)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  };
  const pop = (): Item => {
    const first = heap[0]!;
    const item = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      const below = heap[child]!;
      if (before(item, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = item;
    return first;
  };
  return {
    fill: (times) => {
      times.forEach(push);
    },
    hold(delays) {
      let now = 0;
      for (const delay of delays) {
        const { time, event } = pop();
        now = time;
        push(time + delay, event);
      }
      return now;
    },
  };
}

/** An array kept in order by binary search and splice, the last element next. */
function sortedArray(): Queue {
  const items: Item[] = [];
  let order = 0;
  const push = (time: number, event: number): void => {
    const item = { time, order, event };
    order += 1;
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(item, items[middle]!)) low = middle + 1;
      else high = middle;
    }
    items.splice(low, 0, item);
  };
  return {
    fill: (times) => {
      times.forEach(push);
    },
    hold(delays) {
      let now = 0;
      for (const delay of delays) {
        const { time, event } = items.pop()!;
        now = time;
        push(time + delay, event);
      }
      return now;
    },
  };
}

const HOLDS = 400_000;

const folder = mkdtempSync(join(tmpdir(), "veelab-bench-"));
try {
  const c = inC("events", folder);
  const simPy = inSimPy("hold.py");
  for (const waiting of [100, 10_000]) {
    const stream = random("hold");
    const times = Float64Array.from({ length: waiting }, () => stream.exponential());
    const delays = Float64Array.from({ length: HOLDS }, () => stream.exponential());
    const file = join(folder, "times");
    writeFileSync(file, Buffer.concat([new Uint8Array(times.buffer), new Uint8Array(delays.buffer)]));

    const ends = new Set<number>();
    const inside = (make: () => Queue) => (): number => {
      const queue = make();
      queue.fill(times);
      return timed(() => ends.add(queue.hold(delays)));
    };
    const outside = (run: Peer) => (): number => {
      const [seconds, end] = run(file, waiting, HOLDS).split(" ").map(Number);
      ends.add(end!);
      return seconds!;
    };
    await inTurns(`event queue, hold model, ${waiting} waiting`, [HOLDS / 1e6, "M events/s"], inside(ours), {
      [compiler]: c && outside(c),
      "heap of objects": inside(heapOfObjects),
      "sorted array": waiting > 1000 ? undefined : inside(sortedArray),
      "SimPy, whose events go on with generators": simPy && outside(simPy),
    });
    if (ends.size > 1) throw new Error(`the queues end at different times: ${[...ends].join(", ")}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
