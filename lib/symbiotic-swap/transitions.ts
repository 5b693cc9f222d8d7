import type { Costs } from "./costs.ts";
import { virtualCore } from "./virtual-core.ts";

/**
 * A transition and back.
 *
 * @example
 * ```ts
 * import { costs2011, type TransitionRow, transitions } from "veelab/symbiotic-swap";
 * const slowest = (rows: readonly TransitionRow[]): number => Math.max(...rows.map(({ microseconds }) => microseconds));
 * console.log(slowest(transitions(costs2011)) > 1); // true
 * ```
 */
export type TransitionRow = {
  /** The prices' label. */
  readonly costs: string;
  /** What. */
  readonly transition: string;
  /** Exits from the guest. */
  readonly exits: number;
  /** How long, cycles. */
  readonly cycles: number;
  /** How long, µs. */
  readonly microseconds: number;
};

/**
 * What the ways between a program, its kernel and the hypervisor take when nothing is done at the other end: a system call, an exit, a hypercall, a
 * symcall (from within an exit, its own not counted), a symcall for a bypassed page with the fault that leads to it,
 * and a fault that the guest handles alone. Constant time.
 *
 * @example
 * ```ts
 * import { costs2011, transitions } from "veelab/symbiotic-swap";
 * console.log(transitions(costs2011).map(({ transition, exits }) => `${transition} ${exits}`)); // system call 0, exit 1, …
 * ```
 */
export function transitions(costs: Costs): TransitionRow[] {
  const row = (transition: string, use: (core: ReturnType<typeof virtualCore>) => void): TransitionRow => {
    const core = virtualCore(costs);
    use(core);
    const { exits, cycles } = core;
    return { costs: costs.label, transition, exits, cycles, microseconds: (cycles / costs.clockHz) * 1e6 };
  };
  const { exits, lookUpExits } = costs;
  return [
    row("system call", (core) => {
      core.run(costs.syscallCycles);
    }),
    row("exit", (core) => {
      core.exit(0);
    }),
    row("hypercall", (core) => {
      core.exit(costs.hypercallCycles);
    }),
    row("symcall", (core) => {
      core.symcall(() => undefined);
    }),
    row("bypassed fault", (core) => {
      core.exit(exits.handlingCycles.hiddenFault + costs.noteCycles, () => {
        core.symcall(() => {
          core.run(costs.lookUpCycles);
          for (let exit = 0; exit < lookUpExits; exit++) core.exit(0);
        });
      });
    }),
    row("fault that the guest handles", (core) => {
      core.exit(exits.handlingCycles.guestFault);
      core.run(costs.minorFaultCycles);
      core.exit(exits.handlingCycles.hiddenFault);
    }),
  ];
}
