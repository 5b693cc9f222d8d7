import type { Costs } from "../index.ts";

/** An event as an object. */
export interface NaiveEvent {
  readonly event: "block" | "read" | "write" | "lock" | "unlock";
  readonly pc: number;
  readonly address: number;
  readonly size: number;
}

interface NaiveLock {
  holder: number | undefined;
  taken: number;
  eliding: number;
  readonly queue: number[];
}

/** What happened to the sections of one call. */
export interface NaiveSection {
  count: number;
  cycles: number;
  transactions: number;
  lockConflicts: number;
  dataAborts: number;
  falseAborts: number;
  lockAborts: number;
  misses: number;
}

/** What {@link naive} is given. */
export interface NaiveOptions {
  readonly costs: Costs;
  readonly transactions: boolean;
  readonly cache: ReadonlySet<number>;
  readonly isPrivate: (pc: number) => boolean;
  readonly granuleBytes: number;
  readonly recordOf: (granule: number) => number;
  readonly attempts: number;
}

type State = "waiting" | "transaction" | "locked";

class Abort extends Error {
  readonly granule: number | undefined;
  constructor(granule: number | undefined) {
    super("aborted");
    this.granule = granule;
  }
}

/**
 * The same STM once more, with objects: each thread is a coroutine that gives way after each event, a transaction is a function that throws when
 * it is aborted, versions are in a Map, sets are Sets. All threads begin at once.
 */
