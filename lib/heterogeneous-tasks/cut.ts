import { balance } from "./balance.ts";
import type { Place } from "./cover.ts";
import type { Flat, FlatEdge, FlatNode } from "./graph.ts";
import { type Elements, zeros } from "./value.ts";

/** A region as a graph of its own, between a source and a sink. */
export interface Piece {
  readonly place: Place;
  readonly flat: Flat;
  /** Its edges' places in the whole graph, in its order. */
  readonly edges: readonly number[];
  /** Iterations of it in one of the whole graph. */
  readonly times: number;
}

/** A graph without the insides of some regions, each of which is a task that runs elsewhere. */
export interface Cut {
  readonly outer: Flat;
  readonly edges: readonly number[];
  /** By node of `outer`. */
  readonly pieces: ReadonlyMap<number, Piece>;
}

const end = (kind: "source" | "sink"): FlatNode => ({
  ...{ label: kind, kind, brackets: [], task: undefined, duplicate: false },
  ...{ inputs: [], outputs: [] },
});

/** Makes a region a graph: what its first node sees of earlier elements belongs to it. Linear in the whole graph. */
export function pieceOf(flat: Flat, place: Place): Piece {
  const { from, to } = place;
  const inside = (node: number): boolean => from <= node && node <= to;
  const last = to - from + 2;
  const nodes: FlatNode[] = [
    end("source"),
    ...flat.nodes.slice(from, to + 1).map((node) => ({ ...node, brackets: [], inputs: [], outputs: [] })),
    end("sink"),
  ];
  const kept = flat.edges.flatMap((edge, at) => (inside(edge.from) || inside(edge.to) ? [at] : []));
  const edges = kept.map((at): FlatEdge => {
    const edge = flat.edges[at]!;
    if (!inside(edge.from)) return { ...edge, from: 0, to: edge.to - from + 1, gives: 1 };
    if (!inside(edge.to))
      return { ...edge, from: edge.from - from + 1, to: last, takes: 1, history: 0, start: zeros(edge.type, 0) };
    return { ...edge, from: edge.from - from + 1, to: edge.to - from + 1 };
  });
  reconnect(nodes, flat.nodes.slice(from, to + 1), 1, (edge) => kept.indexOf(edge));
  nodes[0]!.outputs.push(edges.findIndex((edge) => edge.from === 0));
  nodes[last]!.inputs.push(edges.findIndex((edge) => edge.to === last));
  const firings = balance(nodes, edges);
  return { place, flat: { nodes, edges, firings }, edges: kept, times: flat.firings[from]! / firings[1]! };
}

/** Cuts regions out of a graph. They do not overlap. */
export function cut(flat: Flat, places: readonly Place[]): Cut {
  const all = places.map((place) => pieceOf(flat, place));
  const holder = (node: number): Piece | undefined => all.find(({ place }) => place.from <= node && node <= place.to);
  const nodes: FlatNode[] = [];
  const firings: number[] = [];
  const pieces = new Map<number, Piece>();
  const placeOf = flat.nodes.map((node, at) => {
    const piece = holder(at);
    if (piece === undefined || piece.place.from === at) {
      if (piece !== undefined) pieces.set(nodes.length, piece);
      const inner: Partial<FlatNode> = piece === undefined ? {} : { kind: "task", task: undefined };
      nodes.push({ ...node, ...inner, inputs: [], outputs: [] });
      firings.push(piece?.times ?? flat.firings[at]!);
    }
    return nodes.length - 1;
  });
  const kept = flat.edges.flatMap(({ from, to }, at) => (placeOf[from] === placeOf[to] ? [] : [at]));
  const edges = kept.map((at): FlatEdge => {
    const edge = flat.edges[at]!;
    const [giver, taker] = [holder(edge.from), holder(edge.to)];
    return {
      ...edge,
      ...{ from: placeOf[edge.from]!, to: placeOf[edge.to]! },
      ...(giver === undefined ? {} : { gives: giver.flat.firings.at(-1)! }),
      ...(taker === undefined ? {} : { takes: taker.flat.firings[0]!, history: 0, start: zeros(edge.type, 0) }),
    };
  });
  for (const [at, node] of flat.nodes.entries()) {
    const place = placeOf[at]!;
    for (const edge of node.inputs) if (kept.includes(edge)) nodes[place]!.inputs.push(kept.indexOf(edge));
    for (const edge of node.outputs) if (kept.includes(edge)) nodes[place]!.outputs.push(kept.indexOf(edge));
  }
  return { outer: { nodes, edges, firings }, edges: kept, pieces };
}

function reconnect(
  nodes: readonly FlatNode[],
  originals: readonly FlatNode[],
  offset: number,
  edge: (original: number) => number,
): void {
  for (const [at, { inputs, outputs }] of originals.entries()) {
    nodes[at + offset]!.inputs.push(...inputs.map(edge));
    nodes[at + offset]!.outputs.push(...outputs.map(edge));
  }
}

/**
 * What a part's edges hold, from what those of the whole graph hold. An edge between two parts holds earlier elements alone, which the one that sees them has: no region is a part of a loop,
 * and only ways back hold more.
 */
export function heldBy(
  { edges }: { readonly edges: readonly number[] },
  flat: Flat,
  whole: readonly Elements[],
): readonly Elements[] {
  return edges.map((original, at) => {
    const held = whole[original]!;
    return flat.edges[at]!.start.length === 0 ? held.subarray(0, 0) : held;
  });
}
