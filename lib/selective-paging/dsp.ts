import { integer, onlyOptions, positive } from "../core/options.ts";
import { decide, type Frequencies } from "./decide.ts";
import type { Policy } from "./policy.ts";
import { recent } from "./recent.ts";
import { checkThresholds, table2, type Thresholds } from "./thresholds.ts";

/**
 * Options of {@link dsp}.
 *
 * @example
 * ```ts
 * import type { DspOptions } from "veelab/selective-paging";
 * const fast: DspOptions = { intervalS: 2 };
 * ```
 */
export interface DspOptions {
  /** The thresholds of the decision; {@link table2} unless given. */
  readonly thresholds?: Thresholds;
  /** Samples in the running averages; 3 in the paper. */
  readonly historySamples?: number;
  /** Sampling interval, s; 5 in the paper, 2 and 10 also tried there. */
  readonly intervalS?: number;
}

/**
 * Dynamic Switching Paging, the policy of Wang et al. (VEE'11, Fig. 5): each interval it reads TLB misses, guest page
 * faults and instructions, and {@link decide}s. It starts under HAP (Fig. 8 shows runs of no switch that were never
 * in SP).
 *
 * @throws OptionError when an option is out of its range
 *
 * @example
 * ```ts
 * import { dsp, simulate, wang2011 } from "veelab/selective-paging";
 * const missHeavy = [{ baseS: 100, instructions: 2e11, tlbMisses: 3e9, pageFaults: 100 }];
 * const { row } = simulate(missHeavy, { policy: dsp(), costs: wang2011 });
 * console.log(row.switches); // 1: to SP, at the first sample
 * ```
 */
export function dsp(options: DspOptions = {}): Policy {
  onlyOptions(options, ["thresholds", "historySamples", "intervalS"]);
  const { thresholds = table2, historySamples = 3, intervalS = 5 } = options;
  checkThresholds("thresholds", thresholds);
  integer("historySamples", historySamples, { min: 1 });
  positive("intervalS", intervalS);
  return {
    label: "DSP",
    params: { intervalS, historySamples, ...thresholds },
    create() {
      const window: Frequencies[] = [];
      return {
        start: "HAP",
        periodS: intervalS,
        next({ mode, instructions, tlbMisses, pageFaults }) {
          const counters = { fpf: (pageFaults / instructions) * 1000, ftlb: (tlbMisses / instructions) * 1000 };
          window.push(counters);
          if (window.length > historySamples) window.shift();
          return decide(mode, counters, recent(window), thresholds);
        },
      };
    },
  };
}
