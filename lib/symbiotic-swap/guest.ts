import { OptionError } from "../core/errors.ts";
import { frames, type Frames, kinds } from "../hardware/index.ts";
import { noCounts, type SwapCounts } from "./counts.ts";
import { PageIndex } from "./page-index.ts";
import type { Reclaim, ReclaimPolicy } from "./reclaim.ts";
import { type SwapCache, swapCache } from "./swap-cache.ts";
import { SwapSlots } from "./swap-slots.ts";
import { invalidate, type SwapBatch } from "./trace.ts";

/** Of what a guest and its hypervisor are made. */
export interface GuestShape {
  readonly frames: number;
  readonly slots: number;
  readonly cachePages: number;
  /** Whether the hypervisor maps swapped-out pages of its cache. */
  readonly bypass: boolean;
  /** Whether the cache is told of freed slots. */
  readonly forgets: boolean;
  readonly reclaim: ReclaimPolicy;
  readonly readAhead: number;
  readonly referencesPerRootLoad: number;
  /** Whether the shadow page table begins empty at each load of CR3. */
  readonly emptied: boolean;
}

const UNTOUCHED = -1;
const SWAPPED = -2;
/** The guest's page table maps the page; otherwise a resident page is in the swap cache only. */
const MAPPED = 1;
/** The guest's page-table entry is dirty. */
const WRITTEN = 2;

/**
 * A guest that swaps, and the hypervisor below it. A shadow entry is a stamp beside the page: it holds while it equals the stamp of
 * its kind, so that a load of CR3 drops any number of entries by one addition.
 */
export class Guest {
  readonly counts: SwapCounts = noCounts();
  readonly #pages = new PageIndex();
  readonly #memory: Frames;
  readonly #slots: SwapSlots;
  readonly #cache: SwapCache | undefined;
  readonly #reclaim: Reclaim;
  readonly #shape: GuestShape;
  readonly #inFrame: Int32Array;
  /** By page: a frame, UNTOUCHED or SWAPPED; its slot or -1 (a resident page with a slot is clean); its stamp; its flags. */
  #home = new Int32Array(0);
  #slot = new Int32Array(0);
  #stamp = new Int32Array(0);
  #flags = new Uint8Array(0);
  #residentStamp = 1;
  #bypassStamp = 1;
  #untilRootLoad: number;

  constructor(shape: GuestShape) {
    this.#shape = shape;
    this.#memory = frames(undefined, shape.frames);
    this.#inFrame = new Int32Array(shape.frames);
    this.#slots = new SwapSlots(shape.slots);
    this.#cache = shape.cachePages > 0 ? swapCache(shape.cachePages, shape.slots) : undefined;
    this.#reclaim = shape.reclaim.create(shape.frames);
    this.#untilRootLoad = shape.referencesPerRootLoad;
  }

