import type { RecordBatch } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { numbersOf, wordsOf } from "./columns.ts";
import { batchesOf, type Trace } from "./source.ts";

/** The weights of the different stacks of a profile. */
export interface StackWeights {
  readonly add: (batch: RecordBatch) => void;
  readonly weights: ReadonlyMap<string, number>;
  readonly samples: number;
}

export function stackWeights(): StackWeights {
  const weights = new Map<string, number>();
  let samples = 0;
  return {
    weights,
    get samples() {
      return samples;
    },
    add(batch) {
      const of = numbersOf(batch, "weight");
      const { codes, texts } = wordsOf(batch, "stack");
      const sums = new Float64Array(texts.length);
      for (let row = 0; row < batch.numRows; row += 1) if (of[row]! > 0) sums[codes[row]!]! += of[row]!;
      for (const [code, sum] of sums.entries())
        if (sum > 0) weights.set(texts[code]!, (weights.get(texts[code]!) ?? 0) + sum);
      samples += batch.numRows;
    },
  };
}

/** Reads a profile's stacks; refuses one without weight, naming the option. */
export async function readStackWeights(option: string, trace: Trace): Promise<StackWeights> {
  const stacks = stackWeights();
  for await (const batch of batchesOf(trace)) stacks.add(batch);
  if (stacks.weights.size === 0) throw new OptionError(option, "a profile, at least one sample with weight", "none");
  return stacks;
}

/** A function's part of a profile. */
export interface FunctionShare {
  /** The function's name. */
  readonly name: string;
  /** Of samples in the function itself, 0 to 1. */
  readonly selfShare: number;
  /** Of samples with the function on the stack; a recursive one counts once for each sample. */
  readonly totalShare: number;
}

/** The functions, those with the most weight in themselves first. */
export function topOf(weights: ReadonlyMap<string, number>): FunctionShare[] {
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let all = 0;
  for (const [stack, weight] of weights) {
    all += weight;
    const names = stack === "" ? ["(no stack)"] : stack.split(";");
    self.set(names.at(-1)!, (self.get(names.at(-1)!) ?? 0) + weight);
    for (const name of new Set(names)) total.set(name, (total.get(name) ?? 0) + weight);
  }
  return [...total]
    .map(([name, sum]) => ({ name, selfShare: (self.get(name) ?? 0) / all, totalShare: sum / all }))
    .sort((a, b) => b.selfShare - a.selfShare || b.totalShare - a.totalShare || (a.name < b.name ? -1 : 1));
}
