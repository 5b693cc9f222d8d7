import { nonNegative, onlyOptions } from "../core/options.ts";
import { disk2011, diskToday, type DiskSpeed, exits2011, exitsToday, goldenCove, nehalem } from "../hardware/index.ts";
import { checkDiskSpeed } from "../hardware/disk.ts";

/**
 * The prices of a checkpoint and a restore.
 *
 * @example
 * ```ts
 * import { costs2011, type Costs } from "veelab/checkpointing";
 * const nfs: Costs = { ...costs2011, label: "NFS", storage: { label: "NFS", accessMs: 0.5, sequentialMBps: 100, latencyMs: 0 } };
 * console.log(nfs.label);
 * ```
 */
export interface Costs {
  /** Name in tables and charts. */
  readonly label: string;
  /** Where images are written to and read from. */
  readonly storage: DiskSpeed;
  /** Where the guest's disk lies, which a restore reads the pages of the map from. */
  readonly disk: DiskSpeed;
  /** Stopping the guest, waiting for its transfers and saving its processors and devices; and the same of a restore, s. */
  readonly fixedS: number;
  /** Processors' and devices' state in an image, bytes. */
  readonly stateBytes: number;
  /** Mapping a guest's page and copying it to the image, µs a stored page. */
  readonly pageUs: number;
  /** Looking a page up, whether it is stored or not, ns a page of the guest. */
  readonly lookUpNs: number;
  /** Leaving the guest for a write that must be noted, and going back, µs. */
  readonly storeExitUs: number;
  /** Making a page's next write be noted again, after each transfer of it, µs. */
  readonly protectUs: number;
}

/**
 * Prices of 2011: the image on one hard disk, the guest's disk on another.
 *
 * @example
 * ```ts
 * import { costs2011 } from "veelab/checkpointing";
 * console.log(costs2011.storeExitUs.toFixed(1)); // 1.6
 * ```
 */
export const costs2011: Costs = {
  label: "2011",
  storage: disk2011,
  disk: disk2011,
  // assumption: a fraction of a second to stop a guest and its device model; not published.
  fixedS: 0.3,
  // assumption: registers, and a device model's state without video memory.
  stateBytes: 65_536,
  // assumption: a page table entry, 4 KiB copied at some GB/s, its part of a system call.
  pageUs: 2,
  // assumption: two arrays are read, usually in the cache.
  lookUpNs: 10,
  // exits2011: a round trip and the work of a dirty fault, at nehalem's clock.
  storeExitUs: ((exits2011.roundTripCycles + exits2011.handlingCycles.dirtyFault) / nehalem.clockHz) * 1e6,
  // assumption: an entry is changed and one page flushed from the TLB, of the order of 500 cycles.
  protectUs: 0.2,
};

/**
 * Prices of today: images and the guest's disk on NVMe.
 *
 * @example
 * ```ts
 * import { costsToday } from "veelab/checkpointing";
 * console.log(costsToday.storage.label); // NVMe, today
 * ```
 */
export const costsToday: Costs = {
  label: "today",
  storage: diskToday,
  disk: diskToday,
  // assumption: as in 2011, with a lighter device model (a microVM's is stopped in some ms).
  fixedS: 0.05,
  stateBytes: 65_536,
  // assumption: 4 KiB copied at 10 GB/s, its part of a system call.
  pageUs: 0.6,
  lookUpNs: 5,
  // exitsToday, as above, at goldenCove's clock.
  storeExitUs: ((exitsToday.roundTripCycles + exitsToday.handlingCycles.dirtyFault) / goldenCove.clockHz) * 1e6,
  protectUs: 0.15,
};

const names = ["label", "storage", "disk", "fixedS", "stateBytes", "pageUs", "lookUpNs", "storeExitUs", "protectUs"];

/** Throws an OptionError unless every price is in range. */
export function checkCosts(costs: Costs): void {
  onlyOptions(costs, names, "costs");
  checkDiskSpeed("costs.storage", costs.storage);
  checkDiskSpeed("costs.disk", costs.disk);
  for (const name of ["fixedS", "stateBytes", "pageUs", "lookUpNs", "storeExitUs", "protectUs"] as const)
    nonNegative(`costs.${name}`, costs[name]);
}
