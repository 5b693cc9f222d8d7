import { integer, onlyOptions, positive } from "../core/options.ts";
import { random } from "../core/random.ts";
import { exitCauses } from "../hardware/index.ts";

/**
 * A piece of a trace of exits, in the order of their times; the columns are equally long.
 *
 * @example
 * ```ts
 * import type { ExitBatch } from "veelab/paper-template";
 *
 * const two: ExitBatch = { timeS: Float64Array.of(0, 1e-6), cause: Uint8Array.of(0, 4) };
 * console.log(two.timeS.length);
 * ```
 */
export interface ExitBatch {
  /** When the guest leaves, s. */
  readonly timeS: Float64Array;
  /** Why: the place in `exitCauses` of `veelab/hardware`. */
  readonly cause: Uint8Array;
}

/**
 * Options of {@link poissonExits}.
 *
 * @example
 * ```ts
 * import type { PoissonOptions } from "veelab/paper-template";
 *
 * const busy: PoissonOptions = { ratePerS: 400_000, exits: 1000, seed: 7 };
 * console.log(busy.ratePerS);
 * ```
 */
export interface PoissonOptions {
  /** Exits a second, of all guests together. */
  readonly ratePerS: number;
  /** How many exits. */
  readonly exits: number;
  /** Of the random times and causes; 1 unless given. */
  readonly seed?: number | string;
}

const BATCH = 65_536;

/**
 * Exits at random times, each cause as likely as the others: a Poisson process, in batches. To be replaced by the workload of the paper: a trace of
 * `veelab/datasets` where there is one.
 *
 * Deterministic in its options; constant time an exit, memory for one batch.
 *
 * @throws OptionError for a rate that is not above 0, or a number of exits that is not whole
 *
 * @example
 * ```ts
 * import { poissonExits } from "veelab/paper-template";
 *
 * const [first] = poissonExits({ ratePerS: 1000, exits: 10 });
 * console.log(first?.timeS.length); // 10
 * ```
 */
export function* poissonExits(options: PoissonOptions): Generator<ExitBatch, void> {
  onlyOptions(options, ["ratePerS", "exits", "seed"]);
  const meanGapS = 1 / positive("ratePerS", options.ratePerS);
  const exits = integer("exits", options.exits, { min: 1 });
  const draws = random(options.seed ?? 1);
  let now = 0;
  for (let done = 0; done < exits; done += BATCH) {
    const rows = Math.min(BATCH, exits - done);
    const batch = { timeS: new Float64Array(rows), cause: new Uint8Array(rows) };
    for (let row = 0; row < rows; row += 1) {
      now += draws.exponential(meanGapS);
      batch.timeS[row] = now;
      batch.cause[row] = draws.int(exitCauses.length);
    }
    yield batch;
  }
}
