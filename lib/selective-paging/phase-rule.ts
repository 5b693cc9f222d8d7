import { OptionError, SimulationError } from "../core/errors.ts";
import { nonNegative, positive } from "../core/options.ts";
import { checkCosts, type Costs } from "./costs.ts";
import type { Phase } from "./phase.ts";

/**
 * The free choices of the rule that synthesises a program's phases. They are the same for every program: nothing is
 * chosen per program.
 *
 * @example
 * ```ts
 * import { phaseRule, type PhaseRule } from "veelab/selective-paging";
 * const bursts: PhaseRule = { ...phaseRule, burstShare: 0.5, burstPeriodS: 60 };
 * ```
 */
export interface PhaseRule {
  /** Instructions retired per second of base time. */
  readonly instructionsPerS: number;
  /** Page faults of the start-up, in which a program faults its memory in. */
  readonly startFaults: number;
  /** Page faults per 1000 instructions during start-up. */
  readonly startFpf: number;
  /** TLB misses per 1000 instructions during start-up. */
  readonly startFtlb: number;
  /** Page faults per 1000 instructions that every program has after start-up. */
  readonly floorFpf: number;
  /** TLB misses per 1000 instructions that every program has after start-up. */
  readonly floorFtlb: number;
  /** Share of the time after start-up that holds all faults or misses above the floor, in (0, 1]; 1: one steady phase. */
  readonly burstShare: number;
  /** Base time of one burst and the quiet after it, s; without effect when `burstShare` is 1. */
  readonly burstPeriodS: number;
}

/**
 * The rule in force: a start-up, then one steady phase. Its numbers come from Tables 1 and 3; prices and times come in with the program.
 *
 * @example
 * ```ts
 * import { phaseRule } from "veelab/selective-paging";
 * const startS = (phaseRule.startFaults / phaseRule.startFpf / phaseRule.instructionsPerS) * 1000;
 * console.log(startS.toFixed(1)); // 6.6 s of base time
 * ```
 */
export const phaseRule: PhaseRule = {
  // A choice between two bounds that contradict each other. If Table 1's rows 4 and 13 were Table 3's gcc (1.08e9 misses
  // and 13.3e6 faults in 398 s of base time), their "misses < 1" would need more than 2.72e9 instructions per second and
  // their "faults > 150000e-7" less than 2.23e9. No rate meets both: gcc's average (123000e-7 faults a miss) is not
  // those rows (> 230000e-7). This is the geometric mean of the two, 0.88 per cycle; half and twice of it are tried.
  instructionsPerS: 2.46e9,
  // Table 3, mcf under HAP: the only published count of a program that does not fault throughout.
  startFaults: 243_491,
  // Table 1, rows 4 and 13 (> 150000e-7): the highest fault level printed.
  startFpf: 150_000e-7,
  // Table 1, rows 4 and 13 (< 1): the middle.
  startFtlb: 0.5,
  // Table 1, row 1: the lowest fault level printed that is not 0.
  floorFpf: 40e-7,
  // Table 1, row 6: the middle one of the levels of the rows that are draws (3: < 0.5, 6: 0.3, 9: 0.02).
  floorFtlb: 0.3,
  burstShare: 1,
  burstPeriodS: 60,
};

/**
 * Synthesises a program's phases from its time under HAP and under SP. The per-interval counters behind the paper's
 * figures are not published; two times cannot determine them, so the rule adds the least:
 *
 * 1. a start-up, in which the program faults its memory in at the highest fault level of Table 1;
 * 2. one steady phase at floor levels of faults and misses;
 * 3. what is left of the difference `T_SP - T_HAP = b·faults - a·misses` becomes faults of the steady phase if it is
 *    positive, misses if it is negative. There is one solution, and it gives both times back exactly.
 *
 * The time under DSP is no input, so DSP's bars stay a prediction. Constant time (linear in bursts).
 *
 * @param times - the program's time under HAP only and under SP only, s
 * @param costs - the prices a and b that turn times into counts
 * @param rule - the free choices, {@link phaseRule} unless given
 * @throws OptionError when a time or a choice is out of its range
 * @throws SimulationError when the program is too short for its start-up
 *
 * @example
 * ```ts
 * import { phaseTime, synthesise, wang2011 } from "veelab/selective-paging";
 * const phases = synthesise({ hapS: 383, spS: 329 }, wang2011); // mcf
 * const sum = (mode: "HAP" | "SP") => phases.reduce((s, phase) => s + phaseTime(phase, mode, wang2011), 0);
 * console.log(sum("HAP").toFixed(0), sum("SP").toFixed(0)); // 383 329
 * ```
 */
