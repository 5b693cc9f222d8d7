import { OptionError } from "../core/errors.ts";
import { stackWeights } from "../traces/stack-weights.ts";
import { batchesOf, type Trace } from "../traces/source.ts";

/** The stacks of a profile as frames, with frames numbered in the order in which they are met, and weights. */
export interface FramedStacks {
  readonly frames: readonly string[];
  /** By stack: frames, root first. */
  readonly stacks: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** Reads a profile's stacks for an export. */
export async function framedStacks(trace: Trace): Promise<FramedStacks> {
  const read = stackWeights();
  for await (const batch of batchesOf(trace)) read.add(batch);
  if (read.weights.size === 0) throw new OptionError("trace", "a profile with weight", "none");
  const numbers = new Map<string, number>();
  const stacks = [...read.weights.keys()].map((stack) =>
    (stack === "" ? "(no stack)" : stack).split(";").map((name) => {
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return number;
    }),
  );
  return { frames: [...numbers.keys()], stacks, weights: [...read.weights.values()] };
}
