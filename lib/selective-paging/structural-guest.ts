import { SimulationError } from "../core/errors.ts";
import {
  backedBy,
  type ExitCause,
  exitCauses,
  frames,
  type Frames,
  kinds,
  nativeWalker,
  nestedWalker,
  pageSet,
  PageSizeMap,
  type PageSet,
  pageTable,
  type PageTable,
  paging,
  singly,
  type ReferenceBatch,
  type ShadowPaging,
  shadowPaging,
  tlb,
  type Tlb,
  type Walker,
} from "../hardware/index.ts";
import type { Mode } from "./mode.ts";
import type { Counts } from "./structural-counts.ts";
import type { Settings } from "./structural-options.ts";

const NO_PAGE = -1;

/**
 * One guest on its machine: the page tables of every mode, the TLB and the walker's caches, and what each event does
 * to them. The guest's own page table and the nested one outlive a change of mode; the shadow does not.
 */
export class Guest {
  mode: Mode | "native";
  readonly #tlb: Tlb;
  readonly #tagged: boolean;
  readonly #memory: Frames;
  readonly #table: PageTable;
  readonly #guestSizes: PageSizeMap;
  readonly #sizes: PageSizeMap;
  readonly #walkers: Readonly<Record<Mode | "native", Walker>>;
  readonly #shadow: ShadowPaging;
  /** The heads of the guest's pages whose dirty bit is set in its own table. */
  readonly #dirty: PageSet = pageSet();
  /** Outside shadow paging: the heads of the translations that a write needs no more work for. */
  readonly #writable: PageSet = pageSet();
  /** The page of the last instruction fetch, and whether an exit has emptied the TLB since the last row. */
  #codePage = NO_PAGE;
  /** Pages whose last walk ended in a fault: the data's, and the code's where an exit had emptied the TLB. */
  readonly #restarted = new Set<number>();
  #flushed = false;
  readonly #oneFetch: ReferenceBatch = singly([0], kinds.fetch);
  #counts: Counts = noCounts();
  #laterHitsBefore = 0;
  #resyncsBefore = 0;

