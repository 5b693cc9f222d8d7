import type { Trace } from "../traces/source.ts";
import { readStackWeights } from "../traces/stack-weights.ts";
import type { Code } from "./code.ts";

/**
 * What a real profile says of a program, see {@link codeOf}.
 *
 * @example
 * ```ts
 * import { codeOf, type ProfiledCode } from "veelab/vm-profiling";
 *
 * const real: ProfiledCode = await codeOf("profile/qemu");
 * console.log(real.samples); // 2218
 * ```
 */
export interface ProfiledCode {
  /** A place for each different stack, the heaviest first. */
  readonly code: readonly Code[];
  /** The weight of each. */
  readonly shares: readonly number[];
  /** Samples that were read. */
  readonly samples: number;
}

/**
 * A real profile (`perf script`, collapsed stacks: whatever has `stack` and `weight`) as code and its shares, to be a program's true
 * profile. Samples without a stack become `(no stack)`. One pass; memory for the different stacks.
 *
 * @param trace - a name or file that `open` takes, a table, or batches
 * @throws OptionError for a trace without weight or without those columns
 *
 * @example
 * ```ts
 * import { codeOf, native, profile, program } from "veelab/vm-profiling";
 *
 * const { code, shares } = await codeOf("profile/qemu");
 * const vcpus = [program({ shares, segments: 10_000 })];
 * const counters = [{ event: "cycles", period: 100_003 }];
 * const { row } = await profile([{ label: "qemu", code, vcpus }], { profiler: native(), counters });
 * console.log(row.samples, row.guestError);
 * ```
 */
export async function codeOf(trace: Trace): Promise<ProfiledCode> {
  const { weights, samples } = await readStackWeights("trace", trace);
  const sorted = [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return {
    code: sorted.map(([stack]) => ({ stack: stack === "" ? "(no stack)" : stack })),
    shares: sorted.map(([, weight]) => weight),
    samples,
  };
}
