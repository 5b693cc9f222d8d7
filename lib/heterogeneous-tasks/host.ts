import { cut, heldBy, type Piece } from "./cut.ts";
import type { Loaded } from "./device.ts";
import type { Place } from "./cover.ts";
import type { Flat } from "./graph.ts";
import { loadNow } from "./javascript.ts";
import { loopsOf } from "./regions.ts";
import { schedule } from "./schedule.ts";
import { type Elements, zeros } from "./value.ts";

/** Loads a region on its device. */
export type LoadPiece = (piece: Piece, iterations: number, state: readonly Elements[]) => Promise<Loaded>;

/** A graph that was placed: regions on their devices, the rest in JavaScript. */
export interface Host extends Loaded {
  /** Times of the last batch by node of the graph, s, a region's at its first; given a clock. */
  readonly spentS: Float64Array;
}

/** Places a graph. It goes on from `state`, what each of its edges holds. */
export async function host(
  flat: Flat,
  places: readonly Place[],
  load: LoadPiece,
  iterations: number,
  state: readonly Elements[],
  clock?: () => number,
): Promise<Host> {
  const parts = cut(flat, places);
  const { outer, pieces } = parts;
  const engine = loadNow(outer, iterations, heldBy(parts, outer, state));
  const loaded = new Map<number, Loaded>();
  const close = async (): Promise<void> => {
    for (const one of loaded.values()) await one.close();
  };
  try {
    for (const [node, piece] of pieces) {
      const held = heldBy(piece, piece.flat, state);
      loaded.set(node, await load(piece, piece.times * iterations, held));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const outputs = new Map<number, Elements>();
  for (const [
    node,
    {
      flat: { nodes, edges, firings },
      times,
    },
  ] of pieces)
    outputs.set(node, zeros(edges[nodes.at(-1)!.inputs[0]!]!.type, firings.at(-1)! * times * iterations));
  const plans = new Map<number, readonly Step[]>();
  const spentS = new Float64Array(flat.nodes.length);
  const original = originals(flat, places);

  const fire = async (node: number, count: number): Promise<void> => {
    const piece = pieces.get(node);
    if (piece === undefined) {
      engine.fire(node, count);
      return;
    }
    const { inputs, outputs: out } = outer.nodes[node]!;
    const { firings } = piece.flat;
    const input = engine.take(inputs[0]!, count * firings[0]!);
    const output = outputs.get(node)!.subarray(0, count * firings.at(-1)!);
    await loaded.get(node)!.run(input, output, count);
    engine.give(out[0]!, output);
  };

  return {
    spentS,
    close,
    run: async (input, output, times) => {
      const steps = plans.get(times) ?? stepsOf(outer, times);
      plans.set(times, steps);
      spentS.fill(0);
      engine.begin(input, output);
      for (const { node, count } of steps) {
        const before = clock?.() ?? 0;
        await fire(node, count);
        spentS[original[node]!]! += (clock?.() ?? 0) - before;
      }
      engine.settle();
    },
    state: async () => {
      const held = flat.edges.map(({ start }) => start);
      const put = (edges: readonly number[], elements: readonly Elements[]): void => {
        for (const [at, edge] of edges.entries()) if (elements[at]!.length > 0) held[edge] = elements[at]!;
      };
      put(parts.edges, engine.state());
      for (const [node, piece] of pieces) put(piece.edges, await loaded.get(node)!.state());
      return held;
    },
  };
}

interface Step {
  readonly node: number;
  readonly count: number;
}

/** A schedule in which a node outside of loops fires once: a device that is behind a loop is called for all that comes out of it. */
function stepsOf(flat: Flat, iterations: number): readonly Step[] {
  const loops = loopsOf(flat);
  const unitOf = flat.nodes.map((_, node) => loops.find(({ from, to }) => from <= node && node <= to)?.from ?? node);
  const { steps } = schedule(flat, iterations);
  const inLoops = steps.filter(({ node }) => loops.some(({ from, to }) => from <= node && node <= to));
  const alone = flat.nodes.flatMap((_, node) =>
    loops.some(({ from, to }) => from <= node && node <= to) ? [] : [{ node, count: flat.firings[node]! * iterations }],
  );
  return [...inLoops, ...alone].sort((a, b) => unitOf[a.node]! - unitOf[b.node]!);
}

/** By node that is left: where it was. */
function originals(flat: Flat, places: readonly Place[]): readonly number[] {
  return flat.nodes.flatMap((_, at) => (places.some(({ from, to }) => from < at && at <= to) ? [] : [at]));
}
