import { OptionError, SimulationError, TraceExhaustedError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import type { ExitCosts } from "../hardware/index.ts";
import type { ExitBatch } from "./exits.ts";
import { handlingS } from "./handling.ts";

const SYSTEM = "paper-template";

/**
 * Options of {@link simulate}.
 *
 * @example
 * ```ts
 * import { exitsToday } from "veelab/hardware";
 * import type { SimulateOptions } from "veelab/paper-template";
 *
 * const today: SimulateOptions = { costs: exitsToday, clockHz: 3e9 };
 * console.log(today.costs.label);
 * ```
 */
export interface SimulateOptions {
  /** What an exit costs: `exits2011` or `exitsToday` of `veelab/hardware`. */
  readonly costs: ExitCosts;
  /** The clock of the processor, Hz. */
  readonly clockHz: number;
}

/**
 * The result of {@link simulate}.
 *
 * @example
 * ```ts
 * import type { SimulateRow } from "veelab/paper-template";
 *
 * const isBusy = (row: SimulateRow): boolean => row.utilization > 0.9;
 * console.log(isBusy);
 * ```
 */
export type SimulateRow = {
  /** The costs' label. */
  readonly costs: string;
  /** How many exits were handled. */
  readonly exits: number;
  /** From 0 to the end of the last exit's handling, s. */
  readonly seconds: number;
  /** The share of it in which the thread handled exits. */
  readonly utilization: number;
  /** From an exit to the begin of its handling, mean over the exits, s. */
  readonly meanWaitS: number;
  /** From an exit to the end of its handling, mean over the exits, s. */
  readonly meanResponseS: number;
};

/**
 * Runs a trace of exits against one thread of a hypervisor that handles them one after another, as they came. To be replaced by the system of the paper; its
 * shape stays: data first, options last, checked before the first event, a row of plain numbers as the result.
 *
 * Deterministic; constant time and no memory an exit.
 *
 * @param trace - batches in order of time, or a stream of them
 * @throws OptionError for an option out of range; TraceExhaustedError for a trace without exits; SimulationError for a row out of range or order
 *
 * @example
 * ```ts
 * import { exits2011 } from "veelab/hardware";
 * import { simulate } from "veelab/paper-template";
 *
 * // Two hidden faults at once, 2 µs each: the second one waits for the first.
 * const both = { timeS: Float64Array.of(0, 0), cause: Uint8Array.of(0, 0) };
 * const row = await simulate([both], { costs: exits2011, clockHz: 2.5e9 });
 * console.log(row.meanWaitS, row.seconds); // 0.000001 0.000004
 * ```
 */
export async function simulate(
  trace: Iterable<ExitBatch> | AsyncIterable<ExitBatch>,
  options: SimulateOptions,
): Promise<SimulateRow> {
  onlyOptions(options, ["costs", "clockHz"]);
  const handling = handlingS(options.costs, options.clockHz);
  let exits = 0;
  let lastS = 0;
  let freeS = 0;
  let busyS = 0;
  let waitS = 0;
  for await (const { timeS, cause } of trace) {
    if (timeS.length !== cause.length) throw new OptionError("trace", "columns of one length", cause.length);
    for (let row = 0; row < timeS.length; row += 1) {
      const at = timeS[row]!;
      const service = handling[cause[row]!];
      if (service === undefined) throw new SimulationError(SYSTEM, `exit ${exits}: no cause ${cause[row]!}`);
      if (!(at >= lastS && at < Infinity))
        throw new SimulationError(SYSTEM, `exit ${exits}: expected a time of at least ${lastS} s, got ${at}`);
      lastS = at;
      // Lindley's recursion: an exit begins when it is there and the one before it has gone.
      const beginS = Math.max(at, freeS);
      waitS += beginS - at;
      busyS += service;
      freeS = beginS + service;
      exits += 1;
    }
  }
  if (exits === 0) throw new TraceExhaustedError(SYSTEM, "the trace has no exits");
  return {
    costs: options.costs.label,
    exits,
    seconds: freeS,
    utilization: busyS / freeS,
    meanWaitS: waitS / exits,
    meanResponseS: (waitS + busyS) / exits,
  };
}
