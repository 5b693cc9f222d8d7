import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { toRows } from "../../core/table.ts";
import { random } from "../../core/random.ts";
import { mean, standardDeviation } from "../../core/stats.ts";
import {
  allreduce,
  bulk,
  bulkNoiseOverhead,
  computation,
  nativeNode,
  type Network,
  type Noise,
  noiseLog,
  periodicNoise,
  type Program,
  sparingMessages,
  wallNoiseLimit,
} from "../index.ts";

/** A network that costs nothing: what is left is the longest computation. */
const free: Network = {
  ...{ label: "free", latencyNs: 0, overheadNs: 0, gapNs: 0, byteGapNs: 0, byteOverheadNs: 0 },
  eagerBytes: Infinity,
};

const bulkSynchronous = (nodes: number, iterations: number, workNs: number): Program => ({
  label: "BSP",
  nodes,
  iterations,
  steps: [computation(workNs), ...allreduce(nodes, 1)],
});

const overheadOf = (nodes: number, iterations: number, workNs: number, noise: Noise): number =>
  bulk(bulkSynchronous(nodes, iterations, workNs), { network: free, node: { ...nativeNode, noise } }).row.timeNs /
    (iterations * workNs) -
  1;

describe("periodic noise by hand", () => {
  // Interruptions at 50-60, 150-160, 250-260, …
  const calls: readonly (readonly [start: number, work: number, end: number])[] = [
    [0, 10, 10], // before the first
    [0, 50, 50], // ends when it begins
    [0, 51, 61], // one
    [50, 1, 61], // begins with it: waits for its end
    [55, 90, 150], // begins during it, then the 90 that are free
    [55, 91, 161],
    [60, 181, 261], // 60-150, 160-250, then one more: two interruptions
    [160, 900, 1150], // 10 free times of 90: nine interruptions between them
  ];
  it("on the wall clock, and a log of the same interruptions agrees", () => {
    const periodic = periodicNoise({ periodNs: 100, durationNs: 10, phasesNs: [50] }).onNodes(1);
    const startNs = Float64Array.from({ length: 10 }, (_, at) => 50 + 100 * at);
    for (const [start, work, end] of calls) {
      expect(periodic.compute(0, start, work)).toBe(end);
      const log = noiseLog({ startNs, durationNs: startNs.map(() => 10) }, { spanNs: 1000, offsetsNs: [0] });
      expect(log.onNodes(1).compute(0, start, work)).toBe(end);
    }
  });

  it("a log equals its interruptions walked one nanosecond at a time", () => {
    const row = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 30 }));
    const any = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 6 }),
      offset: fc.nat(300),
      calls: fc.array(fc.tuple(fc.nat(80), fc.nat(120)), { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(any, ({ rows, offset, calls: each }) => {
        let at = 0;
        const startNs = Float64Array.from(rows, ([gap, duration]) => (at += gap + duration) - duration);
        const durationNs = Float64Array.from(rows, ([, duration]) => duration);
        const spanNs = at + 17;
        const taken = new Uint8Array(spanNs);
        for (const [number, start] of startNs.entries()) taken.fill(1, start, start + durationNs[number]!);
        const noise = noiseLog({ startNs, durationNs }, { spanNs, offsetsNs: [offset] }).onNodes(1);
        let now = 0;
        for (const [pause, work] of each) {
          now += pause;
          let [expected, left] = [now, work];
          const isTaken = (): boolean => taken[(expected + offset) % spanNs] === 1;
          // What begins during an interruption waits for its end, also where there is nothing to do.
          while (left > 0 || (expected === now && isTaken()) || (work === 0 && isTaken())) {
            if (!isTaken()) left--;
            expected++;
          }
          now = noise.compute(0, now, work);
          expect(now).toBe(expected);
        }
      }),
    );
  });

  it("what begins during another interruption follows it", () => {
    // 10-15, then the one of 12: 15-20; then the one of 17: 20-21; 30-31.
    const log = { startNs: Float64Array.of(10, 12, 17, 30), durationNs: Float64Array.of(5, 5, 1, 1) };
    const noise = noiseLog(log, { offsetsNs: [0] }).onNodes(1);
    expect([noise.compute(0, 0, 11), noise.compute(0, 22, 8), noise.compute(0, 30, 1)]).toEqual([22, 30, 32]);
  });

  it("before a node's first interruption there is none, wherever its period began", () => {
    const noise = periodicNoise({ periodNs: 100, durationNs: 10, phasesNs: [95] }).onNodes(1);
    expect([noise.compute(0, 0, 5), noise.compute(0, 5, 91)]).toEqual([5, 106]);
  });

  it("on the clock of computation a log's interruptions are points, apart by what is free between them", () => {
    // Free: 0-10, 20-30, 40-60. Points at 10 and 20 of 40. A computation of 12 from anywhere meets both if it begins in 8-10, none
    // if it begins in 20-38.
    const log = { startNs: Float64Array.of(10, 30), durationNs: Float64Array.of(10, 10) };
    const noise = noiseLog(log, { spanNs: 60, clock: "computation" }).onNodes(1);
    const draws = 10_000;
    const delays = Array.from({ length: draws }, () => Math.round(noise.compute(0, 0, 12)) - 12);
    for (const [delay, share] of [
      [0, 18 / 40],
      [10, 20 / 40],
      [20, 2 / 40],
    ] as const) {
      // Binomial: five standard deviations.
      const error = 5 * Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs(delays.filter((each) => each === delay).length / draws - share)).toBeLessThan(error);
    }
    expect(noise.overhead(0, 0, 12)).toBe(12);
  });

  it("options out of range are named", () => {
    expect(() => periodicNoise({ periodNs: 10, durationNs: 10 })).toThrow(
      "durationNs: expected a number below the period of 10",
    );
    expect(() => periodicNoise({ periodNs: 10, durationNs: 1, phasesNs: [1] }).onNodes(2)).toThrow(
      "phasesNs: expected a phase for each of 2 nodes, got 1",
    );
    const bad = { startNs: Float64Array.of(5, 4), durationNs: Float64Array.of(1, 1) };
    expect(() => noiseLog(bad)).toThrow("startNs[1]: expected a time that is not before the row above's, got 4");
    expect(() => noiseLog({ startNs: new Float64Array(0), durationNs: new Float64Array(0) })).toThrow(
      "no interruption",
    );
    expect(() => noiseLog({ startNs: Float64Array.of(5), durationNs: Float64Array.of(6) }, { spanNs: 10 })).toThrow(
      "spanNs: expected at least 11",
    );
    // One that leaves no time would never let a computation end.
    const whole = { startNs: Float64Array.of(0, 4), durationNs: Float64Array.of(4, 6) };
    for (const clock of ["wall", "computation"] as const)
      expect(() => noiseLog(whole, { clock })).toThrow(
        "spanNs: expected more than 10, which the interruptions take, got 10",
      );
    expect(
      noiseLog(whole, { spanNs: 11, offsetsNs: [0] })
        .onNodes(1)
        .compute(0, 0, 2),
    ).toBe(22);
  });
});

