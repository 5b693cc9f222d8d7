/**
 * How a program runs.
 *
 * - `native`: with its locks;
 * - `manual`: critical sections are transactions, with barriers where the programmer knows that memory is shared;
 * - `static`: a binary that was rewritten before it runs, from what static analysis finds;
 * - `dynamic`: everything runs under a dynamic binary translator, which forgets between runs;
 * - `active`: the translator also fills the persistent instrumentation cache and follows who touches what;
 * - `passive`: the original code, and critical sections out of the cache; what is missing runs with its lock.
 *
 * @example
 * ```ts
 * import type { Mode } from "veelab/hybrid-rewriting";
 * const mode: Mode = "passive";
 * console.log(mode);
 * ```
 */
export type Mode = "native" | "manual" | "static" | "dynamic" | "active" | "passive";

/**
 * Which analyses take barriers away: `static` those of accesses that are relative to the stack by their operand, `dynamic` those of
 * instructions that touched nothing shared in training.
 *
 * @example
 * ```ts
 * import type { PrivacyPolicy } from "veelab/hybrid-rewriting";
 * const privacy: PrivacyPolicy = "both";
 * console.log(privacy);
 * ```
 */
export type PrivacyPolicy = "none" | "static" | "dynamic" | "both";

/** What tells a mode from the others. */
export interface Traits {
  /** Critical sections are transactions. */
  readonly transactions: boolean;
  /** The whole program runs under a translator, which costs a factor and a translation of each new block. */
  readonly translated: boolean;
  /** Blocks of critical sections that are not in the cache are added (else they are misses, where there is a cache). */
  readonly fills: boolean;
  /** The cache at the start: all blocks, none, or those given. */
  readonly cache: "all" | "none" | "given";
  /** Accesses are followed to learn who touches what. */
  readonly tracks: boolean;
  /** The analyses whose findings it can use. */
  readonly uses: PrivacyPolicy;
}

/** The traits of each mode. A first run under a translator has learnt nothing yet, an active run is learning. */
export const traitsOf: Readonly<Record<Mode, Traits>> = {
  native: { transactions: false, translated: false, fills: false, cache: "all", tracks: false, uses: "none" },
  manual: { transactions: true, translated: false, fills: false, cache: "all", tracks: false, uses: "none" },
  static: { transactions: true, translated: false, fills: false, cache: "all", tracks: false, uses: "static" },
  dynamic: { transactions: true, translated: true, fills: true, cache: "none", tracks: false, uses: "static" },
  active: { transactions: true, translated: true, fills: true, cache: "given", tracks: true, uses: "static" },
  passive: { transactions: true, translated: false, fills: false, cache: "given", tracks: false, uses: "both" },
};
