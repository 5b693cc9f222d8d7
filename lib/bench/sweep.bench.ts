// A sweep on two threads against the same sweep in one, by the clock: 32 points of about 100 ms each. And what a point costs beside its
// own work: many points that do nothing, less what one costs with its thread's start.
import { figure } from "../../kernel/bench/figure.ts";
import { sweep, type SweepOptions } from "../core/sweep.ts";
import { inTurns } from "./in-turns.ts";

const POINTS = 32;
const POINT_MS = 100;
const EMPTY_POINTS = 2000;

/** Steps of xorshift32: nothing but the processor. */
const spin = (steps: number, seed: number): number => {
  let state = seed | 1;
  for (let step = 0; step < steps; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
};

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

let steps = 1e6;
for (let ms = 0; ms < POINT_MS; steps *= 1.2) {
  const start = performance.now();
  spin(steps, 1);
  ms = performance.now() - start;
}

const sums = new Set<string>();
const seed = Array.from({ length: POINTS }, (_, index) => index);
const swept = (options: SweepOptions) => (): Promise<number> =>
  seconds(async () => {
    const table = await sweep({ seed }, ({ seed }) => ({ state: spin(steps, seed) }), options);
    sums.add(String(table.getChild("state")));
  });
await inTurns(
  `a sweep of ${POINTS} points of ${POINT_MS} ms on 2 threads, their start included`,
  [POINTS, "points/s"],
  swept({ workers: 2, share: { spin, steps } }),
  { "one thread": swept({}) },
);
if (sums.size !== 1) throw new Error("the tables differ");

const empty = (count: number): Promise<number> =>
  seconds(() => sweep({ n: Array.from({ length: count }, (_, n) => n) }, ({ n }) => ({ n }), { workers: 1 }));
const costs: number[] = [];
for (let round = 0; round < 5; round += 1) costs.push((await empty(EMPTY_POINTS)) - (await empty(1)));
figure("an empty point on a thread", (1000 * costs.sort((a, b) => a - b)[2]!) / (EMPTY_POINTS - 1), "ms");
