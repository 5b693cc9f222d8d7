import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { flameChart } from "./flame-chart.ts";
import { flameLayout } from "./flame-layout.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { type FunctionShare, stackWeights, topOf } from "./stack-weights.ts";

/** What {@link flameGraph} finds. */
export interface FlameGraph extends Characteristic {
  /** The samples' weights in all. */
  readonly weight: number;
  /** Samples. */
  readonly samples: number;
  /** Functions by the weight of samples in themselves, the ten largest. */
  readonly top: readonly FunctionShare[];
}

/**
 * A flame graph (B. Gregg, CACM 59(6), 2016) of a profile: each frame as wide as the weight of the samples that have
 * it on their stack, callers below, siblings in alphabetical order. The table has a row for each frame, also those
 * too narrow to draw: `name`, `depth`, `start`, `total` and `self` (as shares). One pass; memory for the different
 * stacks.
 *
 * @example
 * ```ts
 * import { flameGraph, profileSamples } from "veelab/traces";
 *
 * const graph = await flameGraph(profileSamples({ samples: 1000, stacks: { "main;solve": 3, "main;parse": 1 } }));
 * console.log(graph.top[0]?.name); // solve
 * ```
 */
export function flameGraph(trace: Trace): Promise<FlameGraph> {
  return characterise(trace, "a profile", flameGraphs());
}

/** The accumulator of {@link flameGraph}. */
export function flameGraphs(): Accumulator<FlameGraph> {
  const stacks = stackWeights();
  return {
    add: stacks.add,
    result() {
      const { weights, samples } = stacks;
      if (samples === 0) return undefined;
      const frames = flameLayout(weights);
      const weight = frames[0]!.total;
      if (weight === 0) return undefined;
      const table = new Table({
        name: vectorFromArray(
          frames.map(({ name }) => name),
          new Utf8(),
        ),
        depth: makeVector(Float64Array.from(frames, ({ depth }) => depth)),
        start: makeVector(Float64Array.from(frames, ({ start }) => start / weight)),
        total: makeVector(Float64Array.from(frames, ({ total }) => total / weight)),
        self: makeVector(Float64Array.from(frames, ({ self }) => self / weight)),
      });
      const chart = flameChart(frames, {
        title: "Flame graph",
        subtitle: `${samples.toLocaleString("en")} samples`,
        description: `Flame graph of ${samples} samples, by function and caller.`,
        shade: ({ name }) => hue(name),
        color: { scale: { domain: [0, 1], range: ["#F7D08A", "#E8875B"] }, legend: null },
      });
      return characteristic(table, chart, {
        weight,
        samples,
        top: topOf(weights).slice(0, 10),
      });
    },
  };
}

/** A function has the same colour in every graph. */
function hue(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at += 1) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0;
  return ((hash >>> 0) % 1000) / 1000;
}
