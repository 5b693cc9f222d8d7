import { pageBytes } from "../../datasets/formats/page.ts";
import { halvesOf } from "../traces/columns.ts";
import type { Database } from "./database.ts";
import { type AuditVerdict } from "./findings.ts";
import { recordBatches, type TableBatches } from "./read-database.ts";

/**
 * A program or library of which code pages are in a memory image.
 *
 * @example
 * ```ts
 * import type { Resident } from "veelab/patch-audit";
 * const line = ({ verdict, file, versions }: Resident): string => `${verdict}: ${file} (${versions.join(" or ")})`;
 * console.log(typeof line);
 * ```
 */
export interface Resident {
  /** The package. */
  readonly package: string;
  /** The versions that it may be: one, or several that have all the pages that were found in common. */
  readonly versions: readonly string[];
  /** The path from the root directory. */
  readonly file: string;
  /** Whether all, none or some of these versions are outdated. */
  readonly verdict: AuditVerdict;
  /** Its different code pages that were found. */
  readonly pages: number;
  /** Of these, those that neither another file nor, for a single version, another version has. */
  readonly ownPages: number;
  /** Its different code pages; of several versions, of the largest. */
  readonly ofPages: number;
}

/**
 * What is resident in a memory image: for each page of it that the database has. A version is named when a page is found that nothing
 * else in the database has. Where all that is found of a file is in several of its versions, and in no other file, they are named
 * together. Pages that different files have in common name none.
 *
 * A page's content is all that is looked at: resident is not executing, and code that was copied as data, or is left
 * over in free memory, is found, too. Linear in the image; memory for the database's pages.
 *
 * Pages that loading changes (kernel modules') are found in `contents` alone, whatever loading has put where their masks are. A page of the image that can be
 * several of them counts as one that all of their files have in common.
 *
 * @param pages - a memory image, as `stream` of veelab/datasets gives it from an ELF core: a column `hash`
 * @param contents - the same image's pages themselves, in pieces of whole ones
 * @throws OptionError for an image without that column
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import { readDatabase, residents } from "veelab/patch-audit";
 * const known = await readDatabase(stream("packages/code-pages"));
 * const found = await residents(stream("guest/code-pages-sqlite"), known);
 * console.log(found.some(({ package: of }) => of === "libc6")); // true
 * ```
 */
export async function residents(
  pages: TableBatches,
  database: Database,
  contents: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = [],
): Promise<Resident[]> {
  const found = new Set<number>();
  for await (const batch of recordBatches(pages)) {
    const halves = halvesOf(batch, "hash");
    for (let row = 0; row < batch.numRows; row += 1) {
      const id = database.pageId(halves[2 * row]!, halves[2 * row + 1]!);
      if (id >= 0) found.add(id);
    }
  }
  /** Page ids of which a page of the image is one, but not known is which. */
  const either = new Map<string, readonly number[]>();
  for await (const piece of contents)
    for (let at = 0; at + pageBytes <= piece.length; at += pageBytes) {
      const ids = database.maskedPageIds(piece.subarray(at, at + pageBytes));
      if (ids.length === 1) found.add(ids[0]!);
      else if (ids.length > 1) either.set(ids.join(), ids);
    }
  const { binaries, distinctPages, firstPosting, postingBinary } = database;
  const all = new Uint32Array(binaries.length);
  const own = new Uint32Array(binaries.length);
  const total = new Uint32Array(binaries.length);
  /** Pages that only versions of one file have, by the file. */
  const common = new Map<string, { binaries: Set<number>; pages: number }>();
  const fileOf = (binary: number): string => `${binaries[binary]!.package}\0${binaries[binary]!.file}`;
  const holdersOf = (ids: readonly number[]): Set<number> =>
    new Set(ids.flatMap((id) => [...postingBinary.subarray(firstPosting[id], firstPosting[id + 1])]));
  const seen = new Set([...found, ...[...either.values()].flat()]);
  for (let id = 0; id < distinctPages; id += 1)
    for (const binary of holdersOf([id])) {
      total[binary]! += 1;
      if (seen.has(id)) all[binary]! += 1;
    }
  for (const ids of [...[...found].map((id) => [id]), ...either.values()]) {
    const holders = holdersOf(ids);
    const [first, ...others] = holders;
    if (others.length === 0) own[first!]! += 1;
    else if (others.every((binary) => fileOf(binary) === fileOf(first!))) {
      const versions = common.get(fileOf(first!));
      if (versions === undefined) common.set(fileOf(first!), { binaries: holders, pages: 1 });
      else {
        versions.pages += 1;
        // With three versions or more, two pages may be in different ones.
        for (const binary of versions.binaries) if (!holders.has(binary)) versions.binaries.delete(binary);
      }
    }
  }
  const rows: Resident[] = [];
  const named = new Set<string>();
  for (const [binary, { package: of, version, file, outdated }] of binaries.entries()) {
    if (own[binary] === 0) continue;
    named.add(fileOf(binary));
    rows.push({
      package: of,
      versions: [version],
      file,
      verdict: outdated ? "unpatched" : "up to date",
      pages: all[binary]!,
      ownPages: own[binary]!,
      ofPages: total[binary]!,
    });
  }
  for (const [file, versions] of common) {
    const list = [...versions.binaries];
    if (named.has(file) || list.length === 0) continue;
    const outdated = list.filter((binary) => binaries[binary]!.outdated).length;
    rows.push({
      package: binaries[list[0]!]!.package,
      versions: list.map((binary) => binaries[binary]!.version),
      file: binaries[list[0]!]!.file,
      verdict: outdated === 0 ? "up to date" : outdated === list.length ? "unpatched" : "ambiguous",
      pages: Math.max(...list.map((binary) => all[binary]!)),
      ownPages: versions.pages,
      ofPages: Math.max(...list.map((binary) => total[binary]!)),
    });
  }
  const order: readonly AuditVerdict[] = ["unpatched", "ambiguous", "up to date"];
  return rows.sort(
    (a, b) =>
      order.indexOf(a.verdict) - order.indexOf(b.verdict) ||
      (a.package < b.package ? -1 : a.package > b.package ? 1 : a.file < b.file ? -1 : a.file > b.file ? 1 : 0),
  );
}
