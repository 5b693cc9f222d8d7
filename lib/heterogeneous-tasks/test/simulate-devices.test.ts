import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  breakEvenElements,
  feedback,
  fpgaDesign,
  graph,
  type Graph,
  linearTime,
  offloadSpeedUp,
  operations,
  type Platform,
  reduce,
  relocatable,
  simulate,
  sink,
  source,
  task,
  tenancyShare,
  value,
} from "../index.ts";
import { programs } from "./programs.ts";
import { link, free, ideal, step, pipeline, placed, run, rate } from "./ideal-platform.ts";

describe("regions on devices", () => {
  const gpu: Platform = {
    ...ideal,
    devices: [{ kind: "kernels", label: "gpu", launchS: 7e-6, lanes: 1, laneOperationsPerS: 1e9 }],
    marshalBytesPerS: 4e6,
    nativeBytesPerS: 4e6,
    links: [
      [free, link(10e-6, 4e6)],
      [link(20e-6, 2e6), free],
    ],
  };
  const whole = placed([3e-6, 5e-6], [{ from: 1, to: 2, device: "gpu" }]);

  it("by hand: one batch of one element", () => {
    // Marshal 1 + 1 µs, to the device 10 + 1, launch 7, compute 3 + 5, back 20 + 2, unmarshal 1 + 1.
    const { row, resources } = run(whole, { platform: gpu, batches: 1 });
    expect(row.marshalS).toBe(4e-6);
    expect(row.transferS).toBe(33e-6);
    expect(row.launchS).toBe(7e-6);
    expect(row.computeS).toBe(8e-6);
    expect(row.seconds).toBe(52e-6);
    expect(resources.map(({ resource, busyS }) => [resource, busyS])).toEqual([
      ["host", 4e-6],
      ["host to gpu", 11e-6],
      ["gpu to host", 22e-6],
      ["gpu", 15e-6],
    ]);
  });

  it("works at one batch after the other, or at several; then the busiest part counts", () => {
    expect(run(whole, { platform: gpu, batches: 10 }).row.seconds).toBeCloseTo(520e-6, 15);
    // Depth for what is on its way: the way back, 22 µs, is the slowest.
    expect(rate(whole, { platform: gpu, inFlight: 4, depth: 4 })).toBeCloseTo(1 / 22e-6, 3);
  });

  it("send through the host between two regions, or directly", () => {
    const two = placed(
      [3e-6, 5e-6],
      [
        { from: 1, to: 1, device: "gpu" },
        { from: 2, to: 2, device: "gpu" },
      ],
    );
    const through = run(two, { platform: gpu, batches: 1 }).row;
    expect(through.seconds).toBeCloseTo(2 * (4e-6 + 33e-6 + 7e-6) + 8e-6, 15);
    const directly = run(two, { platform: { ...gpu, direct: true }, batches: 1 }).row;
    expect(directly.seconds).toBeCloseTo(52e-6 + 7e-6, 15);
    const fpga = { kind: "circuits", label: "fpga", launchS: 0, clockHz: 1e9, operators: 10, reconfigureS: 0 } as const;
    const third: Platform = {
      ...gpu,
      devices: [...gpu.devices, fpga],
      links: [
        [free, link(10e-6, 4e6), free],
        [link(20e-6, 2e6), free, link(100e-6, 4e6)],
        [free, free, free],
      ],
      direct: true,
    };
    const onward = placed(
      [3e-6, 5e-6],
      [
        { from: 1, to: 1, device: "gpu" },
        { from: 2, to: 2, device: "fpga" },
      ],
    );
    expect(run(onward, { platform: third, batches: 1 }).row.transferS).toBeCloseTo(11e-6 + 101e-6, 15);
  });

  it("run a loop a firing at a time, however many lanes there are", () => {
    const sum = reduce({ label: "sum", input: "f32", of: 2 }, (a, b) => a + b);
    const sums = feedback(sum, { join: [1, 1], share: "duplicate", delay: value("f32", [0]) });
    const of = graph(
      source("f32")
        .to(relocatable(sums.to(step(0))))
        .to(sink("f32")),
    );
    const lanes: Platform = {
      ...gpu,
      devices: [{ ...gpu.devices[0]!, kind: "kernels", lanes: 1000, laneOperationsPerS: 1e6 }],
    };
    // Join 2, sum (two elements, count and sum: 5, with the store), split 2 operations a firing, a µs each; the step behind, 3, on all lanes at once.
    expect(operations(of).map(({ executed }) => executed)).toEqual([0, 2, 5, 2, 3, 0]);
    const program = { label: "sums", graph: of, places: [{ from: 1, to: 4, device: "gpu" }] };
    expect(run(program, { platform: lanes, batch: 100, batches: 1 }).row.computeS).toBeCloseTo(100 * 9e-6 + 3e-6, 12);
  });

  it("pay off from the break-even on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 1, max: 15 }), (hostUs, deviceUs) => {
        const times = {
          javascript: [undefined, linearTime(0, hostUs * 1e-6), undefined],
          gpu: [undefined, linearTime(0, deviceUs * 1e-6), undefined],
        };
        const program = { label: "one", graph: pipeline(1), places: [{ from: 1, to: 1, device: "gpu" }], times };
        // Marshalling 4 bytes at 4 MB/s twice, each way.
        const n = breakEvenElements({
          ...{ latencyInS: 10e-6, latencyOutS: 20e-6, launchS: 7e-6, hostS: hostUs * 1e-6, deviceS: deviceUs * 1e-6 },
          ...{ bytesIn: 4, bytesOut: 4, bytesInPerS: 4e6, bytesOutPerS: 2e6, marshalS: 4e-6 },
        });
        const speedUp = (batch: number): number => run(program, { platform: gpu, batch, batches: 1 }).row.speedUp;
        // Beyond 2^30, what an element saves is no more than the rounding of the times.
        if (n > 2 ** 30) expect(speedUp(2 ** 30)).toBeLessThanOrEqual(1 + 1e-9);
        else {
          // A whole n may come out a rounding below.
          expect(speedUp(Math.floor(n * (1 + 1e-9)) + 1)).toBeGreaterThan(1);
          if (n >= 1) expect(speedUp(Math.ceil(n) - 1 || 1)).toBeLessThanOrEqual(n > 1 ? 1 + 1e-9 : Infinity);
        }
      }),
    );
  });

  it("keep to Amdahl's law where all is done in turn", () => {
    // Two tasks, the second on the device: 3 and 5 µs on the host, the second four times as fast there.
    const times = {
      javascript: [undefined, linearTime(0, 3e-6), linearTime(0, 5e-6), undefined],
      gpu: [undefined, undefined, linearTime(0, 1.25e-6), undefined],
    };
    const program = { label: "half", graph: pipeline(2), places: [{ from: 2, to: 2, device: "gpu" }], times };
    for (const batch of [1, 10, 1000]) {
      const { row } = run(program, { platform: gpu, batch, batches: 1 });
      const moved = (row.marshalS + row.transferS + row.launchS) / row.hostS;
      expect(row.speedUp).toBeCloseTo(offloadSpeedUp(5 / 8, 4, moved), 9);
      expect(row.speedUp).toBeLessThan(offloadSpeedUp(5 / 8, Infinity, moved));
    }
  });
});

