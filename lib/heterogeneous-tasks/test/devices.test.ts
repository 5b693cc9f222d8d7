import { describe, expect, it } from "vitest";
import { flatOf } from "../graph.ts";
import {
  type Device,
  feedback,
  fpga,
  graph,
  type Graph,
  javascript,
  reduce,
  run,
  runOn,
  sink,
  source,
  start,
  task,
  value,
  webAssembly,
} from "../index.ts";
import { adapter } from "./adapter.ts";

const add = reduce({ label: "add", input: "i32", of: 2 }, (a, b) => a + b);
const change = task({ label: "change", input: "i32", history: 2 }, (x, y) => {
  y[0] = 3 * x[2]! - x[0]!;
});
const sums = feedback(add, { join: [1, 1], share: "duplicate", delay: value("i32", [5]) });
const remembering: Graph = graph(source("i32").to(change).to(sums).to(change).to(sink("i32")));

const gpu = await adapter();
const devices = [
  javascript,
  webAssembly({ threads: 1 }),
  webAssembly({ threads: 2 }),
  fpga(),
  ...(gpu === undefined ? [] : [gpu]),
];

describe.each(devices)("$label", (device: Device) => {
  it("runs a graph that remembers as the synchronous call does, for every size of batch", async () => {
    const input = Int32Array.from({ length: 50 }, (_, at) => at * at - 100);
    for (const iterations of [1, 7, 50])
      expect(await runOn(remembering, input, { device, iterations })).toEqual(run(remembering, input));
  });

  it("goes on from a state that was taken", async () => {
    const flat = flatOf(remembering);
    const input = Int32Array.from({ length: 20 }, (_, at) => at + 1);
    const output = new Int32Array(20);
    const first = await device.load(flat, 4);
    for (let at = 0; at < 8; at += 4) await first.run(input.subarray(at, at + 4), output.subarray(at, at + 4), 4);
    await first.run(input.subarray(8, 9), output.subarray(8, 9), 1);
    const state = await first.state();
    await first.close();
    expect(state.map(({ length }) => length)).toEqual(flat.edges.map(({ start }) => start.length));
    const second = await device.load(flat, 11, state);
    await second.run(input.subarray(9), output.subarray(9), 11);
    await second.close();
    expect(output).toEqual(start(remembering).put(input));
  });
});

describe("what is refused", () => {
  it("elements left over, options that are none, and a graph that a device cannot run", async () => {
    const pairs = graph(source("i32").to(add).to(sink("i32")));
    await expect(runOn(pairs, [1, 2, 3], { device: javascript })).rejects.toThrow(
      'input: expected a multiple of 2 elements (an iteration of the graph), got "1 left over"',
    );
    await expect(runOn(pairs, [0.5, 2], { device: javascript })).rejects.toThrow(
      "input[0]: expected a whole number within ±2^31, got 0.5",
    );
    await expect(runOn(pairs, [], { device: javascript, threads: 2 } as never)).rejects.toThrow(
      'options: expected only device, iterations, got "threads"',
    );
    // A device that is not awaited, one that is not named, and no input.
    const promised: unknown = Promise.resolve(javascript);
    const device = "device: expected a device, such as javascript or what webGpu() promises, got ";
    await expect(runOn(pairs, [1, 2], { device: promised as Device })).rejects.toThrow(device);
    await expect((runOn as (...given: unknown[]) => Promise<unknown>)(pairs, [1, 2])).rejects.toThrow(device);
    await expect(runOn(pairs, undefined as never, { device: javascript })).rejects.toThrow(
      "input: expected an array of numbers, got undefined",
    );
    const adds: Device = { ...javascript, label: "none", refusal: () => "the task add" };
    await expect(runOn(pairs, [1, 2], { device: adds })).rejects.toThrow("none: cannot run the task add");
  });
});
