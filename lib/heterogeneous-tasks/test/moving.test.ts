import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Device } from "../device.ts";
import {
  candidatesOf,
  feedback,
  fmRadio,
  fpga,
  graph,
  type Graph,
  javascript,
  map,
  measure,
  type Place,
  reduce,
  regions,
  relocatable,
  run,
  sink,
  source,
  split,
  startPlaced,
  type Stream,
  substitute,
  task,
  value,
  webAssembly,
} from "../index.ts";
import { adapter } from "./adapter.ts";

const gpu = await adapter();

/** JavaScript under other names: devices that remember what they were asked, and may refuse a task. */
const device = (label: string, refuses?: string): Device & { readonly runs: number[] } => {
  const runs: number[] = [];
  return {
    ...javascript,
    ...{ label, runs },
    refusal: ({ nodes }) => (nodes.some((node) => node.label === refuses) ? `the task ${refuses}` : undefined),
    load: async (...given) => {
      const loaded = await javascript.load(...given);
      return {
        ...loaded,
        run: async (input, output, iterations) => {
          runs.push(iterations);
          await loaded.run(input, output, iterations);
        },
      };
    },
  };
};

const step = map({ label: "step", input: "i32" }, (x) => x + 1);
const triple = map({ label: "triple", input: "i32" }, (x) => 3 * x);
const differences = task({ label: "differences", input: "i32", history: 3 }, (x, y) => {
  y[0] = x[3]! - x[0]!;
});
const pairs = reduce({ label: "pairs", input: "i32", of: 2 }, (a, b) => a - b);
const wide = task({ label: "wide", input: "i32", gives: 3 }, (x, y) => {
  for (let i = 0; i < 3; i++) y[i] = x[0]! * 7;
});
const add = reduce({ label: "add", input: "i32", of: 2 }, (a, b) => a + b);
const sums = feedback(add, { join: [1, 1], share: "duplicate", delay: value("i32", [5]) });
/** Four elements on the way back, of which two are taken at once. */
const late = feedback(step.to(triple), { join: [2, 2], share: [2, 2], delay: value("i32", [1, 2, 3, 4]) });

const part: fc.Arbitrary<Stream> = fc.letrec<{ stream: Stream; piece: Stream }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(step, triple, differences, pairs, wide, sums, late),
    fc
      .tuple(tie("stream"), fc.integer({ min: 1, max: 3 }))
      .map(([one, join]) => split([one, one], { share: "duplicate", join: [join, join] })),
    tie("stream").map(relocatable),
  ),
  stream: fc
    .array(tie("piece"), { minLength: 1, maxLength: 3 })
    .map(([first, ...others]) => others.reduce((all, next) => all.to(next), first!)),
})).stream;
const whole = part.map((stream) =>
  graph(source("i32").to(relocatable(stream)).to(step).to(relocatable(differences)).to(sink("i32"))),
);

/** Some regions of a graph, apart from each other, on one of two devices each. */
const placesOf = (of: Graph, picks: readonly number[]): readonly Place[] => {
  const all = regions(of);
  const places: Place[] = [];
  for (const pick of picks) {
    const { from, to } = all[pick % all.length]!;
    if (places.every((other) => to < other.from || from > other.to))
      places.push({ from, to, device: pick % 2 === 0 ? "even" : "odd" });
  }
  return places;
};

const picks = fc.array(fc.nat(1000), { maxLength: 4 });

