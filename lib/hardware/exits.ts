import { nonNegative } from "../core/options.ts";

/** Why a guest under shadow paging left for the hypervisor. */
export type ExitCause =
  /** The guest maps the page, its shadow does not: the hypervisor fills the shadow and the guest never knows. */
  | "hiddenFault"
  /** The guest does not map the page: the hypervisor reflects the fault to it. */
  | "guestFault"
  /** The guest wrote an entry of a write-protected page table. */
  | "tableWrite"
  /** The first write to a page mapped read-only in the shadow, so that the guest's dirty bit can be set for it. */
  | "dirtyFault"
  /** The guest loaded the root of a page table (CR3). */
  | "rootLoad";

/**
 * The causes, in the order in which tables show them.
 *
 * @example
 * ```ts
 * import { exitCauses } from "veelab/hardware";
 *
 * console.log(exitCauses.includes("guestFault")); // true
 * ```
 */
export const exitCauses: readonly ExitCause[] = ["hiddenFault", "guestFault", "tableWrite", "dirtyFault", "rootLoad"];

/** What leaving a guest costs, in processor cycles. */
export interface ExitCosts {
  /** Name in tables and charts. */
  readonly label: string;
  /** The hardware's part: from the guest to the hypervisor and back. */
  readonly roundTripCycles: number;
  /** The hypervisor's own work by cause, without the round trip. */
  readonly handlingCycles: Readonly<Record<ExitCause, number>>;
  /** Comparing one unsynchronised page-table page with its shadow and protecting it again. */
  readonly resyncCycles: number;
  /** Changing the paging mode of a running guest: its part that does not depend on the guest's memory. */
  readonly modeSwitchCycles: number;
}

/**
 * A hypervisor of 2009 to 2011 on Nehalem.
 *
 * @example
 * ```ts
 * import { exits2011 } from "veelab/hardware";
 *
 * const microseconds = (exits2011.roundTripCycles + exits2011.handlingCycles.hiddenFault) / 2800;
 * if (!(microseconds > 1 && microseconds < 10)) throw new Error(`${microseconds} us a hidden fault at 2.8 GHz`);
 * ```
 */
export const exits2011: ExitCosts = {
  label: "2011",
  // found: direct cost of an exit on a Xeon X5570 (Nehalem), SplitX (HotOS 2011), abstract page. Agesen et al.
  // (ATC 2012) have about 1009 for the bare round trip (recalled, medium confidence).
  roundTripCycles: 2000,
  handlingCycles: {
    // assumption: a software walk of the guest's table, a look-up of the frame, an entry written.
    hiddenFault: 3000,
    // assumption: the same walk finds nothing; an event is injected.
    guestFault: 2500,
    // assumption: an instruction is fetched, decoded and emulated, the shadow updated.
    tableWrite: 4000,
    // assumption: a walk, two entries updated.
    dirtyFault: 2500,
    // assumption: a look-up of the shadow of the new root.
    rootLoad: 2000,
  },
  // assumption: 512 entries compared, mostly equal.
  resyncCycles: 2000,
  // assumption: a hypercall, the VMCS written, roots exchanged. The emptied shadow's refill is not in it: it emerges.
  modeSwitchCycles: 20_000,
};

/**
 * A hypervisor of today on a current server processor.
 *
 * @example
 * ```ts
 * import { exits2011, exitsToday } from "veelab/hardware";
 *
 * if (exitsToday.roundTripCycles < exits2011.roundTripCycles) throw new Error("an exit has not become cheaper in cycles");
 * ```
 */
export const exitsToday: ExitCosts = {
  label: "today",
  // found: a CPUID exit takes 3000 to 4000 cycles on Emerald Rapids, KVM and its mediated-PMU switch included (Linux
  // commit b0b6a8d3be16; AMD Turin 5300 to 6200). The middle; as it contains software, an upper bound of the round trip.
  roundTripCycles: 3500,
  // assumption: the software's work in cycles as in 2011, with a third less for wider cores.
  handlingCycles: { hiddenFault: 2000, guestFault: 1700, tableWrite: 2700, dirtyFault: 1700, rootLoad: 1300 },
  // assumption, as above.
  resyncCycles: 1300,
  modeSwitchCycles: 15_000,
};

/**
 * Throws an OptionError unless every cost is a finite number of at least 0. Constant time.
 *
 * @example
 * ```ts
 * import { checkExitCosts, exits2011 } from "veelab/hardware";
 *
 * checkExitCosts("exits", exits2011);
 * ```
 */
export function checkExitCosts(option: string, costs: ExitCosts): void {
  nonNegative(`${option}.roundTripCycles`, costs.roundTripCycles);
  for (const cause of exitCauses) nonNegative(`${option}.handlingCycles.${cause}`, costs.handlingCycles[cause]);
  nonNegative(`${option}.resyncCycles`, costs.resyncCycles);
  nonNegative(`${option}.modeSwitchCycles`, costs.modeSwitchCycles);
}
