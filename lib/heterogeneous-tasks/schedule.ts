import { SimulationError } from "../core/errors.ts";
import type { Flat } from "./graph.ts";
import { loopsOf } from "./loops.ts";

/** A node that fires so often. */
export interface Step {
  readonly node: number;
  readonly count: number;
}

/** Steps that are repeated: a node outside of loops alone, or a round of a loop. */
export interface Run {
  readonly rounds: number;
  readonly steps: readonly Step[];
}

/** What runs some iterations of a graph, in order; and the most elements that each edge holds meanwhile. */
export interface Schedule {
  readonly runs: readonly Run[];
  readonly most: readonly number[];
}

/**
 * A static schedule, found by counting elements: a node outside of loops is there once; a loop is run by rounds over its nodes, in which each fires as often as its inputs
 * and its share allow, until it has done all, so that what is behind it gets all at once. Linear in nodes, and in a loop's nodes × rounds; a round a firing at worst. Throws a
 * SimulationError that names a cycle without enough delay.
 */
export function schedule({ nodes, edges, firings }: Flat, iterations: number): Schedule {
  const runs: { rounds: number; steps: readonly Step[] }[] = [];
  const held = edges.map(({ start }) => start.length);
  const most = [...held];
  const left = firings.map((count) => count * iterations);
  const possible = (edge: number): number => Math.floor((held[edge]! - edges[edge]!.history) / edges[edge]!.takes);

  /** Fires nodes from one to another, in a round. */
  const round = (from: number, to: number): readonly Step[] => {
    const steps: Step[] = [];
    for (let node = from; node <= to; node++) {
      const { inputs, outputs } = nodes[node]!;
      const count = inputs.reduce((least, edge) => Math.min(least, possible(edge)), left[node]!);
      if (count === 0) continue;
      left[node]! -= count;
      steps.push({ node, count });
      for (const edge of outputs) {
        held[edge]! += count * edges[edge]!.gives;
        most[edge] = Math.max(most[edge]!, held[edge]!);
      }
      for (const edge of inputs) held[edge]! -= count * edges[edge]!.takes;
    }
    return steps;
  };

  const loops = loopsOf({ edges });
  for (let node = 0; node < nodes.length; node++) {
    const to = loops.find(({ from }) => from === node)?.to ?? node;
    let last: (typeof runs)[number] | undefined;
    for (let steps = round(node, to); steps.length > 0; steps = round(node, to)) {
      if (last !== undefined && same(last.steps, steps)) last.rounds++;
      else runs.push((last = { rounds: 1, steps }));
    }
    node = to;
  }
  const stalled = left.findIndex((count) => count > 0);
  if (stalled < 0) return { runs, most };
  // Each stalled node waits for another: going back comes to a node twice.
  const path: number[] = [];
  for (let node = stalled; ;) {
    const seen = path.indexOf(node);
    path.push(node);
    if (seen >= 0) {
      const names = path
        .slice(seen)
        .reverse()
        .map((at) => nodes[at]!.label);
      throw new SimulationError(
        "graph",
        `expected enough delay on the cycle ${names.join(" → ")}, got a cycle in which nothing can fire`,
      );
    }
    node = edges[nodes[node]!.inputs.find((edge) => possible(edge) === 0)!]!.from;
  }
}

function same(a: readonly Step[], b: readonly Step[]): boolean {
  return a.length === b.length && a.every(({ node, count }, at) => node === b[at]!.node && count === b[at]!.count);
}

/** All steps, each as often as it is run. */
export function stepsOf({ runs }: Schedule): readonly Step[] {
  return runs.flatMap(({ rounds, steps }) => Array.from({ length: rounds }, () => steps).flat());
}
