import { OptionError } from "../../datasets/errors.ts";
import { integer, onlyOptions } from "../core/options.ts";
import type { EventBatch } from "./events.ts";

/** No block, or no page. */
const NONE = 0xffff_ffff;

/**
 * The rules by which an entry ends. `stored`: the processor wrote to the page. `overwritten`: another page, or a part of one,
 * was written to the block. `partial`: a part of the page was filled. `released`: the page left the guest. That a page's
 * own transfer replaces its entry (`moved`) is no rule that could be left out.
 *
 * @example
 * ```ts
 * import { rules, type Rule } from "veelab/checkpointing";
 * const all: readonly Rule[] = rules;
 * console.log(all.length); // 4
 * ```
 */
export type Rule = "stored" | "overwritten" | "partial" | "released";

/**
 * All of {@link Rule}, for an ablation.
 *
 * @example
 * ```ts
 * import { rules } from "veelab/checkpointing";
 * console.log(rules.join()); // stored,overwritten,partial,released
 * ```
 */
export const rules: readonly Rule[] = ["stored", "overwritten", "partial", "released"];

/**
 * How many entries a map has made and lost.
 *
 * @example
 * ```ts
 * import type { MapCounts } from "veelab/checkpointing";
 * const lost = ({ stored, overwritten, partial, released, moved }: MapCounts): number =>
 *   stored + overwritten + partial + released + moved;
 * console.log(lost);
 * ```
 */
export interface MapCounts {
  /** Entries ended by a store of the processor. */
  readonly stored: number;
  /** Entries ended by another page's write of their block. */
  readonly overwritten: number;
  /** Entries ended by a transfer of a part of their page. */
  readonly partial: number;
  /** Entries ended by the release of their page. */
  readonly released: number;
  /** Entries made: one for each transfer of a whole block. */
  readonly made: number;
  /** Entries replaced by their page's next transfer. */
  readonly moved: number;
  /** First stores to a page since the last epoch or transfer of that page: what a log of dirty pages records. */
  readonly firstStores: number;
}

/**
 * The page-to-block map of a guest: for each page whose content is known to equal a block of the disk, that block.
 *
 * @example
 * ```ts
 * import { events, pageBlockMap } from "veelab/checkpointing";
 * const map = pageBlockMap({ pages: 16 });
 * map.apply(events([["read", 7, 100], ["read", 8, 101], ["store", 8]]));
 * console.log(map.size, map.blockOf(7), map.blockOf(8)); // 1 100 undefined
 * ```
 */
export interface PageBlockMap {
  /** Number of entries. */
  readonly size: number;
  /** What was made and lost so far. */
  readonly counts: MapCounts;
  /** The block that a page equals, as far as the map knows. Constant time. */
  blockOf(page: number): number | undefined;
  /**
   * Applies the events of a batch from a row on, up to and without the next checkpoint or the end, whose row it returns.
   * No allocation; constant time an event, but for a block that many pages equal.
   */
  apply(batch: EventBatch, from?: number): number;
  /** Begins a new epoch of the log of dirty pages. Linear in the pages. */
  beginEpoch(): void;
  /** Whether a page was written to, by whomever, since the last {@link beginEpoch}; a new map's epoch begins with all pages so. */
  isDirty(page: number): boolean;
}

/**
 * Makes an empty {@link PageBlockMap}.
 *
 * Pages that equal blocks of one bucket form a doubly linked list in arrays, so a page's entry ends in constant time and a
 * block's entries are found by its bucket: 22 to 30 bytes a page, whatever the size of the disk (source of the design: ours; the
 * paper's text was not available).
 *
 * @param options - `pages`: pages of the guest, below 2³¹; `without`: rules that are left out, to see what they are worth: such
 *   a map is wrong
 * @throws OptionError for a number of pages or a rule that there is not; from `apply`, for a page or kind out of range
 *
 * @example
 * ```ts
 * import { events, pageBlockMap } from "veelab/checkpointing";
 * const map = pageBlockMap({ pages: 4 });
 * map.apply(events([["read", 0, 5], ["read", 1, 5], ["write", 2, 5]])); // block 5 has a new content
 * console.log(map.size, map.counts.overwritten); // 1 2
 * ```
 */
export function pageBlockMap(options: { readonly pages: number; readonly without?: readonly Rule[] }): PageBlockMap {
  onlyOptions(options, ["pages", "without"]);
  const pages = integer("pages", options.pages, { min: 1, max: 2 ** 31 - 1 });
  for (const rule of options.without ?? [])
    if (!rules.includes(rule)) throw new OptionError("without", `rules (${rules.join(", ")})`, rule);
  return new Chains(pages, new Set(options.without));
}

class Chains implements PageBlockMap {
  size = 0;
  readonly #pages: number;
  readonly #shift: number;
  readonly #block: Uint32Array;
  /** The first page of each bucket of blocks, and each page's neighbours in its bucket. */
  readonly #head: Uint32Array;
  readonly #next: Uint32Array;
  readonly #previous: Uint32Array;
  /** Bit 0: written to since the epoch's begin, by whomever. Bit 1: by a store that the log has recorded. */
  readonly #dirty: Uint8Array;
  readonly #stored: boolean;
  readonly #overwritten: boolean;
  readonly #partial: boolean;
  readonly #released: boolean;
  #made = 0;
  #moved = 0;
  #endedByStore = 0;
  #endedByWrite = 0;
  #endedByPart = 0;
  #endedByRelease = 0;
  #firstStores = 0;

