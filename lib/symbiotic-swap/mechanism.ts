import type { Costs } from "./costs.ts";
import type { SwapCounts } from "./counts.ts";

/** Of a guest, what a mechanism decides: how many frames its pages have, and the cache. */
export interface MechanismShape {
  /** Frames for the guest's pages. */
  readonly frames: number;
  /** Pages of the cache between them and the disk. */
  readonly cachePages: number;
  /** Whether swapped-out pages of the cache are mapped for the guest. */
  readonly bypass: boolean;
  /** Whether the cache is told which slots are freed; otherwise their pages stay until their turn. */
  readonly forgets: boolean;
}

/**
 * Where the time goes, s. The parts add up to the run's time.
 *
 * @example
 * ```ts
 * import type { TimeParts } from "veelab/symbiotic-swap";
 * const swapping = (parts: TimeParts): number => parts.transferS + parts.symcallS + parts.diskS;
 * console.log(swapping);
 * ```
 */
export type TimeParts = {
  /** The references themselves. */
  readonly computeS: number;
  /** Keeping the shadow page table: exits for hidden and dirty faults, INVLPG and CR3. */
  readonly shadowS: number;
  /** The guest's fault handlers and reclaim, and the exits that reflect faults to it. */
  readonly guestS: number;
  /** Transfers but for the disk: exits, copies, compression; a hypervisor's own handling of faults and reclaim, where it swaps. */
  readonly transferS: number;
  /** Symcalls, the faults that lead to them, and mapping. */
  readonly symcallS: number;
  /** The disk. */
  readonly diskS: number;
};

/**
 * What stands between a guest's memory and its swap disk: a plain value, as every policy in veelab.
 *
 * @example
 * ```ts
 * import { cachedDisk, type Mechanism, swapBypass } from "veelab/symbiotic-swap";
 * const both: readonly Mechanism[] = [cachedDisk({ cachePages: 64 }), swapBypass({ cachePages: 64 })];
 * console.log(both.map(({ label }) => label).join()); // cached disk,SwapBypass
 * ```
 */
export interface Mechanism {
  /** Its name in tables and charts. */
  readonly label: string;
  /** Its parameters, columns of a sweep's table. */
  readonly params: Readonly<Record<string, number | string>>;
  /** What it makes of a guest's frames and swap slots; throws an OptionError where it cannot. */
  readonly create: (frames: number, slots: number) => MechanismShape;
  /** What a run takes. */
  readonly price: (counts: SwapCounts, costs: Costs) => TimeParts;
}
