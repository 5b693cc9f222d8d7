import { OptionError } from "../core/errors.ts";
import { nonNegative, positive } from "../core/options.ts";

/**
 * The share of time in which one server is busy: ρ = λ E[S]. Linear in the service times.
 *
 * @param serviceS - service times that are equally likely, s
 * @throws OptionError for a rate that is not above 0, or a time below 0
 *
 * @example
 * ```ts
 * import { utilization } from "veelab/paper-template";
 *
 * console.log(utilization(100_000, [2e-6, 4e-6]).toFixed(2)); // 0.30
 * ```
 */
export function utilization(ratePerS: number, serviceS: readonly number[]): number {
  return positive("ratePerS", ratePerS) * moment(serviceS, 1);
}

/**
 * The mean wait of a customer at one server, first come, first served, when arrivals are a Poisson process: λ E[S²] / (2 (1 − ρ)), Pollaczek and
 * Khinchine's formula (L. Kleinrock: Queueing Systems I, 1975, section 5.6); infinite from ρ = 1 on. To be replaced by what can be said of the paper's system without
 * looking at the simulator. Linear in the service times.
 *
 * @param serviceS - service times that are equally likely, s
 * @throws OptionError for a rate that is not above 0, or a time below 0
 *
 * @example
 * ```ts
 * import { meanWaitS } from "veelab/paper-template";
 *
 * console.log(meanWaitS(0.5, [1])); // 0.5
 * console.log(meanWaitS(1, [1])); // Infinity
 * ```
 */
export function meanWaitS(ratePerS: number, serviceS: readonly number[]): number {
  const load = utilization(ratePerS, serviceS);
  return load >= 1 ? Infinity : (ratePerS * moment(serviceS, 2)) / (2 * (1 - load));
}

function moment(serviceS: readonly number[], power: number): number {
  if (serviceS.length === 0) throw new OptionError("serviceS", "at least one time", serviceS);
  return serviceS.reduce((sum, time) => sum + nonNegative("serviceS", time) ** power, 0) / serviceS.length;
}
