import { OptionError } from "../core/errors.ts";
import { fraction, integer, nonNegative, positive } from "../core/options.ts";

/**
 * The repetition vector of a graph from its topology matrix Γ, a row an edge and a column a node, with what a firing gives above zero and what it takes below:
 * the smallest positive whole r with Γ·r = 0. By Gauss's elimination in exact fractions; cubic.
 *
 * @returns undefined where there is none: the rates are inconsistent
 * @throws OptionError for rates that are not whole, rows that differ in length, and a matrix whose solutions are of more dimensions than one (the graph is not connected)
 *
 * @example
 * ```ts
 * import { repetitions } from "veelab/heterogeneous-tasks";
 * console.log(repetitions([[2, -3, 0], [0, 1, -2]]), repetitions([[1, -1], [1, -2]])); // [ 3, 2, 1 ] undefined
 * ```
 */
export function repetitions(matrix: readonly (readonly number[])[]): readonly number[] | undefined {
  const nodes = matrix[0]?.length ?? 0;
  if (nodes === 0) throw new OptionError("matrix", "one edge and one node or more", matrix);
  // Rows stay whole: a row is multiplied instead of divided.
  const rows = matrix.map((row, edge) => {
    if (row.length !== nodes) throw new OptionError(`matrix[${edge}]`, `${nodes} rates, one a node`, row.length);
    return row.map((rate, node) => BigInt(integer(`matrix[${edge}][${node}]`, rate)));
  });
  const pivots: number[] = [];
  for (let column = 0; column < nodes && pivots.length < rows.length; column++) {
    const at = rows.findIndex((row, index) => index >= pivots.length && row[column] !== 0n);
    if (at < 0) continue;
    const pivot = rows[at]!;
    rows[at] = rows[pivots.length]!;
    rows[pivots.length] = pivot;
    for (const [index, row] of rows.entries()) {
      if (row === pivot || row[column] === 0n) continue;
      const [by, times] = [pivot[column]!, row[column]!];
      rows[index] = row.map((entry, place) => entry * by - pivot[place]! * times);
    }
    pivots.push(column);
  }
  if (pivots.length === nodes) return undefined;
  if (pivots.length < nodes - 1)
    throw new OptionError("matrix", "the rates of a connected graph", `rank ${pivots.length} of ${nodes} nodes`);
  // One column is free. With its firings = the product of all pivots, every other is whole.
  const free = Array.from({ length: nodes }, (_, column) => column).find((column) => !pivots.includes(column))!;
  const product = pivots.reduce((all, column, index) => all * rows[index]![column]!, 1n);
  const counts = Array.from({ length: nodes }, () => product);
  for (const [index, column] of pivots.entries())
    counts[column] = (-rows[index]![free]! * product) / rows[index]![column]!;
  const divisor = counts.reduce((a, b) => {
    while (b !== 0n) [a, b] = [b, a % b];
    return a;
  });
  const result = counts.map((count) => Number(count / divisor));
  return result.every((count) => count > 0)
    ? result
    : result.every((count) => count < 0)
      ? result.map((count) => -count)
      : undefined;
}

/**
 * Iterations a second of a pipeline whose stages work at the same time, with queues that hold two iterations or more: 1 / max(rᵢ·tᵢ/pᵢ). Linear.
 *
 * @param stages - firings an iteration, s a firing, and how many copies of the stage share them
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { pipelineRate } from "veelab/heterogeneous-tasks";
 * console.log(pipelineRate([{ firings: 4, firingS: 0.5, copies: 4 }, { firings: 1, firingS: 2, copies: 1 }])); // 0.5
 * ```
 */
export function pipelineRate(
  stages: readonly { readonly firings: number; readonly firingS: number; readonly copies: number }[],
): number {
  const times = stages.map(({ firings, firingS, copies }, at) => {
    integer(`stages[${at}].firings`, firings, { min: 1 });
    integer(`stages[${at}].copies`, copies, { min: 1 });
    return (firings * positive(`stages[${at}].firingS`, firingS)) / copies;
  });
  if (times.length === 0) throw new OptionError("stages", "at least one", stages);
  return 1 / Math.max(...times);
}

/**
 * The elements that a queue outside of loops holds at most in a schedule in which each node is there once: what is there at first, and all that an iteration
 * moves, the least common multiple of both rates times `rounds`. Constant time.
 *
 * @param queue - elements given and taken a firing; initial ones; how many of the least rounds of the two an iteration has
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { queueElements } from "veelab/heterogeneous-tasks";
 * console.log(queueElements({ gives: 2, takes: 3, initial: 1, rounds: 1 })); // 7
 * ```
 */
export function queueElements(queue: {
  readonly gives: number;
  readonly takes: number;
  readonly initial: number;
  readonly rounds: number;
}): number {
  let [a, b] = [integer("gives", queue.gives, { min: 1 }), integer("takes", queue.takes, { min: 1 })];
  while (b > 0) [a, b] = [b, a % b];
  return (
    nonNegative("initial", queue.initial) +
    ((queue.gives * queue.takes) / a) * integer("rounds", queue.rounds, { min: 1 })
  );
}