describe("the table of periodic noise in bulk-synchronous programs", () => {
  it("the closed form gives each row of it, rounded as there", async () => {
    const rows = toRows(await open("published/bsp-noise"));
    expect(rows).toHaveLength(20);
    for (const row of rows) {
      const computeNs = Number(row["granularity_ms"]) * 1e6;
      const [periodNs, durationNs] = [1e9 / Number(row["noise_hz"]), Number(row["noise_duration_us"]) * 1000];
      const pct = 100 * bulkNoiseOverhead({ computeNs, periodNs, durationNs, nodes: Number(row["nodes"]) });
      const shown = Number(row["overhead_pct"]);
      // Half of the last digit that the table shows.
      expect(Math.abs(pct - shown)).toBeLessThanOrEqual(shown >= 10 ? 0.5 : shown >= 1 ? 0.05 : 0.005);
    }
  });

  it("is the simulator's expectation, exactly: all phases on a grid, three nodes", () => {
    // k = 2.25: of four equal phases one meets a third interruption. All 64 triples of phases, each once.
    const [periodNs, durationNs, workNs] = [400, 30, 900];
    let sum = 0;
    for (let triple = 0; triple < 64; triple++) {
      const phases = [triple & 3, (triple >> 2) & 3, triple >> 4].map((quarter) => quarter / 4);
      const noise: Noise = {
        label: "grid",
        params: {},
        onNodes: () => ({
          compute: (node, start, work) => start + work + Math.floor(phases[node]! + work / periodNs) * durationNs,
          overhead: (_node, start, work) => start + work,
        }),
      };
      sum += overheadOf(3, 1, workNs, noise);
    }
    expect(sum / 64).toBeCloseTo(bulkNoiseOverhead({ computeNs: workNs, periodNs, durationNs, nodes: 3 }), 12);
  });

  it("is what the simulator gives, row by row, within five standard errors of the mean", async () => {
    for (const row of toRows(await open("published/bsp-noise"))) {
      const nodes = Number(row["nodes"]);
      const computeNs = Number(row["granularity_ms"]) * 1e6;
      const [periodNs, durationNs] = [1e9 / Number(row["noise_hz"]), Number(row["noise_duration_us"]) * 1000];
      const expected = bulkNoiseOverhead({ computeNs, periodNs, durationNs, nodes });
      // An iteration's overhead is one of two values d/g apart. So many iterations that five standard errors of the mean are a
      // tenth of what is expected.
      const unit = durationNs / computeNs;
      const share = expected / unit - Math.floor(expected / unit + 1e-9);
      const deviation = unit * Math.sqrt(Math.max(0, share * (1 - share)));
      const least = nodes === 1 ? 20_000 : nodes <= 64 ? 1000 : 30;
      const iterations = Math.max(least, Math.ceil(((5 * deviation) / (expected / 10)) ** 2));
      const noise = periodicNoise({ periodNs, durationNs, clock: "computation", seed: 3 });
      const difference = Math.abs(overheadOf(nodes, iterations, computeNs, noise) - expected);
      expect(difference).toBeLessThanOrEqual((5 * deviation) / Math.sqrt(iterations) + 1e-9);
    }
  }, 60_000);

  it("together, noise is not amplified", () => {
    // 1 s of computation: the phase decides whether 10 or 11 interruptions of 2.5 ms fall into its wall-clock time.
    for (const nodes of [1, 256]) {
      const noise = periodicNoise({ periodNs: 1e8, durationNs: 2.5e6, coScheduled: true, seed: 2 });
      const overhead = overheadOf(nodes, 1000, 1e6, noise);
      expect([0.025, 0.0275]).toContain(Number(overhead.toFixed(12)));
    }
  });
});

