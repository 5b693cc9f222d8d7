import { flatOf, type Graph } from "./graph.ts";
import { loopsOf } from "./loops.ts";

/**
 * Neighbouring nodes of a graph, which one edge enters and one edge leaves.
 *
 * @example
 * ```ts
 * import type { Region } from "veelab/heterogeneous-tasks";
 * const two: Region = { from: 1, to: 2, tasks: 2 };
 * console.log(two.to - two.from + 1); // 2
 * ```
 */
export interface Region {
  /** Its first node, as a place in the graph's nodes. */
  readonly from: number;
  /** Its last. */
  readonly to: number;
  /** How many of its nodes are tasks. */
  readonly tasks: number;
}

/**
 * The sub-graphs that may be relocated: within one pair of relocation brackets, neighbouring nodes with a task or more, one edge in and one out. A loop is inside as
 * a whole or not at all: a device inside a loop would get as few elements at once as the loop delays. Quadratic in the nodes between brackets.
 *
 * @throws OptionError for what is no graph
 *
 * @example
 * ```ts
 * import { graph, map, regions, relocatable, sink, source } from "veelab/heterogeneous-tasks";
 * const root = map({ label: "root", input: "f32" }, (x) => Math.sqrt(x));
 * console.log(regions(graph(source("f32").to(relocatable(root.to(root))).to(sink("f32")))).map(({ from, to }) => [from, to])); // [ [ 1, 1 ], [ 1, 2 ], [ 2, 2 ] ]
 * ```
 */
export function regions(graph: Graph): readonly Region[] {
  const flat = flatOf(graph);
  const { nodes } = flat;
  const loops = loopsOf(flat);
  const found: Region[] = [];
  for (let from = 0; from < nodes.length; from++) {
    const bracket = nodes[from]!.brackets[0];
    if (bracket === undefined) continue;
    let [entering, leaving, tasks] = [0, 0, 0];
    for (let to = from; nodes[to]?.brackets[0] === bracket; to++) {
      const { kind, inputs, outputs } = nodes[to]!;
      if (kind === "task") tasks++;
      for (const edge of inputs) {
        const before = flat.edges[edge]!.from;
        if (before >= from && before < to) leaving--;
        else entering++;
      }
      for (const edge of outputs) {
        const after = flat.edges[edge]!.to;
        if (after >= from && after <= to) entering--;
        else leaving++;
      }
      const cuts = loops.some((loop) => loop.from <= to && loop.to >= from && !(from <= loop.from && loop.to <= to));
      if (entering === 1 && leaving === 1 && tasks > 0 && !cuts) found.push({ from, to, tasks });
    }
  }
  return found;
}
