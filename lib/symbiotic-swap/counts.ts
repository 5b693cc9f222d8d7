/**
 * What happened in a run, independent of what it costs.
 *
 * @example
 * ```ts
 * import type { SwapCounts } from "veelab/symbiotic-swap";
 * const guestFaults = (counts: SwapCounts): number => counts.minorFaults + counts.majorFaults;
 * console.log(guestFaults);
 * ```
 */
export interface SwapCounts {
  /** References of the trace. */
  references: number;
  /** Loads of CR3. */
  rootLoads: number;
  /** Exits in which the hypervisor filled a shadow entry from the guest's page table. */
  hiddenFaults: number;
  /** Exits for the first write to a page whose shadow entry was read-only. */
  dirtyFaults: number;
  /** Faults that the guest handled without a transfer: first touches, pages of its swap cache, first writes to a page that has its slot. */
  minorFaults: number;
  /** Of these, the first touches of a page. */
  firstTouches: number;
  /** Faults for which the guest read its swap device. */
  majorFaults: number;
  /** Of these, those for which the disk read a page, the wanted one or one read ahead. */
  diskFaults: number;
  /** INVLPG exits: one for each mapped page that is evicted, and the trace's own. */
  invalidations: number;
  /** Of these, those of evicted pages. */
  unmapped: number;
  /** Pages that the guest read from its swap device, those read ahead included (Linux: pswpin). */
  pagesIn: number;
  /** Pages that the guest wrote to it (Linux: pswpout). */
  pagesOut: number;
  /** Evicted pages that were not written, as their slot still had them. */
  cleanEvictions: number;
  /** Of `pagesIn`, those that the cache held. */
  cacheHits: number;
  /** Pages that the disk read. */
  diskReads: number;
  /** Pages that the disk wrote. */
  diskWrites: number;
  /** Symcalls: MEM_LOOKUP. */
  symcalls: number;
  /** Of these, those that the guest answered with no, as the page was in its own swap cache. */
  refused: number;
  /** Swapped-out pages that were mapped for the guest in the hypervisor's cache. */
  bypassed: number;
  /** Such mappings that ended as the guest read the slot. */
  endedByRead: number;
  /** … as the cache wrote the page to the disk. */
  endedByEviction: number;
  /** … by a load of CR3. */
  endedByRootLoad: number;
  /** … by INVLPG. */
  endedByInvalidation: number;
  /** Such mappings at the end. */
  live: number;
  /** The most there were at once. */
  mostLive: number;
  /** Pages in the guest's frames at the end. */
  residentPages: number;
  /** Pages swapped out at the end. */
  swappedPages: number;
  /** Of these, those in the cache. */
  cachedPages: number;
}

/** Nothing has happened yet. */
export const noCounts = (): SwapCounts => ({
  ...{ references: 0, rootLoads: 0, hiddenFaults: 0, dirtyFaults: 0, minorFaults: 0, firstTouches: 0 },
  ...{ majorFaults: 0, diskFaults: 0, invalidations: 0, unmapped: 0 },
  ...{ pagesIn: 0, pagesOut: 0, cleanEvictions: 0, cacheHits: 0, diskReads: 0, diskWrites: 0 },
  ...{ symcalls: 0, refused: 0, bypassed: 0, endedByRead: 0, endedByEviction: 0, endedByRootLoad: 0 },
  ...{ endedByInvalidation: 0, live: 0, mostLive: 0, residentPages: 0, swappedPages: 0, cachedPages: 0 },
});
