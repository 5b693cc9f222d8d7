// How many events a second the replay of a schedule handles, beside the general event queue and a heap of objects under the same load
// (take the next event, put another); and how long the recurrence takes for 4096 nodes and 1000 iterations. Processor
// time, medians of five rounds after what warms up.
import { eventQueue, random } from "../core/index.ts";
import { EventHeap } from "../hpc-overhead/event-heap.ts";
import {
  allreduce,
  bulk,
  computation,
  nativeNode,
  periodicNoise,
  type Program,
  replay,
  scheduleOf,
  seaStar,
} from "../hpc-overhead/index.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";

const HOLDS = 1_000_000;

/** A heap as one writes it first: objects, swapped. */
class PlainHeap {
  now = 0;
  readonly #heap: { readonly time: number; readonly event: number }[] = [];

  put(time: number, event: number): void {
    const heap = this.#heap;
    heap.push({ time, event });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >>> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  next(): number {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) heap[0] = last;
    for (let at = 0; ;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(child + 1, child)) child++;
      if (!this.#before(child, at)) break;
      this.#swap(at, child);
      at = child;
    }
    this.now = first.time;
    return first.event;
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a]!, this.#heap[b]!];
    return x.time < y.time || (x.time === y.time && x.event < y.event);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}

const delays = Float64Array.from({ length: HOLDS }, random("hold").exponential);

interface Queue {
  readonly now: number;
  put(time: number, event: number): void;
  next(): number;
}

async function held(waiting: number, queue: Queue): Promise<number> {
  for (let event = 0; event < waiting; event++) queue.put(delays[event]!, event);
  const taken = await processorSeconds(() => {
    for (const delay of delays) {
      const event = queue.next();
      queue.put(queue.now + delay, event);
    }
  });
  return HOLDS / taken / 1e6;
}

function general(): Queue {
  const queue = eventQueue<number>();
  return {
    get now() {
      return queue.now;
    },
    put: (time, event) => void queue.schedule(time, event),
    next: () => queue.next()!,
  };
}

for (const waiting of [64, 4096]) {
  const own = await held(waiting, new EventHeap());
  const peers = { eventQueue: await held(waiting, general()), "heap of objects": await held(waiting, new PlainHeap()) };
  figure(`EventHeap: events taken and put again, ${waiting} waiting`, own, "M events/s", { peers });
}

const bulkSynchronous = (nodes: number, iterations: number): Program => ({
  label: "BSP",
  nodes,
  iterations,
  steps: [computation(1e6), ...allreduce(nodes, 8)],
});

for (const [nodes, iterations] of [
  [64, 800],
  [4096, 8],
] as const) {
  const program = bulkSynchronous(nodes, iterations);
  const schedule = scheduleOf(program);
  const options = { network: seaStar, node: nativeNode };
  let events = 0;
  const byEvents = await processorSeconds(
    () => {
      ({ events } = replay(schedule, options));
    },
    3, // the compiler is at work until the third
  );
  const byArrays = await processorSeconds(() => void bulk(program, options));
  figure(`replay, ${nodes} nodes`, events / byEvents / 1e6, "M events/s", { asked: 5 });
  figure(`recurrence, ${nodes} nodes x ${iterations} iterations`, byArrays, "s", { peers: { replay: byEvents } });
}

for (const [name, noise] of [
  ["without noise", nativeNode.noise],
  ["with periodic noise", periodicNoise({ periodNs: 1e8, durationNs: 25_000 })],
] as const) {
  const before = process.cpuUsage();
  bulk(bulkSynchronous(4096, 1000), { network: seaStar, node: { ...nativeNode, noise } });
  const { user, system } = process.cpuUsage(before);
  figure(`recurrence, 4096 nodes x 1000 iterations, ${name}`, (user + system) / 1e6, "s", { asked: 10 });
}
