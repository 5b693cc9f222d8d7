export { backSubstitute, bounds, breakEvenRatio, oneAtATime, type ModeTimes, type TimeBounds } from "./analytic.ts";
export { phaseTime, today, wang2011, type Costs } from "./costs.ts";
export { decide, decideBy, type Decision, type Frequencies, type History } from "./decide.ts";
export { dsp, type DspOptions } from "./dsp.ts";
export { hapOnly } from "./hap-only.ts";
export type { Mode } from "./mode.ts";
export { bestPlan, oracle, type BestPlan } from "./oracle.ts";
export { checkPhases, type Phase } from "./phase.ts";
export { phaseRule, synthesise, type PhaseRule } from "./phase-rule.ts";
export type { Controller, Policy, Sample } from "./policy.ts";
export { publishedPrograms, type Program } from "./programs.ts";
export {
  marks,
  publishedBars,
  publishedIntervals,
  publishedResidence,
  type PublishedBar,
  type PublishedIntervals,
  type PublishedResidence,
  type Residence,
} from "./published.ts";
export {
  publishedRoundTrips,
  publishedSamples,
  publishedThresholds,
  publishedTotals,
  type PublishedRoundTrips,
  type PublishedSample,
  type PublishedTotals,
  type RoundTrips,
} from "./published-tables.ts";
export { recent } from "./recent.ts";
export { rpms, type RpmsOptions } from "./rpms.ts";
export { jitter, ruleRanges, ruleVariants, type RuleRange, type RuleVariant } from "./sensitivity.ts";
export { simulate, type PagingResult, type PagingRow, type SimulateOptions } from "./simulate.ts";
export { extraMisses, solveCosts, type ModePair, type RunTotals, type SolvedCosts } from "./solve.ts";
export { spOnly } from "./sp-only.ts";
export { roundTripMs } from "./switch-cost.ts";
export { table2, type Thresholds } from "./thresholds.ts";
export { page, type StructuralResult, type StructuralRow } from "./structural.ts";
export { type Hardware, hardware2011, hardwareToday, hardwareTodayZen4 } from "./structural-hardware.ts";
export type { IntervalRow } from "./structural-counts.ts";
export type { StructuralOptions, Translation } from "./structural-options.ts";
export type { MemoryTrace } from "./structural-trace.ts";
