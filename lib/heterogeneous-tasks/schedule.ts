import { SimulationError } from "../core/errors.ts";
import type { Flat } from "./graph.ts";

/** What runs some iterations of a graph: nodes and how often each fires, in order; and the most elements that each edge holds meanwhile. */
export interface Schedule {
  readonly steps: readonly { readonly node: number; readonly count: number }[];
  readonly most: readonly number[];
}

/**
 * A static schedule, found by counting elements: in rounds over the nodes, each fires as often as its inputs and its share allow. Without loops one
 * round is enough, and each node is there once. Linear in nodes × rounds; a round a firing at worst. Throws a SimulationError that names a cycle without enough delay.
 */
export function schedule({ nodes, edges, firings }: Flat, iterations: number): Schedule {
  const steps: { node: number; count: number }[] = [];
  const held = edges.map(({ start }) => start.length);
  const most = [...held];
  const left = firings.map((count) => count * iterations);
  const possible = (edge: number): number => Math.floor((held[edge]! - edges[edge]!.history) / edges[edge]!.takes);
  for (let moved = true; moved;) {
    moved = false;
    for (const [node, { inputs, outputs }] of nodes.entries()) {
      const count = inputs.reduce((least, edge) => Math.min(least, possible(edge)), left[node]!);
      if (count === 0) continue;
      moved = true;
      left[node]! -= count;
      steps.push({ node, count });
      for (const edge of outputs) {
        held[edge]! += count * edges[edge]!.gives;
        most[edge] = Math.max(most[edge]!, held[edge]!);
      }
      for (const edge of inputs) held[edge]! -= count * edges[edge]!.takes;
    }
  }
  const stalled = left.findIndex((count) => count > 0);
  if (stalled < 0) return { steps, most };
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
