import type { FlatEdge, FlatNode } from "./graph.ts";

/** What a splitter or joiner moves a firing: so many elements from one edge's window to another's. */
export interface Move {
  readonly from: number;
  readonly to: number;
  /** Where they lie in the windows. */
  readonly fromAt: number;
  readonly toAt: number;
  readonly length: number;
}

/** The moves of a node, one for each edge on its other side; none of a task. */
export function movesOf({ kind, duplicate, inputs, outputs }: FlatNode, edges: readonly FlatEdge[]): readonly Move[] {
  let before = 0;
  const place = (length: number): number => (before += length) - length;
  if (kind === "split")
    return outputs.map((to) => {
      const length = edges[to]!.gives;
      return { from: inputs[0]!, to, fromAt: duplicate ? 0 : place(length), toAt: 0, length };
    });
  if (kind !== "join") return [];
  return inputs.map((from) => {
    const length = edges[from]!.takes;
    return { from, to: outputs[0]!, fromAt: 0, toAt: place(length), length };
  });
}
