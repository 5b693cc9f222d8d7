import { positive } from "../core/options.ts";
import { checkExitCosts, exitCauses, type ExitCosts } from "../hardware/index.ts";

/**
 * How long an exit of each cause occupies the hypervisor's thread, s, in the order of `exitCauses`: the round trip and the handling of it.
 *
 * @param costs - see `ExitCosts` of `veelab/hardware`
 * @param clockHz - of the processor
 * @throws OptionError for a cost below 0, or a clock that is not above 0
 *
 * @example
 * ```ts
 * import { exits2011 } from "veelab/hardware";
 * import { handlingS } from "veelab/paper-template";
 *
 * console.log(handlingS(exits2011, 2.5e9)[0]); // 0.000002: a hidden fault takes 2000 + 3000 cycles
 * ```
 */
export function handlingS(costs: ExitCosts, clockHz: number): readonly number[] {
  checkExitCosts("costs", costs);
  positive("clockHz", clockHz);
  return exitCauses.map((cause) => (costs.roundTripCycles + costs.handlingCycles[cause]) / clockHz);
}
