import type { Trace } from "../traces/source.ts";
import { framedStacks } from "./stacks-of.ts";

/**
 * A profile in speedscope's format, see {@link toSpeedscope}.
 *
 * @example
 * ```ts
 * import type { SpeedscopeFile } from "veelab/vm-profiling";
 *
 * const frames = ({ shared }: SpeedscopeFile): number => shared.frames.length;
 * console.log(typeof frames);
 * ```
 */
export interface SpeedscopeFile {
  /** The format's schema. */
  readonly $schema: string;
  /** Name in the viewer. */
  readonly name: string;
  /** Who wrote it. */
  readonly exporter: string;
  /** Frames, by number. */
  readonly shared: {
    /** All functions. */
    readonly frames: readonly {
      /** The function's name. */
      readonly name: string;
    }[];
  };
  /** The one profile. */
  readonly profiles: readonly {
    /** Stacks with weights. */
    readonly type: "sampled";
    /** Name in the viewer. */
    readonly name: string;
    /** Unit of the weights. */
    readonly unit: "none" | "nanoseconds";
    /** 0. */
    readonly startValue: number;
    /** The sum of the weights. */
    readonly endValue: number;
    /** Frames of each stack, root first. */
    readonly samples: readonly (readonly number[])[];
    /** The weight of each stack. */
    readonly weights: readonly number[];
  }[];
}

/**
 * A profile (`stack` and `weight`: a result's `folded`, or a trace of the kind profile) as a file for https://www.speedscope.app, a sample
 * for each different stack. Write it with `JSON.stringify`. One pass; memory for the different stacks.
 *
 * @param options - `name` in the viewer; `unit` of the weights, `none` when not given
 * @throws OptionError for a trace without weight or without those columns
 *
 * @example
 * ```ts
 * import { toSpeedscope } from "veelab/vm-profiling";
 *
 * const file = await toSpeedscope("profile/qemu", { name: "QEMU", unit: "nanoseconds" });
 * console.log(JSON.stringify(file).length);
 * ```
 */
export async function toSpeedscope(
  trace: Trace,
  options: { readonly name: string; readonly unit?: "none" | "nanoseconds" },
): Promise<SpeedscopeFile> {
  const { frames, stacks, weights } = await framedStacks(trace);
  const { name, unit = "none" } = options;
  const endValue = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    $schema: "https://www.speedscope.app/file-format-schema.json",
    name,
    exporter: "veelab",
    shared: { frames: frames.map((frame) => ({ name: frame })) },
    profiles: [{ type: "sampled", name, unit, startValue: 0, endValue, samples: stacks, weights }],
  };
}
