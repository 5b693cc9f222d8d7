export type { SplitTlbLevel, Tlb, TlbArray, TlbLevel, TlbOptions, UnifiedTlbLevel } from "./tlb-options.ts";
import { badRow, checkLengths, kinds, type ReferenceBatch, singly } from "./batch.ts";
import { integer } from "../core/options.ts";
import { PageSizeMap, pageSizes } from "./page-size.ts";
import type { PageSet } from "./page-set.ts";
import { fitsAssembly, TlbAssembly, worthAssembly } from "./tlb-assembly.ts";
import { type BuiltArray, buildTlb, type Route, type Tlb, type TlbOptions } from "./tlb-options.ts";

const FETCH = kinds.fetch;
const WRITE = kinds.write;
const NO_PAGE = -1;
/** A key is a page number of up to 32 bits, its size in 2 bits above, and its address space above that. */
const SIZE_UNIT = 2 ** 32;
const SPACE_UNIT = 2 ** 34;

class LayeredTlb implements Tlb {
  readonly references: Float64Array = new Float64Array(3);
  readonly misses: readonly Float64Array[];
  stoppedOnWrite = false;
  readonly #laterHits: Float64Array = new Float64Array(1);
  readonly #arrays: readonly BuiltArray[];
  readonly #fetchRoutes: readonly Route[];
  readonly #dataRoutes: readonly Route[];
  /** What is added to a page number of a size to make its key in this address space. */
  readonly #bases: Float64Array = Float64Array.from(pageSizes, (_, size) => size * SIZE_UNIT);
  readonly #sizes: PageSizeMap;
  readonly #tagged: boolean;
  #space = 0;
  // The pages touched last by a fetch and by data, so certain hits; looking them up would change nothing.
  readonly #last: Int32Array = Int32Array.of(NO_PAGE, NO_PAGE);
  /** Whether a look-up for one side may displace, or move back, what the other side touched last. */
  readonly #joint: boolean;
  /** Whether large batches go to WebAssembly, which takes the structures over at the first of them. */
  readonly #fitsAssembly: boolean;
  #assembly: TlbAssembly | undefined;

