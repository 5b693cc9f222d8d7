import { OptionError } from "../core/errors.ts";
import { nonNegative, positive } from "../core/options.ts";

/**
 * A stretch of a program's work in which its counters grow at constant rates. Work is measured by the time it takes
 * without any cost of virtualised paging, so that a phase is the same work under every policy.
 *
 * @example
 * ```ts
 * import type { Phase } from "veelab/selective-paging";
 * const steady: Phase = { baseS: 60, instructions: 1.5e11, tlbMisses: 2.4e9, pageFaults: 1200 };
 * ```
 */
export interface Phase {
  /** Time of the work without paging costs, s (T0). */
  readonly baseS: number;
  /** Instructions retired. */
  readonly instructions: number;
  /** TLB misses when run under HAP; SP adds its own, see {@link Costs}. */
  readonly tlbMisses: number;
  /** Guest page faults, in either mode. */
  readonly pageFaults: number;
}

/**
 * Checks a program's phases at the edge. Linear time.
 *
 * @throws OptionError when there is no phase, or one has no work or a negative or infinite counter
 *
 * @example
 * ```ts
 * import { checkPhases } from "veelab/selective-paging";
 * checkPhases([{ baseS: 10, instructions: 2e10, tlbMisses: 0, pageFaults: 0 }]);
 * ```
 */
export function checkPhases(phases: readonly Phase[]): void {
  if (phases.length === 0) throw new OptionError("phases", "at least one phase", phases);
  phases.forEach((phase, i) => {
    positive(`phases[${i}].baseS`, phase.baseS);
    positive(`phases[${i}].instructions`, phase.instructions);
    nonNegative(`phases[${i}].tlbMisses`, phase.tlbMisses);
    nonNegative(`phases[${i}].pageFaults`, phase.pageFaults);
  });
}
