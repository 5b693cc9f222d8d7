import type { Table } from "apache-arrow";
import { TraceFormatError } from "../../datasets/errors.ts";
import { OptionError, TraceExhaustedError } from "../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions, positive } from "../core/options.ts";
import type { NodeNoise, Noise, NoiseClock } from "./noise.ts";
import { phaseStreams } from "./phases.ts";

/**
 * A log of interruptions: an Arrow table with the columns `startNs` and `durationNs` (float64), in order of time, or the two
 * arrays themselves.
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import type { NoiseTrace } from "veelab/hpc-overhead";
 * const machine: NoiseTrace = await open("noise/virtual-machine");
 * console.log(machine);
 * ```
 */
export type NoiseTrace =
  | Table
  | {
      /** When each interruption begins, in ns. */
      readonly startNs: Float64Array;
      /** How long each lasts, in ns. */
      readonly durationNs: Float64Array;
    };

/**
 * How {@link noiseLog} plays a log.
 *
 * @example
 * ```ts
 * import type { NoiseLogOptions } from "veelab/hpc-overhead";
 * const together: NoiseLogOptions = { coScheduled: true };
 * console.log(together.coScheduled);
 * ```
 */
export interface NoiseLogOptions {
  /** Name in tables and charts. */
  readonly label?: string;
  /** `"wall"` unless given, see {@link NoiseClock}. */
  readonly clock?: NoiseClock;
  /** Whether all nodes play the same part of the log at once; false unless given. */
  readonly coScheduled?: boolean;
  /** Where in the log each node begins, for the clock `"wall"`, ns after the log's zero; drawn in whole ns unless given. */
  readonly offsetsNs?: readonly number[];
  /** How long the log was measured, ns: after it, it begins again. The end of its last interruption unless given. */
  readonly spanNs?: number;
  /** Seed of the offsets; 1 unless given. */
  readonly seed?: number;
}

/**
 * The interruptions of a measured log, over and over, each node from a place of its own. Two that overlap follow each other.
 * Memory is linear in the log; a call takes time linear in the interruptions that it meets (clock `"computation"`: logarithmic
 * in the log).
 *
 * @throws TraceFormatError for a table without the columns; TraceExhaustedError for an empty log; OptionError for a row or an
 *   option out of range
 *
 * @example
 * ```ts
 * import { noiseLog } from "veelab/hpc-overhead";
 * const log = { startNs: Float64Array.of(100, 300), durationNs: Float64Array.of(20, 5) };
 * const nodes = noiseLog(log, { spanNs: 1000, offsetsNs: [0] }).onNodes(1);
 * console.log(nodes.compute(0, 0, 1000)); // 1025
 * ```
 */
export function noiseLog(trace: NoiseTrace, options: NoiseLogOptions = {}): Noise {
  onlyOptions(options, ["label", "clock", "coScheduled", "offsetsNs", "spanNs", "seed"]);
  const log = apart(columnsOf(trace));
  const ends = log.ends[log.ends.length - 1]!;
  const spanNs = positive("spanNs", options.spanNs ?? ends);
  if (spanNs < ends) throw new OptionError("spanNs", `at least ${ends}, the end of the last interruption`, spanNs);
  // Without any time that is free no computation would end.
  if (spanNs <= log.takenNs)
    throw new OptionError("spanNs", `more than ${log.takenNs}, which the interruptions take`, spanNs);
  const clock = oneOf("clock", options.clock ?? "wall", ["wall", "computation"]);
  const { coScheduled = false, offsetsNs, label = "noise log" } = options;
  const seed = integer("seed", options.seed ?? 1);
  for (const [node, offset] of (offsetsNs ?? []).entries()) nonNegative(`offsetsNs[${node}]`, offset);
  return {
    label: coScheduled ? `${label}, co-scheduled` : label,
    params: { noise: label, clock, coScheduled },
    onNodes(nodes) {
      if (clock === "computation") return advancing(phaseStreams(nodes, seed, coScheduled), log, spanNs);
      if (offsetsNs !== undefined && offsetsNs.length < nodes)
        throw new OptionError("offsetsNs", `an offset for each of ${nodes} nodes`, offsetsNs.length);
      const drawn = offsetsNs ?? phaseStreams(nodes, seed, coScheduled).map((float) => Math.floor(float() * spanNs));
      return onTheWall(drawn, log, spanNs);
    },
  };
}

