// The event queue against its peers, by the hold model: with n events waiting, take the next and schedule another an
// exponentially distributed time later (Vaucher and Duval, "A comparison of simulation event list algorithms", CACM 1975).
import { eventQueue } from "../core/events.ts";
import { random } from "../core/random.ts";

interface Queue {
  readonly name: string;
  fill(times: Float64Array): void;
  /** One pop and push a delay. */
  hold(delays: Float64Array): void;
}

function ours(): Queue {
  const queue = eventQueue<number>();
  return {
    name: "eventQueue (typed arrays, stable, cancel)",
    fill(times) {
      for (const [event, time] of times.entries()) queue.schedule(time, event);
    },
    hold(delays) {
      for (const delay of delays) {
        const event = queue.next()!;
        queue.schedule(queue.now + delay, event);
      }
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
    name: "heap of objects",
    fill: (times) => {
      times.forEach(push);
    },
    hold(delays) {
      for (const delay of delays) {
        const { time, event } = pop();
        push(time + delay, event);
      }
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
    name: "sorted array",
    fill: (times) => {
      times.forEach(push);
    },
    hold(delays) {
      for (const delay of delays) {
        const { time, event } = items.pop()!;
        push(time + delay, event);
      }
    },
  };
}

const ROUNDS = 7;
const HOLDS = 400_000;

/** Millions of pop-and-push pairs a second, the median of the rounds after one to warm up. */
function measure(make: () => Queue, waiting: number): { readonly name: string; readonly rate: number } {
  const stream = random("hold");
  const times = Float64Array.from({ length: waiting }, () => stream.exponential());
  const delays = Float64Array.from({ length: HOLDS }, () => stream.exponential());
  const queue = make();
  queue.fill(times);
  queue.hold(delays);
  const rates = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    queue.hold(delays);
    return HOLDS / (performance.now() - start) / 1e3;
  }).sort((a, b) => a - b);
  return { name: queue.name, rate: rates[ROUNDS >> 1]! };
}

for (const waiting of [100, 10_000]) {
  const results = [ours, heapOfObjects, sortedArray].map((make) => measure(make, waiting));
  const own = results[0]!.rate;
  console.log(`event queue, hold model, ${waiting} waiting:`);
  for (const { name, rate } of results) {
    const ratio = rate === own ? "" : `  ours is ${(own / rate).toFixed(2)} times as fast`;
    console.log(`  ${name.padEnd(44)} ${rate.toFixed(2).padStart(7)} M/s${ratio}`);
  }
}
