import { integer, oneOf } from "../core/options.ts";
import type { ExitCause } from "./exits.ts";
import type { Frames } from "./frames.ts";
import { pageSet, type PageSet } from "./page-set.ts";
import { pageTable, type PageTable } from "./page-tables.ts";
import type { PagingMode } from "./paging-mode.ts";

/** What {@link shadowPaging} shadows, and how. */
export interface ShadowOptions {
  /** The guest's own page table. */
  readonly guest: PageTable;
  /** The shape of the shadow; a two-level guest is shadowed by PAE, as its entries are too narrow for the machine. */
  readonly mode: PagingMode;
  /** Where the shadow's tables lie. */
  readonly memory: Frames;
  /** The machine frame behind a guest-physical frame. */
  readonly machineFrame: (guestFrame: number) => number;
  /** The leaf level of the shadow's entry for a page: the smaller of the guest's page and what backs it. */
  readonly leafLevel: (page: number) => number;
  /**
   * How the hypervisor learns of changes to the guest's page table. "trap": every page-table page is write-protected
   * and each write exits. "out of sync": the first write to a page of leaf entries exits and unprotects it; further
   * ones are free until it is synchronised again, at a load of the root or when too many are out of sync.
   */
  readonly sync: "trap" | "out of sync";
  /** How many page-table pages may be out of sync at once (the oldest is synchronised). */
  readonly unsyncedPages: number;
  /** Told of each exit, when it happens. */
  readonly onExit: (cause: ExitCause) => void;
}

/** A guest's shadow page table and the faults that keep it. Made by {@link shadowPaging}. */
export interface ShadowPaging {
  /** The shadow itself, which the hardware walks. */
  readonly table: PageTable;
  /** The heads of the pages whose shadow entries allow writes. */
  readonly writable: PageSet;
  /** How many page-table pages were synchronised again. */
  readonly resyncs: number;
  /**
   * The hardware's walk found no shadow entry. Where the guest maps the page, its shadow is filled (a hidden fault)
   * and the answer is true; otherwise the fault is the guest's, which must map the page and report that by
   * {@link ShadowPaging.guestMapped}. `head` is the page's head, `dirty` whether its shadow may allow writes at once.
   */
  fault(page: number, head: number, dirty: boolean): boolean;
  /** The guest has mapped a page, writing so many entries of its tables: the leaf and one for each new table. */
  guestMapped(page: number, head: number, dirty: boolean, entriesWritten: number): void;
  /** A write met a read-only shadow entry. */
  dirtyFault(head: number): void;
  /** The guest loads a root: whatever is out of sync is synchronised. */
  loadRoot(): void;
  /** Destroys the shadow, as when the guest leaves shadow paging. */
  destroy(): void;
}

class Shadow implements ShadowPaging {
  readonly table: PageTable;
  readonly writable = pageSet();
  resyncs = 0;
  readonly #options: ShadowOptions;
  readonly #way: Float64Array;
  /** The frames of the guest's page-table pages out of sync, the oldest first. */
  readonly #unsynced: number[] = [];

  constructor(options: ShadowOptions) {
    oneOf("sync", options.sync, ["trap", "out of sync"]);
    integer("unsyncedPages", options.unsyncedPages, { min: 1, max: 2 ** 20 });
    this.#options = options;
    this.table = pageTable(options.mode, options.memory);
    this.#way = new Float64Array(options.guest.levels + 1);
  }

  fault(page: number, head: number, dirty: boolean): boolean {
    const guestFrame = this.#options.guest.frameOf(page);
    if (guestFrame < 0) {
      this.#options.onExit("guestFault");
      return false;
    }
    this.#options.onExit("hiddenFault");
    this.#fill(page, head, dirty, guestFrame);
    return true;
  }

  guestMapped(page: number, head: number, dirty: boolean, entriesWritten: number): void {
    const { guest, sync, onExit } = this.#options;
    const read = guest.descend(page, this.#way);
    const leafTable = this.#way[read - 1]!;
    const mayUnsync = sync === "out of sync" && read === guest.levels;
    for (let entry = mayUnsync ? 1 : 0; entry < entriesWritten; entry++) onExit("tableWrite");
    if (mayUnsync) this.#unsync(leafTable);
    // The emulated write of the leaf brings the shadow along; a write that exits no more leaves that to a hidden fault.
    else this.#fill(page, head, dirty, this.#way[read]!);
  }

  dirtyFault(head: number): void {
    this.#options.onExit("dirtyFault");
    this.writable.add(head);
  }

  loadRoot(): void {
    this.#options.onExit("rootLoad");
    this.resyncs += this.#unsynced.length;
    this.#unsynced.length = 0;
  }

  destroy(): void {
    this.table.clear();
    this.writable.clear();
    this.#unsynced.length = 0;
  }

  #fill(page: number, head: number, dirty: boolean, guestFrame: number): void {
    this.table.map(page, this.#options.machineFrame(guestFrame), this.#options.leafLevel(page));
    if (dirty) this.writable.add(head);
  }

  #unsync(leafTable: number): void {
    if (this.#unsynced.includes(leafTable)) return;
    this.#options.onExit("tableWrite");
    if (this.#unsynced.length === this.#options.unsyncedPages) {
      this.#unsynced.shift();
      this.resyncs++;
    }
    this.#unsynced.push(leafTable);
  }
}

/**
 * Shadow paging of one guest address space: a page table from guest-virtual pages to machine frames, filled by faults,
 * with the exits that filling and keeping it cost. A fault is O(levels + unsyncedPages).
 *
 * @example
 * ```ts
 * import { frames, pageTable, paging, shadowPaging, type ExitCause } from "veelab/hardware";
 *
 * const memory = frames();
 * const guest = pageTable(paging.fourLevel, memory);
 * const exits: ExitCause[] = [];
 * const shadow = shadowPaging({
 *   guest,
 *   mode: paging.fourLevel,
 *   memory: frames(),
 *   machineFrame: (frame) => frame,
 *   leafLevel: () => 1,
 *   sync: "trap",
 *   unsyncedPages: 3,
 *   onExit: (cause) => void exits.push(cause),
 * });
 * if (shadow.fault(7, 7, false)) throw new Error("the guest maps nothing yet");
 * shadow.guestMapped(7, 7, false, guest.map(7, memory.take()));
 * if (exits.join() !== "guestFault,tableWrite,tableWrite,tableWrite,tableWrite") throw new Error(exits.join());
 * if (shadow.table.frameOf(7) !== guest.frameOf(7)) throw new Error("the shadow maps what the guest maps");
 * ```
 */
export function shadowPaging(options: ShadowOptions): ShadowPaging {
  return new Shadow(options);
}
