import { integer, onlyOptions } from "../core/options.ts";
import { random } from "../core/random.ts";
import { Candidates } from "./candidates.ts";
import { codeLists } from "./code-lists.ts";
import type { Database } from "./database.ts";

/**
 * How many executed pages it takes to identify a binary whose loading nobody has seen.
 *
 * @example
 * ```ts
 * import type { PagesNeeded } from "veelab/patch-audit";
 * const isAmbiguous = ({ uniqueShare }: PagesNeeded): boolean => uniqueShare === 0;
 * console.log(typeof isAmbiguous);
 * ```
 */
export interface PagesNeeded {
  /** The binary, a place in the database's `binaries`. */
  readonly binary: number;
  /** Its code pages. */
  readonly pages: number;
  /** Those whose content no other place in the database has. */
  readonly uniquePages: number;
  /** The same as a share: u. */
  readonly uniqueShare: number;
  /** Pages executed until one candidate was left, mean over the samples in which one was; NaN when in none. */
  readonly meanPages: number;
  /** Share of the samples in which several candidates were left after all pages. */
  readonly neverShare: number;
  /** Share of the samples that were identified after 1, 2, … pages, up to `longest`. */
  readonly identifiedAfterPages: readonly number[];
}

/**
 * Identifies each binary in mid-execution several times, its pages executed in random order without repeats, and counts
 * those needed until one candidate is left. O(samples × pages × candidates) a binary.
 *
 * @param options - `samples` a binary; `binaries` to try, all when not given; `longest` of `identifiedAfterPages`, 10 when not given
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { database, pagesNeeded } from "veelab/patch-audit";
 * const of = { package: "libdemo", file: "usr/lib/libdemo.so", addressPages: [1, 2] };
 * const known = database([
 *   { ...of, version: "1.0-1", release: "old", hashes: [0x11n, 0x22n] },
 *   { ...of, version: "1.0-2", release: "new", hashes: [0x11n, 0x33n] },
 * ]);
 * const [old] = pagesNeeded(known, { seed: 1, samples: 1000 });
 * console.log(old?.uniqueShare, old?.meanPages.toFixed(1)); // 0.5 1.5
 * ```
 */
export function pagesNeeded(
  database: Database,
  options: {
    readonly seed: number | string;
    readonly samples: number;
    readonly binaries?: readonly number[];
    readonly longest?: number;
  },
): PagesNeeded[] {
  onlyOptions(options, ["seed", "samples", "binaries", "longest"]);
  const { seed, binaries = database.binaries.map((_, binary) => binary), longest = 10 } = options;
  const samples = integer("samples", options.samples, { min: 1 });
  integer("longest", longest, { min: 1 });
  const { first, id, addressPage } = codeLists(database);
  const { firstPosting } = database;
  const postings = (page: number): number => firstPosting[page + 1]! - firstPosting[page]!;
  const stream = random(seed);
  return binaries.map((binary) => {
    integer("binaries", binary, { min: 0, max: database.binaries.length - 1 });
    const places = Array.from({ length: first[binary + 1]! - first[binary]! }, (_, at) => first[binary]! + at);
    const uniquePages = places.filter((at) => postings(id[at]!) === 1).length;
    const draws = stream.split(binary);
    const identified = new Float64Array(places.length + 1);
    for (let sample = 0; sample < samples; sample += 1) {
      const candidates = new Candidates(database);
      const order = draws.shuffle(places);
      // A page that fits several modules begins one of its own: identified is the binary as soon as one is.
      const needed = order.findIndex((at) => {
        const module = candidates.observe(0, addressPage[at]!, id[at]!, 0);
        return candidates.modules[module]!.binaries.length === 1;
      });
      // Never is none.
      identified[needed + 1]! += 1;
    }
    let [sum, done] = [0, 0];
    const identifiedAfterPages: number[] = [];
    for (let pages = 1; pages < Math.max(identified.length, longest + 1); pages += 1) {
      done += identified[pages] ?? 0;
      sum += pages * (identified[pages] ?? 0);
      if (pages <= longest) identifiedAfterPages.push(done / samples);
    }
    return {
      binary,
      pages: places.length,
      uniquePages,
      uniqueShare: uniquePages / places.length,
      meanPages: done === 0 ? NaN : sum / done,
      neverShare: identified[0]! / samples,
      identifiedAfterPages,
    };
  });
}
