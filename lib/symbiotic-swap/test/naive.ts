// The same guest written plainly: Maps and sets for pages, a shadow page table of veelab/hardware for what is mapped, its FIFO and LRU
// for the cache and the frames, a list for the slots.
import { fifo, frames, kinds, lru, paging, pageTable, type ReferenceBatch } from "../../hardware/index.ts";
import { invalidate } from "../index.ts";

interface Plain {
  readonly frames: number;
  readonly slots: number;
  readonly cachePages: number;
  readonly bypass: boolean;
  readonly referencesPerRootLoad: number;
}

/** Counts of a trace without reading ahead, under LRU, with shadows emptied at each load of CR3. */
export function naiveSwap(trace: readonly ReferenceBatch[], given: Plain): Record<string, number> {
  const memory = lru().create(1, given.frames);
  const cache = fifo().create(1, Math.max(1, given.cachePages));
  let cached: number[] = [];
  const slots: (number | undefined)[] = Array.from({ length: given.slots }, () => undefined);
  let nextSlot = 0;
  const slotOf = new Map<number, number>();
  const swapped = new Set<number>();
  const dirty = new Set<number>();
  const table = pageTable(paging.fourLevel, frames());
  const writable = new Set<number>();
  const bypassed = new Set<number>();
  const counts: Record<string, number> = {};
  const count = (name: string, by = 1): void => {
    if (by !== 0) counts[name] = (counts[name] ?? 0) + by;
  };
  const shadow = (page: number): void => {
    count("hiddenFaults");
    table.map(page, page);
    if (dirty.has(page)) writable.add(page);
  };
  const unshadow = (page: number): void => {
    table.unmap(page);
    writable.delete(page);
  };
  const inCache = (slot: number): boolean => cached.includes(slot);
  const freeSlot = (page: number): void => {
    slots[slotOf.get(page)!] = undefined;
    slotOf.delete(page);
  };
  const takeSlot = (page: number): number => {
    const order = [...slots.keys()].map((step) => (nextSlot + step) % slots.length);
    const slot =
      order.find((at) => slots[at] === undefined) ?? order.find((at) => !swapped.has(slots[at]!)) ?? slots.length;
    const owner = slots[slot];
    if (slot === slots.length) throw new Error("out of memory");
    if (owner !== undefined) slotOf.delete(owner);
    nextSlot = (slot + 1) % slots.length;
    slots[slot] = page;
    return slot;
  };
  const writeSlot = (slot: number): void => {
    count("pagesOut");
    if (given.cachePages === 0) {
      count("diskWrites");
      return;
    }
    if (cached.length === given.cachePages) {
      const out = cached[0]!;
      cache.drop(0, out);
      count("diskWrites");
      const owner = slots[out];
      if (owner !== undefined && bypassed.delete(owner)) count("endedByEviction");
    }
    if (!cache.touch(0, slot)) cache.fill(0, slot);
    cached = cache.keys(0).reverse();
  };
  const bring = (page: number): void => {
    const out = memory.fill(0, page);
    if (out < 0) return;
    count("invalidations");
    count("unmapped");
    unshadow(out);
    dirty.delete(out);
    if (slotOf.has(out)) count("cleanEvictions");
    else {
      const slot = takeSlot(out);
      slotOf.set(out, slot);
      writeSlot(slot);
    }
    swapped.add(out);
  };
  const loadRoot = (): void => {
    count("rootLoads");
    count("endedByRootLoad", bypassed.size);
    bypassed.clear();
    table.clear();
    writable.clear();
  };
  const touch = (page: number, write: boolean): void => {
    if (memory.touch(0, page)) {
      if (write && !dirty.has(page)) {
        if (slotOf.has(page)) {
          count("minorFaults");
          freeSlot(page);
          unshadow(page);
        } else if (table.frameOf(page) >= 0) {
          count("dirtyFaults");
          writable.add(page);
        }
        dirty.add(page);
      }
      if (table.frameOf(page) < 0) shadow(page);
      if (write && !writable.has(page)) throw new Error("a write to a read-only entry");
      return;
    }
    if (!swapped.has(page)) {
      count("minorFaults");
      count("firstTouches");
      bring(page);
    } else {
      const slot = slotOf.get(page)!;
      if (bypassed.has(page)) return;
      if (given.bypass && inCache(slot)) {
        count("symcalls");
        count("bypassed");
        bypassed.add(page);
        return;
      }
      count("majorFaults");
      bring(page);
      swapped.delete(page);
      count("pagesIn");
      if (inCache(slot)) count("cacheHits");
      else {
        count("diskReads");
        count("diskFaults");
      }
      if (write || 2 * slots.filter((owner) => owner !== undefined).length > slots.length) freeSlot(page);
    }
    if (write) dirty.add(page);
    shadow(page);
  };
  let since = 0;
  for (const batch of trace)
    for (let row = 0; row < batch.page.length; row++) {
      const page = batch.page[row]!;
      if (batch.kind[row] === invalidate) {
        count("invalidations");
        if (bypassed.delete(page)) count("endedByInvalidation");
        else unshadow(page);
        continue;
      }
      for (let n = 0; n < batch.count[row]!; n++) {
        count("references");
        touch(page, batch.kind[row] === kinds.write);
        if (++since === given.referencesPerRootLoad) {
          since = 0;
          loadRoot();
        }
      }
    }
  count("live", bypassed.size);
  count("swappedPages", swapped.size);
  count("residentPages", memory.keys(0).length);
  count("cachedPages", [...swapped].filter((page) => inCache(slotOf.get(page)!)).length);
  return counts;
}
