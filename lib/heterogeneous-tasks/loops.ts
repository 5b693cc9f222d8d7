import type { Flat } from "./graph.ts";

/** The outermost loops: the nodes from a loop's joiner to its splitter, which lie side by side. */
export function loopsOf({ edges }: Pick<Flat, "edges">): readonly { readonly from: number; readonly to: number }[] {
  const loops = edges.filter(({ from, to }) => to <= from).map(({ from, to }) => ({ from: to, to: from }));
  return loops.filter((one) => !loops.some((other) => other !== one && other.from <= one.from && one.to <= other.to));
}
