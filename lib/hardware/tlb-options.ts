import { OptionError } from "../../datasets/errors.ts";
import { integer } from "../core/options.ts";
import type { ReferenceBatch } from "./batch.ts";
import type { PageSet } from "./page-set.ts";
import { everyPage, pageShift, type PageSize, type PageSizePolicy, pageSizes } from "./page-size.ts";
import { lru } from "./lru.ts";
import type { ReplacementPolicy, ReplacementSets } from "./replacement.ts";

/** One structure of a TLB: `entries` entries in sets of `ways`, for pages of some sizes. */
export interface TlbArray {
  /** A multiple of `ways`; `entries / ways`, the number of sets, is a power of two. */
  readonly entries: number;
  /** Entries a set. */
  readonly ways: number;
  /** The page sizes it holds; several sizes share its entries, each size indexing the sets by its own page number. */
  readonly sizes: readonly PageSize[];
  /** Its own replacement policy, where it differs from the TLB's. */
  readonly policy?: ReplacementPolicy;
}

/**
 * One level of a TLB: apart for instruction fetches and data, or unified. Each side is a list of structures, no two
 * of which hold the same page size; pages of a size that none holds pass the level by.
 */
export type TlbLevel = SplitTlbLevel | UnifiedTlbLevel;

/** A level with structures of their own for instruction fetches and for data. */
export interface SplitTlbLevel {
  /** What fetches ask. */
  readonly instruction: readonly TlbArray[];
  /** What reads and writes ask. */
  readonly data: readonly TlbArray[];
}

/** A level that fetches and data share. */
export interface UnifiedTlbLevel {
  /** What every reference asks. */
  readonly unified: readonly TlbArray[];
}

/** What {@link tlb} builds. */
export interface TlbOptions {
  /** The levels, the one asked first in front. Every page size in use must be held by some level, on both sides. */
  readonly levels: readonly TlbLevel[];
  /** The replacement policy of the structures that name none. Default: {@link lru}. */
  readonly policy?: ReplacementPolicy;
  /** Which page has which size. Default: every page 4K. */
  readonly pageSizes?: PageSizePolicy;
  /** Whether entries carry the number of their address space (ASID, PCID or VPID). Without, a change of it flushes. */
  readonly tagged?: boolean;
}

/** A translation lookaside buffer of any number of levels. Made by {@link tlb}. */
export interface Tlb {
  /** References so far by kind: fetches, reads, writes. */
  readonly references: Readonly<Float64Array>;
  /** `misses[level][kind]`: look-ups in that level that found nothing. A reference that hits in level 1 asks no other. */
  readonly misses: readonly Readonly<Float64Array>[];
  /** Look-ups that found nothing in the level asked first, but did in a later one. */
  readonly laterHits: number;
  /**
   * Simulates a whole batch (or, for a plain array, single reads of these pages): each run is looked up level by
   * level and, where it misses all of them, filled into all of them. Splitting a trace into other batches changes
   * nothing, nor does writing a run out as single references. O(rows), allocation-free but for a plain array.
   *
   * @throws OptionError for arrays of unequal lengths, and at a row with a count of 0 or a kind beyond 2
   */
  access(batch: ReferenceBatch | Uint32Array): void;
  /**
   * For a simulator that handles misses itself: looks up the rows of a batch from row `from` and stops at the first
   * that misses in every level, or, where `writable` is given, that writes to a page whose head is not in it. Gives
   * that row, or `to`. Afterwards {@link Tlb.stoppedOnWrite} says which of the two it was. The caller mends the cause
   * ({@link Tlb.fill}, `writable.add`) and goes on from the same row, as the processor restarts the instruction.
   * Rows that are passed count as references. O(rows looked up).
   */
  scan(batch: ReferenceBatch, from: number, to: number, writable?: PageSet): number;
  /** Whether the last {@link Tlb.scan} stopped at a row that hit, because of a write. */
  readonly stoppedOnWrite: boolean;
  /** Brings a page's translation into every level of the side (fetch or data) that holds its size. */
  fill(page: number, kind: number): void;
  /** Takes out the translation of one page in the current address space (INVLPG). Gives whether there was one. */
  invalidate(page: number): boolean;
  /** Takes out everything. */
  flush(): void;
  /** Takes out everything of one address space (INVVPID, INVPCID). O(entries). */
  flushSpace(space: number): void;
  /**
   * Goes on in another address space, 0 to 2^19 - 1 (0 at first): by its tags, or by a flush where entries carry
   * none. Going on in the same one does nothing.
   */
  enter(space: number): void;
}

