import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { random } from "../core/random.ts";
import { kinds, type ReferenceBatch, singly } from "../hardware/index.ts";

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

/**
 * All pages once, in order, and from then on the first `hot` pages round by round: a working set that was swapped out while the rest
 * was set up.
 *
 * @example
 * ```ts
 * import { hotSet } from "veelab/symbiotic-swap";
 * console.log([...hotSet({ pages: 3, hot: 2, references: 6 })][0]?.page.join()); // 0,1,2,0,1,0
 * ```
 */
export function hotSet({
  hot,
  ...options
}: ProgramOptions & {
  /** Pages of the working set. */
  readonly hot: number;
}): Generator<ReferenceBatch, void> {
  const pages = checked(options);
  integer("hot", hot, { min: 1, max: pages });
  return references(options, (number) => (number < pages ? number : (number - pages) % hot));
}

/**
 * The references of the program that `veelab capture swap` runs in a guest: every page is written once, in order; then rounds of as many reads or
 * writes as there are pages, in order or of pages that Marsaglia's xorshift chooses.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { sweeper } from "veelab/symbiotic-swap";
 * const [setUp, round] = sweeper({ pattern: "sweep", kind: "read", pages: 2, rounds: 1, seed: 1 });
 * console.log(setUp?.kind.join(), round?.kind.join()); // 2,2 1,1
 * ```
 */
export function* sweeper(options: {
  /** In order, or at random. */
  readonly pattern: "sweep" | "random";
  /** What the rounds do. */
  readonly kind: "read" | "write";
  /** Pages. */
  readonly pages: number;
  /** Rounds after the first. */
  readonly rounds: number;
  /** Of the random pages. */
  readonly seed: number;
}): Generator<ReferenceBatch, void> {
  onlyOptions(options, ["pattern", "kind", "pages", "rounds", "seed"]);
  const isRandom = oneOf("pattern", options.pattern, ["sweep", "random"]) === "random";
  const kind = oneOf("kind", options.kind, ["read", "write"]);
  const pages = integer("pages", options.pages, { min: 1, max: 2 ** 20 });
  const rounds = integer("rounds", options.rounds, { min: 0 });
  let state = integer("seed", options.seed, { min: 1, max: 2 ** 32 - 1 });
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) * pages) / 2 ** 32);
  };
  const every = Uint32Array.from({ length: pages }, (_, page) => page);
  for (let round = 0; round <= rounds; round++)
    yield singly(isRandom && round > 0 ? every.map(next) : every, round === 0 ? kinds.write : kinds[kind]);
}
