import { median } from "../core/stats.ts";
import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import type { Place } from "./cover.ts";
import type { Device } from "./device.ts";
import { flatOf, type Graph } from "./graph.ts";
import { javascript } from "./javascript.ts";
import { host } from "./host.ts";
import { loaderOf } from "./placed.ts";
import { checkElements, iterationsOf, type RunOptions } from "./run.ts";
import { candidatesOf, type Times } from "./substitute.ts";
import { zeros } from "./value.ts";

/**
 * How a graph is calibrated.
 *
 * @example
 * ```ts
 * import { javascript, type MeasureOptions } from "veelab/heterogeneous-tasks";
 * const options: MeasureOptions = { devices: [javascript], clock: () => performance.now() / 1e3 };
 * console.log(options.devices.length); // 1
 * ```
 */
export interface MeasureOptions extends RunOptions {
  /** The devices. */
  readonly devices: readonly Device[];
  /** What tells the time, s: the library itself has no clock. */
  readonly clock: () => number;
  /** Of how many batches the median is taken, after one that warms up; 5 unless given. */
  readonly rounds?: number;
}

/**
 * A calibration run: how long a batch of each node takes in JavaScript (a loop's nodes count as its first), and each region on each device that can run it, moving its data included. Candidates × rounds batches.
 *
 * @param input - elements of one batch or more; each batch is the first one's
 * @throws OptionError for less input than a batch, and as `candidatesOf` does
 *
 * @example
 * ```ts
 * import { graph, javascript, map, measure, relocatable, sink, source, substitute } from "veelab/heterogeneous-tasks";
 * const root = relocatable(map({ label: "root", input: "f32" }, (x) => Math.sqrt(x)));
 * const roots = graph(source("f32").to(root).to(sink("f32")));
 * const times = await measure(roots, new Float32Array(64), { devices: [javascript], iterations: 64, clock: () => performance.now() / 1e3 });
 * console.log(substitute(roots, [javascript], times).length <= 1); // true
 * ```
 */
export async function measure(graph: Graph, input: ArrayLike<number>, options: MeasureOptions): Promise<Times> {
  onlyOptions(options, ["devices", "clock", "rounds", "iterations"]);
  const { devices, clock } = options;
  if (typeof clock !== "function") throw new OptionError("clock", "a function that tells the time, s", clock);
  const rounds = integer("rounds", options.rounds ?? 5, { min: 1, max: 1000 });
  const flat = flatOf(graph);
  const iterations = iterationsOf(flat, javascript, options.iterations);
  checkElements(graph, input);
  integer("input.length", input.length, { min: iterations * graph.takes });
  const given = zeros(graph.input, iterations * graph.takes);
  for (let at = 0; at < given.length; at++) given[at] = input[at]!;
  const output = zeros(graph.output, iterations * graph.gives);

  /** The median time of each node. */
  const spent = async (places: readonly Place[]): Promise<readonly number[]> => {
    const placed = await host(
      flat,
      places,
      loaderOf(devices),
      iterations,
      flat.edges.map(({ start }) => start),
      clock,
    );
    const times: Float64Array[] = [];
    try {
      for (let round = 0; round <= rounds; round++) {
        await placed.run(given, output, iterations);
        if (round > 0) times.push(placed.spentS.slice());
      }
    } finally {
      await placed.close();
    }
    return flat.nodes.map((_, node) => median(times.map((one) => one[node]!)));
  };

  const hostS = await spent([]);
  const candidates = [];
  for (const candidate of candidatesOf(graph, devices).candidates) {
    const { from, to, device } = candidate;
    candidates.push({ ...candidate, seconds: (await spent([{ from, to, device }]))[from]! });
  }
  return { hostS, candidates };
}
