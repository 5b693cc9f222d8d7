import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions, positive } from "../core/options.ts";
import type { NodeNoise, Noise, NoiseClock } from "./noise.ts";
import { phaseStreams } from "./phases.ts";

/**
 * What {@link periodicNoise} makes.
 *
 * @example
 * ```ts
 * import type { PeriodicNoiseOptions } from "veelab/hpc-overhead";
 * const timer: PeriodicNoiseOptions = { periodNs: 4e6, durationNs: 5000 };
 * console.log(timer.durationNs / timer.periodNs);
 * ```
 */
export interface PeriodicNoiseOptions {
  /** From one interruption's beginning to the next one's, ns. */
  readonly periodNs: number;
  /** How long one takes, ns; below the period. */
  readonly durationNs: number;
  /** `"wall"` unless given, see {@link NoiseClock}. */
  readonly clock?: NoiseClock;
  /** Whether all nodes have one phase (co-scheduled); false unless given. */
  readonly coScheduled?: boolean;
  /** When each node's first interruption begins, for the clock `"wall"`, ns; drawn in whole ns unless given. */
  readonly phasesNs?: readonly number[];
  /** Seed of the phases; 1 unless given. */
  readonly seed?: number;
}

const names = ["periodNs", "durationNs", "clock", "coScheduled", "phasesNs", "seed"];

/**
 * Interruptions of one length at regular times. One that begins when a computation ends does not delay it; a computation that
 * begins during one waits for its end. Constant time a call.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { periodicNoise } from "veelab/hpc-overhead";
 * const tick = periodicNoise({ periodNs: 100, durationNs: 10, phasesNs: [50] }).onNodes(1);
 * console.log(tick.compute(0, 0, 50), tick.compute(0, 50, 90), tick.compute(0, 150, 1)); // 50 150 161
 * ```
 */
export function periodicNoise(options: PeriodicNoiseOptions): Noise {
  onlyOptions(options, names);
  const periodNs = positive("periodNs", options.periodNs);
  const durationNs = nonNegative("durationNs", options.durationNs);
  if (durationNs >= periodNs)
    throw new OptionError("durationNs", `a number below the period of ${periodNs}`, durationNs);
  const clock = oneOf("clock", options.clock ?? "wall", ["wall", "computation"]);
  const { coScheduled = false, phasesNs } = options;
  const seed = integer("seed", options.seed ?? 1);
  for (const [node, phase] of (phasesNs ?? []).entries()) nonNegative(`phasesNs[${node}]`, phase);
  const streamsFor = (nodes: number): readonly (() => number)[] => phaseStreams(nodes, seed, coScheduled);
  const label = `${durationNs / 1000} µs every ${periodNs / 1e6} ms${coScheduled ? ", co-scheduled" : ""}`;
  return {
    label,
    params: { noise: "periodic", periodNs, durationNs, clock, coScheduled },
    onNodes(nodes) {
      if (clock === "computation") return advancing(streamsFor(nodes), periodNs, durationNs);
      if (phasesNs !== undefined && phasesNs.length < nodes)
        throw new OptionError("phasesNs", `a phase for each of ${nodes} nodes`, phasesNs.length);
      const phases =
        phasesNs === undefined
          ? Float64Array.from(streamsFor(nodes), (float) => Math.floor(float() * periodNs))
          : Float64Array.from(phasesNs);
      return onTheWall(phases, periodNs, durationNs);
    },
  };
}

function onTheWall(phases: Float64Array, periodNs: number, durationNs: number): NodeNoise {
  const freeNs = periodNs - durationNs;
  const finish = (node: number, startNs: number, workNs: number): number => {
    const sinceFirst = startNs - phases[node]!;
    // Where in its period: of the interruption first, then of the time that is free.
    let at = sinceFirst - Math.floor(sinceFirst / periodNs) * periodNs;
    let start = startNs;
    // Before a node's first interruption there was none.
    if (at < durationNs && sinceFirst >= 0) {
      start += durationNs - at;
      at = durationNs;
    }
    const untilNext = sinceFirst < 0 ? -sinceFirst : periodNs - at;
    if (workNs <= untilNext) return start + workNs;
    const left = workNs - untilNext;
    return start + workNs + Math.ceil(left / freeNs) * durationNs;
  };
  return { compute: finish, overhead: finish };
}

/** The number of interruptions in a window of the computation's length whose place in the period is drawn. */
function advancing(streams: readonly (() => number)[], periodNs: number, durationNs: number): NodeNoise {
  return {
    compute: (node, startNs, workNs) =>
      startNs + workNs + Math.floor((streams[node]!() * periodNs + workNs) / periodNs) * durationNs,
    overhead: (_node, startNs, workNs) => startNs + workNs,
  };
}
