import { OptionError } from "../core/errors.ts";
import { pieceOf } from "./cut.ts";
import { type Candidate, greedyCover, optimalCover, type Place } from "./cover.ts";
import { checkLabels, type Device } from "./device.ts";
import { flatOf, type Graph } from "./graph.ts";
import { regions } from "./regions.ts";

/**
 * Why a device was left out for a region.
 *
 * @example
 * ```ts
 * import type { Exclusion } from "veelab/heterogeneous-tasks";
 * const one: Exclusion = { from: 1, to: 2, device: "fpga", reason: "the task order, whose input is f32" };
 * console.log(one.reason);
 * ```
 */
export interface Exclusion extends Place {
  /** What the device cannot run. */
  readonly reason: string;
}

/**
 * What devices can run of a graph.
 *
 * @example
 * ```ts
 * import type { Candidates } from "veelab/heterogeneous-tasks";
 * const nothing: Candidates = { candidates: [], exclusions: [] };
 * console.log(nothing.candidates.length); // 0
 * ```
 */
export interface Candidates {
  /** Regions with devices for them, in the order of the nodes, then of the devices. */
  readonly candidates: readonly Candidate[];
  /** The others. */
  readonly exclusions: readonly Exclusion[];
}

/**
 * Asks each device whether it can run each region. Brackets say that their tasks *must* be able to move, so a task in brackets that no region on any device holds is an
 * error. Regions × devices.
 *
 * @throws OptionError for such a task
 *
 * @example
 * ```ts
 * import { candidatesOf, graph, javascript, map, relocatable, sink, source } from "veelab/heterogeneous-tasks";
 * const twice = relocatable(map({ label: "twice", input: "i32" }, (x) => 2 * x));
 * console.log(candidatesOf(graph(source("i32").to(twice).to(sink("i32"))), [javascript]).candidates[0]?.device); // javascript
 * ```
 */
export function candidatesOf(graph: Graph, devices: readonly Device[]): Candidates {
  checkLabels(devices);
  const flat = flatOf(graph);
  const candidates: Candidate[] = [];
  const exclusions: Exclusion[] = [];
  for (const region of regions(graph))
    for (const { label: device, refusal } of devices) {
      const { from, to } = region;
      const reason = refusal(pieceOf(flat, { from, to, device }).flat);
      if (reason === undefined) candidates.push({ ...region, device });
      else exclusions.push({ from, to, device, reason });
    }
  for (const [at, { kind, label, brackets }] of flat.nodes.entries()) {
    const holds = ({ from, to }: Place): boolean => from <= at && at <= to;
    if (kind !== "task" || brackets.length === 0 || candidates.some(holds)) continue;
    const reason = exclusions.find(holds)?.reason ?? `${label}, a part of a loop`;
    throw new OptionError(
      "relocatable",
      `tasks that one of ${devices.map((device) => device.label).join(", ")} can run`,
      reason,
    );
  }
  return { candidates, exclusions };
}

/**
 * Times for {@link substitute}.
 *
 * @example
 * ```ts
 * import type { Times } from "veelab/heterogeneous-tasks";
 * const times: Times = { hostS: [0, 1, 0], candidates: [{ from: 1, to: 1, tasks: 1, device: "gpu", seconds: 0.5 }] };
 * console.log(times.hostS.length); // 3
 * ```
 */
export interface Times {
  /** Of each node in JavaScript, s. */
  readonly hostS: readonly number[];
  /** Of regions on devices, with moving data, s. */
  readonly candidates: readonly (Candidate & {
    /** Of a batch, moving its data included, s. */
    readonly seconds: number;
  })[];
}

/**
 * Chooses places for a graph's regions: with times (of a model, or of `measure`) those that take the least, without them as Lime does, the largest first. Outside of brackets all
 * stays in JavaScript.
 *
 * @throws OptionError as {@link candidatesOf} does
 *
 * @example
 * ```ts
 * import { graph, javascript, map, relocatable, sink, source, substitute } from "veelab/heterogeneous-tasks";
 * const twice = map({ label: "twice", input: "i32" }, (x) => 2 * x);
 * const both = graph(source("i32").to(relocatable(twice.to(twice))).to(twice).to(sink("i32")));
 * console.log(substitute(both, [javascript])); // [ { from: 1, to: 2, device: "javascript" } ]
 * ```
 */
export function substitute(graph: Graph, devices: readonly Device[], times?: Times): readonly Place[] {
  const { candidates } = candidatesOf(graph, devices);
  if (times !== undefined) return optimalCover(times.hostS, times.candidates).places;
  return greedyCover(
    candidates,
    devices.map(({ label }) => label),
  );
}
