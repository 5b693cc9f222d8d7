import { random } from "../core/random.ts";

/** For each node a stream of numbers in [0, 1): its own, or the same one for all. */
export function phaseStreams(nodes: number, seed: number, coScheduled: boolean): readonly (() => number)[] {
  const root = random(seed);
  return Array.from({ length: nodes }, (_, node) => root.split(coScheduled ? 0 : node).float);
}
