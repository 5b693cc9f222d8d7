// Pre-copy written the plainest way: a list of request objects, a map of send times, a set of dirty blocks.

/** A request, times in s, blocks from first to last. */
export interface PlainRequest {
  readonly at: number;
  readonly write: boolean;
  readonly first: number;
  readonly last: number;
}

/** Blocks sent again and the time of the migration, in slots of one block. */
export function naivePreCopy(
  requests: readonly PlainRequest[],
  order: readonly number[],
  { slot, start, mostLeft = 0 }: { readonly slot: number; readonly start: number; readonly mostLeft?: number },
): { readonly extra: number; readonly slots: number } {
  const sentAt = new Map<number, number>();
  order.forEach((block, place) => sentAt.set(block, start + place * slot));
  const dirty = new Set<number>();
  let next = requests.findIndex(({ at }) => at >= start);
  if (next < 0) next = requests.length;
  const until = (end: number): void => {
    for (; next < requests.length && requests[next]!.at <= end; next++) {
      const { at, write, first, last } = requests[next]!;
      if (!write) continue;
      for (let block = first; block <= last; block++) if (at > sentAt.get(block)!) dirty.add(block);
    }
  };
  let slots = order.length;
  until(start + slots * slot);
  let extra = 0;
  while (dirty.size > mostLeft) {
    const lowest = Math.min(...dirty);
    dirty.delete(lowest);
    sentAt.set(lowest, start + slots * slot);
    slots++;
    extra++;
    until(start + slots * slot);
  }
  return { extra: extra + dirty.size, slots: slots + dirty.size };
}
