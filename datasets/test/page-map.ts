import type { PageTableEntry } from "../capture/guest/page-tables.ts";

/** Memory pages that page tables map: physical by virtual page, the latter as bits 12 to 47 of an address. */
export function mapOf(entries: Iterable<Omit<PageTableEntry, "flags">>): Map<number, number> {
  const map = new Map<number, number>();
  for (const { level, virtualAddress, frame, leaf } of entries)
    for (let at = 0; leaf && at < 512 ** (level - 1); at += 1)
      map.set(Number((virtualAddress >> 12n) & 0xf_ffff_ffffn) + at, frame + at);
  return map;
}
