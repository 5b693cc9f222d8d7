import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { OptionError, SimulationError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import type { Device, Loaded } from "./device.ts";
import type { Flat } from "./graph.ts";
import { schedule, type Step, stepsOf } from "./schedule.ts";
import { bits, type Elements, zeros } from "./value.ts";
import { layoutOf, ROUNDS, statementsOf, STEP_WORDS, wasmGraph } from "./wasm-graph.ts";
import { workOf } from "./work.ts";

/**
 * How a graph is run as WebAssembly.
 *
 * @example
 * ```ts
 * import { webAssembly, type WebAssemblyOptions } from "veelab/heterogeneous-tasks";
 * const options: WebAssemblyOptions = { threads: 2 };
 * console.log(webAssembly(options).label); // webassembly
 * ```
 */
export interface WebAssemblyOptions {
  /** Worker threads that share the firings of a task; as many as the machine has processors, unless given. Results do not depend on it. */
  readonly threads?: number;
  /** Whether four firings, or four rounds of a loop within one, are computed at once where they do not depend on each other; true unless given. Nor do they on this. */
  readonly vectors?: boolean;
}

/** What of WebAssembly is used: Node's types have none of it. */
interface WebAssemblyApi {
  readonly compile: (bytes: Uint8Array) => Promise<object>;
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
}

const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

const WORKER = `
const { parentPort, workerData: { module, memory, thread } } = require("node:worker_threads");
const { run } = new WebAssembly.Instance(module, { env: { memory, thread } }).exports;
parentPort.on("message", ([at, steps]) => { run(at, steps); parentPort.postMessage(0); });
parentPort.postMessage(0);`;

/** Less work than this, in operations, is done by one thread: as much takes about as long as it takes to wake the others, 10 µs. */
const WORTH_SHARING = 20_000;

/** Pages are of 2^16 bytes; addresses, which are signed where they are multiplied, of 31 bits. */
const MOST_BYTES = 2 ** 31;

/**
 * A device that runs a graph as WebAssembly, generated from its tasks' checked code, on threads with a shared memory; loops and tasks with histories too. What it computes is, bit
 * for bit, what the language defines, but for which NaN a NaN is.
 *
 * @throws OptionError for options out of range
 *
 * @example
 * ```ts
 * import { graph, map, runOn, sink, source, webAssembly } from "veelab/heterogeneous-tasks";
 * const third = map({ label: "third", input: "f32" }, (x) => x / 3);
 * const device = webAssembly({ threads: 1 });
 * console.log(await runOn(graph(source("f32").to(third).to(sink("f32"))), [3, 6], { device })); // Float32Array [ 1, 2 ]
 * ```
 */
export function webAssembly(options: WebAssemblyOptions = {}): Device {
  onlyOptions(options, ["threads", "vectors"]);
  const threads = integer("threads", options.threads ?? Math.min(availableParallelism(), 64), { min: 1, max: 64 });
  const { vectors = true } = options;
  if (typeof vectors !== "boolean") throw new OptionError("vectors", "true or false", vectors);
  return {
    label: "webassembly",
    batchElements: 2 ** 16,
    refusal,
    programs: {
      settings: `${threads} threads, ${vectors ? "vectors" : "no vectors"}`,
      generate: (flat, iterations) => wasmGraph(flat, layoutFor(flat, iterations), threads, vectors),
    },
    load: async (...given) => load(threads, vectors, ...given),
  };
}

function refusal(flat: Flat): string | undefined {
  const large = flat.nodes.find((node) => statementsOf(node) === undefined);
  if (large !== undefined)
    return `the task ${large.label}, which with its functions written where they are called has more than 2^14 statements`;
  const { bytes } = layoutFor(flat, 1);
  return bytes > MOST_BYTES ? `an iteration that takes ${bytes} bytes, more than 2^31` : undefined;
}

const layoutFor = (flat: Flat, iterations: number): ReturnType<typeof layoutOf> =>
  layoutOf(flat, iterations, stepsOf(schedule(flat, iterations)).length);

function memoryOf(pages: number): InstanceType<WebAssemblyApi["Memory"]> {
  try {
    return new api.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new SimulationError(
      "webassembly",
      `expected ${pages * 65536} bytes of memory, got none: too little is free`,
      {
        cause,
      },
    );
  }
}

async function load(
  threads: number,
  vectors: boolean,
  flat: Flat,
  iterations: number,
  state: readonly Elements[] = flat.edges.map(({ start }) => start),
  program?: Uint8Array,
): Promise<Loaded> {
  const { nodes, edges } = flat;
  const work = nodes.map((node) => workOf(statementsOf(node) ?? []));
  const layout = layoutFor(flat, iterations);
  if (layout.bytes > MOST_BYTES)
    throw new OptionError(
      "iterations",
      "a batch that takes at most 2^31 bytes",
      `${iterations} of ${layout.bytes} bytes`,
    );
  const module = await api.compile(program ?? wasmGraph(flat, layout, threads, vectors));
  const pages = Math.ceil(layout.bytes / 65536);
  const memory = memoryOf(pages);
  const words = new Int32Array(memory.buffer);
  for (const [at, elements] of state.entries()) words.set(bits(elements), layout.queues[at]! / 4);
  for (const [at, { task }] of nodes.entries())
    for (const [name, array] of task?.arrays ?? [])
      words.set(bits(array.elements()), layout.arrays[at]!.get(name)! / 4);

  const workers = Array.from(
    { length: threads },
    (_, thread) => new Worker(WORKER, { eval: true, workerData: { module, memory, thread } }),
  );
  let failed: Error | undefined;
  for (const worker of workers) {
    worker.on("error", (error) => (failed ??= error));
    worker.unref();
  }
  let isEnded = false;
  for (const worker of workers)
    worker.once("exit", () => {
      isEnded = true;
    });
  const answers = async (): Promise<void> => {
    if (isEnded) throw new SimulationError("webassembly", "a thread ended before its work did", { cause: failed });
    await Promise.all(
      workers.map(async (worker) => {
        worker.ref();
        await new Promise<void>((resolve, reject) => {
          worker.once("message", () => {
            worker.off("exit", reject);
            resolve();
          });
          worker.once("exit", reject);
        });
        worker.unref();
      }),
    ).catch((error: unknown) => {
      throw new SimulationError("webassembly", "a thread ended before its work did", { cause: failed ?? error });
    });
  };
  await answers();

  let planned = 0;
  let steps = 0;
  /** Writes what so many iterations run; with rounds written once, there are no more steps than the layout has room for. */
  const plan = (times: number): void => {
    const isShared = ({ node, count }: Step): boolean =>
      threads > 1 && count > 4 && count * Math.max(1, work[node]!) > WORTH_SHARING;
    const list = schedule(flat, times).runs.flatMap(({ rounds, steps: round }) => [
      ...(rounds > 1 ? [{ node: ROUNDS, count: rounds, shared: false, back: 0 }] : []),
      ...round.map((step, at) => ({
        ...step,
        ...{ shared: isShared(step), back: rounds > 1 && at === round.length - 1 ? round.length : 0 },
      })),
    ]);
    for (const [at, { node, count, shared, back }] of list.entries()) {
      // Behind it: the next step, or the first of the next round.
      const waits = shared || list[at + 1]?.shared === true || list[at + 1 - back]?.shared === true;
      words.set([node, count, Number(shared), Number(waits), back], layout.steps / 4 + STEP_WORDS * at);
    }
    [planned, steps] = [times, list.length];
  };

  const [first, last] = [nodes[0]!.outputs[0]!, nodes.at(-1)!.inputs[0]!];
  return {
    run: async (input, output, times) => {
      if (planned !== times) plan(times);
      words.set(bits(input), layout.queues[first]! / 4 + edges[first]!.start.length);
      const answered = answers();
      for (const worker of workers) worker.postMessage([layout.steps, steps]);
      await answered;
      const from = layout.queues[last]! / 4;
      bits(output).set(words.subarray(from, from + output.length));
      for (const [at, { from: giver, gives, start }] of edges.entries()) {
        const head = layout.queues[at]! / 4 + gives * flat.firings[giver]! * times;
        words.copyWithin(layout.queues[at]! / 4, head, head + start.length);
      }
    },
    state: async () =>
      Promise.resolve(
        edges.map(({ type, start }, at) => {
          const copy = zeros(type, start.length);
          bits(copy).set(words.subarray(layout.queues[at]! / 4).subarray(0, start.length));
          return copy;
        }),
      ),
    close: async () => {
      await Promise.all(workers.map(async (worker) => worker.terminate()));
    },
  };
}