describe("noise on the wall clock", () => {
  it("1 ms between synchronisations and 25 µs a ms: twice the table at many nodes, more where messages are struck too", () => {
    // Some node's interruption begins as the iteration begins, and its next one a period later, before its 1 ms is done: both in
    // each iteration, unless no phase lies in some 25 µs; of 1024, with a chance of 1024 · exp(-1024 · 2.5 %), 1 in 10^8.
    const noise = periodicNoise({ periodNs: 1e6, durationNs: 25_000, seed: 4 });
    for (const nodes of [1024, 4096]) expect(overheadOf(nodes, 50, 1e6, sparingMessages(noise))).toBeCloseTo(0.05, 12);
    // Each of the allreduce's rounds can meet a processor that is away, though its messages take no time. In the last one all nodes
    // are at 1.05 ms or later and one in forty is away: some hundred, of which the last to be back is so after 10 µs at least, but
    // for a chance of 0.4^100.
    expect(overheadOf(4096, 50, 1e6, noise)).toBeGreaterThan(0.06);
  });

  it("by hand: an interruption in each round of an allreduce", () => {
    // Node 0 is away at 0-25 and 1000-1025 µs and done at 1050. The nodes 1, 3, 7, … which hear of it in the 1st, 2nd, 3rd, …
    // round, are away from just then; the others when nothing comes.
    for (const rounds of [1, 3, 12]) {
      const phasesNs = Array.from({ length: 2 ** rounds }, () => 500_000);
      phasesNs[0] = 0;
      for (let round = 1; round <= rounds; round++) phasesNs[2 ** round - 1] = 25_000 * (1 + round);
      const noise = periodicNoise({ periodNs: 1e6, durationNs: 25_000, phasesNs });
      expect(overheadOf(2 ** rounds, 1, 1e6, noise)).toBeCloseTo(0.025 * (2 + rounds), 12);
      expect(overheadOf(2 ** rounds, 1, 1e6, sparingMessages(noise))).toBeCloseTo(0.05, 12);
    }
  });

  it("0.1 ms and 2.5 ms ten times a second at 64 nodes: nearly twice the table and more, below the limit of its phases", () => {
    const timer = { periodNs: 1e8, durationNs: 2.5e6 };
    const [nodes, computeNs, iterations] = [64, 1e5, 500];
    const overheads = Array.from({ length: 80 }, (_, seed) => {
      const stream = random(seed);
      const phasesNs = Array.from({ length: nodes }, () => stream.int(timer.periodNs));
      const noise = sparingMessages(periodicNoise({ ...timer, phasesNs }));
      const overhead = overheadOf(nodes, iterations, computeNs, noise);
      // An iteration in which for 0.1 ms in all no node is away is over: all of the run's time without an interruption is at most what
      // is computed. That is the limit, one by the share of such time, for these phases.
      const endNs = Math.round((1 + overhead) * iterations * computeNs);
      const starts = Array.from({ length: Math.ceil(endNs / timer.periodNs) }, (_, lap) =>
        phasesNs.map((phase) => phase + lap * timer.periodNs),
      ).flat();
      let [freeNs, backNs] = [0, 0];
      for (const start of [...starts.filter((at) => at < endNs), endNs].toSorted((one, other) => one - other)) {
        freeNs += Math.max(0, start - backNs);
        backNs = Math.max(backNs, start + timer.durationNs);
      }
      expect(freeNs).toBeLessThanOrEqual(iterations * computeNs);
      return overhead;
    });
    // From below: an iteration is as much longer, M, as its node that is the last to be back. With a chance p some interruption begins
    // in its 0.1 ms, then M = d. Else M is what is left of the latest one that began in the last M: J(M), the integral to M of
    // λ exp(-λx) (d - x) with λ = N/T. J is concave and 0 at 0, so J(M) >= M J(d) / d, and E M >= p d / (1 - (1 - p) J(d) / d).
    const table = bulkNoiseOverhead({ computeNs, ...timer, nodes });
    const p = (table * computeNs) / timer.durationNs;
    const met = (nodes * timer.durationNs) / timer.periodNs;
    const left = 1 - (1 - Math.exp(-met)) / met;
    const least = table / (1 - (1 - p) * left);
    expect(least / table).toBeCloseTo(1.89, 2);
    // One run has one draw of 64 phases, over and over: the fact is the mean, which is no less than with phases that are always new, as
    // 1 / rate is convex. Three standard errors beyond.
    const error = standardDeviation(overheads) / Math.sqrt(overheads.length);
    expect(mean(overheads) - 3 * error).toBeGreaterThan(least);
  });

  it("the limit of short computations, by hand: four nodes' interruptions apart, 1 / (1 - 4 · 2.5 %) - 1", () => {
    // 1 µs between synchronisations: 90 ms of each 100, 90,000 iterations, and 10 ms for the four; ten times.
    const noise = periodicNoise({ periodNs: 1e8, durationNs: 2.5e6, phasesNs: [0, 2e7, 4e7, 6e7] });
    expect(overheadOf(4, 900_000, 1000, sparingMessages(noise))).toBeCloseTo(1 / 0.9 - 1, 12);
    // Where phases are independent each node is there for 97.5 % of the time, so all for 0.975^N: the limit with the mean share.
    const share = (nodes: number): number => 1 / (1 + wallNoiseLimit({ periodNs: 1e8, durationNs: 2.5e6, nodes }));
    const stream = random(5);
    const [draws, at] = [4000, 5e7];
    let there = 0;
    for (let draw = 0; draw < draws; draw++) {
      const away = Array.from({ length: 64 }, () => stream.int(1e8)).some((phase) => phase <= at && at < phase + 2.5e6);
      if (!away) there++;
    }
    // Binomial: five standard deviations of the share.
    expect(Math.abs(there / draws - share(64))).toBeLessThan(5 * Math.sqrt((share(64) * (1 - share(64))) / draws));
  });
});
