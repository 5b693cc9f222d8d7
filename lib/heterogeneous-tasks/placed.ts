import { OptionError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import type { Place } from "./cover.ts";
import { checkLabels, type Device } from "./device.ts";
import { flatOf, type Graph } from "./graph.ts";
import { javascript } from "./javascript.ts";
import { type Host, host, type LoadPiece } from "./host.ts";
import { regions } from "./regions.ts";
import { checkElements, iterationsOf, type RunOptions } from "./run.ts";
import { loadKept, type Store } from "./store.ts";
import { type Elements, zeros } from "./value.ts";

/**
 * How a graph is run on several devices.
 *
 * @example
 * ```ts
 * import { javascript, type PlacedOptions } from "veelab/heterogeneous-tasks";
 * const options: PlacedOptions = { devices: [javascript], places: [{ from: 1, to: 1, device: "javascript" }] };
 * console.log(options.places.length); // 1
 * ```
 */
export interface PlacedOptions extends RunOptions {
  /** The devices that places name. */
  readonly devices: readonly Device[];
  /** Which region runs where, as a cover gives them; the rest runs in JavaScript. */
  readonly places: readonly Place[];
  /** Where generated programs are kept. */
  readonly store?: Store;
}

/**
 * A graph that runs on several devices. Calls are done in their order.
 *
 * @example
 * ```ts
 * import type { RunningPlaced } from "veelab/heterogeneous-tasks";
 * const allInJavaScript = async (running: RunningPlaced): Promise<void> => running.move([]);
 * console.log(allInJavaScript.length); // 1
 * ```
 */
export interface RunningPlaced {
  /** Takes any number of elements, and gives what the whole iterations in them make; the rest waits. Linear. */
  readonly put: (elements: ArrayLike<number>) => Promise<Elements>;
  /**
   * Moves regions to other places between two batches, also those of a `put` under way: what the edges hold goes along, so that no element is lost or taken twice. Where a device cannot
   * take its region, nothing is moved.
   */
  readonly move: (places: readonly Place[]) => Promise<void>;
  /** Gives the devices back; throws an OptionError where elements wait that are no whole iteration. */
  readonly finish: () => Promise<void>;
}

/**
 * Starts a graph on several devices.
 *
 * @throws OptionError for a place that is no region or overlaps another, an unknown device, or one that refuses its region
 *
 * @example
 * ```ts
 * import { graph, javascript, map, relocatable, sink, source, startPlaced } from "veelab/heterogeneous-tasks";
 * const twice = relocatable(map({ label: "twice", input: "i32" }, (x) => 2 * x));
 * const running = await startPlaced(graph(source("i32").to(twice).to(sink("i32"))), { devices: [javascript], places: [] });
 * const before = await running.put([1, 2]);
 * await running.move([{ from: 1, to: 1, device: "javascript" }]);
 * console.log(before, await running.put([3])); // Int32Array [ 2, 4 ] Int32Array [ 6 ]
 * await running.finish();
 * ```
 */
export async function startPlaced(graph: Graph, options: PlacedOptions): Promise<RunningPlaced> {
  onlyOptions(options, ["devices", "places", "store", "iterations"]);
  const flat = flatOf(graph);
  const iterations = iterationsOf(flat, javascript, options.iterations);
  const load = loaderOf(options.devices, options.store);
  const { takes, gives } = graph;
  const start = async (places: readonly Place[], state: readonly Elements[]): Promise<Host> =>
    host(flat, places, load, iterations, state);
  let current = await start(
    checkPlaces(graph, options.places),
    flat.edges.map((edge) => edge.start),
  );
  let waiting = zeros(graph.input, 0);
  let isFinished = false;
  const checkRunning = (): void => {
    if (isFinished) throw new OptionError("graph", "one that runs", "one that was finished");
  };

  // Batches and moves wait for each other; so do puts, whose batches belong together. After a failed batch nothing is right any more, and all fails.
  let step: Promise<unknown> = Promise.resolve();
  let call: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = step.then(work);
    step = result;
    return result;
  };
  const queued = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = call.then(work);
    call = result;
    return result;
  };

  const putNow = async (elements: Elements): Promise<Elements> => {
    const all = zeros(graph.input, waiting.length + elements.length);
    all.set(waiting);
    all.set(elements, waiting.length);
    const whole = Math.floor(all.length / takes);
    const output = zeros(graph.output, whole * gives);
    for (let done = 0; done < whole;) {
      const times = Math.min(iterations, whole - done);
      const from = all.subarray(done * takes, (done + times) * takes);
      const to = output.subarray(done * gives, (done + times) * gives);
      await inTurn(async () => current.run(from, to, times));
      done += times;
    }
    waiting = all.slice(whole * takes);
    return output;
  };

  return {
    put: async (elements) => {
      checkRunning();
      checkElements(graph, elements);
      const copy = zeros(graph.input, elements.length);
      copy.set(elements);
      return queued(async () => putNow(copy));
    },
    move: async (places) => {
      checkRunning();
      checkPlaces(graph, places);
      const refused = await inTurn(async () => {
        const before = current;
        const state = await before.state();
        try {
          current = await start(places, state);
        } catch (error) {
          return { error };
        }
        await before.close();
        return undefined;
      });
      if (refused !== undefined) throw refused.error;
    },
    finish: async () => {
      checkRunning();
      isFinished = true;
      try {
        await queued(async () => step);
      } finally {
        await current.close();
      }
      if (waiting.length > 0)
        throw new OptionError(
          "input",
          `a multiple of ${takes} elements (an iteration of the graph)`,
          `${waiting.length} left over`,
        );
    },
  };
}

/** Loads regions on the devices that their places name, from a store where there is one. */
export function loaderOf(devices: readonly Device[], store?: Store): LoadPiece {
  checkLabels(devices);
  return async ({ place, flat }, iterations, state) => {
    const device = devices.find(({ label }) => label === place.device);
    if (device === undefined)
      throw new OptionError("places", `one of ${devices.map(({ label }) => label).join(", ")}`, place.device);
    const refusal = device.refusal(flat);
    if (refusal !== undefined)
      throw new OptionError(
        "places",
        "regions that their devices can run",
        `${device.label}, which cannot run ${refusal}`,
      );
    return store === undefined
      ? device.load(flat, iterations, state)
      : loadKept(store, device, flat, iterations, state);
  };
}

/** Places that are regions of a graph, apart from each other. */
function checkPlaces(graph: Graph, places: readonly Place[]): readonly Place[] {
  const known = regions(graph);
  for (const [at, place] of places.entries()) {
    if (!known.some(({ from, to }) => from === place.from && to === place.to))
      throw new OptionError(
        `places[${at}]`,
        "a region of the graph, which lies within relocatable()",
        `nodes ${place.from} to ${place.to}`,
      );
    if (places.slice(0, at).some(({ from, to }) => from <= place.to && place.from <= to))
      throw new OptionError(`places[${at}]`, "a region apart from the others", place);
  }
  return places;
}
