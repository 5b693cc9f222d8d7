import { phaseTime, type Costs } from "./costs.ts";
import type { Mode } from "./mode.ts";
import type { Phase } from "./phase.ts";
import type { Policy } from "./policy.ts";

/**
 * The plan that {@link bestPlan} finds.
 *
 * @example
 * ```ts
 * import type { BestPlan } from "veelab/selective-paging";
 * const phasesInSp = ({ modes }: BestPlan): number => modes.filter((mode) => mode === "SP").length;
 * ```
 */
export interface BestPlan {
  /** The mode of each phase. */
  readonly modes: readonly Mode[];
  /** Time of the whole run with its switches, s. */
  readonly seconds: number;
}

/**
 * The best plan for a program known in advance: the mode of each phase and the time of the whole run, s, with its
 * switches. Within a phase the rates are constant and the cost is linear in the split, so no plan that switches inside
 * a phase is faster. Dynamic programming over phases and two modes; linear time.
 *
 * @example
 * ```ts
 * import { bestPlan, wang2011 } from "veelab/selective-paging";
 * const faults = { baseS: 60, instructions: 1e11, tlbMisses: 0, pageFaults: 1e6 };
 * const misses = { baseS: 60, instructions: 1e11, tlbMisses: 2e9, pageFaults: 0 };
 * console.log(bestPlan([faults, misses], wang2011).modes); // HAP, SP
 * ```
 */
export function bestPlan(phases: readonly Phase[], costs: Costs): BestPlan {
  let hap = 0; // least time of a run whose last phase was under HAP
  let sp = 0; // the same for SP; a run may start in either mode
  const cameFromSp: boolean[] = []; // to HAP, at each phase
  const cameFromHap: boolean[] = []; // to SP
  phases.forEach((phase, i) => {
    const viaSp = i === 0 ? Infinity : sp + costs.toNestedMs * 1e-3;
    const viaHap = i === 0 ? Infinity : hap + costs.toShadowMs * 1e-3;
    cameFromSp.push(viaSp < hap);
    cameFromHap.push(viaHap < sp);
    hap = Math.min(hap, viaSp) + phaseTime(phase, "HAP", costs);
    sp = Math.min(sp, viaHap) + phaseTime(phase, "SP", costs);
  });
  const modes: Mode[] = [];
  let mode: Mode = sp < hap ? "SP" : "HAP";
  for (let i = phases.length - 1; i >= 0; i--) {
    modes.push(mode);
    if (mode === "HAP" ? cameFromSp[i] : cameFromHap[i]) mode = mode === "HAP" ? "SP" : "HAP";
  }
  return { modes: modes.reverse(), seconds: Math.min(hap, sp) };
}

/**
 * A policy that knows every phase in advance and follows {@link bestPlan}: no policy is faster. It may start in either
 * mode and switches at phase boundaries only.
 *
 * @example
 * ```ts
 * import { oracle, simulate, wang2011 } from "veelab/selective-paging";
 * const work = [{ baseS: 100, instructions: 2e11, tlbMisses: 3e9, pageFaults: 100 }];
 * const { row } = simulate(work, { policy: oracle(), costs: wang2011 });
 * console.log(row.policyS === row.spS); // true
 * ```
 */
export function oracle(): Policy {
  return {
    label: "oracle",
    params: {},
    create({ phases, costs }) {
      const { modes } = bestPlan(phases, costs);
      return {
        start: modes[0] ?? "HAP",
        periodS: Infinity,
        next: ({ mode }) => mode,
        enter: (phase) => modes[phase] ?? "HAP",
      };
    },
  };
}