/**
 * Iterations a second of the same pipeline where a queue holds one iteration, which is written while nobody reads it: neighbours take turns, 1 / max(tᵢ + tᵢ₊₁).
 * Linear.
 *
 * @param stageS - what each stage takes an iteration, s
 * @throws OptionError for no stage, or a time that is not above 0
 *
 * @example
 * ```ts
 * import { blockingRate } from "veelab/heterogeneous-tasks";
 * console.log(blockingRate([1, 3, 1])); // 0.25
 * ```
 */
export function blockingRate(stageS: readonly number[]): number {
  if (stageS.length === 0) throw new OptionError("stageS", "one stage or more", stageS);
  stageS.forEach((time, at) => positive(`stageS[${at}]`, time));
  return 1 / Math.max(...stageS.map((time, at) => time + (stageS[at + 1] ?? 0)));
}

/**
 * What moving a task to a device costs and saves.
 *
 * @example
 * ```ts
 * import type { Offload } from "veelab/heterogeneous-tasks";
 * const once: Offload = {
 *   latencyInS: 1e-5, latencyOutS: 1e-5, launchS: 1e-5, hostS: 1e-8, deviceS: 1e-10,
 *   bytesIn: 4, bytesOut: 4, bytesInPerS: 6e9, bytesOutPerS: 6e9, marshalS: 1e-9,
 * };
 * console.log(once.hostS / once.deviceS);
 * ```
 */
export interface Offload {
  /** Of the transfer to the device, s. */
  readonly latencyInS: number;
  /** Of the transfer back, s. */
  readonly latencyOutS: number;
  /** Of the call, s. */
  readonly launchS: number;
  /** What an element takes on the host, s. */
  readonly hostS: number;
  /** What it takes on the device, s. */
  readonly deviceS: number;
  /** Bytes an element to the device. */
  readonly bytesIn: number;
  /** Bytes an element back. */
  readonly bytesOut: number;
  /** Bandwidth to the device, bytes/s. */
  readonly bytesInPerS: number;
  /** Bandwidth back, bytes/s. */
  readonly bytesOutPerS: number;
  /** Marshalling an element both ways, s. */
  readonly marshalS: number;
}

/**
 * The number of elements a call from which the device is faster: fixed costs over what is saved an element. Infinity where an element saves nothing.
 *
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { breakEvenElements } from "veelab/heterogeneous-tasks";
 * const moved = { bytesIn: 4, bytesOut: 4, bytesInPerS: 8, bytesOutPerS: 8, marshalS: 1 };
 * console.log(breakEvenElements({ latencyInS: 2, latencyOutS: 2, launchS: 4, hostS: 5, deviceS: 1, ...moved })); // 4
 * ```
 */
export function breakEvenElements(offload: Offload): number {
  for (const name of [
    "latencyInS",
    "latencyOutS",
    "launchS",
    "hostS",
    "deviceS",
    "marshalS",
    "bytesIn",
    "bytesOut",
  ] as const)
    nonNegative(name, offload[name]);
  const { bytesIn, bytesOut } = offload;
  const movingS =
    bytesIn / positive("bytesInPerS", offload.bytesInPerS) + bytesOut / positive("bytesOutPerS", offload.bytesOutPerS);
  const savedS = offload.hostS - offload.deviceS - movingS - offload.marshalS;
  return savedS <= 0 ? Infinity : (offload.latencyInS + offload.latencyOutS + offload.launchS) / savedS;
}

/**
 * Amdahl's law for a program of which a share runs on a device, the rest and all moving of data one after the other: 1 / (1 − p + p/k + m). Constant time.
 *
 * @param share - p, of the host's time, 0 to 1
 * @param ratio - k: how much faster the device computes; Infinity gives the bound
 * @param moved - m: time of marshalling, transfers and launches, as a share of the host's time
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { offloadSpeedUp } from "veelab/heterogeneous-tasks";
 * console.log(offloadSpeedUp(0.75, 3, 0.5), offloadSpeedUp(0.75, Infinity, 0)); // 1 4
 * ```
 */
export function offloadSpeedUp(share: number, ratio: number, moved: number): number {
  if (!(ratio > 0)) throw new OptionError("ratio", "a number > 0", ratio);
  return 1 / (1 - fraction("share", share) + share / ratio + nonNegative("moved", moved));
}

/**
 * The useful share of a device's time where programs that always have work take turns: q / (q + R). Constant time.
 *
 * @param quantumS - q: how long each works, s
 * @param reconfigureS - R: what a change takes, s
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { tenancyShare } from "veelab/heterogeneous-tasks";
 * console.log(tenancyShare(0.75, 0.25)); // 0.75
 * ```
 */
export function tenancyShare(quantumS: number, reconfigureS: number): number {
  return positive("quantumS", quantumS) / (quantumS + nonNegative("reconfigureS", reconfigureS));
}
