import { OptionError } from "../../datasets/errors.ts";
import { integer } from "../core/options.ts";

/** A page size of x86-64. */
export type PageSize = "4K" | "2M" | "1G";

/**
 * The page sizes, the smallest first; a size's index is its level of the page table, counted from the leaves.
 *
 * @example
 * ```ts
 * import { pageSizes } from "veelab/hardware";
 *
 * console.log(pageSizes.indexOf("2M")); // 1: an entry of the second level from the leaves maps it
 * ```
 */
export const pageSizes: readonly PageSize[] = ["4K", "2M", "1G"];

/** How far a 4 KiB page number is shifted to give the number of the page of that size: 9 bits a size. */
export function pageShift(size: PageSize): number {
  return 9 * pageSizes.indexOf(size);
}

/**
 * Which part of the address space lies in pages of which size. A plain value: `label` and `params` name it, `sizes`
 * are the sizes it can give (the smallest first), `sizeOf` answers for a 2 MiB region (a 4 KiB page number divided
 * by 512) and must give "1G" for all or none of the 512 regions of a GiB.
 */
export interface PageSizePolicy {
  /** Its name in tables and charts. */
  readonly label: string;
  /** Its parameters, columns of a sweep's table. */
  readonly params: Readonly<Record<string, number | string>>;
  /** The sizes it can give, the smallest first. */
  readonly sizes: readonly PageSize[];
  /** The size of the page or pages of a 2 MiB region; the same answer each time. */
  sizeOf(region: number): PageSize;
}

/**
 * The whole address space in pages of one size.
 *
 * @example
 * ```ts
 * import { everyPage } from "veelab/hardware";
 *
 * if (everyPage("2M").sizeOf(5) !== "2M") throw new Error("every region is one 2 MiB page");
 * ```
 */
export function everyPage(size: PageSize): PageSizePolicy {
  checkSize("size", size);
  return { label: `every page ${size}`, params: { size }, sizes: [size], sizeOf: () => size };
}

/**
 * A part of the 2 MiB regions backed by huge pages, as transparent huge pages leave an address space: each region is
 * huge with that probability, decided by a hash of its number and the seed, so that a region never changes its mind.
 *
 * @param fraction - the part of the regions that is huge, from 0 to 1
 * @param seed - a whole number from 0 to 2^32 - 1
 *
 * @example
 * ```ts
 * import { transparentHuge } from "veelab/hardware";
 *
 * const half = transparentHuge(0.5, 7);
 * const huge = Array.from({ length: 1000 }, (_, region) => half.sizeOf(region)).filter((size) => size === "2M").length;
 * if (Math.abs(huge - 500) > 60) throw new Error(`${huge} of 1000 regions are huge`);
 * ```
 */
export function transparentHuge(fraction: number, seed = 1): PageSizePolicy {
  if (!(fraction >= 0 && fraction <= 1)) throw new OptionError("fraction", "a number from 0 to 1", fraction);
  integer("seed", seed, { min: 0, max: 2 ** 32 - 1 });
  return {
    label: `${fraction * 100} % of regions 2M`,
    params: { fraction, seed },
    sizes: ["4K", "2M"],
    sizeOf: (region) => (hash32(region ^ Math.imul(seed, 0x9e3779b1)) < fraction * 2 ** 32 ? "2M" : "4K"),
  };
}

/** A range of 4 KiB page numbers, `from` included and `to` not, whose pages have one size. */
export interface SizedRange {
  /** Its first 4 KiB page number. */
  readonly from: number;
  /** The 4 KiB page number after its last. */
  readonly to: number;
  /** The size of every page in it. */
  readonly size: PageSize;
}

/**
 * Chosen ranges in large pages, as `mmap` with `MAP_HUGETLB` gives them, and 4 KiB pages elsewhere. A range must
 * begin and end at a multiple of its page size (512 pages for 2M, 262,144 for 1G); where ranges overlap, it is an
 * OptionError. A look-up is O(ranges), once for each 2 MiB region.
 *
 * @example
 * ```ts
 * import { sizedRanges } from "veelab/hardware";
 *
 * const heap = sizedRanges([{ from: 512, to: 1536, size: "2M" }]);
 * if (heap.sizeOf(0) !== "4K" || heap.sizeOf(2) !== "2M") throw new Error("regions 1 and 2 are huge");
 * ```
 */
