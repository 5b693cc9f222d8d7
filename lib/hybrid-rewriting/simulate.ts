import type { Table } from "apache-arrow";
import { OptionError, TraceExhaustedError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions, powerOfTwo } from "../core/options.ts";
import { fromRows } from "../core/table.ts";
import { checkCosts, type Costs } from "./costs.ts";
import { type Execution, executionBatches } from "./execution.ts";
import { counters, parts } from "./ledger.ts";
import { code, Machine } from "./machine.ts";
import { type Mode, type PrivacyPolicy, traitsOf } from "./modes.ts";
import type { Sharing } from "./sharing.ts";

/**
 * Options of {@link simulate}.
 *
 * @example
 * ```ts
 * import { costs2011, type SimulateOptions } from "veelab/hybrid-rewriting";
 * const options: SimulateOptions = { mode: "passive", costs: costs2011, cache: [0x401000], privacy: "static", stackRelative: [] };
 * console.log(options.mode);
 * ```
 */
export interface SimulateOptions {
  /** How the program runs. */
  readonly mode: Mode;
  /** The prices. */
  readonly costs: Costs;
  /**
   * Starts of the blocks in the persistent instrumentation cache, for `active` (which adds to them) and `passive`; for `static`, the blocks that
   * static analysis reached, all when not given.
   */
  readonly cache?: Iterable<number>;
  /** Which analyses take barriers away, where the mode can use them; `none` unless given. */
  readonly privacy?: PrivacyPolicy;
  /** The instructions whose operands are relative to the stack. */
  readonly stackRelative?: Iterable<number>;
  /** What the training runs saw. */
  readonly trained?: Sharing;
  /** What this very execution shares: `manual` needs it; with it, accesses that are unsound without a barrier are counted. */
  readonly actual?: Sharing;
  /** Bytes of a granule, in which conflicts are found, a power of two; 8 unless given. */
  readonly granuleBytes?: number;
  /** Ownership records, a power of two to 2^24; one for each granule unless given. */
  readonly records?: number;
  /** After so many aborts a critical section takes its lock; 8 unless given (assumption). */
  readonly attempts?: number;
  /** Events that are held to find the next one of the thread whose clock is earliest; 2^20 unless given. */
  readonly readAhead?: number;
}

/**
 * How long a run took, where its cycles went, and what happened. Cycles of parts are sums over the threads.
 *
 * @example
 * ```ts
 * import type { SimulationRow } from "veelab/hybrid-rewriting";
 * const coverage = (row: SimulationRow): number => row.coveredBlocks / row.blocks;
 * console.log(coverage);
 * ```
 */
export type SimulationRow = {
  /** The mode. */
  readonly mode: Mode;
  /** The analyses whose findings it used. */
  readonly privacy: PrivacyPolicy;
  /** The prices' label. */
  readonly costs: string;
  /** Threads. */
  readonly threads: number;
  /** Instructions, each executed once, aborted attempts left out. */
  readonly instructions: number;
  /** Until the last thread ended. */
  readonly cycles: number;
  /** The same, s. */
  readonly seconds: number;
  /** The program's instructions. */
  readonly computeCycles: number;
  /** What the translator's dispatch adds to them. */
  readonly dispatchCycles: number;
  /** Translating new blocks. */
  readonly translationCycles: number;
  /** Following accesses. */
  readonly trackingCycles: number;
  /** Beginning transactions. */
  readonly beginCycles: number;
  /** Barriers. */
  readonly barrierCycles: number;
  /** Commits. */
  readonly commitCycles: number;
  /** Leaving the cache. */
  readonly missCycles: number;
  /** Locks that are taken and released. */
  readonly lockCycles: number;
  /** Attempts that were aborted, all they did, and undoing them. */
  readonly abortedCycles: number;
  /** Waiting for locks, for other threads, and for what no event tells. */
  readonly waitingCycles: number;
  /** Critical sections. */
  readonly sections: number;
  /** Transactions that committed; where a block was missing, its first part. */
  readonly transactions: number;
  /** Aborts because another transaction wrote what this one had accessed. */
  readonly dataAborts: number;
  /** Aborts because another wrote what only shares an ownership record with it. */
  readonly falseAborts: number;
  /** Aborts because the lock was taken. */
  readonly lockAborts: number;
  /** Sections that were entered while another thread was in one of the same lock. */
  readonly lockConflicts: number;
  /** Waits for a lock or a thread's end that were left out, since in simulated order they would never end. */
  readonly skippedWaits: number;
  /** Sections that left the cache. */
  readonly misses: number;
  /** Accesses in critical sections whose operand is relative to the stack; of aborted attempts nothing is counted, here and below. */
  readonly stackAccesses: number;
  /** Of the others, those whose instruction touched nothing shared in training (in the mode `manual`: touches nothing shared). */
  readonly privateAccesses: number;
  /** All others in critical sections. */
  readonly otherAccesses: number;
  /** Reads with a barrier. */
  readonly readBarriers: number;
  /** Writes with a barrier. */
  readonly writeBarriers: number;
  /** Accesses without a barrier, since their operand is relative to the stack. */
  readonly removedByStack: number;
  /** Other accesses without one, since their instruction touched nothing shared in training (`manual`: touches nothing shared). */
  readonly removedByTraining: number;
  /** Of `removedByStack`, those to memory that threads share in this execution; 0 without `actual`. */
  readonly unsoundByStack: number;
  /** Of `removedByTraining`, the same. */
  readonly unsoundByTraining: number;
  /** Blocks executed in critical sections. */
  readonly blocks: number;
  /** Of these, in the cache before. */
  readonly coveredBlocks: number;
  /** Blocks in the cache at the end; 0 in modes without one. */
  readonly cacheBlocks: number;
};