describe("a running graph", () => {
  it("gives the same wherever it is moved in mid-stream, with loops, histories and splits", async () => {
    await fc.assert(
      fc.asyncProperty(
        whole,
        fc.array(fc.record({ elements: fc.array(fc.integer(), { maxLength: 40 }), to: picks }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (of, parts, iterations) => {
          fc.pre(of.takes <= 200);
          const all = parts.flatMap(({ elements }) => elements);
          const left = all.length % of.takes;
          const input = [...all, ...Array.from({ length: (of.takes - left) % of.takes }, (_, at) => at)];
          const running = await startPlaced(of, {
            devices: [device("even"), device("odd")],
            places: placesOf(of, parts[0]!.to),
            iterations,
          });
          const output: number[] = [];
          let at = 0;
          for (const { elements, to } of parts) {
            output.push(...(await running.put(input.slice(at, at + elements.length))));
            at += elements.length;
            await running.move(placesOf(of, to));
          }
          output.push(...(await running.put(input.slice(at))));
          await running.finish();
          expect(output).toEqual([...run(of, input)]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("moves between the batches of one put", async () => {
    const of = graph(
      source("i32")
        .to(relocatable(sums.to(differences)))
        .to(sink("i32")),
    );
    const [even, odd] = [device("even"), device("odd")];
    const place = (label: string): readonly Place[] => [{ from: 1, to: 4, device: label }];
    const running = await startPlaced(of, { devices: [even, odd], places: place("even"), iterations: 10 });
    const input = Array.from({ length: 100 }, (_, at) => at * at);
    const result = running.put(input);
    for (let moves = 0; moves < 5; moves++) await running.move(place(moves % 2 === 0 ? "odd" : "even"));
    expect([...(await result)]).toEqual([...run(of, input)]);
    // Ten batches, each once, on either device.
    expect(even.runs.length + odd.runs.length).toBe(10);
    expect(even.runs.length).toBeGreaterThan(0);
    expect(odd.runs.length).toBeGreaterThan(0);
  });

  it("moves the radio's brackets, and its bits are the same", async () => {
    const noise = Array.from({ length: 4096 }, (_, at) => Math.fround(Math.sin(at * at)));
    const taps = (count: number): number[] => Array.from({ length: count }, (_, at) => Math.cos(at) / count);
    const of = graph(
      source("f32")
        .to(fmRadio({ channel: taps(16), decimation: 4, smoothing: 0.25, bands: [taps(8), taps(5)] }))
        .to(sink("f32")),
    );
    const devices = [device("even"), device("odd")];
    const places = substitute(of, devices);
    // The split of the channel's filters with the discriminator; the equaliser with the sum.
    expect(places.length).toBe(2);
    const running = await startPlaced(of, { devices, places, iterations: 3 });
    const output: number[] = [];
    for (let at = 0; at < noise.length; at += 1000) {
      output.push(...(await running.put(noise.slice(at, at + 1000))));
      await running.move(at % 2000 === 0 ? [] : places.map((place) => ({ ...place, device: "odd" })));
    }
    await running.finish();
    expect(output).toEqual([...run(of, noise)]);
  });

  it("moves between JavaScript, WebAssembly, the FPGA's circuit, and WebGPU where it is there", async () => {
    const of = graph(
      source("i32")
        .to(relocatable(sums.to(differences).to(pairs)))
        .to(sink("i32")),
    );
    const devices = [webAssembly({ threads: 2 }), fpga(), ...(gpu === undefined ? [] : [gpu])];
    const input = Array.from({ length: 152 }, (_, at) => at ** 3);
    const running = await startPlaced(of, { devices, places: [], iterations: 8 });
    const output: number[] = [];
    const places = [...devices, undefined, ...devices].map((one): readonly Place[] =>
      one === undefined ? [] : [{ from: 1, to: 5, device: one.label }],
    );
    for (const [at, place] of places.entries()) {
      output.push(...(await running.put(input.slice(19 * at, 19 * (at + 1)))));
      await running.move(place);
    }
    output.push(...(await running.put(input.slice(19 * places.length))));
    await running.finish();
    expect(output).toEqual([...run(of, input)]);
  });

  it("calls a device behind a loop once a batch, not once a round", async () => {
    const of = graph(source("i32").to(sums).to(relocatable(step)).to(sink("i32")));
    const even = device("even");
    const running = await startPlaced(of, { devices: [even], places: substitute(of, [even]), iterations: 64 });
    await running.put(new Int32Array(64));
    expect(even.runs).toEqual([64]);
  });

  it("stays where it is when a device refuses, and goes on", async () => {
    const of = graph(
      source("i32")
        .to(relocatable(sums.to(step)))
        .to(sink("i32")),
    );
    const running = await startPlaced(of, { devices: [device("even", "step")], places: [], iterations: 2 });
    const first = await running.put([1, 2, 3]);
    await expect(running.move([{ from: 1, to: 4, device: "even" }])).rejects.toThrow(
      'places: expected regions that their devices can run, got "even, which cannot run the task step"',
    );
    await expect(running.move([{ from: 1, to: 3, device: "odd" }])).rejects.toThrow(
      'places: expected one of even, got "odd"',
    );
    const second = await running.put([4]);
    expect([...first, ...second]).toEqual([...run(of, [1, 2, 3, 4])]);
  });

  it("fails for good after a batch that failed: what its edges hold is not known", async () => {
    const broken: Device = {
      ...javascript,
      label: "broken",
      load: async (...given) => ({
        ...(await javascript.load(...given)),
        run: async () => Promise.reject(new Error("device lost")),
      }),
    };
    const of = graph(source("i32").to(relocatable(step)).to(sink("i32")));
    const running = await startPlaced(of, { devices: [broken], places: [{ from: 1, to: 1, device: "broken" }] });
    await expect(running.put([1])).rejects.toThrow("device lost");
    await expect(running.put([1])).rejects.toThrow("device lost");
  });

  it("is over once it is finished", async () => {
    const twice = relocatable(map({ label: "twice", input: "i32" }, (x) => 2 * x));
    const running = await startPlaced(graph(source("i32").to(twice).to(sink("i32"))), {
      devices: [webAssembly({ threads: 1 })],
      places: [{ from: 1, to: 1, device: "webassembly" }],
    });
    expect(await running.put([1, 2])).toEqual(Int32Array.of(2, 4));
    await running.finish();
    for (const call of [async () => running.put([1]), async () => running.move([]), async () => running.finish()])
      await expect(call()).rejects.toThrow("graph: expected one that runs, got");
  });

  it("says what is wrong", async () => {
    const of = graph(
      source("i32")
        .to(step)
        .to(relocatable(step.to(pairs)))
        .to(sink("i32")),
    );
    const devices = [device("even")];
    await expect(startPlaced(of, { devices, places: [{ from: 1, to: 1, device: "even" }] })).rejects.toThrow(
      "places[0]: expected a region of the graph, which lies within relocatable(), got",
    );
    const twice = { from: 2, to: 2, device: "even" };
    await expect(startPlaced(of, { devices, places: [twice, twice] })).rejects.toThrow(
      "places[1]: expected a region apart from the others",
    );
    const running = await startPlaced(of, { devices, places: [twice] });
    expect([...(await running.put([1]))]).toEqual([]);
    await expect(running.finish()).rejects.toThrow("input: expected a multiple of 2 elements");
  });
});

describe("substitution", () => {
  const of = graph(
    source("i32")
      .to(triple)
      .to(relocatable(step.to(pairs).to(step)))
      .to(sink("i32")),
  );

  it("takes the largest region, on the first device that can run it; outside of brackets all stays", () => {
    expect(substitute(of, [device("even"), device("odd")])).toEqual([{ from: 2, to: 4, device: "even" }]);
    expect(substitute(of, [device("even", "pairs"), device("odd")])).toEqual([{ from: 2, to: 4, device: "odd" }]);
  });

  it("refuses devices of one label, of which only one could be meant", async () => {
    const two = [webAssembly({ threads: 1 }), webAssembly({ threads: 2 })];
    const same = 'devices: expected labels that differ, got ["webassembly", "webassembly"]';
    const twice = graph(
      source("i32")
        .to(relocatable(map({ label: "twice", input: "i32" }, (x) => 2 * x)))
        .to(sink("i32")),
    );
    expect(() => candidatesOf(twice, two)).toThrow(same);
    await expect(startPlaced(twice, { devices: two, places: [] })).rejects.toThrow(same);
  });

  it("says why a device was left out", () => {
    const { candidates, exclusions } = candidatesOf(of, [device("even", "pairs"), device("odd")]);
    expect(candidates.length).toBe(2 + 6);
    expect(exclusions[0]).toEqual({ from: 2, to: 3, device: "even", reason: "the task pairs" });
  });

  it("refuses brackets that no device can run: a task that all refuse, a part of a loop", () => {
    expect(() => substitute(of, [device("even", "pairs"), device("odd", "pairs")])).toThrow(
      'relocatable: expected tasks that one of even, odd can run, got "the task pairs"',
    );
    const inLoop = feedback(relocatable(add), { join: [1, 1], share: "duplicate", delay: value("i32", [0]) });
    expect(() => substitute(graph(source("i32").to(inLoop).to(sink("i32"))), [device("even")])).toThrow(
      'relocatable: expected tasks that one of even can run, got "add, a part of a loop"',
    );
  });

  it("with times takes what is fastest, which the largest may not be", () => {
    const hostS = [0, 1, 10, 10, 10, 0];
    const slow = { from: 2, to: 4, tasks: 3, device: "even", seconds: 40 };
    const fast = { from: 4, to: 4, tasks: 1, device: "odd", seconds: 2 };
    expect(substitute(of, [device("even"), device("odd")], { hostS, candidates: [slow, fast] })).toEqual([
      { from: 4, to: 4, device: "odd" },
    ]);
  });

  it("measures with the clock that it is given: all of a batch's time is some node's", async () => {
    let ticks = 0;
    const times = await measure(of, new Int32Array(8), {
      devices: [device("even")],
      iterations: 4,
      rounds: 3,
      clock: () => ticks++,
    });
    // Each step asks the clock twice: one tick each.
    expect(times.hostS).toEqual([1, 1, 1, 1, 1, 1]);
    expect(times.candidates.map(({ from, to, seconds }) => [from, to, seconds])).toEqual([
      [2, 2, 1],
      [2, 3, 1],
      [2, 4, 1],
      [3, 3, 1],
      [3, 4, 1],
      [4, 4, 1],
    ]);
    // Three ticks on the host, one on the device.
    expect(substitute(of, [device("even")], times)).toEqual([{ from: 2, to: 4, device: "even" }]);
    await expect(measure(of, [1], { devices: [], iterations: 4, clock: () => 0 })).rejects.toThrow(
      "input.length: expected a whole number >= 8, got 1",
    );
  });
});
