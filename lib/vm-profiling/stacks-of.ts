import type { Trace } from "../traces/source.ts";
import { readStackWeights } from "../traces/stack-weights.ts";

/** The stacks of a profile as frames, with frames numbered in the order in which they are met, and weights. */
export interface FramedStacks {
  readonly frames: readonly string[];
  /** By stack: frames, root first. */
  readonly stacks: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** Reads a profile's stacks for an export. */
export async function framedStacks(trace: Trace): Promise<FramedStacks> {
  const { weights } = await readStackWeights("trace", trace);
  const numbers = new Map<string, number>();
  const stacks = [...weights.keys()].map((stack) =>
    (stack === "" ? "(no stack)" : stack).split(";").map((name) => {
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return number;
    }),
  );
  return { frames: [...numbers.keys()], stacks, weights: [...weights.values()] };
}