interface Log {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** How long the interruptions take in all. */
  readonly takenNs: number;
}

function columnsOf(trace: NoiseTrace): Exclude<NoiseTrace, Table> {
  if ("startNs" in trace) return trace;
  const [startNs, durationNs] = ["startNs", "durationNs"].map((name) => {
    const values: unknown = trace.getChild(name)?.toArray();
    if (!(values instanceof Float64Array))
      throw new TraceFormatError({ file: "noise", field: name }, "expected a Float64 column");
    return values;
  });
  return { startNs: startNs!, durationNs: durationNs! };
}

/** The log's interruptions one after another: what begins during one begins at its end. */
export function apart({ startNs, durationNs }: ReturnType<typeof columnsOf>): Log {
  if (startNs.length === 0) throw new TraceExhaustedError("hpc-overhead", "the noise log has no interruption");
  if (startNs.length !== durationNs.length)
    throw new OptionError("noise", "arrays of equal lengths", [startNs.length, durationNs.length]);
  const starts = new Float64Array(startNs.length);
  const ends = new Float64Array(startNs.length);
  let [free, takenNs] = [0, 0];
  for (let row = 0; row < starts.length; row++) {
    nonNegative(`durationNs[${row}]`, durationNs[row]);
    if (!(startNs[row]! >= (row === 0 ? 0 : startNs[row - 1]!)))
      throw new OptionError(`startNs[${row}]`, "a time that is not before the row above's", startNs[row]);
    starts[row] = Math.max(free, startNs[row]!);
    free = ends[row] = starts[row]! + durationNs[row]!;
    takenNs += free - starts[row]!;
  }
  return { starts, ends, takenNs };
}

function onTheWall(offsets: readonly number[], { starts, ends }: Log, spanNs: number): NodeNoise {
  const count = starts.length;
  // By node: the interruption that comes next or is under way, and when the lap of the log that it lies in began.
  const next = new Uint32Array(offsets.length);
  const lap = Float64Array.from(offsets, (offset) => -offset);
  const finish = (node: number, startNs: number, workNs: number): number => {
    let at = next[node]!;
    let zero = lap[node]!;
    while (startNs >= zero + ends[at]!)
      if (++at === count) {
        at = 0;
        zero += spanNs;
      }
    let time = startNs;
    let left = workNs;
    // Not the log's own zero: what began before the run's is under way at its beginning.
    for (let until = zero + starts[at]!; until <= time || until - time < left; until = zero + starts[at]!) {
      left -= Math.max(0, until - time);
      time = zero + ends[at]!;
      if (++at === count) {
        at = 0;
        zero += spanNs;
      }
    }
    next[node] = at;
    lap[node] = zero;
    return time + left;
  };
  return { compute: finish, overhead: finish };
}

function advancing(streams: readonly (() => number)[], { starts, ends, takenNs }: Log, spanNs: number): NodeNoise {
  // On the clock of computation an interruption is a point; how much was taken up to and with it.
  const points = new Float64Array(starts.length);
  const taken = new Float64Array(starts.length);
  let total = 0;
  for (let at = 0; at < points.length; at++) {
    points[at] = starts[at]! - total;
    total += ends[at]! - starts[at]!;
    taken[at] = total;
  }
  const lapNs = spanNs - takenNs;
  const takenUntil = (place: number): number => {
    const laps = Math.floor(place / lapNs);
    const within = place - laps * lapNs;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle]! <= within) low = middle + 1;
      else high = middle;
    }
    return laps * takenNs + (low === 0 ? 0 : taken[low - 1]!);
  };
  return {
    compute(node, startNs, workNs) {
      const from = streams[node]!() * lapNs;
      return startNs + workNs + takenUntil(from + workNs) - takenUntil(from);
    },
    overhead: (_node, startNs, workNs) => startNs + workNs,
  };
}
