import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import type { Device } from "./device.ts";
import { type Flat, flatOf, type Graph } from "./graph.ts";
import { javascript, loadNow } from "./javascript.ts";
import { type Elements, single, zeros } from "./value.ts";

/**
 * How a graph is run.
 *
 * @example
 * ```ts
 * import type { RunOptions } from "veelab/heterogeneous-tasks";
 * const options: RunOptions = { iterations: 256 };
 * console.log(options.iterations); // 256
 * ```
 */
export interface RunOptions {
  /** Iterations of the graph a batch; unless given, so many that the largest queue has about as many elements as suits the device, 4096 for JavaScript. What is computed does not depend on it. */
  readonly iterations?: number;
}

/**
 * A graph that runs.
 *
 * @example
 * ```ts
 * import { graph, type Running, reduce, sink, source, start } from "veelab/heterogeneous-tasks";
 * const sum = reduce({ label: "sum", input: "i32", of: 2 }, (a, b) => a + b);
 * const running: Running = start(graph(source("i32").to(sum).to(sink("i32"))));
 * console.log(running.put([1, 2, 3]), running.put([4])); // Int32Array [ 3 ] Int32Array [ 7 ]
 * running.finish();
 * ```
 */
export interface Running {
  /** Takes any number of elements, and gives what the whole iterations in them make; the rest waits. Linear. */
  readonly put: (elements: ArrayLike<number>) => Elements;
  /** Throws an OptionError where elements wait that are no whole iteration. */
  readonly finish: () => void;
}

/**
 * Starts a graph, for streams longer than memory.
 *
 * @throws OptionError for what is no graph, or an option out of range
 *
 * @example
 * ```ts
 * import { graph, map, sink, source, start } from "veelab/heterogeneous-tasks";
 * const running = start(graph(source("f32").to(map({ label: "root", input: "f32" }, (x) => Math.sqrt(x))).to(sink("f32"))));
 * console.log(running.put(Float32Array.of(4, 9))); // Float32Array [ 2, 3 ]
 * ```
 */
export function start(graph: Graph, options: RunOptions = {}): Running {
  onlyOptions(options, ["iterations"]);
  const flat = flatOf(graph);
  const iterations = iterationsOf(flat, javascript, options.iterations);
  const { run: runBatch } = loadNow(flat, iterations);
  const { takes, gives } = graph;
  let waiting = zeros(graph.input, 0);

  const put = (elements: ArrayLike<number>): Elements => {
    checkElements(graph, elements);
    const all = zeros(graph.input, waiting.length + elements.length);
    all.set(waiting);
    all.set(elements, waiting.length);
    const whole = Math.floor(all.length / takes);
    const output = zeros(graph.output, whole * gives);
    for (let done = 0; done < whole;) {
      const times = Math.min(iterations, whole - done);
      const [from, to] = [
        all.subarray(done * takes, (done + times) * takes),
        output.subarray(done * gives, (done + times) * gives),
      ];
      runBatch(from, to, times);
      done += times;
    }
    waiting = all.slice(whole * takes);
    return output;
  };

  const finish = (): void => {
    if (waiting.length > 0)
      throw new OptionError(
        "input",
        `a multiple of ${takes} elements (an iteration of the graph)`,
        `${waiting.length} left over`,
      );
  };
  return { put, finish };
}

/**
 * Runs a graph over all of its input. Linear in firings.
 *
 * @param input - numbers of the graph's type; a multiple of what an iteration takes
 * @throws OptionError for elements that are left over or do not fit the type, and for options out of range
 *
 * @example
 * ```ts
 * import { graph, map, run, sink, source } from "veelab/heterogeneous-tasks";
 * const third = map({ label: "third", input: "f32" }, (x) => x / 3);
 * console.log(run(graph(source("f32").to(third).to(sink("f32"))), [1])[0] === Math.fround(1 / 3)); // true
 * ```
 */
export function run(graph: Graph, input: ArrayLike<number>, options: RunOptions = {}): Elements {
  const running = start(graph, options);
  const output = running.put(input);
  running.finish();
  return output;
}

/** The iterations of a device's batch, checked. */
export function iterationsOf({ edges, firings }: Flat, { batchElements }: Device, given: number | undefined): number {
  const largest = edges.reduce((most, { from, gives }) => Math.max(most, gives * firings[from]!), 1);
  const iterations = integer("iterations", given ?? Math.max(1, Math.floor(batchElements / largest)), {
    min: 1,
    max: 2 ** 20,
  });
  if (largest * iterations > 2 ** 28)
    throw new OptionError("iterations", "batches of at most 2^28 elements a queue", largest * iterations);
  return iterations;
}

/** Elements of the graph's type: single precision rounds, but what does not fit would wrap around or become an infinity unseen. */
export function checkElements({ input }: Graph, elements: ArrayLike<number>): void {
  if (typeof (elements as Partial<ArrayLike<number>> | undefined)?.length !== "number")
    throw new OptionError("input", "an array of numbers", elements);
  if (input === "i32" ? elements instanceof Int32Array : elements instanceof Float32Array) return;
  for (let at = 0; at < elements.length; at++) {
    const element = elements[at];
    if (typeof element !== "number" || (input === "i32" && (element | 0) !== element))
      throw new OptionError(`input[${at}]`, input === "i32" ? "a whole number within ±2^31" : "a number", element);
    if (input === "f32") single(`input[${at}]`, element);
  }
}
