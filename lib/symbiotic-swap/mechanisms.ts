import { OptionError } from "../core/errors.ts";
import { integer, onlyOptions, positive } from "../core/options.ts";
import type { Mechanism } from "./mechanism.ts";
import { guestSwapParts, sharedParts } from "./price.ts";

/**
 * An option of {@link cachedDisk} and {@link swapBypass}.
 *
 * @example
 * ```ts
 * import type { CacheOptions } from "veelab/symbiotic-swap";
 * const megabyte: CacheOptions = { cachePages: 256 };
 * console.log(megabyte.cachePages);
 * ```
 */
export interface CacheOptions {
  /** Pages of the hypervisor's cache; 0: none, every request goes to the disk. */
  readonly cachePages: number;
}

function cacheOf(options: CacheOptions): number {
  onlyOptions(options, ["cachePages"]);
  return integer("cachePages", options.cachePages, { min: 0, max: 2 ** 30 });
}

/**
 * Palacios' swap disk with `symbiotic` 0: the guest's requests go to a write-back cache of the hypervisor, and from there to the
 * disk. Nothing tells it which slots the guest has freed; once it is full, each page written sends one to the disk, even where it holds
 * every slot. The baseline.
 *
 * @example
 * ```ts
 * import { cachedDisk } from "veelab/symbiotic-swap";
 * console.log(cachedDisk({ cachePages: 0 }).create(8, 64).cachePages); // 0
 * ```
 */
export function cachedDisk(options: CacheOptions): Mechanism {
  const cachePages = cacheOf(options);
  const create = (frames: number) => ({ frames, cachePages, bypass: false, forgets: false });
  return { label: "cached disk", params: { cachePages }, create, price: guestSwapParts };
}

/**
 * The same with `symbiotic` 1: a fault on a swapped-out page of the cache does not reach the guest. The hypervisor asks it by a
 * symcall whether the page may be used, and maps it where it lies.
 *
 * @example
 * ```ts
 * import { swapBypass } from "veelab/symbiotic-swap";
 * console.log(swapBypass({ cachePages: 64 }).create(8, 64).bypass); // true
 * ```
 */
export function swapBypass(options: CacheOptions): Mechanism {
  const { params, create, price } = cachedDisk(options);
  return {
    label: "SwapBypass",
    params,
    create: (frames, slots) => ({ ...create(frames, slots), bypass: true }),
    price,
  };
}

/**
 * A swap disk in the hypervisor's memory: a cache that never fills, of one page more than there are slots.
 *
 * @example
 * ```ts
 * import { ramDisk } from "veelab/symbiotic-swap";
 * console.log(ramDisk().create(8, 64).cachePages); // 65
 * ```
 */
export function ramDisk(): Mechanism {
  const create = (frames: number, slots: number) => ({ frames, cachePages: slots + 1, bypass: false, forgets: false });
  return { label: "RAM disk", params: {}, create, price: guestSwapParts };
}

/**
 * No need to swap: a guest with so many frames.
 *
 * @example
 * ```ts
 * import { noSwap } from "veelab/symbiotic-swap";
 * console.log(noSwap({ frames: 100 }).create(8, 64).frames); // 100
 * ```
 */
export function noSwap(options: {
  /** The guest's frames. */
  readonly frames: number;
}): Mechanism {
  onlyOptions(options, ["frames"]);
  const frames = integer("frames", options.frames, { min: 1, max: 2 ** 26 });
  const create = () => ({ frames, cachePages: 0, bypass: false, forgets: false });
  return { label: "no swapping", params: { frames }, create, price: guestSwapParts };
}

/**
 * zswap: the guest keeps swapped-out pages compressed in a part of its own memory; the oldest go to the disk when that is full. A fault on
 * one is a decompression without an exit for a request, and without sleeping, unless what is read ahead comes from the disk.
 *
 * @param options - `poolShare`: of the guest's frames, above 0 and below 1; `ratio`: how many pages a frame of the pool holds
 *
 * @example
 * ```ts
 * import { zswap } from "veelab/symbiotic-swap";
 * console.log(zswap({ poolShare: 0.25, ratio: 3 }).create(8, 64)); // 6 frames, 6 pages of cache
 * ```
 */
export function zswap(options: {
  /** The pool's share of the guest's frames. */
  readonly poolShare: number;
  /** Pages that a frame of the pool holds. */
  readonly ratio: number;
}): Mechanism {
  onlyOptions(options, ["poolShare", "ratio"]);
  const { poolShare } = options;
  if (!(poolShare > 0 && poolShare < 1)) throw new OptionError("poolShare", "a share above 0 and below 1", poolShare);
  const ratio = positive("ratio", options.ratio);
  return {
    label: "zswap",
    params: { poolShare, ratio },
    create: (frames, slots) => {
      const pool = Math.round(poolShare * frames);
      if (pool === frames) throw new OptionError("poolShare", "a share that leaves a frame to the pages", poolShare);
      return {
        frames: frames - pool,
        cachePages: Math.min(Math.floor(pool * ratio), slots),
        bypass: false,
        forgets: true,
      };
    },
    price: (counts, costs) => {
      // Only what goes to the disk or comes from there is a request, and only for that a fault sleeps; what is written back is decompressed first.
      const requests = { ...counts, pagesIn: counts.diskReads, pagesOut: counts.diskWrites };
      const { transferS } = guestSwapParts(requests, costs);
      const minorFaults = counts.minorFaults + counts.majorFaults - counts.diskFaults;
      const parts = guestSwapParts({ ...counts, minorFaults, majorFaults: counts.diskFaults }, costs);
      const packed =
        counts.pagesOut * costs.compressCycles + (counts.cacheHits + counts.diskWrites) * costs.decompressCycles;
      return { ...parts, transferS: transferS + packed / costs.clockHz };
    },
  };
}

/**
 * The hypervisor swaps, and the guest knows nothing of it: a page that is not there is an exit, a disk request without exits, and
 * the guest goes on. The hypervisor's order of pages is the guest's reclaim, as if it saw every reference, and so are its swap cache and slots:
 * their faults, too, are exits that the guest does not see.
 *
 * @example
 * ```ts
 * import { hostSwap } from "veelab/symbiotic-swap";
 * console.log(hostSwap().create(8, 64).cachePages); // 0
 * ```
 */
export function hostSwap(): Mechanism {
  return {
    label: "host swap",
    params: {},
    create: (frames) => ({ frames, cachePages: 0, bypass: false, forgets: false }),
    price: (counts, costs) => {
      const { exits } = costs;
      const x = exits.roundTripCycles;
      const seconds = (cycles: number): number => cycles / costs.clockHz;
      // The guest sees first touches only. All other faults are the hypervisor's, whose exit fills the shadow, too; an eviction needs no INVLPG of
      // the guest.
      const hostMinorFaults = counts.minorFaults - counts.firstTouches;
      const hiddenFaults = counts.hiddenFaults - counts.majorFaults - hostMinorFaults;
      const invalidations = counts.invalidations - counts.unmapped;
      const exit = x + exits.handlingCycles.hiddenFault;
      return {
        ...sharedParts({ ...counts, hiddenFaults, invalidations }, costs),
        guestS: seconds(counts.firstTouches * (x + exits.handlingCycles.guestFault + costs.minorFaultCycles)),
        transferS: seconds(
          counts.majorFaults * (exit + costs.majorFaultCycles) +
            hostMinorFaults * (exit + costs.minorFaultCycles) +
            (counts.pagesOut + counts.cleanEvictions) * costs.reclaimCycles,
        ),
        symcallS: 0,
      };
    },
  };
}
