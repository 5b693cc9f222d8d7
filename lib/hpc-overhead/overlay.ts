import { OptionError } from "../core/errors.ts";
import { integer, nonNegative } from "../core/options.ts";

/** How often a timer may interrupt, a second. */
export const timerHz = { min: 0, max: 1e6 } as const;

/**
 * Timers of one node as a log of a second, to be played by {@link noiseLog}: what begins during another's interruption follows it. A timer's
 * first interruption comes after a share of its period that depends on its place in the list, so that they do not all
 * begin together.
 *
 * @param timers - interruptions a second (whole), and how long each takes, ns; those of 0 a second are left out
 * @throws OptionError for a number out of range, or timers that take more than the second
 *
 * @example
 * ```ts
 * import { overlay } from "veelab/hpc-overhead";
 * const { startNs } = overlay([{ hz: 2, durationNs: 1000 }, { hz: 1, durationNs: 5000 }]);
 * console.log(startNs.join()); // 0,500000000,618033988
 * ```
 */
export function overlay(timers: readonly { readonly hz: number; readonly durationNs: number }[]): {
  /** When each interruption begins, in ns. */
  readonly startNs: Float64Array;
  /** How long each lasts, in ns. */
  readonly durationNs: Float64Array;
} {
  const rows: (readonly [start: number, duration: number])[] = [];
  let taken = 0;
  for (const [place, { hz, durationNs }] of timers.entries()) {
    integer(`timers[${place}].hz`, hz, timerHz);
    nonNegative(`timers[${place}].durationNs`, durationNs);
    taken += hz * durationNs;
    const periodNs = 1e9 / hz;
    // The golden ratio's multiples keep away from each other, whatever their number.
    const first = (place * 0.6180339887498949) % 1;
    for (let tick = 0; tick < hz; tick++) rows.push([Math.floor((tick + first) * periodNs), durationNs]);
  }
  if (taken >= 1e9) throw new OptionError("timers", "timers that take less than a second in a second", taken / 1e9);
  rows.sort(([a], [b]) => a - b);
  return {
    startNs: Float64Array.from(rows, ([start]) => start),
    durationNs: Float64Array.from(rows, ([, duration]) => duration),
  };
}
