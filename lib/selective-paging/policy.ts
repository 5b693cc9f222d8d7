import type { Costs } from "./costs.ts";
import type { Mode } from "./mode.ts";
import type { Phase } from "./phase.ts";

/**
 * What the hypervisor can read at the end of a sampling interval.
 *
 * @example
 * ```ts
 * import type { Sample } from "veelab/selective-paging";
 * const quiet: Sample = {
 *   mode: "HAP", seconds: 5, instructions: 1e10, tlbMisses: 2e6, pageFaults: 10, walkS: 0.02, hypervisorS: 0,
 * };
 * ```
 */
export interface Sample {
  /** The mode the guest was in. */
  readonly mode: Mode;
  /** Length of the interval, s, without the time of a switch at its start. */
  readonly seconds: number;
  /** Instructions retired. */
  readonly instructions: number;
  /** TLB misses as the counter shows them: under SP with those that its exits cause. */
  readonly tlbMisses: number;
  /** Guest page faults. */
  readonly pageFaults: number;
  /** Time in page walks, s. */
  readonly walkS: number;
  /** Time in the hypervisor for shadow page faults, s. */
  readonly hypervisorS: number;
}

/**
 * One run of a policy: where it starts, how often it looks, and what it decides.
 *
 * @example
 * ```ts
 * import type { Controller } from "veelab/selective-paging";
 * const flipFlop: Controller = { start: "HAP", periodS: 60, next: ({ mode }) => (mode === "HAP" ? "SP" : "HAP") };
 * ```
 */
export interface Controller {
  /** The mode in which the guest starts. */
  readonly start: Mode;
  /** Time between samples, s; `Infinity` for a policy that never looks. */
  readonly periodS: number;
  /** The mode for the next interval. */
  next(sample: Sample): Mode;
  /** The mode for a phase that begins; only a policy that knows the program has it. */
  enter?(phase: number): Mode;
}

/**
 * A policy is a plain value: a label, its parameters (they become columns of a sweep), and a function that starts it
 * for one run. A real policy ignores the run it is given; {@link oracle} does not.
 *
 * @example
 * ```ts
 * import { simulate, wang2011, type Policy } from "veelab/selective-paging";
 * const coldStart: Policy = {
 *   label: "SP after 30 s",
 *   params: { delayS: 30 },
 *   create: () => ({ start: "HAP", periodS: 30, next: () => "SP" }),
 * };
 * const work = [{ baseS: 100, instructions: 2e11, tlbMisses: 3e9, pageFaults: 0 }];
 * console.log(simulate(work, { policy: coldStart, costs: wang2011 }).row.switches); // 1
 * ```
 */
export interface Policy {
  /** Name in tables and charts. */
  readonly label: string;
  /** Its parameters, as columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** Starts the policy for one run. */
  create(run: { readonly phases: readonly Phase[]; readonly costs: Costs }): Controller;
}
