import { expect, it } from "vitest";
import { errorScopes } from "../error-scopes.ts";
import { graph, map, sink, source } from "../index.ts";
import { flatOf } from "../graph.ts";
import { adapter } from "./adapter.ts";

const device = await adapter();

const message: unknown = expect.stringMatching(/^webgpu: the adapter refused the graph: [^\n]+$/);
const refusal = { status: "rejected", reason: { name: "SimulationError", message } };

const gpuDevice = async (): Promise<GPUDevice> => {
  const { create } = await import("webgpu");
  return (await create([]).requestAdapter())!.requestDevice();
};

it.skipIf(device === undefined)("what is refused is told to whom it was refused, of two at once", async () => {
  const gpu = await gpuDevice();
  const scoped = errorScopes(gpu);
  const done = async (): Promise<number> => {
    await gpu.queue.onSubmittedWorkDone();
    return 7;
  };
  const [refused, made, failed] = await Promise.allSettled([
    scoped(async () => {
      await done();
      // To be read and to be written by the host is one too many.
      gpu.createBuffer({ size: 4, usage: 3 });
      return done();
    }),
    scoped(done),
    scoped(async () => {
      await done();
      throw new RangeError("something else");
    }),
  ]);
  expect(refused).toMatchObject(refusal);
  expect(made).toEqual({ status: "fulfilled", value: 7 });
  expect(failed).toMatchObject({ status: "rejected", reason: { message: "something else" } });
  // No scope is left.
  await expect(gpu.popErrorScope()).rejects.toThrow();
  gpu.destroy();
});

it.skipIf(device === undefined)("a program that is none is one sentence, and the device goes on", async () => {
  const one = map({ label: "one", input: "f32" }, (x) => x + 1);
  const flat = flatOf(graph(source("f32").to(one).to(sink("f32"))));
  const program = new TextEncoder().encode(JSON.stringify([null, { text: "no WGSL", invocations: 1 }, null]));
  const [refused, loaded] = await Promise.allSettled([
    device!.load(flat, 1, undefined, program),
    device!.load(flat, 1),
  ]);
  expect(refused).toMatchObject(refusal);
  const output = new Float32Array(1);
  if (loaded.status === "fulfilled") await loaded.value.run(Float32Array.of(2), output, 1);
  expect(output[0]).toBe(3);
});
