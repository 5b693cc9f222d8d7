import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, positive } from "../core/options.ts";
import { random, type RandomStream } from "../core/random.ts";
import type { Phase } from "./phase.ts";
import { phaseRule, type PhaseRule } from "./phase-rule.ts";

/**
 * A free choice of the phase rule with the range over which it is varied.
 *
 * @example
 * ```ts
 * import { ruleRanges } from "veelab/selective-paging";
 * for (const { choice, low, high } of ruleRanges) console.log(choice, low, high);
 * ```
 */
export interface RuleRange {
  /** The choice that is varied. */
  readonly choice: keyof PhaseRule | "noise";
  /** Its least value. */
  readonly low: number;
  /** Its greatest value. */
  readonly high: number;
  /** Why the range ends where it does. */
  readonly reason: string;
  /** Draw evenly on a logarithmic scale: the range spans a factor, not a difference. */
  readonly log?: boolean;
}

/**
 * The ranges of the free choices, each with its reason. {@link phaseRule} lies inside all of them.
 *
 * @example
 * ```ts
 * import { ruleRanges } from "veelab/selective-paging";
 * console.log(ruleRanges.length); // 9
 * ```
 */
export const ruleRanges: readonly RuleRange[] = [
  { choice: "instructionsPerS", low: 1.23e9, high: 4.92e9, reason: "half and twice: 0.44 to 1.8 per cycle", log: true },
  { choice: "startFaults", low: 5000, high: 346_439, reason: "20 MiB; mcf under SP in Table 3", log: true },
  {
    choice: "startFpf",
    low: 0.005,
    high: 0.05,
    reason: "three times either way of Table 1's highest level",
    log: true,
  },
  { choice: "startFtlb", low: 0.05, high: 1, reason: 'rows 4 and 13 say "< 1"' },
  { choice: "floorFpf", low: 0, high: 125e-7, reason: "Table 1, rows 3 and 2" },
  { choice: "floorFtlb", low: 0.02, high: 1, reason: "Table 1, rows 9 and 4", log: true },
  { choice: "burstShare", low: 0.25, high: 1, reason: "a quarter of the time, all of it" },
  { choice: "burstPeriodS", low: 20, high: 200, reason: "four sampling intervals to forty", log: true },
  { choice: "noise", low: 0, high: 0.5, reason: "counters of 5-s pieces vary by a factor 1.6 (one sigma)" },
];

/**
 * One variation of the rule.
 *
 * @example
 * ```ts
 * import { phaseRule, type RuleVariant } from "veelab/selective-paging";
 * const asFixed: RuleVariant = { choice: "rule", at: "as fixed", rule: phaseRule, noise: 0 };
 * ```
 */
export interface RuleVariant {
  /** The choice that is varied; `"rule"` for none, `"all"` for a random draw of all. */
  readonly choice: string;
  /** `"as fixed"`, `"low"`, `"high"` or `"draw 17"`. */
  readonly at: string;
  /** The rule as varied. */
  readonly rule: PhaseRule;
  /** Standard deviation of the logarithm of a piece's counters, see {@link jitter}. */
  readonly noise: number;
}

/**
 * The variations of the phase rule: as fixed, each choice alone at both ends of its range (the period of bursts with
 * bursts of half the time, as it has no effect otherwise), and random draws of all choices together. Linear in the
 * number of variants.
 *
 * @param options - `draws` of all choices together and their `seed`
 *
 * @example
 * ```ts
 * import { ruleVariants } from "veelab/selective-paging";
 * console.log(ruleVariants({ draws: 100, seed: 1 }).length); // 1 + 2 * 9 + 100
 * ```
 */
export function ruleVariants(options: { readonly draws: number; readonly seed: number | string }): RuleVariant[] {
  const draws = integer("draws", options.draws, { min: 0 });
  const stream = random(options.seed);
  const variant = (choice: string, at: string, changes: Record<string, number>): RuleVariant => {
    const { noise = 0, ...rule } = changes;
    return { choice, at, rule: { ...phaseRule, ...rule }, noise };
  };
  const alone = ruleRanges.flatMap(({ choice, low, high }) =>
    [low, high].map((value, end) => {
      const bursts = choice === "burstPeriodS" ? { burstShare: 0.5 } : {};
      return variant(choice, end === 0 ? "low" : "high", { ...bursts, [choice]: value });
    }),
  );
  const together = Array.from({ length: draws }, (_none, i) => {
    const own = stream.split(i);
    const drawn = ruleRanges.map((range) => [range.choice, draw(range, own.float())]);
    return variant("all", `draw ${i + 1}`, Object.fromEntries(drawn) as Record<string, number>);
  });
  return [variant("rule", "as fixed", {}), ...alone, ...together];
}

function draw({ low, high, log }: RuleRange, share: number): number {
  return log === true ? low * (high / low) ** share : low + (high - low) * share;
}

/**
 * The same program with counters that vary: each phase is cut into pieces, whose misses and faults are multiplied by
 * independent log-normal factors and then scaled so that the phase keeps its totals (and the program its times under
 * HAP and SP). Linear in the number of pieces.
 *
 * @param phases - the program
 * @param options - `sigma`, the standard deviation of the factors' logarithm; `pieceS`, the pieces' base time, s
 * @param stream - the random stream
 *
 * @example
 * ```ts
 * import { random } from "veelab";
 * import { jitter, synthesise, wang2011 } from "veelab/selective-paging";
 * const phases = synthesise({ hapS: 383, spS: 329 }, wang2011);
 * const noisy = jitter(phases, { sigma: 0.3, pieceS: 5 }, random("mcf"));
 * console.log(noisy.length > phases.length);
 * ```
 */
export function jitter(
  phases: readonly Phase[],
  options: { readonly sigma: number; readonly pieceS: number },
  stream: RandomStream,
): Phase[] {
  const sigma = nonNegative("sigma", options.sigma);
  const pieceS = positive("pieceS", options.pieceS);
  if (phases.some(({ baseS }) => baseS / pieceS > 1e6)) throw new OptionError("pieceS", "at most 1e6 pieces", pieceS);
  if (sigma === 0) return [...phases];
  return phases.flatMap(({ baseS, instructions, tlbMisses, pageFaults }) => {
    const pieces = Math.max(1, Math.round(baseS / pieceS));
    const shares = (): number[] => {
      const factors = Array.from({ length: pieces }, () => Math.exp(sigma * stream.normal()));
      const sum = factors.reduce((total, factor) => total + factor, 0);
      return factors.map((factor) => factor / sum);
    };
    const ofMisses = shares();
    const ofFaults = shares();
    return ofMisses.map((share, i) => ({
      baseS: baseS / pieces,
      instructions: instructions / pieces,
      tlbMisses: tlbMisses * share,
      pageFaults: pageFaults * ofFaults[i]!,
    }));
  });
}
