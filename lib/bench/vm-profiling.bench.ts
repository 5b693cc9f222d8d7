// The event loop of `profile`: millions of events of the simulation a second of processor time, medians of five rounds after one
// that warms up. Beside each machine, a plain program in the same run: objects in a sorted array for what comes next.
import {
  costs2011,
  free,
  guestWide,
  measuredExits,
  profile,
  type Profiler,
  program,
  type SegmentBatch,
  systemWide,
} from "../vm-profiling/index.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";

const SEGMENTS = 1_000_000;
const shares = Array.from({ length: 64 }, (_, at) => 1 / (at + 1));
const code = shares.map((_, at) => ({ stack: `app;f${at}`, perKilocycle: { misses: at } }));
const counters = [{ event: "cycles", period: 100_003 }];
async function time(round: () => Promise<number> | number): Promise<{ events: number; seconds: number }> {
  let events = 0;
  const seconds = await processorSeconds(async () => {
    events = await round();
  });
  return { events, seconds };
}

const segmentsOf = (vcpu: number): SegmentBatch[] => [
  ...program({ shares, segments: SEGMENTS, exits: [{ reason: 5, perMegacycle: 10 }], seed: vcpu }),
];
const segments = [0, 1, 2, 3].map(segmentsOf);

interface Item {
  time: number;
  kind: "segment" | "exit" | "overflow" | "sample";
}

/** A CPU switch on one processor as one would write it first: an object an event, the next by a sort. */
function plain(batches: readonly SegmentBatch[]): { events: number; samples: Map<string, number> } {
  const samples = new Map<string, number>();
  const vmmCycles = 2000 + Math.round(14_900 * 2.8);
  let [events, now, left] = [0, 0, counters[0]!.period];
  for (const { code: places, cycles, exit } of batches)
    for (let row = 0; row < places.length; row += 1) {
      const queue: Item[] = [{ time: now + cycles[row]!, kind: "segment" }];
      let counting = now;
      if (left <= cycles[row]!) queue.push({ time: now + left, kind: "overflow" });
      while (queue.length > 0) {
        queue.sort((a, b) => a.time - b.time || (a.kind === "overflow" ? -1 : 1));
        const { time: at, kind } = queue.shift()!;
        events += 1;
        if (kind === "overflow") {
          const { stack } = code[places[row]!]!;
          samples.set(stack, (samples.get(stack) ?? 0) + 1);
          left = counters[0]!.period;
          counting = at;
          if (at + left <= now + cycles[row]!) queue.push({ time: at + left, kind: "overflow" });
        } else if (kind === "segment") {
          left -= at - counting;
          now += cycles[row]!;
          if (exit[row] !== 0) queue.push({ time: now + vmmCycles, kind: "exit" });
        } else now = at;
      }
    }
  return { events, samples };
}

const rate = ({ events, seconds }: { events: number; seconds: number }): number => events / seconds / 1e6;
const asked = 5;

const run = async (profiler: Profiler, vcpus: number, pcpus: number, sampled: readonly object[] = counters) => {
  const guests = [{ label: "vm", code, vcpus: segments.slice(0, vcpus) }];
  const many = sampled as typeof counters;
  const costs = pcpus === 1 && vcpus === 1 ? { ...free(2.8e9), roundTripCycles: 2000 } : costs2011;
  return (await profile(guests, { profiler, counters: many, exits: measuredExits, costs, pcpus })).row;
};

console.log(`\nvm-profiling: ${SEGMENTS} segments a virtual CPU, an exit each fifth segment, one counter unless said`);
const cpu = guestWide({ accounting: "CPU switch" });
let plainSamples = 0;
const peer = await time(() => {
  const { events, samples } = plain(segments[0]!);
  plainSamples = [...samples.values()].reduce((sum, count) => sum + count, 0);
  return events;
});
let ourSamples = 0;
const ours = await time(async () => {
  const row = await run(cpu, 1, 1);
  ourSamples = row.overflows;
  return row.events;
});
// The plain program has fewer events for the same run.
figure("CPU switch, 1 vCPU on 1 processor", rate(ours), "M events/s", {
  ...{ asked, peers: { "objects in a sorted array": rate({ ...ours, seconds: peer.seconds }) } },
});
if (ourSamples !== plainSamples) throw new Error(`samples differ: ${ourSamples}, plain ${plainSamples}`);
const system = await time(async () => (await run(systemWide(), 4, 2)).events);
figure("system-wide, 4 vCPUs on 2 processors", rate(system), "M events/s", { asked });
const six = Array.from({ length: 6 }, (_, at) => ({ event: "cycles", period: 100_003 + 2 * at }));
const many = await time(async () => (await run(cpu, 1, 1, six)).events);
figure("CPU switch, 6 counters, 4 registers", rate(many), "M events/s", { asked });