export function naive(
  threads: readonly (readonly NaiveEvent[])[],
  options: NaiveOptions,
): {
  readonly clocks: readonly number[];
  readonly sections: ReadonlyMap<number, NaiveSection>;
  readonly conflicts: ReadonlyMap<string, number>;
} {
  const { costs, cache, granuleBytes, recordOf } = options;
  const clocks = threads.map(() => 0);
  const asleep = new Set<number>();
  const locks = new Map<number, NaiveLock>();
  const records = new Map<number, { version: number; writer: number }>();
  const granules = new Map<number, number>();
  const sections = new Map<number, NaiveSection>();
  const conflicts = new Map<string, number>();
  let commits = 0;

  const lockOf = (address: number): NaiveLock => {
    const known = locks.get(address) ?? { holder: undefined, taken: 0, eliding: 0, queue: [] };
    locks.set(address, known);
    return known;
  };
  const release = (self: number, lock: NaiveLock): void => {
    if (lock.holder !== self) return;
    lock.holder = lock.queue.shift();
    if (lock.holder === undefined) return;
    asleep.delete(lock.holder);
    clocks[lock.holder] = Math.max(clocks[lock.holder]!, clocks[self]!);
  };
  function* acquire(self: number, lock: NaiveLock): Generator<void, void> {
    while (lock.holder !== undefined && lock.holder !== self) {
      lock.queue.push(self);
      asleep.add(self);
      yield;
    }
    lock.holder = self;
  }

  function* section(self: number, events: readonly NaiveEvent[], isRetryLocked: boolean): Generator<void, void> {
    const first = events[0]!;
    const profile = sections.get(first.pc)!;
    const held: number[] = [];
    const watched = new Set<number>();
    const reads = new Set<number>();
    const writes = new Set<number>();
    let state: State = isRetryLocked ? "locked" : "waiting";
    let began = 0;
    const leave = (): void => {
      for (const address of watched) lockOf(address).eliding--;
      watched.clear();
    };
    function* watch(address: number): Generator<void, void> {
      if (watched.has(address)) return;
      const lock = lockOf(address);
      yield* acquire(self, lock);
      release(self, lock);
      lock.eliding++;
      watched.add(address);
    }
    function* begin(): Generator<void, State> {
      for (const address of held) yield* watch(address);
      began = commits;
      clocks[self]! += costs.beginCycles;
      return "transaction";
    }
    const commit = (): void => {
      for (const address of watched) if (lockOf(address).taken > began) throw new Abort(undefined);
      for (const granule of new Set([...touched]))
        if ((records.get(recordOf(granule))?.version ?? 0) > began) throw new Abort(granule);
      if (writes.size > 0) commits++;
      for (const granule of writes) {
        records.set(recordOf(granule), { version: commits, writer: first.pc });
        granules.set(granule, commits);
      }
      clocks[self]! += costs.commitCycles + writes.size * costs.writeBackCycles;
      profile.transactions++;
      leave();
    };
    // In order of the first access: the first that is stale is named.
    const touched: number[] = [];
    const take = (address: number): void => {
      lockOf(address).taken = ++commits;
      clocks[self]! += costs.lockCycles;
    };
    try {
      for (const { event, pc, address, size } of events) {
        if (event === "lock") {
          if (state === "locked") {
            yield* acquire(self, lockOf(address));
            take(address);
          } else if (state === "transaction") yield* watch(address);
          held.push(address);
        } else if (event === "unlock") {
          if (state === "waiting") state = yield* begin();
          if (state === "transaction" && held.length === 1) commit();
          held.splice(held.lastIndexOf(address), 1);
          if (state === "locked") {
            clocks[self]! += costs.unlockCycles;
            if (!held.includes(address)) release(self, lockOf(address));
          }
        } else if (event === "block") {
          if (state !== "locked" && !cache.has(pc)) {
            for (const lock of held) yield* acquire(self, lockOf(lock));
            if (state === "transaction") commit();
            held.forEach(take);
            clocks[self]! += costs.missCycles;
            profile.misses++;
            state = "locked";
          } else if (state === "waiting") state = yield* begin();
          clocks[self]! += size * costs.instructionCycles;
        } else {
          if (state === "waiting") state = yield* begin();
          if (state === "transaction" && !options.isPrivate(pc)) {
            clocks[self]! += event === "read" ? costs.readBarrierCycles : costs.writeBarrierCycles;
            for (let granule = Math.floor(address / granuleBytes); granule * granuleBytes < address + size; granule++) {
              if ((records.get(recordOf(granule))?.version ?? 0) > began) throw new Abort(granule);
              touched.push(granule);
              (event === "read" ? reads : writes).add(granule);
            }
          }
        }
        yield;
      }
    } catch (error) {
      if (!(error instanceof Abort)) throw error;
      const { granule } = error;
      if (granule === undefined) profile.lockAborts++;
      else {
        const cause = (granules.get(granule) ?? 0) > began ? "data" : "false";
        profile[cause === "data" ? "dataAborts" : "falseAborts"]++;
        const writer = records.get(recordOf(granule))!.writer;
        const key = [granule * granuleBytes, first.pc, writer, cause].join(" ");
        conflicts.set(key, (conflicts.get(key) ?? 0) + 1);
      }
      clocks[self]! += costs.abortCycles;
      for (const address of held) release(self, lockOf(address));
      leave();
      throw error;
    }
  }

  function* program(self: number, events: readonly NaiveEvent[]): Generator<void, void> {
    for (let at = 0; at < events.length; at++) {
      const first = events[at]!;
      if (first.event !== "lock") {
        if (first.event === "block") clocks[self]! += first.size * costs.instructionCycles;
        yield;
        continue;
      }
      let depth = 0;
      let end = at;
      do depth += events[end]!.event === "lock" ? 1 : events[end]!.event === "unlock" ? -1 : 0;
      while (depth > 0 && ++end < events.length);
      const profile = sections.get(first.pc) ?? {
        ...{ count: 0, cycles: 0, transactions: 0, lockConflicts: 0 },
        ...{ dataAborts: 0, falseAborts: 0, lockAborts: 0, misses: 0 },
      };
      sections.set(first.pc, profile);
      const entered = clocks[self]!;
      const lock = lockOf(first.address);
      if (lock.eliding > 0 || lock.holder !== undefined) profile.lockConflicts++;
      for (let attempt = 0; ; attempt++) {
        try {
          yield* section(self, events.slice(at, end + 1), !options.transactions || attempt >= options.attempts);
          break;
        } catch (error) {
          if (!(error instanceof Abort)) throw error;
          yield;
        }
      }
      profile.count++;
      profile.cycles += clocks[self]! - entered;
      at = end;
    }
  }

  const running = threads.map((events, self) => program(self, events));
  const alive = new Set(threads.keys());
  while (alive.size > 0) {
    const [next] = [...alive].filter((self) => !asleep.has(self)).sort((a, b) => clocks[a]! - clocks[b]! || a - b);
    if (next === undefined) throw new Error("no thread can run");
    if (running[next]!.next().done === true) alive.delete(next);
  }
  return { clocks, sections, conflicts };
}