  apply(batch: SwapBatch): void {
    const { page, count, kind } = batch;
    if (batch.rootLoad === true) this.#loadRoot();
    const { counts } = this;
    const reclaim = this.#reclaim;
    let [home, stamp, flags] = [this.#home, this.#stamp, this.#flags];
    let [residentStamp, bypassStamp] = [this.#residentStamp, this.#bypassStamp];
    let until = this.#untilRootLoad;
    let references = 0;
    for (let row = 0; row < page.length; row++) {
      const what = kind[row]!;
      let left = count[row]!;
      if (left === 0 || what > invalidate) throw badRow(batch, row);
      let id = this.#pages.of(page[row]!);
      if (id < 0) {
        id = this.#add(page[row]!);
        [home, stamp, flags] = [this.#home, this.#stamp, this.#flags];
      }
      if (what === invalidate) {
        this.#invalidate(id);
        continue;
      }
      const write = what === kinds.write;
      references += left;
      for (;;) {
        const frame = home[id]!;
        if (frame >= 0) {
          reclaim.touch(frame);
          if (stamp[id] !== residentStamp || (write && flags[id] !== (MAPPED | WRITTEN))) this.#shadowFault(id, write);
        } else if (frame === SWAPPED) {
          if (stamp[id] !== bypassStamp) this.#swapFault(id, write);
        } else this.#firstTouch(id, write);
        if (left < until) break;
        left -= until;
        until = this.#shape.referencesPerRootLoad;
        this.#loadRoot();
        [residentStamp, bypassStamp] = [this.#residentStamp, this.#bypassStamp];
        if (left === 0) break;
      }
      until -= left;
    }
    this.#untilRootLoad = until;
    counts.references += references;
  }

  /** Counts what is where. O(pages). */
  end(): SwapCounts {
    const { counts } = this;
    counts.residentPages = 0;
    counts.swappedPages = 0;
    counts.cachedPages = 0;
    for (let id = 0; id < this.#pages.size; id++)
      if (this.#home[id]! >= 0) counts.residentPages++;
      else if (this.#home[id] === SWAPPED) {
        counts.swappedPages++;
        if (this.#cache?.has(this.#slot[id]!) === true) counts.cachedPages++;
      }
    return counts;
  }

  #add(page: number): number {
    const id = this.#pages.add(page);
    const needed = this.#pages.size;
    if (needed > this.#home.length) {
      const size = Math.max(needed, 2 * this.#home.length);
      const longer = <A extends Int32Array | Uint8Array>(from: A, to: A): A => {
        to.set(from);
        return to;
      };
      this.#home = longer(this.#home, new Int32Array(size).fill(UNTOUCHED));
      this.#slot = longer(this.#slot, new Int32Array(size).fill(-1));
      this.#stamp = longer(this.#stamp, new Int32Array(size));
      this.#flags = longer(this.#flags, new Uint8Array(size));
    }
    return id;
  }

  #loadRoot(): void {
    const { counts } = this;
    counts.rootLoads++;
    counts.endedByRootLoad += counts.live;
    counts.live = 0;
    this.#bypassStamp++;
    if (this.#shape.emptied) this.#residentStamp++;
  }

  #invalidate(id: number): void {
    this.counts.invalidations++;
    if (this.#isBypassed(id)) this.counts.endedByInvalidation += this.#endBypass(id);
    else this.#stamp[id] = 0;
  }

  #firstTouch(id: number, write: boolean): void {
    this.counts.minorFaults++;
    this.counts.firstTouches++;
    this.#place(id, this.#takeFrame());
    this.#mapped(id, write);
  }

  /** The guest has mapped a resident page: its next reference fills the shadow. */
  #mapped(id: number, write: boolean): void {
    this.#flags[id] = MAPPED | (write ? WRITTEN : 0);
    this.counts.hiddenFaults++;
    this.#stamp[id] = this.#residentStamp;
    this.#reclaim.touch(this.#home[id]!);
  }

  /** A resident page has no shadow entry, or a read-only one and is written to. */
  #shadowFault(id: number, write: boolean): void {
    const { counts } = this;
    const flags = this.#flags[id]!;
    if ((flags & MAPPED) === 0) {
      // In the guest's swap cache, its page-table entry still names the slot.
      if (this.#shape.bypass && this.#cache?.has(this.#slot[id]!) === true) {
        counts.symcalls++;
        counts.refused++;
      }
      counts.minorFaults++;
      this.#keepSlotOrNot(id, write);
      this.#mapped(id, write);
      return;
    }
    const firstWrite = write && (flags & WRITTEN) === 0;
    if (firstWrite && this.#slot[id]! >= 0) {
      // Mapped read-only as long as it has its slot: the guest frees that, and its new entry is shadowed anew.
      counts.minorFaults++;
      this.#freeSlot(id);
      counts.hiddenFaults++;
    } else if (this.#stamp[id] !== this.#residentStamp) counts.hiddenFaults++;
    else counts.dirtyFaults++;
    if (firstWrite) this.#flags[id] = MAPPED | WRITTEN;
    this.#stamp[id] = this.#residentStamp;
  }

  #swapFault(id: number, write: boolean): void {
    const { counts } = this;
    const slot = this.#slot[id]!;
    if (this.#shape.bypass && this.#cache?.has(slot) === true) {
      counts.symcalls++;
      counts.bypassed++;
      counts.live++;
      if (counts.live > counts.mostLive) counts.mostLive = counts.live;
      this.#stamp[id] = this.#bypassStamp;
      return;
    }
    counts.majorFaults++;
    const diskReads = counts.diskReads;
    const frame = this.#takeFrame();
    this.#read(slot);
    this.#place(id, frame);
    this.#reclaim.touch(frame); // reading ahead must not take it back
    if (this.#shape.readAhead > 1) this.#readAhead(slot);
    if (counts.diskReads > diskReads) counts.diskFaults++;
    this.#keepSlotOrNot(id, write);
    this.#mapped(id, write);
  }

  /** Linux reads the occupied slots of an aligned group, one of which it needs, into its swap cache. */
  #readAhead(needed: number): void {
    const { readAhead, slots } = this.#shape;
    const first = needed - (needed % readAhead);
    const end = Math.min(first + readAhead, slots);
    for (let slot = first; slot < end; slot++) {
      const other = this.#slots.owner[slot]!;
      if (other < 0 || this.#home[other] !== SWAPPED) continue;
      this.#read(slot);
      this.#place(other, this.#takeFrame());
    }
  }

  #place(id: number, frame: number): void {
    this.#home[id] = frame;
    this.#inFrame[frame] = id;
    this.#stamp[id] = 0; // that of a bypass which a load of CR3 ended is no entry of a resident page
    this.#reclaim.fill(frame);
  }

  #takeFrame(): number {
    if (this.#memory.used < this.#shape.frames) return this.#memory.take();
    const frame = this.#reclaim.victim();
    this.#evict(this.#inFrame[frame]!);
    return frame;
  }

  #evict(id: number): void {
    const { counts } = this;
    if ((this.#flags[id]! & MAPPED) !== 0) {
      counts.invalidations++;
      counts.unmapped++;
    }
    this.#stamp[id] = 0;
    this.#flags[id] = 0;
    if (this.#slot[id]! >= 0) counts.cleanEvictions++;
    else {
      const slot = this.#slots.take(id, this.#spares);
      this.#slot[id] = slot;
      this.#write(slot);
    }
    this.#home[id] = SWAPPED;
  }

  /** Takes its slot from a resident page that does not need it; gives whether there was one. */
  readonly #spares = (id: number): boolean => {
    if (this.#home[id]! < 0 || (this.#flags[id]! & MAPPED) === 0) return false;
    this.#slot[id] = -1;
    return true;
  };

  /** A page that is read keeps its slot while half of the slots are free (Linux's vm_swap_full); one that is written to does not. */
  #keepSlotOrNot(id: number, write: boolean): void {
    if (write || 2 * this.#slots.used > this.#shape.slots) this.#freeSlot(id);
  }

  #freeSlot(id: number): void {
    const slot = this.#slot[id]!;
    this.#slots.free(slot);
    if (this.#shape.forgets) this.#cache?.forget(slot);
    this.#slot[id] = -1;
  }

  #read(slot: number): void {
    const { counts } = this;
    counts.pagesIn++;
    const id = this.#slots.owner[slot]!;
    if (this.#isBypassed(id)) counts.endedByRead += this.#endBypass(id);
    if (this.#cache?.has(slot) === true) counts.cacheHits++;
    else counts.diskReads++;
  }

  #write(slot: number): void {
    const { counts } = this;
    counts.pagesOut++;
    if (this.#cache === undefined) {
      counts.diskWrites++;
      return;
    }
    const out = this.#cache.write(slot);
    if (out < 0) return;
    counts.diskWrites++;
    const id = this.#slots.owner[out]!;
    if (id >= 0 && this.#isBypassed(id)) counts.endedByEviction += this.#endBypass(id);
  }

  #isBypassed(id: number): boolean {
    return this.#home[id] === SWAPPED && this.#stamp[id] === this.#bypassStamp;
  }

  #endBypass(id: number): number {
    this.#stamp[id] = 0;
    this.counts.live--;
    return 1;
  }
}

function badRow({ count, kind }: SwapBatch, row: number): OptionError {
  return count[row] === 0
    ? new OptionError(`batch.count[${row}]`, "at least 1", 0)
    : new OptionError(`batch.kind[${row}]`, "0 (fetch), 1 (read), 2 (write) or 3 (invalidate)", kind[row]);
}
