import { type Assembly, assembly } from "../core/assembly.ts";
import { SimulationError } from "../core/errors.ts";
import type { ReferenceBatch } from "./batch.ts";
import { OrderedSets } from "./ordered-sets.ts";
import type { BuiltArray, Route } from "./tlb-options.ts";

interface Functions {
  /** Room for so many keys; gives where everything begins, 0 where there is no such memory. */
  create(keys: number): number;
  /** So many rows; gives how many were passed, fewer where one has no count or no such kind. */
  access(rows: number, shift: number, keyBase: number): number;
}

// As lib/assembly/tlb.ts lays them out, in bytes.
const ROWS = 8192;
const LATER_HITS = 24;
const LAST = 32;
const STOPS = 40;
const MISSES = 64;
const ROUTES = 256;
const STOP = 16;
const MOST_STOPS = 8;
const PAGES = ROUTES + 2 * MOST_STOPS * STOP;
const COUNTS = PAGES + 4 * ROWS;
const KINDS = COUNTS + 4 * ROWS;
const KEYS = KINDS + ROWS;

/** A batch of fewer rows is not worth an instance. */
export const worthAssembly = 2048;

/** Whether WebAssembly can simulate structures: their sets are in recency order, and there are not more than it has room for. */
export const fitsAssembly = (arrays: readonly BuiltArray[], routes: readonly Route[]): boolean =>
  arrays.every(({ sets }) => sets instanceof OrderedSets && sets.isLru) &&
  routes.every((route) => route.length <= MOST_STOPS && route.every(({ level }) => level < MOST_STOPS));

/** What a TLB counts and remembers beside its structures. */
export interface TlbState {
  /** References by kind. */
  readonly references: Float64Array;
  /** Misses by level and kind. */
  readonly misses: readonly Float64Array[];
  /** One number: look-ups that a later level answered. */
  readonly laterHits: Float64Array;
  /** The pages touched last by a fetch and by data; -1 for none. */
  readonly last: Int32Array;
}

/** A TLB's structures in WebAssembly's memory, where TypeScript reads and writes them, too. */
export class TlbAssembly {
  readonly #state: TlbState;
  readonly #functions: Assembly & Functions;
  readonly #sets: readonly OrderedSets[];
  readonly #page: Uint32Array;
  readonly #count: Uint32Array;
  readonly #kind: Uint8Array;

  /** Takes the structures' keys over. */
  constructor(arrays: readonly BuiltArray[], routes: readonly [fetch: Route, data: Route]) {
    this.#functions = assembly("tlb") as Assembly & Functions;
    this.#sets = arrays.map(({ sets }) => sets).filter((sets) => sets instanceof OrderedSets);
    const base = this.#functions.create(this.#sets.reduce((sum, { entries }) => sum + entries, 0));
    if (base === 0) throw new SimulationError("tlb", "no memory for so many entries");
    const { buffer } = this.#functions.memory;
    this.#state = {
      references: new Float64Array(buffer, base, 3),
      laterHits: new Float64Array(buffer, base + LATER_HITS, 1),
      last: new Int32Array(buffer, base + LAST, 2),
      misses: Array.from({ length: MOST_STOPS }, (_, at) => new Float64Array(buffer, base + MISSES + 24 * at, 3)),
    };
    this.#page = new Uint32Array(buffer, base + PAGES, ROWS);
    this.#count = new Uint32Array(buffer, base + COUNTS, ROWS);
    this.#kind = new Uint8Array(buffer, base + KINDS, ROWS);
    const places = new Map<unknown, readonly [at: number, ways: number]>();
    let at = base + KEYS;
    for (const sets of this.#sets) {
      places.set(sets, [at, sets.ways]);
      sets.moveTo(new Float64Array(buffer, at, sets.entries));
      at += 8 * sets.entries;
    }
    const stops = new Uint32Array(buffer, base + STOPS, 2);
    for (const [side, route] of routes.entries()) {
      stops[side] = route.length;
      for (const [stop, { sets, mask, level }] of route.entries()) {
        const from = base + ROUTES + (side * MOST_STOPS + stop) * STOP;
        const [keys, ways] = places.get(sets)!;
        new Uint32Array(buffer, from, 4).set([keys, mask, ways, level]);
      }
    }
  }

  /** Simulates a batch; gives how many of its rows were passed, fewer where one has no count or no such kind. O(rows). */
  access({ page, count, kind }: ReferenceBatch, shift: number, keyBase: number, state: TlbState): number {
    for (const sets of this.#sets) sets.noteFills();
    copy(state, this.#state);
    let passed = 0;
    for (let rows = 0; passed < page.length; passed += rows) {
      rows = Math.min(ROWS, page.length - passed);
      this.#page.set(page.subarray(passed, passed + rows));
      this.#count.set(count.subarray(passed, passed + rows));
      this.#kind.set(kind.subarray(passed, passed + rows));
      const some = this.#functions.access(rows, shift, keyBase);
      if (some === rows) continue;
      passed += some;
      break;
    }
    copy(this.#state, state);
    return passed;
  }
}

/** Of the levels, those that both have. */
function copy(from: TlbState, to: TlbState): void {
  to.references.set(from.references);
  to.laterHits.set(from.laterHits);
  to.last.set(from.last);
  for (let level = 0; level < Math.min(from.misses.length, to.misses.length); level++)
    to.misses[level]!.set(from.misses[level]!);
}
