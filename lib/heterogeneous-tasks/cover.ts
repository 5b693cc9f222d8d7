import { OptionError } from "../core/errors.ts";
import { integer, nonNegative } from "../core/options.ts";
import type { Region } from "./regions.ts";

/**
 * A region and a device for it.
 *
 * @example
 * ```ts
 * import type { Place } from "veelab/heterogeneous-tasks";
 * const whole: Place = { from: 1, to: 4, device: "webgpu" };
 * console.log(whole.device); // webgpu
 * ```
 */
export interface Place {
  /** The first node of the region. */
  readonly from: number;
  /** Its last. */
  readonly to: number;
  /** The device's label. */
  readonly device: string;
}

/**
 * A region that a device can run.
 *
 * @example
 * ```ts
 * import type { Candidate } from "veelab/heterogeneous-tasks";
 * const one: Candidate = { from: 1, to: 4, tasks: 4, device: "webgpu" };
 * console.log(one.tasks); // 4
 * ```
 */
export type Candidate = Region & Place;

/**
 * Lime's substitution, as far as it is known: of the sub-graphs for which there is an artifact, the one with most tasks first, on the device that comes first; then
 * the next that does not overlap. O(c² log c) for c candidates.
 *
 * @param devices - labels, the preferred first: Lime's default is accelerators before the rest
 *
 * @example
 * ```ts
 * import { greedyCover } from "veelab/heterogeneous-tasks";
 * const candidates = [
 *   { from: 1, to: 1, tasks: 1, device: "gpu" },
 *   { from: 1, to: 2, tasks: 2, device: "fpga" },
 * ];
 * console.log(greedyCover(candidates, ["gpu", "fpga"])); // [ { from: 1, to: 2, device: "fpga" } ]
 * ```
 */
export function greedyCover(candidates: readonly Candidate[], devices: readonly string[]): readonly Place[] {
  const unknown = candidates.find(({ device }) => !devices.includes(device));
  if (unknown !== undefined) throw new OptionError("devices", "the devices of all candidates", unknown.device);
  const rank = ({ device }: Candidate): number => devices.indexOf(device);
  const ordered = candidates.toSorted((a, b) => b.tasks - a.tasks || rank(a) - rank(b) || a.from - b.from);
  const taken: Place[] = [];
  for (const { from, to, device } of ordered)
    if (taken.every((other) => to < other.from || from > other.to)) taken.push({ from, to, device });
  return taken.sort((a, b) => a.from - b.from);
}

/**
 * The cover with the least time: each node on the host or in one chosen region, the times added (one thing after the other). Dynamic programming over the nodes, in which regions are
 * intervals. O(n + c log c). Of equal covers, the one with fewer regions at the end.
 *
 * @param hostS - time of each node on the host, s
 * @param candidates - regions with the time on their device, moving data included, s
 * @throws OptionError for a region beyond the nodes or a time out of range
 *
 * @example
 * ```ts
 * import { optimalCover } from "veelab/heterogeneous-tasks";
 * const candidates = [
 *   { from: 0, to: 1, tasks: 2, device: "gpu", seconds: 5 },
 *   { from: 1, to: 1, tasks: 1, device: "gpu", seconds: 1 },
 * ];
 * console.log(optimalCover([2, 9], candidates)); // { seconds: 3, places: [ { from: 1, to: 1, device: "gpu" } ] }
 * ```
 */
export function optimalCover(
  hostS: readonly number[],
  candidates: readonly (Candidate & { readonly seconds: number })[],
): {
  /** The time of all, s. */
  readonly seconds: number;
  /** The candidates that are taken. */
  readonly places: readonly Place[];
} {
  hostS.forEach((seconds, at) => nonNegative(`hostS[${at}]`, seconds));
  const ending = hostS.map((): (Candidate & { readonly seconds: number })[] => []);
  for (const [at, candidate] of candidates.entries()) {
    integer(`candidates[${at}].to`, candidate.to, { min: candidate.from, max: hostS.length - 1 });
    integer(`candidates[${at}].from`, candidate.from, { min: 0 });
    nonNegative(`candidates[${at}].seconds`, candidate.seconds);
    ending[candidate.to]!.push(candidate);
  }
  /** By number of nodes: the least time of so many, and the region that ends there. */
  const least = [0];
  const last: (Candidate | undefined)[] = [undefined];
  for (const [at, host] of hostS.entries()) {
    let [best, chosen]: [number, Candidate | undefined] = [least[at]! + host, undefined];
    for (const candidate of ending[at]!) {
      const seconds = least[candidate.from]! + candidate.seconds;
      if (seconds < best) [best, chosen] = [seconds, candidate];
    }
    least.push(best);
    last.push(chosen);
  }
  const places: Place[] = [];
  for (let nodes = hostS.length; nodes > 0;) {
    const chosen = last[nodes];
    if (chosen !== undefined) places.unshift({ from: chosen.from, to: chosen.to, device: chosen.device });
    nodes = chosen?.from ?? nodes - 1;
  }
  return { seconds: least.at(-1)!, places };
}