  constructor(pages: number, without: ReadonlySet<Rule>) {
    this.#pages = pages;
    const bits = Math.max(1, Math.ceil(Math.log2(pages)));
    this.#shift = 32 - bits;
    this.#block = new Uint32Array(pages).fill(NONE);
    this.#head = new Uint32Array(2 ** bits).fill(NONE);
    this.#next = new Uint32Array(pages);
    this.#previous = new Uint32Array(pages);
    this.#dirty = new Uint8Array(pages).fill(1);
    this.#stored = !without.has("stored");
    this.#overwritten = !without.has("overwritten");
    this.#partial = !without.has("partial");
    this.#released = !without.has("released");
  }

  get counts(): MapCounts {
    return {
      made: this.#made,
      moved: this.#moved,
      stored: this.#endedByStore,
      overwritten: this.#endedByWrite,
      partial: this.#endedByPart,
      released: this.#endedByRelease,
      firstStores: this.#firstStores,
    };
  }

  blockOf(page: number): number | undefined {
    const block = this.#block[page];
    return block === NONE ? undefined : block;
  }

  isDirty(page: number): boolean {
    return (this.#dirty[page]! & 1) !== 0;
  }

  beginEpoch(): void {
    this.#dirty.fill(0);
  }

  apply(batch: EventBatch, from = 0): number {
    const { kind: kinds, page: pageColumn, block: blockColumn } = batch;
    const blocks = this.#block;
    const dirty = this.#dirty;
    const rows = kinds.length;
    let row = from;
    for (; row < rows; row++) {
      const kind = kinds[row]!;
      // The numbers of eventKinds; literals, as this is the hot loop.
      if (kind === 6) break;
      const page = pageColumn[row]!;
      if (kind === 3) {
        const block = blockColumn[row]!;
        if (this.#overwritten) this.#endedByWrite += this.#endBlock(block, NONE);
        continue;
      }
      if (page >= this.#pages || kind > 6) throw badRow(batch, row, this.#pages);
      const old = blocks[page]!;
      if (kind === 4) {
        const state = dirty[page]!;
        if (state < 2) this.#firstStores++;
        dirty[page] = 3;
        if (old !== NONE && this.#stored) {
          this.#unlink(page, old);
          this.#endedByStore++;
        }
      } else if (kind <= 1) {
        const block = blockColumn[row]!;
        if (block === NONE) throw badRow(batch, row, this.#pages);
        // The transfer marks the page clean in the log: a later store must be seen again.
        if (kind === 0) dirty[page] = 1;
        else {
          dirty[page]! &= 1;
          if (this.#overwritten) this.#endedByWrite += this.#endBlock(block, page);
        }
        this.#made++;
        if (old !== NONE) {
          this.#moved++;
          if (old === block) continue;
          this.#unlink(page, old);
        }
        this.#link(page, block);
      } else {
        dirty[page] = 1;
        if (old === NONE) continue;
        if (kind === 2) {
          if (!this.#partial) continue;
          this.#endedByPart++;
        } else {
          if (!this.#released) continue;
          this.#endedByRelease++;
        }
        this.#unlink(page, old);
      }
    }
    return row;
  }

  /** Fibonacci hashing: neighbouring blocks, the usual case, go to buckets of their own. */
  #bucket(block: number): number {
    return Math.imul(block, 0x9e37_79b1) >>> this.#shift;
  }

  #link(page: number, block: number): void {
    const bucket = this.#bucket(block);
    const first = this.#head[bucket]!;
    this.#block[page] = block;
    this.#next[page] = first;
    this.#previous[page] = NONE;
    if (first !== NONE) this.#previous[first] = page;
    this.#head[bucket] = page;
    this.size++;
  }

  #unlink(page: number, block: number): void {
    const next = this.#next[page]!;
    const previous = this.#previous[page]!;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous === NONE) this.#head[this.#bucket(block)] = next;
    else this.#next[previous] = next;
    this.#block[page] = NONE;
    this.size--;
  }

  /** Ends all entries of a block but that of a page; returns how many. */
  #endBlock(block: number, except: number): number {
    let ended = 0;
    for (let page = this.#head[this.#bucket(block)]!; page !== NONE;) {
      const next = this.#next[page]!;
      if (this.#block[page] === block && page !== except) {
        this.#unlink(page, block);
        ended++;
      }
      page = next;
    }
    return ended;
  }
}

function badRow({ kind, page, block }: EventBatch, row: number, pages: number): OptionError {
  if (kind[row]! > 6) return new OptionError(`events.kind[${row}]`, "0 to 6", kind[row]);
  if (page[row]! >= pages) return new OptionError(`events.page[${row}]`, `a page below ${pages}`, page[row]);
  return new OptionError(`events.block[${row}]`, "a block below 4294967295", block[row]);
}