/** A structure made: its entries, and the mask that takes a page number to its set. */
export interface BuiltArray {
  readonly sets: ReplacementSets;
  readonly mask: number;
}

/** What a reference to a page of one size asks in turn, with the level of each. */
export type Route = readonly (BuiltArray & { readonly level: number })[];

/** A TLB's structures, and the routes through them by the index of the page size. */
export interface BuiltTlb {
  readonly arrays: readonly BuiltArray[];
  readonly fetchRoutes: readonly Route[];
  readonly dataRoutes: readonly Route[];
  readonly sizes: PageSizePolicy;
  readonly tagged: boolean;
}

/** Checks the options of a TLB and makes its structures. */
export function buildTlb(options: TlbOptions): BuiltTlb {
  const { levels, policy = lru(), pageSizes: sizePolicy = everyPage("4K"), tagged = true } = options;
  if (!Array.isArray(levels) || levels.length === 0) throw new OptionError("levels", "at least one level", levels);
  const arrays: BuiltArray[] = [];
  const routes = [0, 1].map(() => pageSizes.map(() => [] as (BuiltArray & { level: number })[]));
  for (const [level, sides] of (levels as readonly TlbLevel[]).entries()) {
    const shared = "unified" in sides;
    for (const [side, specs] of shared ? [[0, sides.unified] as const] : pair(sides)) {
      const name = `levels[${level}].${shared ? "unified" : side === 0 ? "instruction" : "data"}`;
      for (const [index, spec] of specs.entries()) {
        const built = { ...buildArray(`${name}[${index}]`, spec, policy), level };
        arrays.push(built);
        for (const size of spec.sizes)
          for (const route of shared ? routes : [routes[side]!]) {
            const stops = route[pageSizes.indexOf(size)]!;
            if (stops.at(-1)?.level === level)
              throw new OptionError(`${name}[${index}].sizes`, `sizes that no other structure of the side holds`, size);
            stops.push(built);
          }
      }
    }
  }
  for (const size of sizePolicy.sizes)
    for (const [side, route] of routes.entries())
      if (route[pageSizes.indexOf(size)]!.length === 0)
        throw new OptionError(
          "levels",
          `a structure for ${size} pages of ${side === 0 ? "instructions" : "data"} (pageSizes gives them)`,
          "none",
        );
  return { arrays, fetchRoutes: routes[0]!, dataRoutes: routes[1]!, sizes: sizePolicy, tagged };
}

function pair(sides: SplitTlbLevel): readonly [readonly [0, readonly TlbArray[]], readonly [1, readonly TlbArray[]]] {
  return [
    [0, sides.instruction],
    [1, sides.data],
  ];
}

function buildArray(name: string, spec: TlbArray, inherited: ReplacementPolicy): BuiltArray {
  const entries = integer(`${name}.entries`, spec.entries, { min: 1, max: 2 ** 24 });
  const ways = integer(`${name}.ways`, spec.ways, { min: 1, max: entries });
  const sets = entries / ways;
  if (!Number.isInteger(Math.log2(sets)))
    throw new OptionError(`${name}.ways`, `entries / ways to be a power of two`, `${entries} / ${ways}`);
  if (spec.sizes.length === 0) throw new OptionError(`${name}.sizes`, "at least one page size", spec.sizes);
  for (const size of spec.sizes) if (pageShift(size) < 0) throw new OptionError(`${name}.sizes`, "page sizes", size);
  return { sets: (spec.policy ?? inherited).create(sets, ways), mask: sets - 1 };
}
