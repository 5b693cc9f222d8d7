import type { Table } from "apache-arrow";
import { OptionError, SimulationError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { checkCosts, phaseTime, type Costs } from "./costs.ts";
import type { Mode } from "./mode.ts";
import { bestPlan } from "./oracle.ts";
import { checkPhases, type Phase } from "./phase.ts";
import type { Controller, Policy, Sample } from "./policy.ts";
import { sampleRecorder } from "./sample-series.ts";

/**
 * Options of {@link simulate}.
 *
 * @example
 * ```ts
 * import { dsp, wang2011, type SimulateOptions } from "veelab/selective-paging";
 * const options: SimulateOptions = { policy: dsp({ intervalS: 2 }), costs: wang2011, record: ["samples"] };
 * ```
 */
export interface SimulateOptions {
  /** Who decides the mode. */
  readonly policy: Policy;
  /** The prices, see {@link wang2011}. */
  readonly costs: Costs;
  /** Series to keep: `"samples"`, one row a sampling interval. */
  readonly record?: readonly "samples"[];
}

/**
 * What one run of a policy took, beside the same program under the baselines and under the best plan.
 *
 * @example
 * ```ts
 * import type { PagingRow } from "veelab/selective-paging";
 * const relative = (row: PagingRow): number => (row.policyS / row.hapS) * 100; // % of HAP, as the paper's bars
 * ```
 */
export interface PagingRow {
  /** The policy's label. */
  readonly policy: string;
  /** Time of the run under the policy, with its switches, s. */
  readonly policyS: number;
  /** Time under HAP only, s. */
  readonly hapS: number;
  /** Time under SP only, s. */
  readonly spS: number;
  /** Time of {@link bestPlan}, s; at most each of the others. */
  readonly oracleS: number;
  /** Share of the run's time in SP, %. */
  readonly spTimePct: number;
  /** Switches in either direction. */
  readonly switches: number;
}

/**
 * The result of {@link simulate}.
 *
 * @example
 * ```ts
 * import type { PagingResult } from "veelab/selective-paging";
 * const rows = (result: PagingResult): number => result.series.samples?.numRows ?? 0;
 * ```
 */
export interface PagingResult {
  /** The summary. */
  readonly row: PagingRow;
  /** The series that were recorded. */
  readonly series: {
    /** A row a sampling interval: `endS`, `mode`, `fpf`, `ftlb` (per 1000 instructions), `next`; when recorded. */
    readonly samples?: Table;
  };
}

/** The clocks and counters of one run. */
interface Run {
  readonly costs: Costs;
  mode: Mode;
  nowS: number;
  spS: number;
  switches: number;
  sample: Omit<Sample, "mode">;
}

const emptySample: Omit<Sample, "mode"> = {
  seconds: 0,
  instructions: 0,
  tlbMisses: 0,
  pageFaults: 0,
  walkS: 0,
  hypervisorS: 0,
};

/**
 * Runs a program under a policy in the counter model of Wang et al. (VEE'11, level A): each stretch of work takes its
 * base time plus `a` per TLB miss under HAP or `b` per guest page fault under SP, and each switch its price. The
 * policy's timer runs in the guest's time, so a slow mode is sampled more often per unit of work. A timer that fires
 * during a switch is put off to its next period; the run's last interval is judged only if it is complete, and a switch
 * decided at the run's very end is still paid for. Every switch to SP costs the full `toShadowMs`, however short the
 * stay: valid for stays long enough to fill the shadow again, and too dear for shorter ones (Table 4 shows how much).
 *
 * Deterministic. Time linear in phases plus samples.
 *
 * @param phases - the program, see {@link Phase}
 * @throws OptionError for an empty program, a counter or a price out of range, or an unknown series
 * @throws SimulationError when a switch takes as long as the sampling period, so that the run would only switch
 *
 * @example
 * ```ts
 * import { dsp, simulate, wang2011 } from "veelab/selective-paging";
 * const start = { baseS: 6, instructions: 1.5e10, tlbMisses: 7e6, pageFaults: 240_000 };
 * const steady = { baseS: 320, instructions: 7.9e11, tlbMisses: 1.25e10, pageFaults: 3000 };
 * const { row } = simulate([start, steady], { policy: dsp(), costs: wang2011 });
 * console.log(row.policyS < row.hapS, row.switches); // true 1
 * ```
 */
export function simulate(phases: readonly Phase[], options: SimulateOptions): PagingResult {
  onlyOptions(options, ["policy", "costs", "record"]);
  const { policy, costs, record = [] } = options;
  const given: unknown = policy;
  if (typeof given !== "object" || given === null || !("create" in given))
    throw new OptionError("policy", "a policy, as dsp() gives", given);
  checkPhases(phases);
  checkCosts(costs);
  for (const name of record as readonly string[])
    if (name !== "samples") throw new OptionError("record", 'only "samples"', name);

  const controller = policy.create({ phases, costs });
  checkProgress(policy.label, controller, costs);
  const recorder = record.length > 0 ? sampleRecorder() : undefined;
  const run: Run = { costs, mode: controller.start, nowS: 0, spS: 0, switches: 0, sample: emptySample };
  let tickS = controller.periodS;

  const change = (to: Mode): void => {
    if (to === run.mode) return;
    const s = (to === "SP" ? costs.toShadowMs : costs.toNestedMs) * 1e-3;
    run.mode = to;
    run.nowS += s;
    if (to === "SP") run.spS += s;
    run.switches++;
    while (tickS <= run.nowS) tickS += controller.periodS;
  };

  phases.forEach((phase, i) => {
    if (controller.enter) change(controller.enter(i));
    let left = 1; // share of the phase still to do
    while (left > 0) {
      const needS = left * phaseTime(phase, run.mode, costs);
      const untilTick = tickS - run.nowS;
      if (needS <= untilTick) {
        advance(run, phase, left, needS);
        left = 0;
      } else {
        const share = left * (untilTick / needS);
        advance(run, phase, share, untilTick);
        run.nowS = tickS; // not a rounding error before it
        left -= share;
      }
      if (run.nowS < tickS) continue;
      const sample: Sample = { mode: run.mode, ...run.sample };
      const next = controller.next(sample);
      recorder?.add(tickS, sample, next);
      run.sample = emptySample;
      tickS += controller.periodS;
      change(next);
    }
  });

  const row: PagingRow = {
    policy: policy.label,
    policyS: run.nowS,
    hapS: phases.reduce((sum, phase) => sum + phaseTime(phase, "HAP", costs), 0),
    spS: phases.reduce((sum, phase) => sum + phaseTime(phase, "SP", costs), 0),
    oracleS: bestPlan(phases, costs).seconds,
    spTimePct: (run.spS / run.nowS) * 100,
    switches: run.switches,
  };
  return { row, series: recorder ? { samples: recorder.table() } : {} };
}

/** Does a share of a phase in the present mode, in `seconds`, and counts what the hypervisor's counters would show. */
function advance(run: Run, phase: Phase, share: number, seconds: number): void {
  const { costs, mode, sample } = run;
  const shadow = mode === "SP";
  const faults = phase.pageFaults * share;
  const misses = phase.tlbMisses * share + (shadow ? costs.extraMissesPerFault * faults : 0);
  const walkNs = costs.walkNs + (shadow ? 0 : costs.missNs);
  // b contains the walks of the misses that exits cause: what is left is the hypervisor's own work.
  const handlingUs = Math.max(0, costs.faultUs - costs.extraMissesPerFault * costs.walkNs * 1e-3);
  run.sample = {
    seconds: sample.seconds + seconds,
    instructions: sample.instructions + phase.instructions * share,
    tlbMisses: sample.tlbMisses + misses,
    pageFaults: sample.pageFaults + faults,
    walkS: sample.walkS + misses * walkNs * 1e-9,
    hypervisorS: sample.hypervisorS + (shadow ? faults * handlingUs * 1e-6 : 0),
  };
  run.nowS += seconds;
  if (shadow) run.spS += seconds;
}

function checkProgress(label: string, controller: Controller, costs: Costs): void {
  const { periodS } = controller;
  if (!(periodS > 0)) throw new OptionError("policy", "a sampling period > 0", periodS);
  const switchS = Math.max(costs.toShadowMs, costs.toNestedMs) * 1e-3;
  if (controller.enter === undefined && Number.isFinite(periodS) && switchS >= periodS)
    throw new SimulationError(
      "selective-paging",
      `a switch takes ${switchS} s and ${label} samples every ${periodS} s, so the run would only switch`,
    );
}