export function sizedRanges(ranges: readonly SizedRange[]): PageSizePolicy {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  for (const [index, { from, to, size }] of sorted.entries()) {
    checkSize(`ranges[${index}].size`, size);
    const unit = 2 ** pageShift(size);
    for (const [name, bound] of Object.entries({ from, to }))
      if (integer(`ranges[${index}].${name}`, bound, { min: 0, max: 2 ** 32 }) % Math.max(unit, 512) !== 0)
        throw new OptionError(`ranges[${index}].${name}`, `a multiple of ${Math.max(unit, 512)} pages`, bound);
    const before = index > 0 ? sorted[index - 1]!.to : 0;
    if (from < before || to <= from)
      throw new OptionError(`ranges[${index}]`, "a range that is not empty and overlaps no other", `${from} to ${to}`);
  }
  return {
    label: `${sorted.length} ranges of their own size`,
    params: { ranges: sorted.map(({ from, to, size }) => `${from}-${to}:${size}`).join(" ") },
    sizes: pageSizes.filter((size) => size === "4K" || sorted.some((range) => range.size === size)),
    sizeOf: (region) => sorted.find(({ from, to }) => region * 512 >= from && region * 512 < to)?.size ?? "4K",
  };
}

/**
 * The page sizes that translations really have where pages of one policy are backed by machine memory in pages of
 * one size: the smaller of the two (a large guest page on 4 KiB backing is splintered into 4 KiB translations).
 *
 * @example
 * ```ts
 * import { backedBy, everyPage } from "veelab/hardware";
 *
 * if (backedBy(everyPage("1G"), "2M").sizeOf(0) !== "2M") throw new Error("a GiB in 2 MiB pieces");
 * ```
 */
export function backedBy(policy: PageSizePolicy, backing: PageSize): PageSizePolicy {
  checkSize("backing", backing);
  const smaller = (size: PageSize): PageSize => (pageShift(size) < pageShift(backing) ? size : backing);
  return {
    label: `${policy.label}, backed by ${backing}`,
    params: { ...policy.params, backing },
    sizes: pageSizes.filter((size) => policy.sizes.some((held) => smaller(held) === size)),
    sizeOf: (region) => smaller(policy.sizeOf(region)),
  };
}

/**
 * The answers of a page-size policy, asked once for each 2 MiB region and then kept in one byte each (8 MiB in all;
 * nothing where there is one size only). Constant time.
 *
 * @example
 * ```ts
 * import { everyPage, PageSizeMap } from "veelab/hardware";
 *
 * const sizes = new PageSizeMap(everyPage("2M"));
 * if (sizes.indexOf(1000) !== 1 || sizes.head(1000) !== 512) throw new Error("page 1000 lies in the second huge page");
 * ```
 */
export class PageSizeMap {
  /** What is asked. */
  readonly policy: PageSizePolicy;
  /** The index of the only size, or -1. */
  readonly only: number;
  readonly #answers: Uint8Array;

  constructor(policy: PageSizePolicy) {
    this.policy = policy;
    this.only = policy.sizes.length === 1 ? pageSizes.indexOf(policy.sizes[0]!) : -1;
    this.#answers = new Uint8Array(this.only < 0 ? 1 << 23 : 0);
  }

  /** The index in {@link pageSizes} of the size of the page that holds a 4 KiB page. */
  indexOf(page: number): number {
    if (this.only >= 0) return this.only;
    const answer = this.#answers[page >>> 9]!;
    return answer > 0 ? answer - 1 : this.#ask(page >>> 9);
  }

  /** The first 4 KiB page of the page that holds a 4 KiB page. */
  head(page: number): number {
    const shift = 9 * this.indexOf(page);
    return ((page >>> shift) << shift) >>> 0;
  }

  #ask(region: number): number {
    const index = pageSizes.indexOf(this.policy.sizeOf(region));
    if (index < 0 || !this.policy.sizes.includes(pageSizes[index]!))
      throw new OptionError("pageSizes", `one of ${this.policy.sizes.join(", ")}`, this.policy.sizeOf(region));
    this.#answers[region] = index + 1;
    return index;
  }
}

function checkSize(option: string, size: unknown): void {
  if (!pageSizes.includes(size as PageSize)) throw new OptionError(option, '"4K", "2M" or "1G"', size);
}

/** The finaliser of MurmurHash3 (public domain, A. Appleby): every bit of the input moves half of the output's. */
function hash32(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
