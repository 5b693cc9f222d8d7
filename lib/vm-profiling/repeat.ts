import { OptionError } from "../core/errors.ts";
import { integer } from "../core/options.ts";
import type { SegmentBatch } from "./code.ts";

/** So many segments make a batch, or one round where it is longer. */
const BATCH_ROWS = 4096;

/**
 * One segment, see {@link SegmentBatch}.
 *
 * @example
 * ```ts
 * import type { Segment } from "veelab/vm-profiling";
 *
 * const segment: Segment = { code: 0, cycles: 1000 };
 * console.log(segment.cycles);
 * ```
 */
export interface Segment {
  /** Place in the guest's `code`. */
  readonly code: number;
  /** A whole number of cycles. */
  readonly cycles: number;
  /** 0 or not given for none, otherwise the exit reason's place plus 1. */
  readonly exit?: number;
}

/**
 * Segments in a loop, so many times: a program with a period. May be read again and again. Memory for a round, or some 4096 segments.
 *
 * @example
 * ```ts
 * import { repeat } from "veelab/vm-profiling";
 *
 * let segments = 0;
 * for (const { code } of repeat([{ code: 0, cycles: 100 }, { code: 1, cycles: 50 }], 3)) segments += code.length;
 * console.log(segments); // 6
 * ```
 */
export function repeat(segments: readonly Segment[], times: number): Iterable<SegmentBatch> {
  if (segments.length === 0) throw new OptionError("segments", "at least one", segments);
  segments.forEach(({ code, cycles, exit = 0 }, index) => {
    integer(`segments[${index}].code`, code, { min: 0, max: 2 ** 32 - 1 });
    integer(`segments[${index}].cycles`, cycles, { min: 0 });
    integer(`segments[${index}].exit`, exit, { min: 0, max: 255 });
  });
  integer("times", times, { min: 0 });
  const most = Math.min(times, Math.ceil(BATCH_ROWS / segments.length));
  const rounds = Array.from({ length: most }, () => segments).flat();
  const code = Uint32Array.from(rounds, (segment) => segment.code);
  const cycles = Float64Array.from(rounds, (segment) => segment.cycles);
  const exit = Uint8Array.from(rounds, (segment) => segment.exit ?? 0);
  return {
    *[Symbol.iterator]() {
      for (let left = times; left > 0; left -= most) {
        const rows = Math.min(left, most) * segments.length;
        yield { code: code.subarray(0, rows), cycles: cycles.subarray(0, rows), exit: exit.subarray(0, rows) };
      }
    },
  };
}
