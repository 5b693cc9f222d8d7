import { OptionError, SimulationError } from "../core/errors.ts";
import type { Device, Loaded } from "./device.ts";
import { errorScopes } from "./error-scopes.ts";
import type { Flat } from "./graph.ts";
import { schedule, stepsOf } from "./schedule.ts";
import { bits, type Elements, zeros } from "./value.ts";
import { valuesAt, wgslCopy, type WgslTask, wgslTask, WORKGROUP } from "./wgsl-text.ts";

/** Node's module of WebGPU, which brings the types. */
type Dawn = typeof import("webgpu");

/** Kept, for Dawn goes on using what it made after nobody else does. */
let instance: GPU | undefined;

/** WebGPU's flags for buffers. */
const [MAP_READ, COPY_SRC, COPY_DST, UNIFORM, STORAGE] = [0x1, 0x4, 0x8, 0x40, 0x80];
const COMPUTE = 0x4;

/** The words of a program's place, and how far apart places have to lie, in bytes: WebGPU's default. */
const [PLACE_WORDS, PLACE_BYTES] = [8, 256];

const MOST_WORKGROUPS = 65_535;

/**
 * A device that runs a graph as WGSL programs, generated from its tasks' checked code, on the adapter that WebGPU prefers: a dispatch for each task, whose firings run at once, as
 * do a single loop's rounds that are independent. Loops and tasks with histories too, a dispatch for each round. What it computes is, bit for bit, what the language defines, where the adapter adds and multiplies to the
 * nearest number, keeps infinities and NaN, and no operation has to do with a number below the normal ones (2^-126), which it may take for 0.
 *
 * Needs the package `webgpu`, and for it a driver of Vulkan, Metal or Direct3D 12.
 *
 * @throws SimulationError where there is no package or no adapter
 *
 * @example
 * ```ts
 * import { graph, map, runOn, sink, source, webGpu } from "veelab/heterogeneous-tasks";
 * const third = map({ label: "third", input: "f32" }, (x) => x / 3);
 * try {
 *   const device = await webGpu();
 *   console.log(await runOn(graph(source("f32").to(third).to(sink("f32"))), [3, 6], { device })); // Float32Array [ 1, 2 ]
 * } catch (error) {
 *   console.log(String(error)); // no adapter
 * }
 * ```
 */
export async function webGpu(): Promise<Device> {
  if (instance === undefined) {
    const dawn: Dawn = await import("webgpu").catch((cause: unknown) => {
      throw new SimulationError(
        "webgpu",
        "expected the package webgpu, which is not installed or not for this machine",
        {
          cause,
        },
      );
    });
    instance = dawn.create([]);
  }
  const adapter = await instance.requestAdapter();
  if (adapter === null)
    throw new SimulationError(
      "webgpu",
      "expected an adapter, got none: no driver of Vulkan, Metal or Direct3D 12 is here",
    );
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const gpu = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  const [kernels, scoped] = [kernelsOf(gpu), errorScopes(gpu)];
  const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  return {
    label: "webgpu",
    batchElements: 2 ** 18,
    refusal: (flat) => refusal(flat, most),
    programs: { settings: "", generate: (flat) => new TextEncoder().encode(JSON.stringify(textsOf(flat))) },
    load: async (...given) => scoped(async () => load(gpu, kernels, most, ...given)),
  };
}

/** A program that was made for an adapter, and what its buffers are. */
interface Kernel {
  readonly layout: GPUBindGroupLayout;
  readonly pipeline: GPUComputePipeline;
}
type Kernels = (text: string, buffers: number) => Promise<Kernel>;

/** Makes each text once. */
function kernelsOf(gpu: GPUDevice): Kernels {
  const made = new Map<string, Promise<Kernel>>();
  return async (text, buffers) => {
    const before = made.get(text);
    if (before !== undefined) return before;
    const types = Array.from({ length: buffers }, (_, at) =>
      at === 1 ? ("storage" as const) : ("read-only-storage" as const),
    );
    const layout = gpu.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } },
        ...types.map((type, at) => ({ binding: at + 1, visibility: COMPUTE, buffer: { type } })),
      ],
    });
    const kernel = gpu
      .createComputePipelineAsync({
        layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: gpu.createShaderModule({ code: text }), entryPoint: "main" },
      })
      .then((pipeline) => ({ layout, pipeline }));
    made.set(text, kernel);
    return kernel;
  };
}

