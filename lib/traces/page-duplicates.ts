import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { dataOf, halvesOf, hasColumns, numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link pageDuplicates} finds. */
export interface PageDuplicates extends Characteristic {
  /** Pages whose hash is known; others are left out. */
  readonly pages: number;
  /** Shares of all pages: of zeros, that occur once, that occur more than once and are not zeros. */
  readonly zeroShare: number;
  /** The share of pages that occur once. */
  readonly uniqueShare: number;
  /** The share of pages that occur more than once and are not zeros. */
  readonly duplicateShare: number;
  /** The share of pages that merging equal ones would save, 0 to 1: all but one of each content. */
  readonly savedShare: number;
}

/**
 * Equal pages of a memory image, by their hashes: what merging them (KSM) or leaving zeros out would save. Of several
 * dumps (a column `dump`, ascending) each is taken by itself, and the figures are those of all their pages. The table
 * has a row for each group of pages by how often their content occurs: `content`, `pages`. One pass; memory for the
 * different hashes of a dump.
 *
 * @example
 * ```ts
 * import { memoryImage, pageDuplicates } from "veelab/traces";
 *
 * const { zeroShare } = await pageDuplicates(memoryImage({ pages: 10_000, zeroShare: 0.25 }));
 * console.log(zeroShare > 0.2 && zeroShare < 0.3); // true
 * ```
 */
export function pageDuplicates(trace: Trace): Promise<PageDuplicates> {
  return characterise(trace, "a memory image", pageDuplicatesOf());
}

const groups = [
  { name: "zeros", least: 0 },
  { name: "once", least: 1 },
  { name: "2 times", least: 2 },
  { name: "3 to 10 times", least: 3 },
  { name: "11 to 100 times", least: 11 },
  { name: "more often", least: 101 },
] as const;

/** The accumulator of {@link pageDuplicates}. */
export function pageDuplicatesOf(): Accumulator<PageDuplicates> {
  // A double holds 53 bits of the hash: among a million pages, two of other content meet by chance in one image of
  // 18,000.
  const counts = new Map<number, number>();
  const of: number[] = groups.map(() => 0);
  let dump: number | undefined;
  let dumps = 0;
  let pages = 0;
  let zeros = 0;
  let zerosBefore = 0;
  let unique = 0;
  let kept = 0;
  /** Ends a dump. */
  const close = () => {
    if (dump !== undefined) dumps += 1;
    kept += counts.size + (zeros > zerosBefore ? 1 : 0);
    of[0]! += zeros - zerosBefore;
    zerosBefore = zeros;
    for (const count of counts.values()) {
      if (count === 1) unique += 1;
      let group = 1;
      while (group + 1 < groups.length && count >= groups[group + 1]!.least) group += 1;
      of[group]! += count;
    }
    counts.clear();
  };
  return {
    add(batch) {
      const hashes = halvesOf(batch, "hash");
      const known = dataOf(batch, "hash");
      const areAll = known.nullCount === 0;
      const { codes, texts } = wordsOf(batch, "class");
      const dumpOf = hasColumns(batch.schema, ["dump"]) ? numbersOf(batch, "dump") : undefined;
      const zero = texts.indexOf("zero");
      for (let row = 0; row < batch.numRows; row += 1) {
        const at = dumpOf === undefined ? 0 : dumpOf[row]!;
        if (at !== dump) {
          close();
          dump = at;
        }
        if (!areAll && !known.getValid(row)) continue;
        pages += 1;
        if (codes[row] === zero) zeros += 1;
        else {
          const key = (hashes[2 * row + 1]! >>> 11) * 0x100000000 + hashes[2 * row]!;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
    },
    result() {
      if (pages === 0) return undefined;
      close();
      dump = undefined;
      const table = new Table({
        content: vectorFromArray(
          groups.map(({ name }) => name),
          new Utf8(),
        ),
        pages: makeVector(Float64Array.from(of)),
      });
      const savedShare = (pages - kept) / pages;
      const chart = bars(
        groups.map(({ name }, at) => ({ content: name, percent: (100 * of[at]!) / pages })),
        {
          title: "Equal pages",
          subtitle: `${pages.toLocaleString("en")} pages${dumps > 1 ? ` of ${dumps} dumps` : ""}; merging equal ones would save ${(100 * savedShare).toFixed(1)} %`,
          x: { field: "content", title: "the page's content occurs", order: groups.map(({ name }) => name) },
          y: { title: "pages", unit: "%" },
          measured: "percent",
        },
      );
      return characteristic(table, chart, {
        pages,
        zeroShare: zeros / pages,
        uniqueShare: unique / pages,
        duplicateShare: (pages - zeros - unique) / pages,
        savedShare,
      });
    },
  };
}