/**
 * The result of {@link simulate}.
 *
 * @example
 * ```ts
 * import type { Simulation } from "veelab/hybrid-rewriting";
 * const slowdown = (run: Simulation, native: Simulation): number => run.row.cycles / native.row.cycles;
 * console.log(slowdown);
 * ```
 */
export interface Simulation {
  /** Time, parts, counts. */
  readonly row: SimulationRow;
  /** The blocks of the cache at the end, for the next run; empty in modes without one. */
  readonly cache: ReadonlySet<number>;
  /** The blocks that were missing: `block`, `misses`. */
  readonly missed: Table;
  /**
   * The profiler's report, a row a critical section (by the address of the call that enters it): `section`, `lock` (its first), `count`, `cycles`, `transactions`, sizes of read and
   * write sets in granules (`meanReadSet`, `mostReadSet`, `meanWriteSet`, `mostWriteSet`), `lockConflicts`, `dataAborts`, `falseAborts`, `lockAborts`, `misses`.
   */
  readonly sections: Table;
  /** The profiler's pairs that conflict: `address` of the granule, aborted `section`, `writer` section, `cause`, `count`. */
  readonly conflicts: Table;
}

const names = [
  ...["mode", "costs", "cache", "privacy", "stackRelative", "trained", "actual", "granuleBytes", "records", "attempts"],
  "readAhead",
];
const policies = ["none", "static", "dynamic", "both"] as const;

/**
 * Runs an execution of a program with threads and locks in one of the modes of hybrid binary rewriting (after Roy, Hand and Harris, VEE'11): critical sections
 * as transactions of a word-based STM with a global clock and lazy versioning, instrumented by hand, statically, dynamically, or out of a persistent
 * instrumentation cache.
 *
 * Each thread has a clock, and the thread whose clock is earliest goes on, so that what overlaps, and so conflicts, follows from the prices. The accesses of a thread are those of the
 * recorded execution, also where its transactions commit in another order. Deterministic, independent of how the events are batched; constant expected time an event (linear in the threads
 * where these alternate), memory for the different granules, instructions and locks, and `readAhead` events.
 *
 * @throws OptionError for an option out of range or that the mode needs; TraceFormatError for a bad batch; SimulationError for a lock that is released by a thread without it; TraceExhaustedError for an execution without instructions or that ends within a critical section
 *
 * @example
 * ```ts
 * import { costs2011, simulate, syntheticExecution } from "veelab/hybrid-rewriting";
 * const program = syntheticExecution({ threads: 2, sections: 100, seed: 1 });
 * const native = await simulate(program.batches(), { mode: "native", costs: costs2011 });
 * const active = await simulate(program.batches(), { mode: "active", costs: costs2011, cache: [] });
 * const passive = await simulate(program.batches(), { mode: "passive", costs: costs2011, cache: active.cache });
 * console.log(passive.row.misses, passive.row.cycles > native.row.cycles, active.row.cycles > passive.row.cycles); // 0 true true
 * ```
 */
