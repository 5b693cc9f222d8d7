// A second implementation of the structural model, as plain as can be: one reference at a time, one fully associative LRU
// TLB without levels, 4 KiB pages, no caches in the walker. Page tables are sets of paths. It shares no code with the
// product's.

export interface NaiveSetting {
  readonly mode: "native" | "HAP" | "SP";
  readonly entries: number;
  readonly tagged: boolean;
  readonly bits: readonly number[];
  readonly nestedLevels: number;
  readonly sync: "trap" | "out of sync";
  readonly unsyncedPages: number;
}

export interface NaiveCounts {
  tlbMisses: number;
  faultWalks: number;
  pageFaults: number;
  dirtyAssists: number;
  hiddenFaultExits: number;
  guestFaultExits: number;
  tableWriteExits: number;
  dirtyFaultExits: number;
  resyncs: number;
  reads: number;
  nestedReads: number;
}

export function naiveRun(references: readonly { page: number; kind: number }[], setting: NaiveSetting): NaiveCounts {
  const { mode, entries, tagged, bits, nestedLevels, sync, unsyncedPages } = setting;
  const counts: NaiveCounts = {
    tlbMisses: 0,
    faultWalks: 0,
    pageFaults: 0,
    dirtyAssists: 0,
    hiddenFaultExits: 0,
    guestFaultExits: 0,
    tableWriteExits: 0,
    dirtyFaultExits: 0,
    resyncs: 0,
    reads: 0,
    nestedReads: 0,
  };
  let recent: number[] = [];
  const guest = new Set<string>();
  const shadow = new Set<string>();
  const dirty = new Set<number>();
  const shadowWritable = new Set<number>();
  let unsynced: string[] = [];

  const paths = (page: number): string[] => {
    let above = bits.reduce((sum, width) => sum + width, 0);
    return bits.map((width) => {
      above -= width;
      return `${bits.length}:${above}:${Math.floor(page / 2 ** above)}`;
    });
  };
  const exit = (cause: "hiddenFaultExits" | "guestFaultExits" | "tableWriteExits" | "dirtyFaultExits"): void => {
    counts[cause]++;
    if (tagged) return;
    recent = [];
    flushed = true;
  };
  /** Reads entries down to the first absent one; whether there was none. */
  const walk = (table: Set<string>, page: number): boolean => {
    let present = true;
    for (const path of paths(page)) {
      if (!present) break;
      counts.reads++;
      if (mode === "HAP") counts.nestedReads += nestedLevels;
      present = table.has(path);
    }
    if (present && mode === "HAP") counts.nestedReads += nestedLevels; // the data's own address
    return present;
  };

  let codePage: number | undefined;
  let flushed = false;
  const reference = (page: number, kind: number): void => {
    const write = kind === 2;
    let faulted = false; // the walk before this one of the same reference
    for (;;) {
      if (flushed && kind !== 0 && codePage !== undefined) {
        flushed = false;
        reference(codePage, 0); // the instruction is restarted, and first of all fetched
      }
      flushed = false;
      if (!recent.includes(page)) {
        counts.tlbMisses++;
        if (walk(mode === "SP" ? shadow : guest, page)) {
          if (faulted) counts.faultWalks++;
          faulted = false;
          recent = [page, ...recent].slice(0, entries);
          if (mode !== "SP" && write) dirty.add(page);
          continue;
        }
        counts.faultWalks++;
        faulted = true;
        if (mode === "SP") {
          const mapped = guest.has(paths(page).at(-1)!);
          exit(mapped ? "hiddenFaultExits" : "guestFaultExits");
          if (mapped) {
            for (const path of paths(page)) shadow.add(path);
            if (write) dirty.add(page);
            if (dirty.has(page)) shadowWritable.add(page);
            continue;
          }
        }
        counts.pageFaults++;
        const written = paths(page).filter((path) => !guest.has(path)).length;
        for (const path of paths(page)) guest.add(path);
        if (write) dirty.add(page);
        if (mode !== "SP") continue;
        if (sync === "trap") {
          for (let entry = 0; entry < written; entry++) exit("tableWriteExits");
          for (const path of paths(page)) shadow.add(path);
          if (write) shadowWritable.add(page);
        } else {
          for (let entry = 1; entry < written; entry++) exit("tableWriteExits");
          const leafTable = paths(page).at(-2)!;
          if (!unsynced.includes(leafTable)) {
            exit("tableWriteExits");
            unsynced = [...unsynced, leafTable];
            if (unsynced.length > unsyncedPages) {
              unsynced = unsynced.slice(1);
              counts.resyncs++;
            }
          }
        }
        continue;
      }
      recent = [page, ...recent.filter((other) => other !== page)];
      if (write && mode === "SP" && !shadowWritable.has(page)) {
        exit("dirtyFaultExits");
        dirty.add(page);
        shadowWritable.add(page);
        recent = recent.filter((other) => other !== page);
        continue;
      }
      if (write && mode !== "SP" && !dirty.has(page)) {
        counts.dirtyAssists++;
        dirty.add(page);
      }
      return;
    }
  };
  for (const { page, kind } of references) {
    if (kind === 0) codePage = page;
    reference(page, kind);
  }
  return counts;
}
