import { cyclesOfWalks, type ExitCause, exitCauses } from "../hardware/index.ts";
import type { Settings } from "./structural-options.ts";

/** What one interval of a structural simulation counted. Reads are page-table entries by the level of their table. */
export interface Counts {
  instructions: number;
  references: number;
  /** TLB look-ups that hit in a later level than the first. */
  laterTlbHits: number;
  /** Page walks by the hardware, those that end in a fault included. */
  tlbMisses: number;
  /** Those that end in a fault, and the walks of the references restarted after one. */
  faultWalks: number;
  /** First touches of a guest page. */
  pageFaults: number;
  /** Dirty bits set by the hardware on a first write to a page already in the TLB. */
  dirtyAssists: number;
  /** Page-table pages synchronised again. */
  resyncs: number;
  readonly exits: Record<ExitCause, number>;
  /** Entries read from the table the hardware walks first (guest, native or shadow), level 1 first. */
  readonly reads: number[];
  /** Entries read from the nested table, level 1 first. */
  readonly nestedReads: number[];
}

/**
 * Counts and cycles of one interval, or of a whole run.
 *
 * @example
 * ```ts
 * import type { IntervalRow } from "veelab/selective-paging";
 * const capacityMisses = ({ tlbMisses, faultWalks }: IntervalRow): number => tlbMisses - faultWalks;
 * ```
 */
export interface IntervalRow {
  /** Instructions retired. */
  readonly instructions: number;
  /** Memory references, instruction fetches among them. */
  readonly references: number;
  /** All cycles. */
  readonly cycles: number;
  /** Cycles of the instructions themselves, with translations that cost nothing. */
  readonly baseCycles: number;
  /** Cycles of TLB hits in a later level than the first. */
  readonly laterHitCycles: number;
  /** Cycles of page walks and of dirty bits set by the hardware. */
  readonly walkCycles: number;
  /** Cycles of the guest kernel for its page faults. */
  readonly guestFaultCycles: number;
  /** Cycles of leaving and entering the guest. */
  readonly exitCycles: number;
  /** Cycles of the hypervisor between exit and entry. */
  readonly hypervisorCycles: number;
  /** TLB look-ups that hit in a later level than the first. */
  readonly laterTlbHits: number;
  /** Page walks by the hardware, {@link faultWalks} included: what a processor's counter of TLB misses shows. */
  readonly tlbMisses: number;
  /**
   * Those of `tlbMisses` that a fault brings about: the walk that ends in it and the one of the restarted reference. No
   * TLB, however large, avoids them; the rest are misses of capacity (or come after a flush).
   */
  readonly faultWalks: number;
  /** First touches of a guest page. */
  readonly pageFaults: number;
  /** Dirty bits set by the hardware on a first write to a page already in the TLB. */
  readonly dirtyAssists: number;
  /** Page-table pages synchronised again. */
  readonly resyncs: number;
  /** Exits for shadow faults on pages that the guest had mapped. */
  readonly hiddenFaultExits: number;
  /** Exits for the guest's own page faults. */
  readonly guestFaultExits: number;
  /** Exits for writes to the guest's page table. */
  readonly tableWriteExits: number;
  /** Exits for first writes to pages that the shadow maps read-only. */
  readonly dirtyFaultExits: number;
  /** Exits for loads of a page table's root. */
  readonly rootLoadExits: number;
  /** Entries read at level 1 of the table walked first: guest, native or shadow. */
  readonly reads1: number;
  /** Entries read at level 2 of the table walked first: guest, native or shadow. */
  readonly reads2: number;
  /** Entries read at level 3 of the table walked first: guest, native or shadow. */
  readonly reads3: number;
  /** Entries read at level 4 of the table walked first: guest, native or shadow. */
  readonly reads4: number;
  /** Entries read at level 5 of the table walked first: guest, native or shadow. */
  readonly reads5: number;
  /** Entries read at level 1 of the nested table. */
  readonly nestedReads1: number;
  /** Entries read at level 2 of the nested table. */
  readonly nestedReads2: number;
  /** Entries read at level 3 of the nested table. */
  readonly nestedReads3: number;
  /** Entries read at level 4 of the nested table. */
  readonly nestedReads4: number;
  /** Entries read at level 5 of the nested table. */
  readonly nestedReads5: number;
}

/** The columns of a row, in order. */
export const rowColumns: readonly (keyof IntervalRow)[] = [
  "instructions",
  "references",
  "cycles",
  "baseCycles",
  "laterHitCycles",
  "walkCycles",
  "guestFaultCycles",
  "exitCycles",
  "hypervisorCycles",
  "laterTlbHits",
  "tlbMisses",
  "faultWalks",
  "pageFaults",
  "dirtyAssists",
  "resyncs",
  "hiddenFaultExits",
  "guestFaultExits",
  "tableWriteExits",
  "dirtyFaultExits",
  "rootLoadExits",
  "reads1",
  "reads2",
  "reads3",
  "reads4",
  "reads5",
  "nestedReads1",
  "nestedReads2",
  "nestedReads3",
  "nestedReads4",
  "nestedReads5",
];

/** Puts a price on what was counted. The parts of `cycles` are disjoint. */
export function priced(counts: Counts, { hardware, cyclesPerInstruction }: Settings): IntervalRow {
  const { processor, exits: costs } = hardware;
  const { exits, reads, nestedReads } = counts;
  const baseCycles = counts.instructions * cyclesPerInstruction;
  const laterHitCycles = counts.laterTlbHits * processor.laterHitCycles;
  const walkCycles = cyclesOfWalks(processor, reads, nestedReads) + counts.dirtyAssists * processor.dirtyAssistCycles;
  const guestFaultCycles = counts.pageFaults * hardware.guestFaultCycles;
  let exitCycles = 0;
  let hypervisorCycles = counts.resyncs * costs.resyncCycles;
  for (const cause of exitCauses) {
    exitCycles += exits[cause] * costs.roundTripCycles;
    hypervisorCycles += exits[cause] * costs.handlingCycles[cause];
  }
  return {
    instructions: counts.instructions,
    references: counts.references,
    cycles: baseCycles + laterHitCycles + walkCycles + guestFaultCycles + exitCycles + hypervisorCycles,
    baseCycles,
    laterHitCycles,
    walkCycles,
    guestFaultCycles,
    exitCycles,
    hypervisorCycles,
    laterTlbHits: counts.laterTlbHits,
    tlbMisses: counts.tlbMisses,
    faultWalks: counts.faultWalks,
    pageFaults: counts.pageFaults,
    dirtyAssists: counts.dirtyAssists,
    resyncs: counts.resyncs,
    hiddenFaultExits: exits.hiddenFault,
    guestFaultExits: exits.guestFault,
    tableWriteExits: exits.tableWrite,
    dirtyFaultExits: exits.dirtyFault,
    rootLoadExits: exits.rootLoad,
    reads1: reads[0] ?? 0,
    reads2: reads[1] ?? 0,
    reads3: reads[2] ?? 0,
    reads4: reads[3] ?? 0,
    reads5: reads[4] ?? 0,
    nestedReads1: nestedReads[0] ?? 0,
    nestedReads2: nestedReads[1] ?? 0,
    nestedReads3: nestedReads[2] ?? 0,
    nestedReads4: nestedReads[3] ?? 0,
    nestedReads5: nestedReads[4] ?? 0,
  };
}
