import { type ExitCause, exitCauses } from "../hardware/index.ts";
import type { Settings } from "./structural-options.ts";

/** What one interval of a structural simulation counted. Reads are page-table entries by the level of their table. */
export interface Counts {
  instructions: number;
  references: number;
  /** TLB look-ups that hit in a later level than the first. */
  laterTlbHits: number;
  /** Page walks by the hardware, those that end in a fault included. */
  tlbMisses: number;
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

/** The columns of a row of counts and cycles, in order. */
export type IntervalRow = Readonly<Record<(typeof rowColumns)[number], number>>;

export const rowColumns = [
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
] as const;

/** Puts a price on what was counted. The parts of `cycles` are disjoint. */
export function priced(counts: Counts, { hardware, cyclesPerInstruction }: Settings): IntervalRow {
  const { processor, exits: costs } = hardware;
  const { exits, reads, nestedReads } = counts;
  const baseCycles = counts.instructions * cyclesPerInstruction;
  const laterHitCycles = counts.laterTlbHits * processor.laterHitCycles;
  const walkCycles =
    readCycles(reads, processor.entryCycles) +
    readCycles(nestedReads, processor.nestedEntryCycles) +
    counts.dirtyAssists * processor.dirtyAssistCycles;
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

/** The sum of rows, column by column. */
export function total(rows: readonly IntervalRow[]): IntervalRow {
  const sums = Object.fromEntries(rowColumns.map((name) => [name, 0])) as Record<(typeof rowColumns)[number], number>;
  for (const row of rows) for (const name of rowColumns) sums[name] += row[name];
  return sums;
}

function readCycles(reads: readonly number[], cycles: readonly number[]): number {
  return reads.reduce((sum, count, level) => sum + count * cycles[Math.min(level, cycles.length - 1)]!, 0);
}
