import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, onlyOptions, positive } from "../core/options.ts";
import { random } from "../core/random.ts";
import type { SegmentBatch } from "./code.ts";

/**
 * Exits of a {@link program}.
 *
 * @example
 * ```ts
 * import type { ProgramExits } from "veelab/vm-profiling";
 *
 * const writes: ProgramExits = { reason: 5, perMegacycle: 2, code: 1 };
 * console.log(writes.perMegacycle);
 * ```
 */
export interface ProgramExits {
  /** The reason's place in the run's `exits`. */
  readonly reason: number;
  /** How many in a million cycles of the code. */
  readonly perMegacycle: number;
  /** The code that causes them; all code when not given. */
  readonly code?: number;
}

/**
 * What {@link program} makes.
 *
 * @example
 * ```ts
 * import type { ProgramOptions } from "veelab/vm-profiling";
 *
 * const options: ProgramOptions = { shares: [3, 1], segments: 1000, meanCycles: 5000, seed: 7 };
 * console.log(options.segments);
 * ```
 */
export interface ProgramOptions {
  /** The true profile: each code's share of the time, in any unit. */
  readonly shares: ArrayLike<number>;
  /** Segments in all. */
  readonly segments: number;
  /** Mean length of a segment; 20,000 when not given (assumption). */
  readonly meanCycles?: number;
  /** Exits at ends of segments, at random. */
  readonly exits?: readonly ProgramExits[];
  /** Of the random choices; 1 when not given. */
  readonly seed?: number | string;
}

const BATCH_ROWS = 4096;

/**
 * A seeded program with a given profile: segments of exponential length, each in code drawn by its share. May be read again and again, with the
 * same segments. O(log codes) a segment; memory for a batch.
 *
 * @throws OptionError for an option out of range, or more exits than segments
 *
 * @example
 * ```ts
 * import { program } from "veelab/vm-profiling";
 *
 * const [batch] = program({ shares: [1, 1], segments: 10 });
 * console.log(batch?.code.length); // 10
 * ```
 */
export function program(options: ProgramOptions): Iterable<SegmentBatch> {
  onlyOptions(options, ["shares", "segments", "meanCycles", "exits", "seed"]);
  const segments = integer("segments", options.segments, { min: 0 });
  const meanCycles = positive("meanCycles", options.meanCycles ?? 20_000);
  const codes = options.shares.length;
  const upTo = new Float64Array(codes);
  let sum = 0;
  for (let code = 0; code < codes; code += 1) upTo[code] = sum += nonNegative(`shares[${code}]`, options.shares[code]);
  if (!(sum > 0)) throw new OptionError("shares", "at least one above 0", options.shares);
  const exits = options.exits ?? [];
  // By code: up to which draw a segment ends with each kind of exit.
  const limits = Array.from({ length: codes }, () => new Float64Array(exits.length));
  const reasons = Uint8Array.from(
    exits,
    ({ reason }, index) => 1 + integer(`exits[${index}].reason`, reason, { min: 0, max: 254 }),
  );
  for (const [code, limit] of limits.entries()) {
    let chance = 0;
    exits.forEach(({ perMegacycle, code: only }, index) => {
      const rate = nonNegative(`exits[${index}].perMegacycle`, perMegacycle);
      if (only !== undefined) integer(`exits[${index}].code`, only, { min: 0, max: codes - 1 });
      if (only === undefined || only === code) chance += (rate * meanCycles) / 1e6;
      limit[index] = chance;
    });
    if (chance > 1)
      throw new OptionError("exits", `at most one exit in meanCycles, ${meanCycles} cycles, of code ${code}`, chance);
  }
  const seed = options.seed ?? 1;
  return {
    *[Symbol.iterator]() {
      const stream = random(seed).split("program");
      for (let left = segments; left > 0; left -= BATCH_ROWS) {
        const rows = Math.min(left, BATCH_ROWS);
        const batch = { code: new Uint32Array(rows), cycles: new Float64Array(rows), exit: new Uint8Array(rows) };
        for (let row = 0; row < rows; row += 1) {
          const code = above(upTo, stream.float() * sum);
          batch.code[row] = code;
          batch.cycles[row] = Math.round(stream.exponential(meanCycles));
          if (exits.length === 0) continue;
          const draw = stream.float();
          const limit = limits[code]!;
          let at = 0;
          while (at < exits.length && draw >= limit[at]!) at += 1;
          if (at < exits.length) batch.exit[row] = reasons[at]!;
        }
        yield batch;
      }
    },
  };
}

/** The first place whose value is above x. */
function above(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
