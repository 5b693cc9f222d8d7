import { nonNegative, positive } from "../core/options.ts";
import { exits2011, exitsToday } from "../hardware/exits.ts";
import { goldenCove, nehalem } from "../hardware/processors.ts";

/**
 * What leaving a guest and profiling it cost.
 *
 * @example
 * ```ts
 * import { costs2011, type ProfilingCosts } from "veelab/vm-profiling";
 *
 * const slowHandler: ProfilingCosts = { ...costs2011, label: "slow handler", handlerCycles: 10_000 };
 * console.log(slowHandler.clockHz / 1e9); // 2.8
 * ```
 */
export interface ProfilingCosts {
  /** Name in tables and charts. */
  readonly label: string;
  /** Clock frequency, Hz. */
  readonly clockHz: number;
  /** The processor's part of an exit: to the VMM and back, cycles. */
  readonly roundTripCycles: number;
  /** The scheduler's work when a processor takes up another virtual CPU, cycles. */
  readonly switchCycles: number;
  /** The VMM's work for the timer interrupt that ends a slice, cycles. */
  readonly interruptCycles: number;
  /** One read or write of a PMU register where it does not trap, cycles. */
  readonly registerCycles: number;
  /** The VMM's work for an access to a PMU register that traps, without the round trip, cycles. */
  readonly trapCycles: number;
  /** The VMM's work to inject an interrupt, cycles. */
  readonly injectCycles: number;
  /** A profiler's interrupt handler without its accesses to PMU registers, cycles. */
  readonly handlerCycles: number;
  /** PMU registers that the handler reads or writes for a sample. */
  readonly accessesPerSample: number;
  /** Mapping a program counter in the code cache of a binary translator back to the guest's, cycles. */
  readonly mapBackCycles: number;
}

/**
 * Nehalem and a hypervisor of 2011.
 *
 * @example
 * ```ts
 * import { costs2011 } from "veelab/vm-profiling";
 *
 * console.log(costs2011.roundTripCycles); // 2000
 * ```
 */
export const costs2011: ProfilingCosts = {
  label: "2011",
  clockHz: nehalem.clockHz,
  roundTripCycles: exits2011.roundTripCycles,
  switchCycles: 3000, // assumption: about 1 us
  interruptCycles: 7840, // found: 2.8 us for an external interrupt (mmisono/kvm-bpf-tools), at this clock
  registerCycles: 150, // recalled, medium: 100 to 200 cycles for rdmsr or wrmsr
  trapCycles: 8120, // assumption: as long as today (2.9 us, see costsToday), at this clock
  injectCycles: 1000, // assumption: as a part of the exit's handling
  handlerCycles: 5600, // the fact sheet's 1 to 3 us (unsourced), its middle at 2.8 GHz
  // assumption: status read and cleared, all counters stopped and started, the counter reloaded, the interrupt unmasked.
  accessesPerSample: 6,
  mapBackCycles: 400, // assumption: a search among the blocks, the block's instructions decoded
};

/**
 * A server of today.
 *
 * @example
 * ```ts
 * import { costsToday } from "veelab/vm-profiling";
 *
 * console.log(costsToday.label); // today
 * ```
 */
export const costsToday: ProfilingCosts = {
  label: "today",
  clockHz: goldenCove.clockHz,
  // A measured exit that already has the host's exchange of its mediated PMU in it, of unknown size; a CPU switch pays for the exchange beside it
  // (`exchangeCycles`: 750 cycles for one counter, 3900 for eight). So its exits are too dear here by at most that exchange.
  roundTripCycles: exitsToday.roundTripCycles,
  switchCycles: 2500, // assumption
  interruptCycles: 9800, // found: as in 2011, at this clock
  registerCycles: 150, // assumption: as in 2011
  // found: 2.7 (RDMSR) and 3.1 us (WRMSR) in the VMM (mmisono/kvm-bpf-tools, host and date not given), their mean at 3.5 GHz;
  // that a PMU register costs as much as another is an assumption.
  trapCycles: 10_150,
  injectCycles: 1000, // assumption
  handlerCycles: 7000, // the fact sheet's 1 to 3 us (unsourced), its middle at 3.5 GHz
  accessesPerSample: 6, // assumption: as in 2011
  mapBackCycles: 400, // assumption: as in 2011
};

/**
 * A machine of a given clock on which exits, switches and profiling take no time: counts of different profilers are then of the same execution.
 *
 * @example
 * ```ts
 * import { free } from "veelab/vm-profiling";
 *
 * console.log(free(1e9).handlerCycles); // 0
 * ```
 */
export function free(clockHz: number): ProfilingCosts {
  return {
    label: "free",
    clockHz,
    roundTripCycles: 0,
    switchCycles: 0,
    interruptCycles: 0,
    registerCycles: 0,
    trapCycles: 0,
    injectCycles: 0,
    handlerCycles: 0,
    accessesPerSample: 0,
    mapBackCycles: 0,
  };
}

/** Checks costs. */
export function checkCosts(costs: ProfilingCosts): void {
  positive("costs.clockHz", costs.clockHz);
  for (const name of [
    "roundTripCycles",
    "switchCycles",
    "interruptCycles",
    "registerCycles",
    "trapCycles",
    "injectCycles",
    "handlerCycles",
    "accessesPerSample",
    "mapBackCycles",
  ] as const)
    nonNegative(`costs.${name}`, costs[name]);
}
