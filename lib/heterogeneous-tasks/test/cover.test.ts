import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Candidate,
  feedback,
  graph,
  greedyCover,
  map,
  optimalCover,
  reduce,
  regions,
  relocatable,
  sink,
  source,
  split,
  type Stream,
  value,
} from "../index.ts";

type Timed = Candidate & { readonly seconds: number };

/** The least time over all covers, each of which is tried. */
function exhaustive(hostS: readonly number[], candidates: readonly Timed[], from = 0): number {
  if (from === hostS.length) return 0;
  return candidates
    .filter((candidate) => candidate.from === from)
    .reduce(
      (least, { to, seconds }) => Math.min(least, seconds + exhaustive(hostS, candidates, to + 1)),
      hostS[from]! + exhaustive(hostS, candidates, from + 1),
    );
}

const timeOf = (
  hostS: readonly number[],
  candidates: readonly Timed[],
  places: readonly { from: number; to: number; device: string }[],
): number =>
  hostS.reduce((sum, host, at) => (places.some(({ from, to }) => from <= at && at <= to) ? sum : sum + host), 0) +
  places.reduce(
    (sum, place) =>
      sum +
      candidates.find(({ from, to, device }) => from === place.from && to === place.to && device === place.device)!
        .seconds,
    0,
  );

// Whole numbers, so that sums do not depend on their order.
const problem = fc.integer({ min: 1, max: 12 }).chain((tasks) =>
  fc.record({
    hostS: fc.array(fc.nat(50), { minLength: tasks, maxLength: tasks }),
    candidates: fc
      .uniqueArray(
        fc.record({
          from: fc.nat(tasks - 1),
          length: fc.integer({ min: 1, max: tasks }),
          device: fc.constantFrom("gpu", "fpga"),
          seconds: fc.nat(100),
        }),
        {
          maxLength: 20,
          selector: ({ from, length, device }) => `${from} ${length} ${device}`,
        },
      )
      .map((list) =>
        list
          .filter(({ from, length }) => from + length <= tasks)
          .map(({ from, length, device, seconds }): Timed => ({
            from,
            to: from + length - 1,
            tasks: length,
            device,
            seconds,
          })),
      ),
  }),
);

describe("covers of a pipeline", () => {
  it("the optimal one takes the least time of all covers of up to 12 tasks", () => {
    fc.assert(
      fc.property(problem, ({ hostS, candidates }) => {
        const { seconds, places } = optimalCover(hostS, candidates);
        expect(seconds).toBe(exhaustive(hostS, candidates));
        expect(timeOf(hostS, candidates, places)).toBe(seconds);
      }),
      { numRuns: 300 },
    );
  });

  it("the greedy one never takes less, overlaps nowhere, and takes the largest", () => {
    fc.assert(
      fc.property(problem, ({ hostS, candidates }) => {
        const places = greedyCover(candidates, ["gpu", "fpga"]);
        expect(timeOf(hostS, candidates, places)).toBeGreaterThanOrEqual(optimalCover(hostS, candidates).seconds);
        places.slice(1).forEach(({ from }, at) => {
          expect(from).toBeGreaterThan(places[at]!.to);
        });
        const largest = Math.max(0, ...candidates.map(({ tasks }) => tasks));
        expect(Math.max(0, ...places.map(({ from, to }) => to - from + 1))).toBe(largest);
      }),
      { numRuns: 300 },
    );
  });

  it("greedy loses where the largest sub-graph has a task that the device is slow at", () => {
    // Three tasks; the FPGA can run all, and is slow at the middle one. By hand: 40, against 2 + 10 + 2.
    const hostS = [10, 10, 10];
    const candidates: readonly Timed[] = [
      { from: 0, to: 2, tasks: 3, device: "fpga", seconds: 40 },
      { from: 0, to: 0, tasks: 1, device: "gpu", seconds: 2 },
      { from: 2, to: 2, tasks: 1, device: "gpu", seconds: 2 },
    ];
    expect(timeOf(hostS, candidates, greedyCover(candidates, ["gpu", "fpga"]))).toBe(40);
    expect(optimalCover(hostS, candidates)).toEqual({
      seconds: 14,
      places: [
        { from: 0, to: 0, device: "gpu" },
        { from: 2, to: 2, device: "gpu" },
      ],
    });
  });

  it("refuse regions beyond the pipeline and unknown devices", () => {
    const beyond = { from: 0, to: 3, tasks: 4, device: "gpu", seconds: 1 };
    expect(() => optimalCover([1, 1], [beyond])).toThrow(
      "candidates[0].to: expected a whole number from 0 to 1, got 3",
    );
    expect(() => greedyCover([beyond], ["fpga"])).toThrow('devices: expected the devices of all candidates, got "gpu"');
  });
});

describe("regions", () => {
  const twice = map({ label: "twice", input: "f32" }, (x) => 2 * x);
  const sum = reduce({ label: "sum", input: "f32", of: 2 }, (a, b) => a + b);
  const found = (stream: Stream): string[] =>
    regions(graph(source("f32").to(stream).to(sink("f32")))).map(({ from, to, tasks }) => `${from}-${to}:${tasks}`);

  it("are all runs of a bracketed pipeline, and none outside of brackets", () => {
    expect(found(relocatable(twice.to(twice).to(twice)))).toEqual([
      "1-1:1",
      "1-2:2",
      "1-3:3",
      "2-2:1",
      "2-3:2",
      "3-3:1",
    ]);
    expect(found(twice.to(relocatable(twice)).to(twice))).toEqual(["2-2:1"]);
    expect(found(relocatable(twice).to(relocatable(twice)))).toEqual(["1-1:1", "2-2:1"]);
  });

  it("have a split with its branches or a branch", () => {
    // 1 split, 2 and 3 the branches, 4 join, 5 sum.
    const both = split([twice, twice], { share: "duplicate", join: [1, 1] }).to(sum);
    expect(found(relocatable(both))).toEqual(["1-4:2", "1-5:3", "2-2:1", "3-3:1", "5-5:1"]);
  });

  it("have a loop as a whole or not at all", () => {
    // 1 join, 2 sum, 3 split; then 4.
    const sums = feedback(sum, { join: [1, 1], share: "duplicate", delay: value("f32", [0]) });
    expect(found(relocatable(sums.to(twice)))).toEqual(["1-3:1", "1-4:2", "4-4:1"]);
    expect(found(feedback(relocatable(sum), { join: [1, 1], share: "duplicate", delay: value("f32", [0]) }))).toEqual(
      [],
    );
  });
});
