import { nonNegative, onlyOptions, positive } from "../core/options.ts";
import {
  checkExitCosts,
  disk2011,
  diskToday,
  type DiskSpeed,
  type ExitCosts,
  exits2011,
  exitsToday,
  goldenCove,
  nehalem,
} from "../hardware/index.ts";
import { checkDiskSpeed } from "../hardware/disk.ts";

/**
 * The prices of what a guest that swaps and its hypervisor do; cycles without the exits' round trips.
 *
 * @example
 * ```ts
 * import { costs2011, type Costs } from "veelab/symbiotic-swap";
 * const ram: Costs = { ...costs2011, label: "RAM", disk: { label: "RAM", accessMs: 0, sequentialMBps: 4000, latencyMs: 0 } };
 * console.log(ram.label);
 * ```
 */
export interface Costs {
  /** Name in tables and charts. */
  readonly label: string;
  /** The processor's clock, Hz. */
  readonly clockHz: number;
  /** What leaving the guest costs. */
  readonly exits: ExitCosts;
  /** The swap disk; each page that it reads or writes is a request of its own. */
  readonly disk: DiskSpeed;
  /** A reference with what is computed in between, ns. */
  readonly referenceNs: number;
  /** A system call of the guest that does nothing. */
  readonly syscallCycles: number;
  /** The hypervisor's part of a hypercall that does nothing. */
  readonly hypercallCycles: number;
  /** The guest's handler of a fault without a transfer. */
  readonly minorFaultCycles: number;
  /** The guest's handler of a fault with a transfer: handler, block layer, going to sleep and waking. */
  readonly majorFaultCycles: number;
  /** The guest's choice of a page to evict, and unmapping it. */
  readonly reclaimCycles: number;
  /** The hypervisor's part of INVLPG. */
  readonly invalidateCycles: number;
  /** Exits of a request to the swap device, its interrupt's included. */
  readonly requestExits: number;
  /** The hypervisor's part of each of these. */
  readonly requestExitCycles: number;
  /** A copy of 4 KiB. */
  readonly copyCycles: number;
  /** The hypervisor's part of a symcall: the context is saved and loaded, two descriptors are read from the guest's memory. */
  readonly symcallCycles: number;
  /** The guest's handler of MEM_LOOKUP. */
  readonly lookUpCycles: number;
  /** Further exits of that handler, as for shadow faults on its own memory. */
  readonly lookUpExits: number;
  /** The hypervisor's note of a page that it maps for the guest. */
  readonly noteCycles: number;
  /** Compressing 4 KiB, and the reverse. */
  readonly compressCycles: number;
  /** See above. */
  readonly decompressCycles: number;
}

const us = (processor: { readonly clockHz: number }, microseconds: number): number =>
  Math.round(microseconds * 1e-6 * processor.clockHz);

/**
 * Prices of 2011: shadow paging, an emulated disk controller, a hard disk.
 *
 * @example
 * ```ts
 * import { costs2011 } from "veelab/symbiotic-swap";
 * console.log(costs2011.disk.accessMs); // 9
 * ```
 */
export const costs2011: Costs = {
  label: "2011",
  clockHz: nehalem.clockHz,
  exits: exits2011,
  disk: disk2011,
  referenceNs: 1, // assumption: three instructions, mostly hits in caches
  syscallCycles: us(nehalem, 0.15), // 100 to 200 ns: recalled, high
  hypercallCycles: 300, // assumption: dispatch and return
  minorFaultCycles: us(nehalem, 0.75), // 0.5 to 1 µs: recalled, high
  majorFaultCycles: 12_000, // assumption: 4 µs: a minor fault, two context switches, a block request
  reclaimCycles: 4000, // assumption
  invalidateCycles: 1000, // assumption: a walk of the shadow
  requestExits: 12, // assumption: the registers of an ATA controller, and its interrupt
  requestExitCycles: 3000, // assumption: decoding and a device model
  copyCycles: us(nehalem, 1), // assumption: 4 GB/s
  symcallCycles: 2000, // assumption: forty registers each way, two walks of the guest's page table
  lookUpCycles: 1500, // assumption: the memory area and the swap cache are looked up
  lookUpExits: 0, // assumption: the handler's memory stays in the shadow
  noteCycles: 500, // assumption: a hash table and an allocation
  compressCycles: us(nehalem, 12), // assumption: LZO, 350 MB/s
  decompressCycles: us(nehalem, 6), // assumption: LZO, 700 MB/s
};

/**
 * Prices of today: virtio and NVMe. The hypervisor still shadows page tables, since without that there is no SwapBypass.
 *
 * @example
 * ```ts
 * import { costsToday } from "veelab/symbiotic-swap";
 * console.log(costsToday.requestExits); // 2
 * ```
 */
export const costsToday: Costs = {
  label: "today",
  clockHz: goldenCove.clockHz,
  exits: exitsToday,
  disk: diskToday,
  referenceNs: 0.5, // assumption
  syscallCycles: us(goldenCove, 0.1), // 50 to 200 ns: recalled, high
  hypercallCycles: 200, // assumption
  minorFaultCycles: us(goldenCove, 0.4), // 0.25 to 0.6 µs: recalled, high
  majorFaultCycles: 8000, // assumption
  reclaimCycles: 2700, // assumption, a third less than in 2011, as in exitsToday
  invalidateCycles: 700, // assumption
  requestExits: 2, // assumption: virtio's notification and its interrupt
  requestExitCycles: 2000, // assumption
  copyCycles: us(goldenCove, 0.4), // assumption: 10 GB/s
  symcallCycles: 1300, // assumption
  lookUpCycles: 1000, // assumption
  lookUpExits: 0, // assumption
  noteCycles: 300, // assumption
  compressCycles: us(goldenCove, 5), // with the next: 2 to 5 µs in zswap and zram: recalled, high
  decompressCycles: us(goldenCove, 2),
};

const cycles = [
  ...(["syscallCycles", "hypercallCycles", "minorFaultCycles", "majorFaultCycles", "reclaimCycles"] as const),
  ...([
    "invalidateCycles",
    "requestExits",
    "requestExitCycles",
    "copyCycles",
    "symcallCycles",
    "lookUpCycles",
  ] as const),
  ...(["lookUpExits", "noteCycles", "compressCycles", "decompressCycles", "referenceNs"] as const),
] as const;

/** Throws an OptionError unless every price is in range. */
export function checkCosts(costs: Costs): void {
  onlyOptions(costs, ["label", "clockHz", "exits", "disk", ...cycles], "costs");
  positive("costs.clockHz", costs.clockHz);
  checkExitCosts("costs.exits", costs.exits);
  checkDiskSpeed("costs.disk", costs.disk);
  for (const name of cycles) nonNegative(`costs.${name}`, costs[name]);
}

/** What the swap disk takes for a page, s. */
export const diskPageS = ({ accessMs, latencyMs, sequentialMBps }: DiskSpeed): number =>
  (accessMs + latencyMs) * 1e-3 + 4096 / (sequentialMBps * 1e6);
