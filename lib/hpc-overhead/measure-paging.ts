import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import {
  checkExitCosts,
  cyclesOfWalks,
  everyPage,
  type ExitCosts,
  frames,
  nativeWalker,
  nestedWalker,
  pageTable,
  paging,
  type Processor,
  shadowPaging,
  singly,
  tlb,
  type Walker,
} from "../hardware/index.ts";

/**
 * Options of {@link measurePaging}.
 *
 * @example
 * ```ts
 * import { exits2011 } from "veelab/hardware";
 * import { opteron, type PagingRun } from "veelab/hpc-overhead";
 * const run: PagingRun = { processor: opteron, exits: exits2011, pageSize: "2M", referencesPerLoad: 1e6 };
 * console.log(run.pageSize);
 * ```
 */
export interface PagingRun {
  /** The processor. */
  readonly processor: Processor;
  /** What exits cost. */
  readonly exits: ExitCosts;
  /** The guest's pages, and those that back them. */
  readonly pageSize: "4K" | "2M";
  /** References from one load of CR3 to the next; Infinity for none. */
  readonly referencesPerLoad: number;
}

/**
 * What {@link measurePaging} finds.
 *
 * @example
 * ```ts
 * import type { PagingRow } from "veelab/hpc-overhead";
 * const better = (row: PagingRow): string => (row.shadowCycles < row.nestedCycles ? "shadow" : "nested");
 * console.log(better);
 * ```
 */
export type PagingRow = {
  /** References. */
  readonly references: number;
  /** Those that missed the TLB. */
  readonly misses: number;
  /** Loads of CR3. */
  readonly loads: number;
  /** Hidden faults of the shadow. */
  readonly hiddenFaults: number;
  /** Cycles of page walks without a hypervisor, in all. */
  readonly nativeCycles: number;
  /** Cycles of walks, hidden faults and loads under shadow paging. */
  readonly shadowCycles: number;
  /** Cycles of walks under nested paging. */
  readonly nestedCycles: number;
  /** A walk without a hypervisor, on average, cycles. */
  readonly nativeWalkCycles: number;
  /** A two-dimensional walk, on average, cycles. */
  readonly nestedWalkCycles: number;
  /** A hidden fault on average: exit, handling, and the walk that found nothing, cycles. */
  readonly hiddenFaultCycles: number;
  /** A load of CR3 under shadow paging: exit and handling, cycles. */
  readonly loadCycles: number;
};

/**
 * A guest's references to pages under three kinds of paging at once: natively, shadowed by a pager that throws the shadow away
 * at every load of CR3 (as the one of the paper's time did), and nested. The TLB is the same for all and emptied at each load.
 * All pages are mapped before. Linear in references.
 *
 * @param pages - the 4 KiB page of each reference, a read
 * @throws OptionError for an option out of range, or no reference
 *
 * @example
 * ```ts
 * import { exits2011 } from "veelab/hardware";
 * import { measurePaging, opteron } from "veelab/hpc-overhead";
 * const pages = Uint32Array.from({ length: 10_000 }, (_, at) => at % 1000);
 * const row = measurePaging(pages, { processor: opteron, exits: exits2011, pageSize: "4K", referencesPerLoad: 5000 });
 * console.log(row.loads, row.hiddenFaults); // 2 2000
 * ```
 */
export function measurePaging(pages: Uint32Array, options: PagingRun): PagingRow {
  onlyOptions(options, ["processor", "exits", "pageSize", "referencesPerLoad"]);
  if (pages.length === 0) throw new OptionError("pages", "at least one reference", 0);
  const { processor, exits } = options;
  checkExitCosts("exits", exits);
  const pageSize = oneOf("pageSize", options.pageSize, ["4K", "2M"]);
  const every =
    options.referencesPerLoad === Infinity
      ? Infinity
      : integer("referencesPerLoad", options.referencesPerLoad, { min: 1 });
  const level = pageSize === "4K" ? 1 : 2;
  const unit = pageSize === "4K" ? 1 : 512;
  const machine = frames();
  const nested = pageTable(paging.fourLevel, machine);
  const memory = frames((first, count) => {
    // Tables lie among pages of the same size: what backs them is of that size too.
    for (let frame = first; frame < first + count; frame += unit)
      if (nested.frameOf(frame) < 0) nested.map(frame, machine.take(unit), level);
  });
  const guest = pageTable(paging.fourLevel, memory);
  const buffer = tlb({ levels: processor.tlb, pageSizes: everyPage(pageSize), tagged: false });
  for (const page of pages) if (guest.frameOf(page) < 0) guest.map(page, memory.take(unit), level);
  let hiddenFaults = 0;
  const shadow = shadowPaging({
    ...{ guest, mode: paging.fourLevel, memory: frames(), sync: "trap", unsyncedPages: 1 },
    machineFrame: (frame) => nested.frameOf(frame),
    leafLevel: () => level,
    onExit: (cause) => {
      if (cause === "hiddenFault") hiddenFaults++;
    },
  });
  const { caches, nestedCaches, nestedTlb } = processor;
  const native = nativeWalker({ table: guest, caches });
  const shadowed = nativeWalker({ table: shadow.table, caches });
  const both = nestedWalker({ guest, nested, caches, nestedCaches, ...(nestedTlb === undefined ? {} : { nestedTlb }) });
  const batch = singly(pages);
  let [misses, loads, failedCycles] = [0, 0, 0];
  for (let from = 0; from < pages.length;) {
    const to = Math.min(pages.length, from + every);
    for (let row = buffer.scan(batch, from, to); row < to; row = buffer.scan(batch, row, to)) {
      const page = pages[row]!;
      misses++;
      native.walk(page);
      both.walk(page);
      const before = cyclesOf(shadowed, processor);
      shadowed.walk(page);
      if (shadowed.end === "page fault") {
        failedCycles += cyclesOf(shadowed, processor) - before;
        shadow.fault(page, page - (page % unit), false);
        shadowed.walk(page);
      }
      buffer.fill(page, 1);
    }
    from = to;
    if (every === Infinity) break;
    loads++;
    buffer.flush();
    for (const walker of [native, shadowed, both]) walker.flush();
    shadow.destroy();
  }
  const fault = exits.roundTripCycles + exits.handlingCycles.hiddenFault;
  const loadCycles = exits.roundTripCycles + exits.handlingCycles.rootLoad;
  const [nativeCycles, nestedCycles] = [cyclesOf(native, processor), cyclesOf(both, processor)];
  return {
    ...{ references: pages.length, misses, loads, hiddenFaults, nativeCycles, nestedCycles, loadCycles },
    shadowCycles: cyclesOf(shadowed, processor) + hiddenFaults * fault + loads * loadCycles,
    nativeWalkCycles: nativeCycles / misses,
    nestedWalkCycles: nestedCycles / misses,
    hiddenFaultCycles: fault + failedCycles / Math.max(1, hiddenFaults),
  };
}

function cyclesOf({ references, nestedReferences }: Walker, processor: Processor): number {
  return cyclesOfWalks(processor, references, nestedReferences);
}
