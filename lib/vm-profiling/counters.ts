import { OptionError } from "../core/errors.ts";
import { fraction, integer, onlyOptions } from "../core/options.ts";

/**
 * A counter of the PMU.
 *
 * @example
 * ```ts
 * import type { Counter } from "veelab/vm-profiling";
 *
 * const misses: Counter = { event: "cacheMisses", period: 10_000, jitter: 0.5 };
 * console.log(misses.period);
 * ```
 */
export interface Counter {
  /** `cycles`, or an event that code has in `perKilocycle`. */
  readonly event: string;
  /** Events to an overflow; without one the counter counts and does not sample. */
  readonly period?: number;
  /** Each period is drawn evenly from period × (1 ± jitter/2); 0 when not given. */
  readonly jitter?: number;
}

/** Checks counters. */
export function checkCounters(counters: readonly Counter[]): void {
  if (!Array.isArray(counters) || counters.length === 0 || counters.length > 31)
    throw new OptionError("counters", "a list of 1 to 31 counters", counters);
  counters.forEach((counter: Counter, index) => {
    const option = `counters[${index}]`;
    onlyOptions(counter, ["event", "period", "jitter"], option);
    if (typeof counter.event !== "string" || counter.event === "")
      throw new OptionError(`${option}.event`, "an event's name", counter.event);
    if (counter.period !== undefined) integer(`${option}.period`, counter.period, { min: 100, max: 2 ** 36 });
    fraction(`${option}.jitter`, counter.jitter ?? 0);
  });
}
