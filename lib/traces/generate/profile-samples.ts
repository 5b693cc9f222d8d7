import type * as arrow from "apache-arrow";
import { OptionError } from "../../core/errors.ts";
import { integer, onlyOptions, positive } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";

/** What {@link profileSamples} makes. */
export interface ProfileSamplesOptions extends GeneratedOptions {
  /** Samples in all. */
  readonly samples: number;
  /** The true profile: each stack (root first, joined by `;`) with its share of the time, in any unit. */
  readonly stacks: Readonly<Record<string, number>>;
  /** Time between samples. 1 ms when not given. */
  readonly periodNs?: number;
  /** The process's name. `guest` when not given. */
  readonly process?: string;
}

/**
 * Seeded profile samples with the columns of `kindColumns.profile`, drawn from a known profile: what a profiler should find. The
 * walk through the list of stacks makes it linear in their number for each sample; memory for a batch.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { profileSamples } from "veelab/traces";
 *
 * const stacks = { "main;parse": 1, "main;solve;dot": 3 };
 * const [batch] = profileSamples({ samples: 100, stacks, seed: 5 });
 * console.log(batch?.numRows); // 100
 * ```
 */
export function profileSamples(options: ProfileSamplesOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, ["samples", "stacks", "periodNs", "process", "seed", "batchRows"]);
  const samples = integer("samples", options.samples, { min: 0 });
  const periodNs = positive("periodNs", options.periodNs ?? 1_000_000);
  const stacks = Object.entries(options.stacks);
  if (stacks.length === 0) throw new OptionError("stacks", "at least one stack", options.stacks);
  const total = stacks.reduce((sum, [stack, share]) => sum + positive(`stacks.${stack}`, share), 0);
  const stream = random(options.seed ?? 1);
  const layout = {
    timeNs: "float64",
    process: "words",
    event: "words",
    weight: "float64",
    stack: "words",
  } as const;
  return generated("profile", layout, samples, options, ({ columns, count }, number) => {
    let left = stream.float() * total;
    let at = 0;
    while (at < stacks.length - 1 && (left -= stacks[at]![1]) >= 0) at += 1;
    columns.timeNs[count] = Math.round(number * periodNs);
    columns.process.setText(count, options.process ?? "guest");
    columns.event.setText(count, "cpu-clock");
    columns.weight[count] = periodNs;
    columns.stack.setText(count, stacks[at]![0]);
  });
}