  constructor(settings: Settings, mode: Mode | "native") {
    const { hardware, guest, nested, guestPages, backing, sync, unsyncedPages } = settings;
    const { processor } = hardware;
    this.mode = mode;
    this.#tagged = processor.tagged;
    const translated = mode === "native" ? guestPages : backedBy(guestPages, backing);
    this.#tlb = tlb({ levels: processor.tlb, pageSizes: translated, tagged: processor.tagged });
    this.#guestSizes = new PageSizeMap(guestPages);
    this.#sizes = new PageSizeMap(translated);
    const machine = frames();
    const p2m = pageTable(nested, machine);
    // The hypervisor backs the guest's memory before the guest runs, so there are no nested faults.
    const unit = 512 ** this.#levelOf(backing);
    let backed = 0;
    this.#memory = frames((first, count) => {
      for (; backed < first + count; backed += unit) p2m.map(backed, machine.take(unit), this.#levelOf(backing) + 1);
    });
    this.#table = pageTable(guest, this.#memory);
    this.#shadow = shadowPaging({
      guest: this.#table,
      mode: guest === paging.twoLevel ? paging.pae : guest,
      memory: machine,
      machineFrame: (frame) => p2m.frameOf(frame),
      leafLevel: (page) => this.#sizes.indexOf(page) + 1,
      sync,
      unsyncedPages,
      onExit: (cause) => {
        this.#exit(cause);
      },
    });
    const { caches, nestedCaches, nestedTlb } = processor;
    this.#walkers = {
      native: nativeWalker({ table: this.#table, caches }),
      HAP: nestedWalker({ guest: this.#table, nested: p2m, caches, nestedCaches, ...(nestedTlb && { nestedTlb }) }),
      SP: nativeWalker({ table: this.#shadow.table, caches }),
    };
  }

  /** Does the references of a batch's rows, with all that they bring about. */
  run(batch: ReferenceBatch, from: number, to: number): void {
    const begin = from;
    for (;;) {
      const writable = this.mode === "SP" ? this.#shadow.writable : this.#writable;
      from = this.#tlb.scan(batch, from, to, writable);
      if (from >= to) break;
      const kind = batch.kind[from]!;
      this.#mend(batch.page[from]!, kind);
      // What stopped the row is mended one step at a time, and the row done again: the processor restarts the
      // instruction. After a flush that fetches it anew, which a trace of runs does not show.
      if (this.#flushed && kind !== kinds.fetch) this.#refetch(this.#codePageAt(batch, from, begin));
      this.#flushed = false;
    }
    this.#codePage = this.#codePageAt(batch, to, begin);
  }

  /** Loads a page table's root: leaves the address space and comes back to it later. */
  loadRoot(): void {
    if (this.mode === "SP") this.#shadow.loadRoot();
    // Entries of one guest address space are not told from another's: without PCID the guest's own load flushes.
    this.#flush();
  }

  changeMode(mode: Mode): void {
    if (mode === this.mode) return;
    if (this.mode === "SP") this.#shadow.destroy();
    this.#writable.clear();
    this.mode = mode;
    this.#flush();
  }

  /** What was counted since the last call. */
  take(instructions: number, references: number): Counts {
    const counts = this.#counts;
    const { references: reads, nestedReferences } = this.#walkers[this.mode];
    const { reads: readsBefore, nestedReads: nestedBefore } = this.#before[this.mode];
    const taken: Counts = {
      ...counts,
      instructions,
      references,
      laterTlbHits: this.#tlb.laterHits - this.#laterHitsBefore,
      resyncs: this.#shadow.resyncs - this.#resyncsBefore,
      reads: Array.from(reads, (count, level) => count - (readsBefore[level] ?? 0)),
      nestedReads: Array.from(nestedReferences, (count, level) => count - (nestedBefore[level] ?? 0)),
    };
    this.#before[this.mode] = { reads: Array.from(reads), nestedReads: Array.from(nestedReferences) };
    this.#laterHitsBefore = this.#tlb.laterHits;
    this.#resyncsBefore = this.#shadow.resyncs;
    this.#counts = noCounts();
    return taken;
  }

  readonly #before: Record<Mode | "native", { reads: readonly number[]; nestedReads: readonly number[] }> = {
    native: { reads: [], nestedReads: [] },
    HAP: { reads: [], nestedReads: [] },
    SP: { reads: [], nestedReads: [] },
  };

  #mend(page: number, kind: number): void {
    if (this.#tlb.stoppedOnWrite) this.#firstWrite(page);
    else this.#miss(page, kind);
  }

  #refetch(page: number): void {
    if (page === NO_PAGE) return;
    const one = this.#oneFetch;
    one.page[0] = page;
    while (this.#tlb.scan(one, 0, 1) === 0) this.#mend(page, kinds.fetch);
  }

  /** The page of the last fetch before a row. */
  #codePageAt(batch: ReferenceBatch, row: number, begin: number): number {
    while (--row >= begin) if (batch.kind[row] === kinds.fetch) return batch.page[row]!;
    return this.#codePage;
  }

  #miss(page: number, kind: number): void {
    const write = kind === kinds.write;
    const walker = this.#walkers[this.mode];
    const guestHead = this.#guestSizes.head(page);
    const head = this.#sizes.head(page);
    this.#counts.tlbMisses++;
    walker.walk(page);
    if (walker.end === "translated") {
      if (this.#restarted.delete(page)) this.#counts.faultWalks++;
      this.#tlb.fill(page, kind);
      if (this.mode === "SP") return;
      if (write) this.#dirty.add(guestHead); // set by the walk itself
      if (this.#dirty.has(guestHead)) this.#writable.add(head);
      return;
    }
    if (walker.end === "nested fault")
      throw new SimulationError("selective-paging", `page ${page} has no memory behind it`);
    this.#counts.faultWalks++;
    this.#restarted.add(page);
    const dirty = write || this.#dirty.has(guestHead);
    if (this.mode === "SP" && this.#shadow.fault(page, head, dirty)) {
      if (write) this.#dirty.add(guestHead);
      return;
    }
    this.#counts.pageFaults++;
    const size = this.#guestSizes.indexOf(page);
    const written = this.#table.map(page, this.#memory.take(512 ** size), size + 1);
    if (write) this.#dirty.add(guestHead); // a kernel that maps for a write sets the bit at once
    if (this.mode === "SP") this.#shadow.guestMapped(page, head, write, written);
  }

  #firstWrite(page: number): void {
    const guestHead = this.#guestSizes.head(page);
    const head = this.#sizes.head(page);
    const first = this.#dirty.add(guestHead);
    if (this.mode === "SP") {
      this.#shadow.dirtyFault(head);
      this.#tlb.invalidate(page); // the fault drops the entry that did not allow the write
    } else {
      if (first) this.#counts.dirtyAssists++;
      this.#writable.add(head);
    }
  }

  #exit(cause: ExitCause): void {
    this.#counts.exits[cause]++;
    if (this.#tagged) return;
    this.#flush();
    this.#flushed = true;
  }

  #flush(): void {
    this.#tlb.flush();
    for (const walker of Object.values(this.#walkers)) walker.flush();
  }

  #levelOf(size: Settings["backing"]): number {
    return size === "4K" ? 0 : size === "2M" ? 1 : 2;
  }
}

function noCounts(): Counts {
  return {
    instructions: 0,
    references: 0,
    laterTlbHits: 0,
    tlbMisses: 0,
    faultWalks: 0,
    pageFaults: 0,
    dirtyAssists: 0,
    resyncs: 0,
    exits: Object.fromEntries(exitCauses.map((cause) => [cause, 0])) as Counts["exits"],
    reads: [],
    nestedReads: [],
  };
}
