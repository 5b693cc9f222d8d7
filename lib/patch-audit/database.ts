import { OptionError } from "../../datasets/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { HashIndex } from "./hash-index.ts";
import { MaskedPages, type PagePattern } from "./masked-pages.ts";

/**
 * A version of a program or library, as a database is built of them.
 *
 * @example
 * ```ts
 * import type { CodeFile } from "veelab/patch-audit";
 * const old: CodeFile = {
 *   package: "libdemo", version: "1.0-1", release: "old", file: "usr/lib/libdemo.so",
 *   addressPages: [1, 2], hashes: [0x11n, 0x22n],
 * };
 * console.log(old.hashes.length); // 2
 * ```
 */
export interface CodeFile {
  /** The package. */
  readonly package: string;
  /** Its version. */
  readonly version: string;
  /** `new` for the version that is up to date, `old` for any before it. */
  readonly release: "old" | "new";
  /** The path from the root directory. */
  readonly file: string;
  /** The place of each code page in memory, in pages from the first that the file loads. */
  readonly addressPages: readonly number[] | Uint32Array | Float64Array;
  /** The first 64 bits of each code page's SHA-1; of a page that has a pattern, the pattern's hash. */
  readonly hashes: readonly bigint[] | BigUint64Array;
  /** What stays of pages that loading changes; undefined for a page that stays as it is in the file. None when not given. */
  readonly patterns?: readonly (PagePattern | undefined)[];
}

/**
 * A program or library in the database: what the auditor names. Versions whose code pages are all equal are one.
 *
 * @example
 * ```ts
 * import type { Binary } from "veelab/patch-audit";
 * const name = ({ package: of, version, file }: Binary): string => `${of} ${version}: ${file}`;
 * console.log(typeof name);
 * ```
 */
export interface Binary {
  /** The package. */
  readonly package: string;
  /** The version; of several with the same code, the last that was given. */
  readonly version: string;
  /** The path from the root directory. */
  readonly file: string;
  /** Whether a newer version has other code, or the file no more. */
  readonly outdated: boolean;
  /** Its code pages. */
  readonly pages: number;
  /** Its first code page in memory, in pages from the first that the file loads. */
  readonly firstPage: number;
  /** Its last code page in memory. */
  readonly lastPage: number;
}

/**
 * A file without machine code that matters when some program uses it: a module of an interpreter, a configuration.
 *
 * @example
 * ```ts
 * import type { DataFile } from "veelab/patch-audit";
 * const script: DataFile = {
 *   package: "python3-demo", version: "1.0-1", file: "usr/lib/python3/dist-packages/demo.py", outdated: true,
 *   consumers: ["usr/bin/python3.11"],
 * };
 * console.log(script.outdated); // true
 * ```
 */
export interface DataFile {
  /** The package. */
  readonly package: string;
  /** Its version. */
  readonly version: string;
  /** The path from the root directory. */
  readonly file: string;
  /** Whether an update changes it. */
  readonly outdated: boolean;
  /** Paths of the programs whose reading of it is a use; that of others (cp, tar) is none. */
  readonly consumers: readonly string[];
}

/** What else is known: see {@link database}. */
export interface DatabaseOptions {
  /** Files without code, by whose places events name them; none when not given. */
  readonly files?: readonly DataFile[];
}

/**
 * What pages are looked up in: `{page hash → (binary, place)}`. The postings of page id `i` are `postingBinary` and
 * `postingPage` from `firstPosting[i]` to `firstPosting[i + 1]`.
 *
 * @example
 * ```ts
 * import { database } from "veelab/patch-audit";
 * const one = { package: "a", version: "1", release: "new", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * const { binaries, distinctPages } = database([one]);
 * console.log(binaries[0]?.outdated, distinctPages); // false 1
 * ```
 */
export interface Database {
  /** Programs and libraries, versions with equal code merged. */
  readonly binaries: readonly Binary[];
  /** Files without code. */
  readonly files: readonly DataFile[];
  /** How many different pages there are. */
  readonly distinctPages: number;
  /** The page id of a hash, its halves as unsigned 32-bit numbers; -1 for a page that is not here. Constant time. */
  readonly pageId: (low: number, high: number) => number;
  /** Lower half of each page id's hash. */
  readonly hashLow: Uint32Array;
  /** Upper half. */
  readonly hashHigh: Uint32Array;
  /** Where each page id's postings begin; one more at the end. */
  readonly firstPosting: Uint32Array;
  /** A posting's binary. */
  readonly postingBinary: Uint32Array;
  /** A posting's place in memory, in pages from the first that its file loads. */
  readonly postingPage: Uint32Array;
  /** Page ids of a page's content (4096 bytes) that loading has changed: none, or several where it can be several. */
  readonly maskedPageIds: (page: Uint8Array) => readonly number[];
  /** How many of the different pages are looked for in that way. */
  readonly maskedPages: number;
}