export function synthesise(
  times: { readonly hapS: number; readonly spS: number },
  costs: Costs,
  rule: PhaseRule = phaseRule,
): Phase[] {
  const hapS = positive("hapS", times.hapS);
  const spS = positive("spS", times.spS);
  checkRule(rule);
  checkCosts(costs);
  const a = positive("costs.missNs", costs.missNs) * 1e-9;
  const b = positive("costs.faultUs", costs.faultUs) * 1e-6;

  const perS = (level: number): number => (level * rule.instructionsPerS) / 1000; // per second of base time
  const startS = rule.startFaults === 0 ? 0 : rule.startFaults / perS(rule.startFpf);
  const startMisses = perS(rule.startFtlb) * startS;
  const missRate = perS(rule.floorFtlb);
  const faultRate = perS(rule.floorFpf);

  // Misses at the floor: T_HAP = x + a (startMisses + missRate (x - startS)) gives the base time x, T_SP the faults.
  let baseS = (hapS - a * (startMisses - missRate * startS)) / (1 + a * missRate);
  let moreFaults = (spS - baseS) / b - rule.startFaults - faultRate * (baseS - startS);
  let moreMisses = 0;
  if (moreFaults < 0) {
    // Faults at the floor: T_SP = x + b (startFaults + faultRate (x - startS)) gives x, T_HAP the misses.
    baseS = (spS - b * (rule.startFaults - faultRate * startS)) / (1 + b * faultRate);
    moreMisses = Math.max(0, (hapS - baseS) / a - startMisses - missRate * (baseS - startS));
    moreFaults = 0;
  }
  const steadyS = baseS - startS;
  if (!(steadyS > 0))
    throw new SimulationError(
      "selective-paging",
      `a program of ${hapS} s under HAP and ${spS} s under SP is too short for a start-up of ${startS.toFixed(1)} s`,
    );

  const phase = (seconds: number, misses: number, faults: number): Phase => ({
    baseS: seconds,
    instructions: rule.instructionsPerS * seconds,
    tlbMisses: misses,
    pageFaults: faults,
  });
  const start = startS > 0 ? [phase(startS, startMisses, rule.startFaults)] : [];
  const bursts = rule.burstShare === 1 ? 1 : Math.max(1, Math.round(steadyS / rule.burstPeriodS));
  const burstS = (steadyS / bursts) * rule.burstShare;
  const quietS = steadyS / bursts - burstS;
  const steady = Array.from({ length: bursts }, () => [
    phase(burstS, missRate * burstS + moreMisses / bursts, faultRate * burstS + moreFaults / bursts),
    ...(quietS > 0 ? [phase(quietS, missRate * quietS, faultRate * quietS)] : []),
  ]);
  return [...start, ...steady.flat()];
}

function checkRule(rule: PhaseRule): void {
  positive("rule.instructionsPerS", rule.instructionsPerS);
  nonNegative("rule.startFaults", rule.startFaults);
  positive("rule.startFpf", rule.startFpf);
  nonNegative("rule.startFtlb", rule.startFtlb);
  nonNegative("rule.floorFpf", rule.floorFpf);
  nonNegative("rule.floorFtlb", rule.floorFtlb);
  positive("rule.burstPeriodS", rule.burstPeriodS);
  if (!(rule.burstShare > 0 && rule.burstShare <= 1))
    throw new OptionError("rule.burstShare", "a number in (0, 1]", rule.burstShare);
}
