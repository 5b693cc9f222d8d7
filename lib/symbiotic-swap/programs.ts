import { integer, onlyOptions } from "../core/options.ts";
import { random } from "../core/random.ts";
import { kinds, type ReferenceBatch } from "../hardware/index.ts";

/**
 * Options of the programs.
 *
 * @example
 * ```ts
 * import type { ProgramOptions } from "veelab/symbiotic-swap";
 * const small: ProgramOptions = { pages: 100, references: 1000 };
 * console.log(small.pages);
 * ```
 */
export interface ProgramOptions {
  /** W: the pages that it uses, from 0 on. */
  readonly pages: number;
  /** How many references. */
  readonly references: number;
  /** Whether they are writes; reads unless given. */
  readonly writes?: boolean;
  /** Of random choices; 1 unless given. */
  readonly seed?: number | string;
}

const BATCH = 65_536;

function* references(options: ProgramOptions, pageOf: (number: number) => number): Generator<ReferenceBatch, void> {
  const total = options.references;
  const kind = options.writes === true ? kinds.write : kinds.read;
  for (let done = 0; done < total; done += BATCH) {
    const rows = Math.min(BATCH, total - done);
    const page = Uint32Array.from({ length: rows }, (_, row) => pageOf(done + row));
    yield { page, count: new Uint32Array(rows).fill(1), kind: new Uint8Array(rows).fill(kind) };
  }
}

function checked(options: ProgramOptions): number {
  onlyOptions(options, ["pages", "references", "writes", "seed"]);
  integer("references", options.references, { min: 1 });
  return integer("pages", options.pages, { min: 1, max: 2 ** 30 });
}

/**
 * Page after page, round after round: the worst case of LRU. A generator of batches, constant memory.
 *
 * @example
 * ```ts
 * import { cyclicSweep } from "veelab/symbiotic-swap";
 * console.log([...cyclicSweep({ pages: 3, references: 5 })][0]?.page.join()); // 0,1,2,0,1
 * ```
 */
export function cyclicSweep(options: ProgramOptions): Generator<ReferenceBatch, void> {
  const pages = checked(options);
  return references(options, (number) => number % pages);
}

/**
 * A page at random each time, as GUPS (HPCC RandomAccess) updates its table; first all pages once, in order, as it is set up.
 *
 * @example
 * ```ts
 * import { gups } from "veelab/symbiotic-swap";
 * console.log([...gups({ pages: 3, references: 5 })][0]?.page.slice(0, 3).join()); // 0,1,2
 * ```
 */
export function gups(options: ProgramOptions): Generator<ReferenceBatch, void> {
  const pages = checked(options);
  const { int } = random(options.seed ?? 1);
  return references(options, (number) => (number < pages ? number : int(pages)));
}

/**
 * Working sets of 1, 2, 4, … and at last all pages, each swept twice, over and over, as memory benchmarks measure
 * one level of the hierarchy after the other. (How ECT memperf orders its own is not in the paper's sources at hand.)
 *
 * @example
 * ```ts
 * import { growingSweeps } from "veelab/symbiotic-swap";
 * console.log([...growingSweeps({ pages: 3, references: 12 })][0]?.page.join()); // 0,0,0,1,0,1,0,1,2,0,1,2
 * ```
 */
export function growingSweeps(options: ProgramOptions): Generator<ReferenceBatch, void> {
  const pages = checked(options);
  let [set, at] = [1, -1];
  return references(options, () => {
    if (++at === 2 * set) {
      set = set === pages ? 1 : Math.min(2 * set, pages);
      at = 0;
    }
    return at % set;
  });
}
