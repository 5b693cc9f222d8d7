import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../core/random.ts";
import { part, parts, ProcessorQueue, work, works } from "../processor-queue.ts";
import { type Job, naiveQueue } from "./naive-queue.ts";

const owner = fc.integer({ min: 0, max: 3 });
const what = fc.integer({ min: 0, max: parts - 1 });
const lengthNs = fc.constantFrom(0, 1, 10, 1000, 12_345);
const follow = fc.record({ owner, what, lengthNs });
const job: fc.Arbitrary<Job> = fc.record({
  ...{ atNs: fc.integer({ min: 0, max: 20_000 }), owner, what, lengthNs },
  then: fc.array(follow, { maxLength: 3 }),
});

/** Drives the queue with jobs whose parts follow one another at once. */
function drive(jobs: readonly Job[]): {
  over: { owner: number; what: number; atNs: number }[];
  queue: ProcessorQueue;
  endNs: number;
} {
  const queue = new ProcessorQueue(4);
  const sorted = [...jobs].sort((a, b) => a.atNs - b.atNs);
  const over: { owner: number; what: number; atNs: number }[] = [];
  // In the order in which they are served: what is to follow the part that is served.
  const waiting: (readonly Omit<Job, "atNs" | "then">[])[] = [];
  let came = 0;
  let endNs = 0;
  for (;;) {
    const arrivalNs = sorted[came]?.atNs ?? Infinity;
    const servedNs = queue.nextNs;
    if (arrivalNs === Infinity && servedNs === Infinity) return { over, queue, endNs };
    if (servedNs <= arrivalNs) {
      endNs = servedNs;
      const code = queue.finish();
      over.push({ owner: Math.floor(code / parts), what: code % parts, atNs: servedNs });
      const [first, ...rest] = waiting.shift()!;
      if (first === undefined) continue;
      waiting.unshift(rest);
      queue.insert(first.owner, first.what, first.lengthNs, servedNs);
    } else {
      const next = sorted[came++]!;
      waiting.push(next.then);
      queue.add(next.owner, next.what, next.lengthNs, arrivalNs);
    }
  }
}

describe("the processor's queue", () => {
  it("does what a list does, to the nanosecond, and Little's law holds", () => {
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 80 }), (jobs) => {
        const { over, queue } = drive(jobs);
        const naive = naiveQueue(jobs);
        expect(over).toEqual(naive.over);
        // Empty at the end: what waited over time is what each waited.
        expect([queue.waiting, queue.waitedNs, queue.sojournNs]).toEqual([0, naive.sojournNs, naive.sojournNs]);
        const busyNs = jobs.reduce(
          (sum, { lengthNs: own, then }) => sum + own + then.reduce((all, next) => all + next.lengthNs, 0),
          0,
        );
        expect(queue.spentNs.reduce((sum, ns) => sum + ns, 0)).toBe(busyNs);
      }),
      { numRuns: 500 },
    );
  });

  it("with Poisson arrivals of one length is an M/D/1 queue: Lindley's recursion exactly, the mean wait within 5 %", () => {
    const { exponential } = random("processor");
    const meanNs = 10_000;
    const serviceNs = 7000;
    let at = 0;
    let freeNs = 0;
    let sum = 0;
    const jobs = Array.from({ length: 50_000 }, (): Job => {
      at += exponential(meanNs);
      const atNs = Math.ceil(at);
      freeNs = Math.max(freeNs, atNs) + serviceNs;
      sum += freeNs - atNs;
      return { atNs, owner: 0, what: part.send, lengthNs: serviceNs, then: [] };
    });
    const { queue } = drive(jobs);
    expect(queue.sojournNs).toBe(sum);
    const load = serviceNs / meanNs;
    const waitNs = (serviceNs * load) / (2 * (1 - load));
    // 50,000 customers at a load of 0.7: a standard error of the mean wait of some 1.5 %.
    expect(Math.abs(sum / jobs.length / (serviceNs + waitNs) - 1)).toBeLessThan(0.05);
  });

  it("charges the owner and the kind of work, and what is served when the run is over for what it has been", () => {
    const queue = new ProcessorQueue(2);
    queue.add(0, part.send, 10, 0);
    queue.add(1, part.came, 20, 5);
    // 0 to 10: the guest's work for 0. What it leads to follows: 10 to 17, the hypervisor's; then the host's for 1, from 17 on.
    expect(queue.finish()).toBe(part.send);
    queue.insert(0, part.kick, 7, 10);
    expect(queue.finish()).toBe(part.kick);
    expect(queue.nextNs).toBe(37);
    queue.stop(22);
    expect(queue.spentNs).toEqual(Float64Array.of(10, 7, 0, 0, 0, 5));
    expect(queue.spentNs[works + work.host]).toBe(5);
  });
});