  constructor(options: TlbOptions) {
    const { arrays, fetchRoutes, dataRoutes, sizes, tagged } = buildTlb(options);
    this.#arrays = arrays;
    this.#fetchRoutes = fetchRoutes;
    this.#dataRoutes = dataRoutes;
    this.#sizes = new PageSizeMap(sizes);
    this.#tagged = tagged;
    // The one asked first by one side may be a later stop of the other's: a level may hold a size for one side only.
    const asks = (route: Route, first: BuiltArray | undefined): boolean =>
      route.some(({ sets }) => sets === first?.sets);
    this.#joint = fetchRoutes.some((route, size) => {
      const data = dataRoutes[size]!;
      return asks(data, route[0]) || asks(route, data[0]);
    });
    const only = this.#sizes.only;
    this.#fitsAssembly = only >= 0 && !this.#joint && fitsAssembly(arrays, [fetchRoutes[only]!, dataRoutes[only]!]);
    this.misses = options.levels.map(() => new Float64Array(3));
  }

  get laterHits(): number {
    return this.#laterHits[0]!;
  }

  access(batch: ReferenceBatch | Uint32Array): void {
    const rows = batch instanceof Uint32Array ? singly(batch) : batch;
    checkLengths(rows);
    const { page, kind } = rows;
    if (this.#fitsAssembly && page.length >= worthAssembly) {
      this.#accessFast(rows);
      return;
    }
    for (let row = this.scan(rows, 0, page.length); row < page.length; row = this.scan(rows, row, page.length))
      this.fill(page[row]!, kind[row]!);
  }

  /** By WebAssembly, to the same end. */
  #accessFast(rows: ReferenceBatch): void {
    const size = this.#sizes.only;
    this.#assembly ??= new TlbAssembly(this.#arrays, [this.#fetchRoutes[size]!, this.#dataRoutes[size]!]);
    const { references, misses } = this;
    const state = { references, misses, laterHits: this.#laterHits, last: this.#last };
    const passed = this.#assembly.access(rows, 9 * size, this.#bases[size]!, state);
    if (passed < rows.page.length) throw badRow(rows, passed);
  }

  scan(batch: ReferenceBatch, from: number, to: number, writable?: PageSet): number {
    this.stoppedOnWrite = false;
    return this.#sizes.only >= 0 && !this.#joint
      ? this.#scanRepeats(batch, from, to, writable)
      : this.#scanEach(batch, from, to, writable);
  }

  /**
   * The common case, made fast: one page size and a first level apart for fetches and data, so that a side's repeat of
   * the page it touched last is a certain hit that changes nothing.
   */
  #scanRepeats(batch: ReferenceBatch, from: number, to: number, writable: PageSet | undefined): number {
    const { page: pages, count: counts, kind: kindOf } = batch;
    const size = this.#sizes.only;
    const shift = 9 * size;
    const base = this.#bases[size]!;
    const fetchRoute = this.#fetchRoutes[size]!;
    const dataRoute = this.#dataRoutes[size]!;
    const fetchFirst = fetchRoute[0]!;
    const dataFirst = dataRoute[0]!;
    let lastFetch = this.#last[0]!;
    let lastData = this.#last[1]!;
    let lastWrite = NO_PAGE;
    let fetches = 0;
    let data = 0;
    let weighted = 0; // reads once and writes twice: with `data` that tells the two apart without a branch
    let row = from;
    for (; row < to; row++) {
      const page = pages[row]! | 0; // as a signed number: comparisons need no floating point then
      const kind = kindOf[row]!;
      const count = counts[row]!;
      if (count === 0 || kind > WRITE) throw badRow(batch, row);
      if (kind === FETCH) {
        if (page !== lastFetch || page === NO_PAGE) {
          const tag = page >>> shift;
          const hit = fetchFirst.sets.touch(tag & fetchFirst.mask, tag + base);
          if (!hit && !this.#lookFurther(fetchRoute, tag, tag + base, kind)) break;
          lastFetch = page;
        }
        fetches += count;
      } else {
        if (page !== lastData || page === NO_PAGE) {
          const tag = page >>> shift;
          const hit = dataFirst.sets.touch(tag & dataFirst.mask, tag + base);
          if (!hit && !this.#lookFurther(dataRoute, tag, tag + base, kind)) break;
          lastData = page;
        }
        if (writable !== undefined && kind === WRITE && page !== lastWrite) {
          if (!writable.has(this.#sizes.head(page))) {
            this.stoppedOnWrite = true;
            break;
          }
          lastWrite = page;
        }
        data += count;
        weighted += count * kind;
      }
    }
    this.#last[0] = lastFetch;
    this.#last[1] = lastData;
    this.references[FETCH]! += fetches;
    this.references[kinds.read]! += 2 * data - weighted;
    this.references[WRITE]! += weighted - data;
    return row;
  }

  /** Every row looked up: for mixed page sizes, and where a look-up of one side may displace what the other touched. */
  #scanEach(batch: ReferenceBatch, from: number, to: number, writable: PageSet | undefined): number {
    const { page: pages, count: counts, kind: kindOf } = batch;
    for (let row = from; row < to; row++) {
      const page = pages[row]!;
      const kind = kindOf[row]!;
      const count = counts[row]!;
      if (count === 0 || kind > WRITE) throw badRow(batch, row);
      const size = this.#sizes.indexOf(page);
      const tag = page >>> (9 * size);
      const key = tag + this.#bases[size]!;
      const route = (kind === FETCH ? this.#fetchRoutes : this.#dataRoutes)[size]!;
      const first = route[0]!;
      if (!first.sets.touch(tag & first.mask, key) && !this.#lookFurther(route, tag, key, kind)) return row;
      if (writable !== undefined && kind === WRITE && !writable.has(this.#sizes.head(page))) {
        this.stoppedOnWrite = true;
        return row;
      }
      this.references[kind]! += count;
    }
    return to;
  }

  fill(page: number, kind: number): void {
    const size = this.#sizes.indexOf(page);
    const tag = page >>> (9 * size);
    const key = tag + this.#bases[size]!;
    const route = (kind === FETCH ? this.#fetchRoutes : this.#dataRoutes)[size]!;
    for (const { sets, mask } of route) if (!sets.touch(tag & mask, key)) sets.fill(tag & mask, key);
    this.#last[kind === FETCH ? 0 : 1] = page;
  }

  invalidate(page: number): boolean {
    const size = this.#sizes.indexOf(page);
    const tag = page >>> (9 * size);
    const key = tag + this.#bases[size]!;
    let found = false;
    for (const { sets, mask } of [...this.#fetchRoutes[size]!, ...this.#dataRoutes[size]!])
      found = sets.drop(tag & mask, key) || found;
    this.#forget();
    return found;
  }

  flush(): void {
    for (const { sets } of this.#arrays) sets.clear();
    this.#forget();
  }

  flushSpace(space: number): void {
    const unwanted = (key: number): boolean => Math.floor(key / SPACE_UNIT) === space;
    for (const { sets } of this.#arrays) sets.dropWhere(unwanted);
    this.#forget();
  }

  enter(space: number): void {
    integer("space", space, { min: 0, max: 2 ** 19 - 1 });
    if (space === this.#space) return;
    if (!this.#tagged) this.flush();
    this.#space = space;
    for (const size of this.#bases.keys()) this.#bases[size] = size * SIZE_UNIT + space * SPACE_UNIT;
    this.#forget();
  }

  #forget(): void {
    this.#last.fill(NO_PAGE);
  }

  /** The first structure had nothing: asks the further ones; a hit fills those before it. Counts the misses of each. */
  #lookFurther(route: Route, tag: number, key: number, kind: number): boolean {
    this.misses[route[0]!.level]![kind]!++;
    for (let stop = 1; stop < route.length; stop++) {
      const { sets, mask, level } = route[stop]!;
      if (sets.touch(tag & mask, key)) {
        for (let before = 0; before < stop; before++) {
          const filled = route[before]!;
          filled.sets.fill(tag & filled.mask, key);
        }
        this.#laterHits[0]!++;
        return true;
      }
      this.misses[level]![kind]!++;
    }
    return false;
  }
}

/**
 * A translation lookaside buffer as real processors have it: set-associative structures in any number of levels,
 * apart for instructions and data or unified, with page sizes in structures of their own or shared, and entries that
 * carry an address space's number or are flushed when it changes. A page found in a later level is filled into the
 * earlier ones, a page found nowhere into all; levels evict independently (neither inclusive nor exclusive).
 *
 * About a hundred million references a second and more on a real trace, which is mostly runs; memory is
 * O(entries), and 8 MiB where page sizes are mixed.
 *
 * @throws OptionError for levels without entries, ways that do not divide entries into a power of two of sets, a
 * page size that no level holds
 *
 * @example
 * ```ts
 * import { tlb } from "veelab/hardware";
 *
 * const dataTlb = tlb({ levels: [{ unified: [{ entries: 4, ways: 2, sizes: ["4K"] }] }] });
 * dataTlb.access(Uint32Array.of(0, 2, 0, 4, 2, 0)); // the even pages share one set of two ways
 * if (dataTlb.misses[0]![1] !== 5) throw new Error("only the second look at page 0 hits");
 * ```
 */
export function tlb(options: TlbOptions): Tlb {
  return new LayeredTlb(options);
}