describe("an FPGA", () => {
  const fpga = (reconfigureS: number): Platform => ({
    ...ideal,
    devices: [{ kind: "circuits", label: "fpga", launchS: 0, clockHz: 1e9, operators: 4, reconfigureS }],
    links: [
      [free, free],
      [free, free],
    ],
  });

  it("shared by programs that always have work is useful q/(q + R) of the time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 50 }),
        (programs, turns, reconfigureMs) => {
          const tenants = Array.from({ length: programs }, () => placed([1e-3], [{ from: 1, to: 1, device: "fpga" }]));
          const { row, resources } = simulate(tenants, {
            ...{ platform: fpga(reconfigureMs * 1e-3), batch: 1, batches: 12 * turns },
            ...{ inFlight: 3, depth: 3, quantumS: turns * 1e-3 },
          });
          const busy = resources.find(({ resource }) => resource === "fpga")!;
          // Marshalling takes no time, so there is always a batch that waits: exact.
          expect(busy.busyS / row.seconds).toBeCloseTo(tenancyShare(turns * 1e-3, reconfigureMs * 1e-3), 9);
          expect(row.reconfigurations).toBe(12 * programs);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is configured once for one program, also with two regions; again and again where they do not fit in together", () => {
    const apart = placed(
      [1e-3, 1e-3, 1e-3],
      [
        { from: 1, to: 1, device: "fpga" },
        { from: 3, to: 3, device: "fpga" },
      ],
    );
    // A task reads, adds and stores: 3 operators of 4.
    expect(operations(apart.graph)[1]).toEqual({ executed: 3, written: 3, interval: 1 });
    const { row } = run(apart, { platform: fpga(5e-3), batches: 10 });
    expect(row.reconfigurations).toBeGreaterThan(10);
    const roomy = { ...fpga(5e-3), devices: [{ ...fpga(5e-3).devices[0]!, operators: 6 } as const] } as Platform;
    const once = run(apart, { platform: roomy, batches: 10 }).row;
    expect(once.reconfigurations).toBe(1);
    expect(once.seconds).toBeCloseTo(5e-3 + 3e-3 + 9e-3, 12);
    expect(() => run(placed([1, 1], [{ from: 1, to: 2, device: "fpga" }]), { platform: fpga(0) })).toThrow(
      "places: expected regions of at most 4 operators on fpga, got 6",
    );
  });

  it("runs a region as a pipeline: the slowest task, and one firing of each other", () => {
    const whole = placed([1e-6, 3e-6], [{ from: 1, to: 2, device: "fpga" }]);
    expect(run(whole, { batch: 100, batches: 1 }).row.seconds).toBeCloseTo(301e-6, 12);
  });

  /** Cycles of an iteration in a full pipeline. */
  const cycles = (of: Graph): number => {
    const whole = { label: "whole", graph: of, places: [{ from: 1, to: of.nodes.length - 2, device: "fpga" }] };
    const [gpu] = ideal.devices;
    const fast = {
      kind: "circuits",
      label: "fpga",
      launchS: 0,
      clockHz: 1e6,
      operators: 1e6,
      reconfigureS: 0,
    } as const;
    const seconds = (batch: number): number =>
      run(whole, { platform: { ...ideal, devices: [gpu!, fast] }, batch, batches: 1 }).row.seconds;
    return Math.round((seconds(30) - seconds(10)) * 1e6) / 20;
  };

  it("by hand: a firing takes as many cycles as the operator that works most, or an edge's elements", () => {
    // 100 rounds of one product; what stands before and behind the loop, and a loop of 30 operations in all, are operators that work once.
    const loop = task({ label: "loop", input: "i32", takes: 3 }, (x, y) => {
      let all = x[0]! * x[1]! - x[2]!;
      for (let i = 0; i < 100; i++) all = all * all + i;
      for (let i = 0; i < 6; i++) all = (all ^ i) + 1;
      y[0] = all;
    });
    const of = graph(source("i32").to(relocatable(loop)).to(sink("i32")));
    // Three elements and the two before; 100 × (count, product, sum); 6 × (count, exclusive or, sum); the store.
    expect(operations(of)[1]).toEqual({ executed: 5 + 300 + 18 + 1, written: 5 + 3 + 18 + 1, interval: 100 });
    expect(cycles(of)).toBe(100);
    const wide = task({ label: "wide", input: "i32", gives: 7 }, (x, y) => {
      y[0] = x[0]!;
    });
    expect(cycles(graph(source("i32").to(relocatable(wide)).to(sink("i32"))))).toBe(7);
  });

  // By how much the circuit is slower, as both models gave it: it takes and computes in turn, and has one unit of each kind for f32, of which quotients and roots take 30 cycles and Series has 82 products a round.
  it.each([
    ...[["crypt", 2.25] as const, ["des", 3.08] as const, ["fft", 7.44] as const, ["nBody", 32.4] as const],
    ...[["mriQ", 32.15] as const, ["cp", 30.6] as const, ["series", 82.6] as const, ["mosaic", 4.4] as const],
    ["fmRadio", 5.19],
  ] as const)("bounds the cycles of %s's circuit from below, by %d", (name, by) => {
    const [, of, input] = programs.find(([label]) => label === name)!;
    const { run: circuit } = fpgaDesign(of);
    const iterations = input.length / of.takes;
    const full = (circuit([...input, ...input]).cycles - circuit(input).cycles) / iterations;
    expect(full).toBeGreaterThanOrEqual(cycles(of));
    expect(full / cycles(of)).toBeCloseTo(by, 1);
  });
});
