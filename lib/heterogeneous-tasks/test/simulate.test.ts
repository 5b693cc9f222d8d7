import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blockingRate,
  feedback,
  graph,
  linearTime,
  map,
  measuredTime,
  offloadSpeedUp,
  pipelineRate,
  platform2011,
  platformToday,
  reduce,
  relocatable,
  simulate,
  sink,
  source,
  split,
  type Stream,
  task,
  tenancyShare,
  value,
} from "../index.ts";
import { ideal, step, placed, run, rate } from "./ideal-platform.ts";

const wholeUs = fc.integer({ min: 1, max: 500 }).map((us) => us * 1e-6);

describe("a pipeline", () => {
  it("by hand: stages of 1, 3 and 2 s", () => {
    // Full overlap: 1 + 3 + 2 for the first batch, 3 for each other. Blocking: the second stage's 3 s, then the first's 1 or the third's 2, then the second's again.
    expect(run(placed([1, 3, 2]), { batches: 4 }).row.seconds).toBe(6 + 3 * 3);
    expect(run(placed([1, 3, 2]), { batches: 4, depth: 1 }).row.seconds).toBe(6 + 3 * 5);
    // On one core the third stage waits behind the first one's second batch, which asked for the core before.
    const { row, resources } = run(placed([1, 3, 2]), { batches: 4, platform: { ...ideal, cores: 1 } });
    expect(row.seconds).toBe(4 * 6);
    expect(resources).toEqual([{ resource: "host", busyS: 24, utilisation: 1 }]);
    expect(row).toMatchObject({ hostS: 24, speedUp: 1, computeS: 24, firstLatencyS: 7, reconfigurations: 0 });
  });

  it("is as fast as its slowest stage with two batches a queue, and as two neighbours with one", () => {
    fc.assert(
      fc.property(
        fc.array(wholeUs, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 2, max: 4 }),
        (stageS, depth) => {
          // Times are whole picoseconds: what is left is the rounding of the quotient.
          const stages = stageS.map((firingS) => ({ firings: 1, firingS, copies: 1 }));
          expect(rate(placed(stageS), { depth }) / pipelineRate(stages)).toBeCloseTo(1, 9);
          expect(rate(placed(stageS), { depth: 1 }) / blockingRate(stageS)).toBeCloseTo(1, 9);
          // The first batch fills the pipeline.
          expect(run(placed(stageS)).row.firstLatencyS).toBeCloseTo(
            stageS.reduce((sum, one) => sum + one, 0),
            12,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes the sum of all on one core", () => {
    fc.assert(
      fc.property(fc.array(wholeUs, { minLength: 1, maxLength: 6 }), (stageS) => {
        const { row } = run(placed(stageS), { platform: { ...ideal, cores: 1 } });
        expect(row.seconds).toBeCloseTo(row.hostS, 12);
      }),
      { numRuns: 40 },
    );
  });

  it("fires as the repetition vector says: a stage's time counts its firings", () => {
    const sum = reduce({ label: "sum", input: "f32", of: 3 }, (a, b) => a + b);
    const rates = graph(source("f32").to(step(0)).to(sum).to(sink("f32")));
    const times = [undefined, linearTime(0, 1), linearTime(0, 2), undefined];
    // Three firings of 1 s to one of 2 s an iteration, five iterations a batch.
    expect(
      run({ label: "rates", graph: rates, places: [], times: { javascript: times } }, { batch: 5, batches: 1 }).row
        .seconds,
    ).toBe(5 * (3 + 2));
  });
});

describe("any program", () => {
  const double = map({ label: "double", input: "f32" }, (x) => 2 * x);
  const sum = reduce({ label: "sum", input: "f32", of: 2 }, (a, b) => a + b);
  const sums = feedback(sum, { join: [1, 1], share: "duplicate", delay: value("f32", [0]) });
  const wide = task({ label: "wide", input: "f32", gives: 2 }, (x, y) => {
    y[0] = x[0]!;
    y[1] = -x[0]!;
  });
  const stream: fc.Arbitrary<Stream> = fc
    .array(
      fc.constantFrom(
        double,
        sums,
        wide.to(sum),
        split([double, wide.to(sum)], { share: "duplicate", join: [1, 1] }).to(sum),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map(([first, ...others]) => others.reduce((all, next) => all.to(next), first!));
  const settings = fc.record({
    batch: fc.integer({ min: 1, max: 1000 }),
    batches: fc.integer({ min: 1, max: 20 }),
    depth: fc.integer({ min: 1, max: 4 }),
    inFlight: fc.integer({ min: 1, max: 3 }),
  });

  it("ends; its breakdown adds up to its time to the picosecond; nothing is used more than it can be", () => {
    fc.assert(
      fc.property(
        stream,
        settings,
        fc.constantFrom(platform2011, platformToday),
        fc.constantFrom("gpu", "fpga"),
        (inner, options, platform, device) => {
          const whole = graph(source("f32").to(double).to(relocatable(inner)).to(double).to(sink("f32")));
          const program = { label: "any", graph: whole, places: [{ from: 2, to: whole.nodes.length - 3, device }] };
          const { row, resources } = simulate([program], { platform, ...options });
          const parts = [row.marshalS, row.transferS, row.launchS, row.computeS, row.reconfigureS];
          const ps = (seconds: number): number => Math.round(seconds * 1e12);
          expect(parts.reduce((total, part) => total + ps(part), 0)).toBe(ps(row.seconds));
          for (const { resource, utilisation } of resources) {
            expect(utilisation).toBeGreaterThanOrEqual(0);
            if (resource !== "fpga") expect(utilisation).toBeLessThanOrEqual(1 + 1e-12);
          }
          expect(row.latencyS).toBeLessThanOrEqual(row.seconds * (1 + 1e-12));
          // Three actors: the doubling before, three to six phases of the region, the doubling behind; two devices' configurations at most.
          expect(row.events).toBe(options.batches * (2 + 5) + row.reconfigurations);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is not slower with room for more", () => {
    fc.assert(
      fc.property(fc.array(wholeUs, { minLength: 2, maxLength: 5 }), (stageS) => {
        const seconds = (depth: number): number => run(placed(stageS), { depth }).row.seconds;
        expect(seconds(2)).toBeLessThanOrEqual(seconds(1));
        expect(seconds(3)).toBeLessThanOrEqual(seconds(2));
      }),
    );
  });
});

describe("measured times", () => {
  it("lie on lines between measured sizes, and nowhere else", () => {
    const time = measuredTime(
      [
        { sizeBytes: 12_288, meanSeconds: 3e-6 },
        { sizeBytes: 4096, meanSeconds: 1e-6 },
      ],
      4,
    );
    expect(time(1024)).toBe(1e-6);
    expect(time(2048)).toBeCloseTo(2e-6, 15);
    expect(time(3072)).toBe(3e-6);
    expect(() => time(1023)).toThrow(
      'batch: expected sizes that were measured, 4096 to 12288 bytes a call, got "4092 bytes"',
    );
    expect(() => time(3073)).toThrow('got "12292 bytes"');
    expect(() =>
      measuredTime(
        [
          { sizeBytes: 1, meanSeconds: 1 },
          { sizeBytes: 1, meanSeconds: 2 },
        ],
        4,
      ),
    ).toThrow('rows: expected one row a size, got "two of 1 bytes"');
  });
});

describe("what is refused", () => {
  const one = placed([1]);
  it.each([
    [() => run(one, { batch: 0 }), "batch: expected a whole number from 1 to 2147483648, got 0"],
    [() => run(one, { depth: 0 }), "depth: expected a whole number from 1 to 1048576, got 0"],
    [
      () => simulate([], { platform: ideal, batch: 1, batches: 1 }),
      "programs: expected one program or more, in an array, got []",
    ],
    [
      () => run(placed([1], [{ from: 0, to: 1, device: "gpu" }])),
      'places: expected regions of the graph, which lie within relocatable(), got "nodes 0 to 1"',
    ],
    [
      () => simulate(one as never, { platform: ideal, batch: 1, batches: 1 }),
      "programs: expected one program or more, in an array, got an object",
    ],
    [
      () => run({ ...one, places: undefined as never }),
      "programs[0].places: expected an array of places, empty where all is on the host, got undefined",
    ],
    [() => run(placed([1], [{ from: 1, to: 1, device: "dsp" }])), 'places: expected one of gpu, fpga, got "dsp"'],
    [
      () =>
        run(
          placed(
            [1, 1],
            [
              { from: 1, to: 2, device: "gpu" },
              { from: 2, to: 2, device: "gpu" },
            ],
          ),
        ),
      "places: expected regions of the graph, apart from each other",
    ],
    [
      () => run(one, { platform: { ...ideal, cores: 0 } }),
      "platform.cores: expected a whole number from 1 to 4096, got 0",
    ],
    [() => run(one, { platform: { ...ideal, links: [] } }), "platform.links: expected 3 rows of 3 links"],
    [
      () => run(one, { platform: { ...ideal, marshalBytesPerS: 0 } }),
      "platform.marshalBytesPerS: expected a number > 0, got 0",
    ],
    [
      () => run({ label: "empty", graph: graph(source("f32").to(sink("f32"))), places: [] }),
      'programs: expected graphs with a task or more, got "empty"',
    ],
    [() => tenancyShare(0, 1), "quantumS: expected a finite number > 0, got 0"],
    [() => blockingRate([]), "stageS: expected one stage or more, got []"],
    [() => offloadSpeedUp(2, 1, 0), "share: expected a number from 0 to 1, got 2"],
  ] as const)("%o", (call, message) => {
    expect(call).toThrow(message);
  });
});
