import { cut, heldBy, type Piece } from "./cut.ts";
import type { Loaded } from "./device.ts";
import type { Place } from "./cover.ts";
import type { Flat } from "./graph.ts";
import { loadNow } from "./javascript.ts";
import { type Run, schedule, type Step } from "./schedule.ts";
import { type Elements, zeros } from "./value.ts";

/** Loads a region on its device. */
export type LoadPiece = (piece: Piece, iterations: number, state: readonly Elements[]) => Promise<Loaded>;

/** A graph that was placed: regions on their devices, the rest in JavaScript. */
export interface Host extends Loaded {
  /** Times of the last batch by node of the graph, s, a region's and a loop's at its first; given a clock. */
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
  const plans = new Map<number, readonly Run[]>();
  const spentS = new Float64Array(flat.nodes.length);
  const original = originals(flat, places);

  const advance = async (run: Run): Promise<void> => {
    const [{ node, count }] = run.steps as readonly [Step];
    const piece = pieces.get(node);
    if (piece === undefined) {
      engine.advance(run);
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
      const runs = plans.get(times) ?? schedule(outer, times).runs;
      plans.set(times, runs);
      spentS.fill(0);
      engine.begin(input, output);
      for (const one of runs) {
        const before = clock?.() ?? 0;
        await advance(one);
        spentS[original[one.steps[0]!.node]!]! += (clock?.() ?? 0) - before;
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

/** By node that is left: where it was. */
function originals(flat: Flat, places: readonly Place[]): readonly number[] {
  return flat.nodes.flatMap((_, at) => (places.some(({ from, to }) => from < at && at <= to) ? [] : [at]));
}
