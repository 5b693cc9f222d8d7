import type { Statement } from "./code.ts";
import { independent, roundsOf } from "./independent.ts";
import { type Known, vectorsOf } from "./lanes.ts";
import type { Task } from "./task.ts";
import type { Loop } from "./trees.ts";

/** Where vectors of four are used: for four firings at once, for four rounds of loops within one, or nowhere. */
export type Vectors = "firings" | "rounds" | "none";

/** A loop of fewer rounds is not worth its vectors, if firings can be taken together. */
const FEW = 8;

/** Where a task's vectors are: a loop with independent rounds goes before firings, as its elements lie closer together. */
export function vectorsFor({ code, takes, gives }: Task, body: readonly Statement[]): Vectors {
  if (vectorLoop(body, FEW)) return "rounds";
  if (vectorsOf(body, windowsOf(code.input, takes, code.output, gives)) !== undefined) return "firings";
  return vectorLoop(body, 4) ? "rounds" : "none";
}

export function windowsOf(input: string, takes: number, output: string, gives: number): Known {
  const windows = new Map([
    [input, takes],
    [output, gives],
  ]);
  return { names: new Map(), windows };
}

function vectorLoop(list: readonly Statement[], few: number): boolean {
  return list.some((one) => {
    if (one.kind === "if") return vectorLoop(one.then, few) || vectorLoop(one.otherwise, few);
    return one.kind === "for" && ((roundsOf(one) >= few && loopLanes(one) !== undefined) || vectorLoop(one.body, few));
  });
}

export interface Lanes {
  readonly vectors: ReadonlySet<string>;
  readonly known: Known;
}

/** How a loop's rounds are run four at once; undefined where they cannot be. */
export function loopLanes(loop: Loop): Lanes | undefined {
  // The counter must not wrap around behind its last round.
  if (loop.to.range.max + 4 * loop.step >= 2 ** 31 || !independent(loop)) return undefined;
  const known: Known = { names: new Map([[loop.name, loop.step]]), windows: new Map() };
  const vectors = vectorsOf(loop.body, known);
  return vectors && { vectors, known };
}
