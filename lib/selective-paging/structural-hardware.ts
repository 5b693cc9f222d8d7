import { type ExitCosts, exits2011, exitsToday, goldenCove, nehalem, type Processor, zen4 } from "../hardware/index.ts";

/**
 * The machine and the hypervisor of a structural simulation.
 *
 * @example
 * ```ts
 * import { nehalem } from "veelab/hardware";
 * import { hardware2011, type Hardware } from "veelab/selective-paging";
 *
 * const withTags: Hardware = { ...hardware2011, label: "2011 with VPID", processor: { ...nehalem, tagged: true } };
 * console.log(withTags.label);
 * ```
 */
export interface Hardware {
  /** Name in tables and charts. */
  readonly label: string;
  /** TLB, page walker and their latencies. */
  readonly processor: Processor;
  /** What exits cost. */
  readonly exits: ExitCosts;
  /** The guest kernel's own work for a page fault, cycles; the same in every mode. */
  readonly guestFaultCycles: number;
}

/**
 * The testbed of 2011: Intel Core i7-860 (Nehalem, 2.8 GHz, TLBs of 64 + 512 entries, no tags) and the exits of its
 * time. Origins of the constants stand beside them in `veelab/hardware`.
 *
 * @example
 * ```ts
 * import { hardware2011 } from "veelab/selective-paging";
 * console.log(hardware2011.processor.clockHz); // 2800000000
 * ```
 */
export const hardware2011: Hardware = {
  label: "2011",
  processor: nehalem,
  exits: exits2011,
  guestFaultCycles: 1500, // assumption: a minor fault of Linux without the exception's own cost elsewhere
};

/**
 * Hardware of today: Intel Golden Cove (TLBs of 96 + 2048 entries, tagged). {@link hardwareTodayZen4} is AMD's.
 *
 * @example
 * ```ts
 * import { hardwareToday } from "veelab/selective-paging";
 * console.log(hardwareToday.processor.label); // Golden Cove
 * ```
 */
export const hardwareToday: Hardware = {
  label: "today (Golden Cove)",
  processor: goldenCove,
  exits: exitsToday,
  guestFaultCycles: 1500, // assumption, as above
};

/**
 * Hardware of today: AMD Zen 4 (TLBs of 72 + 3072 entries, tagged, with a nested TLB).
 *
 * @example
 * ```ts
 * import { hardwareTodayZen4 } from "veelab/selective-paging";
 * console.log(hardwareTodayZen4.processor.nestedTlb?.entries); // 64
 * ```
 */
export const hardwareTodayZen4: Hardware = { ...hardwareToday, label: "today (Zen 4)", processor: zen4 };
