import { SimulationError } from "../core/errors.ts";
import { integer } from "../core/options.ts";

/** A source of free physical page frames, in order: the first asked is the first given. Made by {@link frames}. */
export interface Frames {
  /** How many frames were handed out, gaps of alignment included. */
  readonly used: number;
  /** The first of `count` neighbouring frames, aligned to `count`, a power of two. Default: one frame. */
  take(count?: number): number;
}

/**
 * Physical memory that hands out frames in the order of first use, as a freshly booted guest does. The alignment of
 * a large page leaves a gap; frames are never given back.
 *
 * @param onTake - told of every range handed out, e.g. to map guest-physical frames in a nested page table
 * @param limit - how many frames there are; one more is a SimulationError. Default: 2^30 (4 TiB)
 *
 * @example
 * ```ts
 * import { frames } from "veelab/hardware";
 *
 * const memory = frames();
 * memory.take();
 * if (memory.take(512) !== 512) throw new Error("a 2 MiB page is aligned");
 * ```
 */
export function frames(onTake?: (first: number, count: number) => void, limit: number = 2 ** 30): Frames {
  integer("limit", limit, { min: 1, max: 2 ** 30 });
  let next = 0;
  return {
    get used() {
      return next;
    },
    take(count = 1) {
      const first = Math.ceil(next / count) * count;
      if (first + count > limit) throw new SimulationError("frames", `all ${limit} page frames are in use`);
      next = first + count;
      onTake?.(first, count);
      return first;
    },
  };
}
