import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, onlyOptions, positive } from "../core/options.ts";
import type { Mode } from "./mode.ts";
import type { Policy, Sample } from "./policy.ts";

/**
 * Options of {@link rpms}.
 *
 * @example
 * ```ts
 * import type { RpmsOptions } from "veelab/selective-paging";
 * const fixedThresholds: RpmsOptions = { adapt: false };
 * ```
 */
export interface RpmsOptions {
  /** Share of cycles in page walks and in the hypervisor, %, above which a sample speaks against the mode; 9. */
  readonly highPct?: number;
  /** Share below which a sample speaks for the mode, %; 2. */
  readonly lowPct?: number;
  /** Where the saturating counter ends, on either side of 0; 4. */
  readonly states?: number;
  /** Sampling interval, s; 1. */
  readonly intervalS?: number;
  /** Time after a switch in which samples are not judged, s; 2. */
  readonly skipS?: number;
  /** Whether a threshold moves when a switch changed the instructions per cycle by more than 10 %; true. */
  readonly adapt?: boolean;
}

/**
 * RPMS, the KVM re-implementation of selective paging (repository imarmanis/ntua-rpms; its rule and constants, none of
 * its code). Every second it takes the share of time in page walks plus in the hypervisor. Above the high threshold a
 * counter moves one step towards the other mode, below the low one a step towards the present mode; at its end, four
 * steps from 0, the mode changes and two seconds are skipped. If instructions per second then are down by more than
 * 10 %, the threshold that led to the switch rises by twice their ratio; if up by more than 10 %, it falls by that,
 * not below the low one. There is a high threshold for each direction.
 *
 * Choices of this model: it starts under HAP, as DSP does; time stands for cycles; EPT violations under HAP cost no
 * hypervisor time, because level A has none.
 *
 * @throws OptionError when an option is out of its range
 *
 * @example
 * ```ts
 * import { rpms, simulate, wang2011 } from "veelab/selective-paging";
 * const missHeavy = [{ baseS: 100, instructions: 2e11, tlbMisses: 3e9, pageFaults: 100 }];
 * console.log(simulate(missHeavy, { policy: rpms(), costs: wang2011 }).row.switches);
 * ```
 */
export function rpms(options: RpmsOptions = {}): Policy {
  onlyOptions(options, ["highPct", "lowPct", "states", "intervalS", "skipS", "adapt"]);
  const { highPct = 9, lowPct = 2, states = 4, intervalS = 1, skipS = 2, adapt = true } = options;
  nonNegative("lowPct", lowPct);
  nonNegative("highPct", highPct);
  if (highPct < lowPct) throw new OptionError("highPct", `at least lowPct (${lowPct})`, highPct);
  integer("states", states, { min: 1 });
  positive("intervalS", intervalS);
  nonNegative("skipS", skipS);
  return {
    label: "RPMS",
    params: { highPct, lowPct, states, intervalS, skipS, adapt },
    create() {
      const high = { HAP: highPct, SP: highPct }; // by the mode that is left
      let level = 0; // -states: SP, +states: HAP
      let skip = 0;
      let before = 0; // instructions per second in the last sample that was judged
      const adjust = (left: Mode, after: number): void => {
        if (after < 0.9 * before) high[left] = Math.min(100, high[left] + (2 * before) / after);
        else if (after > 1.1 * before) high[left] = Math.max(lowPct, high[left] - (2 * after) / before);
      };
      return {
        start: "HAP",
        periodS: intervalS,
        next(sample: Sample): Mode {
          const { mode, seconds, instructions } = sample;
          const other = mode === "HAP" ? "SP" : "HAP";
          const rate = instructions / seconds;
          if (skip > 0) {
            skip--;
            if (skip === 0 && adapt) adjust(other, rate);
            return mode;
          }
          before = rate;
          const sharePct = ((sample.walkS + sample.hypervisorS) / seconds) * 100;
          const away = mode === "HAP" ? -1 : 1;
          if (sharePct > high[mode]) level += away;
          else if (sharePct < lowPct) level -= away;
          else return mode;
          level = Math.max(-states, Math.min(states, level));
          if (level !== away * states) return mode;
          skip = Math.ceil(skipS / intervalS);
          return other;
        },
      };
    },
  };
}