/** The program of each node that is a task. */
function textsOf({ nodes }: Flat): readonly (WgslTask | null)[] {
  return nodes.map(({ task }) => (task === undefined ? null : wgslTask(task)));
}

function largest({ edges, firings }: Flat, iterations: number): number {
  return Math.max(...edges.map(({ from, gives, start }) => 4 * (start.length + gives * firings[from]! * iterations)));
}

function refusal(flat: Flat, most: number): string | undefined {
  const bytes = largest(flat, 1);
  if (bytes > most) return `an iteration with a queue of ${bytes} bytes, more than the adapter's ${most}`;
  const node = flat.nodes.find(({ task }) => task !== undefined && wordsOf(task.arrays) * 4 > most);
  return node && `the task ${node.label}, whose values are more than the adapter's ${most} bytes`;
}

function wordsOf(arrays: ReadonlyMap<string, { readonly length: number }>): number {
  return [...arrays.values()].reduce((sum, { length }) => sum + length, 0);
}

/** A program that can be dispatched for a node, and how many invocations one of its firings has. */
interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly invocations: number;
}

interface Plan {
  readonly times: number;
  readonly dispatches: readonly { readonly program: Program; readonly groups: number }[];
  readonly places: Uint32Array;
}

async function load(
  gpu: GPUDevice,
  kernels: Kernels,
  most: number,
  flat: Flat,
  iterations: number,
  state: readonly Elements[] = flat.edges.map(({ start }) => start),
  program?: Uint8Array,
): Promise<Loaded> {
  const { nodes, edges, firings } = flat;
  const texts =
    program === undefined
      ? textsOf(flat)
      : (JSON.parse(new TextDecoder().decode(program)) as ReturnType<typeof textsOf>);
  if (largest(flat, iterations) > most)
    throw new OptionError("iterations", `a batch whose queues have at most ${most} bytes`, largest(flat, iterations));
  const held: GPUBuffer[] = [];
  const buffer = (words: number, usage: number): GPUBuffer => {
    const made = gpu.createBuffer({ size: Math.max(16, 4 * words), usage });
    held.push(made);
    return made;
  };
  const write = (to: GPUBuffer, atWord: number, words: Int32Array | Uint32Array): void => {
    gpu.queue.writeBuffer(to, 4 * atWord, words);
  };
  const queues = edges.map(({ from, gives, start }, at) => {
    const made = buffer(start.length + gives * firings[from]! * iterations, STORAGE | COPY_SRC | COPY_DST);
    write(made, 0, bits(state[at]!));
    return made;
  });
  const steps = stepsOf(schedule(flat, iterations));
  const ways = steps.reduce((sum, { node }) => sum + waysOf(nodes[node]!).length, 0);
  const places = buffer((ways * PLACE_BYTES) / 4, UNIFORM | COPY_DST);

  const programOf = async (text: string, invocations: number, buffers: readonly GPUBuffer[]): Promise<Program> => {
    const { layout, pipeline } = await kernels(text, buffers.length);
    const entries = [
      { binding: 0, resource: { buffer: places, size: 4 * PLACE_WORDS } },
      ...buffers.map((one, at) => ({ binding: at + 1, resource: { buffer: one } })),
    ];
    return { pipeline, group: gpu.createBindGroup({ layout, entries }), invocations };
  };
  const programs = await Promise.all(
    nodes.map(async (node, at) =>
      Promise.all(
        waysOf(node).map(async ([from, to]) => {
          if (node.task === undefined) return programOf(wgslCopy(), 1, [queues[from]!, queues[to]!]);
          const { text, invocations } = texts[at]!;
          const { arrays } = node.task;
          if (arrays.size === 0) return programOf(text, invocations, [queues[from]!, queues[to]!]);
          const values = buffer(wordsOf(arrays), STORAGE | COPY_DST);
          for (const [name, place] of valuesAt(node.task)) write(values, place, bits(arrays.get(name)!.elements()));
          return programOf(text, invocations, [queues[from]!, queues[to]!, values]);
        }),
      ),
    ),
  );

  const planOf = (times: number): Plan => {
    const heads = edges.map(() => 0);
    const tails = edges.map(({ start }) => start.length);
    const dispatches: { readonly program: Program; readonly groups: number }[] = [];
    const words = new Uint32Array((ways * PLACE_BYTES) / 4);
    for (const { node: at, count } of stepsOf(schedule(flat, times))) {
      const node = nodes[at]!;
      let [before, behind] = [0, 0];
      for (const [way, [from, to]] of waysOf(node).entries()) {
        const program = programs[at]![way]!;
        const [xStep, yStep] = [edges[from]!.takes, edges[to]!.gives];
        const length = node.kind === "join" ? xStep : yStep;
        const invocations = count * (node.task === undefined ? length : program.invocations);
        const place = [heads[from]! + before, tails[to]! + behind, invocations, 0, xStep, yStep, length];
        words.set(place, (dispatches.length * PLACE_BYTES) / 4);
        dispatches.push({ program, groups: Math.min(MOST_WORKGROUPS, Math.ceil(invocations / WORKGROUP)) });
        if (node.kind === "split" && !node.duplicate) before += length;
        if (node.kind === "join") behind += length;
      }
      for (const edge of node.inputs) heads[edge]! += count * edges[edge]!.takes;
      for (const edge of node.outputs) tails[edge]! += count * edges[edge]!.gives;
    }
    write(places, 0, words.subarray(0, (dispatches.length * PLACE_BYTES) / 4));
    return { times, dispatches, places: words };
  };

  const [first, last] = [nodes[0]!.outputs[0]!, nodes.at(-1)!.inputs[0]!];
  const kept = edges.flatMap(({ start }, at) => (start.length > 0 ? [at] : []));
  const keptWords = kept.reduce((sum, at) => sum + edges[at]!.start.length, 0);
  const aside = buffer(keptWords, COPY_SRC | COPY_DST);
  const results = buffer(Math.max(keptWords, firings.at(-1)! * iterations), MAP_READ | COPY_DST);
  let plan = planOf(iterations);

  const read = async (words: number): Promise<Int32Array> => {
    await results.mapAsync(MAP_READ, 0, 4 * words);
    const copy = new Int32Array(results.getMappedRange(0, 4 * words)).slice();
    results.unmap();
    return copy;
  };
  return {
    run: async (input, output, times) => {
      if (plan.times !== times) plan = planOf(times);
      write(queues[first]!, edges[first]!.start.length, bits(input));
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const [at, { program, groups }] of plan.dispatches.entries()) {
        pass.setPipeline(program.pipeline);
        pass.setBindGroup(0, program.group, [at * PLACE_BYTES]);
        pass.dispatchWorkgroups(groups);
      }
      pass.end();
      encoder.copyBufferToBuffer(queues[last]!, 0, results, 0, 4 * output.length);
      // What is left goes to the front, over a buffer beside: a copy within one is not allowed.
      for (const back of [false, true]) {
        let at = 0;
        for (const edge of kept) {
          const { from, gives, start } = edges[edge]!;
          const bytes = 4 * start.length;
          if (back) encoder.copyBufferToBuffer(aside, at, queues[edge]!, 0, bytes);
          else encoder.copyBufferToBuffer(queues[edge]!, 4 * gives * firings[from]! * times, aside, at, bytes);
          at += bytes;
        }
      }
      gpu.queue.submit([encoder.finish()]);
      bits(output).set(await read(output.length));
    },
    state: async () => {
      const encoder = gpu.createCommandEncoder();
      let at = 0;
      for (const edge of kept) {
        encoder.copyBufferToBuffer(queues[edge]!, 0, results, at, 4 * edges[edge]!.start.length);
        at += 4 * edges[edge]!.start.length;
      }
      gpu.queue.submit([encoder.finish()]);
      const words = keptWords === 0 ? new Int32Array(0) : await read(keptWords);
      let from = 0;
      return edges.map(({ type, start }) => {
        const copy = zeros(type, start.length);
        bits(copy).set(words.subarray(from, (from += start.length)));
        return copy;
      });
    },
    close: async () => {
      await gpu.queue.onSubmittedWorkDone();
      for (const one of held) one.destroy();
    },
  };
}

/** The pairs of edges between which a node moves elements, each by a dispatch of its own. */
function waysOf({ kind, inputs, outputs }: Flat["nodes"][number]): readonly (readonly [from: number, to: number])[] {
  if (kind === "source" || kind === "sink") return [];
  return inputs.flatMap((from) => outputs.map((to) => [from, to] as const));
}