/**
 * Builds a database. A file's version is outdated when it is `old` and no `new` version of the same package has the same
 * code at the same path. Time and memory linear in the pages.
 *
 * @param files - versions of programs and libraries; a file without code pages is left out
 * @throws OptionError for arrays of different lengths, a place that is no whole number from 0 to 2^32 - 1, or the same version of a file twice
 *
 * @example
 * ```ts
 * import { database } from "veelab/patch-audit";
 * const of = { package: "libdemo", file: "usr/lib/libdemo.so", addressPages: [1, 2] };
 * const { binaries } = database([
 *   { ...of, version: "1.0-1", release: "old", hashes: [0x11n, 0x22n] },
 *   { ...of, version: "1.0-2", release: "new", hashes: [0x11n, 0x33n] },
 * ]);
 * console.log(binaries.map(({ outdated }) => outdated)); // [ true, false ]
 * ```
 */
export function database(files: Iterable<CodeFile>, options: DatabaseOptions = {}): Database {
  onlyOptions(options, ["files"]);
  const byPath = new Map<string, CodeFile[]>();
  for (const file of files) {
    if (file.addressPages.length !== file.hashes.length)
      throw new OptionError(
        `${file.package} ${file.version}: ${file.file}`,
        `${file.hashes.length} places of pages`,
        file.addressPages.length,
      );
    if (file.patterns !== undefined && file.patterns.length !== file.hashes.length)
      throw new OptionError(
        `${file.package} ${file.version}: ${file.file}`,
        `${file.hashes.length} patterns`,
        file.patterns.length,
      );
    if (file.hashes.length === 0) continue;
    const key = `${file.package}\0${file.file}`;
    const versions = byPath.get(key) ?? [];
    byPath.set(key, versions);
    if (versions.some(({ version }) => version === file.version))
      throw new OptionError(`${file.package} ${file.version}`, "each version of a file once", file.file);
    // Versions of equal code cannot be told apart and need not be: the last one stands for them, a new one for good.
    const same = versions.findIndex((other) => sameCode(other, file));
    if (same < 0) versions.push(file);
    else if (versions[same]!.release === "old") versions[same] = file;
  }
  const kept = [...byPath.values()].flat();
  const binaries = kept.map((file): Binary => {
    const { firstPage, lastPage } = extent(file);
    return {
      package: file.package,
      version: file.version,
      file: file.file,
      outdated: file.release === "old",
      pages: file.hashes.length,
      firstPage,
      lastPage,
    };
  });
  return { binaries, files: options.files ?? [], ...postingsOf(kept) };
}

function sameCode(a: CodeFile, b: CodeFile): boolean {
  if (a.hashes.length !== b.hashes.length) return false;
  for (let page = 0; page < a.hashes.length; page += 1)
    if (a.hashes[page] !== b.hashes[page] || a.addressPages[page] !== b.addressPages[page]) return false;
  return true;
}

function extent({ addressPages, package: of, file }: CodeFile): { firstPage: number; lastPage: number } {
  let firstPage = Infinity;
  let lastPage = 0;
  for (const page of addressPages) {
    if (!(Number.isInteger(page) && page >= 0 && page < 2 ** 32))
      throw new OptionError(`${of}: ${file}`, "places of pages from 0 to 2^32 - 1", page);
    firstPage = Math.min(firstPage, page);
    lastPage = Math.max(lastPage, page);
  }
  return { firstPage, lastPage };
}

type Postings = Omit<Database, "binaries" | "files">;

function postingsOf(files: readonly CodeFile[]): Postings {
  const total = files.reduce((sum, { hashes }) => sum + hashes.length, 0);
  const index = new HashIndex(total);
  const ids = new Uint32Array(total);
  const masked = new MaskedPages();
  let posting = 0;
  for (const { hashes, patterns } of files)
    for (const [at, hash] of hashes.entries()) {
      const known = index.size;
      const id = index.add(Number(hash & 0xffff_ffffn), Number(hash >> 32n));
      ids[posting++] = id;
      const pattern = patterns?.[at];
      if (pattern !== undefined && id === known) masked.add(id, pattern);
    }
  const firstPosting = new Uint32Array(index.size + 1);
  for (const id of ids) firstPosting[id + 1]! += 1;
  for (let id = 0; id < index.size; id += 1) firstPosting[id + 1]! += firstPosting[id]!;
  const next = firstPosting.slice();
  const postingBinary = new Uint32Array(total);
  const postingPage = new Uint32Array(total);
  posting = 0;
  for (const [binary, { addressPages }] of files.entries())
    for (const page of addressPages) {
      const at = next[ids[posting++]!]!++;
      postingBinary[at] = binary;
      postingPage[at] = page;
    }
  return {
    distinctPages: index.size,
    pageId: (low, high) => index.get(low, high),
    maskedPageIds: (page) => masked.find(page),
    maskedPages: masked.size,
    hashLow: index.low.subarray(0, index.size),
    hashHigh: index.high.subarray(0, index.size),
    firstPosting,
    postingBinary,
    postingPage,
  };
}
