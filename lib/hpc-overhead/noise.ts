/**
 * The noise of a run's nodes, as the engines ask for it. For each node the starts of the calls never go back.
 *
 * @example
 * ```ts
 * import { periodicNoise, type NodeNoise } from "veelab/hpc-overhead";
 * const nodes: NodeNoise = periodicNoise({ periodNs: 1000, durationNs: 10, phasesNs: [500] }).onNodes(1);
 * console.log(nodes.compute(0, 0, 600)); // 610
 * ```
 */
export interface NodeNoise {
  /** When a computation of so many ns ends that begins at `startNs`. */
  compute(node: number, startNs: number, workNs: number): number;
  /** The same of the processor's part of a message. */
  overhead(node: number, startNs: number, workNs: number): number;
}

/**
 * A kind of noise: a plain value. Its parameters become columns of a sweep.
 *
 * @example
 * ```ts
 * import { quiet, type Noise } from "veelab/hpc-overhead";
 * const none: Noise = quiet();
 * console.log(none.label); // no noise
 * ```
 */
export interface Noise {
  /** Name in tables and charts. */
  readonly label: string;
  /** Its parameters, as columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** The noise of a run, from its beginning. Linear in nodes. */
  onNodes(nodes: number): NodeNoise;
}

/**
 * When noise advances. `"wall"`: always, as a timer does; what falls into a wait is absorbed, and one that is under way when a
 * wait ends delays the node. `"computation"`: during computations alone, with a phase drawn anew for each, the process of the
 * closed form.
 *
 * @example
 * ```ts
 * import type { NoiseClock } from "veelab/hpc-overhead";
 * const clock: NoiseClock = "wall";
 * console.log(clock);
 * ```
 */
export type NoiseClock = "wall" | "computation";

/**
 * No noise.
 *
 * @example
 * ```ts
 * import { quiet } from "veelab/hpc-overhead";
 * console.log(quiet().onNodes(1).compute(0, 5, 10)); // 15
 * ```
 */
export function quiet(): Noise {
  const plain = (_node: number, startNs: number, workNs: number): number => startNs + workNs;
  return { label: "no noise", params: { noise: "none" }, onNodes: () => ({ compute: plain, overhead: plain }) };
}

/**
 * The same noise, but for messages, which it does not delay: as where the interface handles them. What is left in a
 * bulk-synchronous program is the longest computation of each iteration.
 *
 * @example
 * ```ts
 * import { periodicNoise, sparingMessages } from "veelab/hpc-overhead";
 * const noise = sparingMessages(periodicNoise({ periodNs: 100, durationNs: 10, phasesNs: [0] })).onNodes(1);
 * console.log(noise.compute(0, 0, 1), noise.overhead(0, 100, 1)); // 11 101
 * ```
 */
export function sparingMessages(noise: Noise): Noise {
  return {
    label: noise.label,
    params: { ...noise.params, sparesMessages: true },
    onNodes(nodes) {
      const each = noise.onNodes(nodes);
      return {
        compute: (node, startNs, workNs) => each.compute(node, startNs, workNs),
        overhead: (_node, startNs, workNs) => startNs + workNs,
      };
    },
  };
}
