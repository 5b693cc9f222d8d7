import { OptionError, SimulationError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { checkDevice, type Device } from "./device.ts";
import { flatOf, type Graph } from "./graph.ts";
import { checkElements, iterationsOf, type RunOptions } from "./run.ts";
import { type Elements, zeros } from "./value.ts";

/**
 * On which device a graph is run, and how.
 *
 * @example
 * ```ts
 * import { javascript, type RunOnOptions } from "veelab/heterogeneous-tasks";
 * const options: RunOnOptions = { device: javascript, iterations: 16 };
 * console.log(options.device.label); // javascript
 * ```
 */
export interface RunOnOptions extends RunOptions {
  /** The device that runs all of it. */
  readonly device: Device;
}

/**
 * Runs a whole graph over all of its input on one device. Linear in firings.
 *
 * @param input - numbers of the graph's type; a multiple of what an iteration takes
 * @throws SimulationError for a graph that the device cannot run, OptionError for elements that are left over or do not fit the type, and for options out of range
 *
 * @example
 * ```ts
 * import { graph, javascript, map, runOn, sink, source } from "veelab/heterogeneous-tasks";
 * const twice = map({ label: "twice", input: "i32" }, (x) => 2 * x);
 * console.log(await runOn(graph(source("i32").to(twice).to(sink("i32"))), [1, 2], { device: javascript })); // Int32Array [ 2, 4 ]
 * ```
 */
export async function runOn(graph: Graph, input: ArrayLike<number>, options: RunOnOptions): Promise<Elements> {
  onlyOptions(options, ["device", "iterations"]);
  const flat = flatOf(graph);
  const device = checkDevice("device", (options as Partial<RunOnOptions> | undefined)?.device);
  const iterations = iterationsOf(flat, device, options.iterations);
  checkElements(graph, input);
  const whole = Math.floor(input.length / graph.takes);
  const left = input.length - whole * graph.takes;
  if (left > 0)
    throw new OptionError(
      "input",
      `a multiple of ${graph.takes} elements (an iteration of the graph)`,
      `${left} left over`,
    );
  const refusal = device.refusal(flat);
  if (refusal !== undefined) throw new SimulationError(device.label, `cannot run ${refusal}`);
  const given = zeros(graph.input, input.length);
  given.set(input);
  const output = zeros(graph.output, whole * graph.gives);
  const loaded = await device.load(flat, iterations);
  try {
    for (let done = 0; done < whole;) {
      const times = Math.min(iterations, whole - done);
      const end = done + times;
      const from = given.subarray(done * graph.takes, end * graph.takes);
      await loaded.run(from, output.subarray(done * graph.gives, end * graph.gives), times);
      done = end;
    }
  } finally {
    await loaded.close();
  }
  return output;
}