export async function simulate(execution: Execution, options: SimulateOptions): Promise<Simulation> {
  onlyOptions(options, names);
  const { costs, trained, actual } = options;
  const mode = oneOf("mode", options.mode, ["native", "manual", "static", "dynamic", "active", "passive"]);
  checkCosts(costs);
  const asked = oneOf("privacy", options.privacy ?? "none", policies);
  const granuleBytes = powerOfTwo("granuleBytes", options.granuleBytes ?? 8);
  const records = options.records === undefined ? undefined : powerOfTwo("records", options.records);
  if (records !== undefined) integer("records", records, { max: 2 ** 24 });
  const attempts = integer("attempts", options.attempts ?? 8, { min: 1 });
  const readAhead = integer("readAhead", options.readAhead ?? 2 ** 20, { min: 1 });
  const given = traitsOf[mode];
  if (given.cache === "given" && options.cache === undefined)
    throw new OptionError("cache", `the starts of blocks (none: []) for the mode ${mode}`, options.cache);
  const isComplete = given.cache === "all" && (mode !== "static" || options.cache === undefined);
  const cached = given.cache === "none" ? new Set<number>() : addresses("cache", options.cache);
  const stack = addresses("stackRelative", options.stackRelative);
  const privacy = usable(asked, given.uses);
  const byStack = privacy === "static" || privacy === "both";
  const byTraining = privacy === "dynamic" || privacy === "both";
  if (byStack && options.stackRelative === undefined)
    throw new OptionError("stackRelative", `the instructions for the privacy ${asked}`, options.stackRelative);
  if (byTraining && trained === undefined)
    throw new OptionError("trained", `what sharing(…) gives, for the privacy ${asked}`, trained);
  if (mode === "manual" && actual === undefined)
    throw new OptionError("actual", "what sharing(…) gives of this execution, for the mode manual", actual);
  // The programmer knows what training can only guess.
  const profile = mode === "manual" ? actual : trained;
  const machine = new Machine({
    ...{ traits: given, costs, granuleBytes, records, attempts, readAhead },
    codeAt: (pc) =>
      // Instructions that are only counted are no block that could be translated.
      (pc === 0 ? code.cached | code.seen : 0) |
      (stack.has(pc) ? code.stack : 0) |
      (profile?.classOf(pc) === "private" ? code.trained : 0) |
      (isComplete || cached.has(pc) ? code.cached : 0),
    removing: (byStack ? code.stack : 0) | (byTraining || mode === "manual" ? code.trained : 0),
    ...(actual === undefined ? {} : { isShared: actual.isShared }),
  });
  for await (const { thread, event, pc, address, size } of executionBatches(execution))
    for (let row = 0; row < event.length; row++)
      machine.push(thread[row]!, event[row]!, pc[row]!, address[row]!, size[row]!);
  machine.end();
  if (machine.instructions === 0)
    throw new TraceExhaustedError("hybrid-rewriting", "the execution has no blocks of instructions");
  const cache = given.cache === "given" ? new Set([...cached, ...machine.cache()]) : new Set<number>();
  return {
    row: rowOf(machine, { mode, privacy, costs, cacheBlocks: cache.size }),
    cache,
    missed: fromRows([...machine.missed].map(([block, misses]) => ({ block, misses }))),
    sections: machine.profiler.sectionTable(),
    conflicts: machine.profiler.conflictTable(),
  };
}

/** The analyses that are both asked for and usable. */
function usable(asked: PrivacyPolicy, uses: PrivacyPolicy): PrivacyPolicy {
  return policies[policies.indexOf(asked) & policies.indexOf(uses)]!;
}

function addresses(name: string, given: Iterable<number> | undefined): ReadonlySet<number> {
  if (given === undefined) return new Set();
  const value: unknown = given;
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value))
    throw new OptionError(name, "a list of addresses", given);
  const set = new Set(given);
  for (const address of set) integer(name, address, { min: 0 });
  return set;
}

function rowOf(
  machine: Machine,
  run: { readonly mode: Mode; readonly privacy: PrivacyPolicy; readonly costs: Costs; readonly cacheBlocks: number },
): SimulationRow {
  const present = machine.threads.flatMap((thread, number) => (thread === undefined ? [] : [{ thread, number }]));
  const ledger = (place: number): number => present.reduce((sum, { thread }) => sum + thread.ledger[place]!, 0);
  const { sections } = machine.profiler;
  const total = (of: (section: (typeof sections)[number]) => number): number =>
    sections.reduce((sum, section) => sum + of(section), 0);
  const cycles = present.reduce((latest, { number }) => Math.max(latest, machine.clocks[number]!), 0);
  const counted = Object.fromEntries(Object.entries(counters).map(([name, place]) => [name, ledger(place)]));
  return {
    ...{ mode: run.mode, privacy: run.privacy, costs: run.costs.label },
    threads: present.length,
    instructions: machine.instructions,
    cycles,
    seconds: cycles / run.costs.clockHz,
    computeCycles: ledger(parts.compute),
    dispatchCycles: ledger(parts.dispatch),
    translationCycles: ledger(parts.translation),
    trackingCycles: ledger(parts.tracking),
    beginCycles: ledger(parts.begin),
    barrierCycles: ledger(parts.barrier),
    commitCycles: ledger(parts.commit),
    missCycles: ledger(parts.miss),
    lockCycles: ledger(parts.lock),
    abortedCycles: ledger(parts.aborted),
    waitingCycles: ledger(parts.waiting),
    sections: total(({ count }) => count),
    transactions: total(({ transactions }) => transactions),
    dataAborts: total(({ dataAborts }) => dataAborts),
    falseAborts: total(({ falseAborts }) => falseAborts),
    lockAborts: total(({ lockAborts }) => lockAborts),
    lockConflicts: total(({ lockConflicts }) => lockConflicts),
    skippedWaits: machine.skippedWaits,
    misses: total(({ misses }) => misses),
    ...(counted as Record<keyof typeof counters, number>),
    cacheBlocks: run.cacheBlocks,
  };
}
