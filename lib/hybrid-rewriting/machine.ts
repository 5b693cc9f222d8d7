import { SimulationError, TraceExhaustedError, TraceFormatError } from "../core/errors.ts";
import { AccessSet } from "./access-set.ts";
import type { Costs } from "./costs.ts";
import { executionEvents as events } from "./execution.ts";
import { grown } from "./grow.ts";
import { counters, ledgerLength, partCount, parts } from "./ledger.ts";
import type { Traits } from "./modes.ts";
import { NumberIndex } from "./number-index.ts";
import { Ownership } from "./ownership.ts";
import { type AbortCause, Profiler, SectionProfile } from "./profiler.ts";
import { ThreadQueue } from "./thread-queue.ts";

/** What is known of the code at an address: bits. */
export const code = { stack: 1, trained: 2, cached: 4, seen: 8, known: 16 } as const;

/** What a machine is built from; see the options of `simulate`. */
export interface MachineParts {
  readonly traits: Traits;
  readonly costs: Costs;
  /** The bits of an address of code that are known before it runs. */
  readonly codeAt: (pc: number) => number;
  /** An access without a barrier has one of these bits. */
  readonly removing: number;
  /** Whether an access touches memory that threads share in this very execution; absent when nobody asks. */
  readonly isShared?: (address: number, size: number) => boolean;
  readonly granuleBytes: number;
  readonly records: number | undefined;
  readonly attempts: number;
  readonly readAhead: number;
}

/** Where a thread is: outside of critical sections, before the first block of one, in a transaction, or with its locks taken. */
const outside = 0;
const entering = 1;
const transaction = 2;
const locked = 3;

/** Why a thread does not run: it does, it waits for a lock, for its creation, for another thread's end, or its next event is far away. */
const runs = 0;
const waitsForLock = 1;
const waitsForCreation = 2;
const waitsForEnd = 3;
const isAbsent = 4;

class Thread {
  readonly queue: ThreadQueue = new ThreadQueue();
  readonly set: AccessSet = new AccessSet();
  readonly ledger: Float64Array = new Float64Array(ledgerLength);
  /** Of this attempt, or since the last section. */
  readonly open: Float64Array = new Float64Array(ledgerLength);
  /** Locks that the program holds, in the order in which it took them; and those of a transaction that are or were elided. */
  readonly held: number[] = [];
  readonly elided: number[] = [];
  blocked: number = runs;
  state: number = outside;
  /** The number of the last commit before the transaction began. */
  began = 0;
  attempts = 0;
  section = -1;
  enteredAt = 0;
  /** Its last event has been recorded: another thread joins it. */
  isJoined = false;
  joiner = -1;
  /** The lock, or the thread, that it waits for. */
  awaited = -1;
}

interface Lock {
  readonly address: number;
  holder: number;
  /** The commit at which it was last taken instead of elided. */
  taken: number;
  /** Transactions that elide it now. */
  eliding: number;
  readonly waiting: number[];
}

/**
 * Threads with clocks of their own; the one whose clock is earliest goes on, the lowest number first where clocks are equal. Events are pushed in
 * recorded order, and are run as soon as it is certain which thread comes next.
 *
 * The STM is word-based with lazy versioning and a global clock of commits (as in TL2): an access aborts its transaction when its ownership record is newer than
 * the transaction, and all of them are looked at once more at the commit.
 */
export class Machine {
  readonly profiler: Profiler = new Profiler();
  readonly threads: (Thread | undefined)[] = [];
  /** Blocks that were missing, and how often. */
  readonly missed: Map<number, number> = new Map<number, number>();
  instructions = 0;
  /** Waits that would not have ended. */
  skippedWaits = 0;
  clocks: Float64Array = new Float64Array(16).fill(Infinity);
  /** The clocks of those that can run; of the others infinite. */
  #ready: Float64Array = new Float64Array(16).fill(Infinity);
  #parts: MachineParts;
  #code = new NumberIndex();
  #codeBits = new Uint8Array(1024);
  #locks: Lock[] = [];
  #lockIndex = new NumberIndex();
  #sectionIndex = new NumberIndex();
  #memory: Ownership;
  #commits = 0;
  #rows = 0;
  #pushed = 0;
  #run = 0;
  #now = 0;
  /** The thread without whose next event nothing can go on; the clock and the number of the next one behind it. */
  #needed = -1;
  #until = Infinity;
  #second = -1;
  /** A thread has become able to run, so that another may be the earliest. */
  #changed = false;

  constructor(given: MachineParts) {
    this.#parts = given;
    this.#memory = new Ownership(given.records);
  }

  /** The addresses in the cache. */
  *cache(): Generator<number, void> {
    for (let index = 0; index < this.#code.size; index++)
      if ((this.#codeBits[index]! & code.cached) !== 0 && this.#code.keyOf(index) !== 0) yield this.#code.keyOf(index);
  }

  /** Takes the next event of the execution. */
  push(number: number, event: number, pc: number, address: number, size: number): void {
    this.#rows++;
    const thread = this.threads[number] ?? this.#create(number);
    if (event === events.create || event === events.join) this.#related(event, address);
    if (thread.blocked === isAbsent) {
      // It was waiting for what no event tells: it goes on when the others have come this far.
      this.#needed = -1;
      // A thread that has ended has only counts left.
      this.#wake(number, thread.isJoined ? 0 : this.#now);
    }
    const at = this.#code.of(pc);
    if (at >= this.#codeBits.length) this.#codeBits = grown(this.#codeBits, at + 1);
    if (this.#codeBits[at] === 0) this.#codeBits[at] = this.#parts.codeAt(pc) | code.known;
    thread.queue.push(event, at, address, size);
    this.#pushed++;
    if (event === events.block) this.instructions += size;
    if (this.#needed === number) {
      if (this.#follow(thread, number)) return;
      this.#advance(false);
    } else if (this.#needed < 0 || this.#isFull()) this.#advance(false);
  }

  /** No event comes any more. */
  end(): void {
    this.#advance(true);
    for (const [number, thread] of this.threads.entries()) {
      if (thread === undefined) continue;
      if (thread.queue.isEmpty && thread.held.length > 0)
        throw new TraceExhaustedError(
          "hybrid-rewriting",
          `the execution ends while thread ${number} holds lock 0x${this.#locks[thread.held[0]!]!.address.toString(16)}`,
        );
      flush(thread);
    }
  }

  #create(number: number): Thread {
    const thread = new Thread();
    this.threads[number] = thread;
    const { length } = this.clocks;
    this.clocks = grown(this.clocks, number + 1);
    this.clocks.fill(Infinity, length);
    this.clocks[number] = this.#now;
    this.#ready = grown(this.#ready, this.clocks.length);
    this.#ready.fill(Infinity, length);
    this.#unblock(thread, number);
    // There is another thread that may be the earliest.
    this.#needed = -1;
    return thread;
  }

  /** A thread that is created does not run before; one that is joined has no more events. */
  #related(event: number, other: number): void {
    if (!Number.isInteger(other) || other < 0 || other > 65_535)
      throw new TraceFormatError(
        { file: "execution", row: this.#rows, field: "address" },
        `expected a thread's number, got ${other}`,
      );
    const known = this.threads[other];
    if (event === events.create) {
      if (known === undefined) this.#block(this.#create(other), other, waitsForCreation);
    } else if (known !== undefined) {
      known.isJoined = true;
      this.#needed = -1;
    }
  }

  /** Runs events until one is needed that has not come yet. */
  #advance(isEnd: boolean): void {
    this.#needed = -1;
    for (;;) {
      let [next, second] = [-1, -1];
      let [earliest, until] = [Infinity, Infinity];
      for (let number = 0; number < this.threads.length; number++) {
        const clock = this.#ready[number]!;
        if (clock < earliest) {
          [second, until] = [next, earliest];
          [next, earliest] = [number, clock];
        } else if (clock < until) [second, until] = [number, clock];
      }
      if (next < 0) return;
      const thread = this.threads[next]!;
      this.#now = earliest;
      this.#until = until;
      this.#second = second;
      if (thread.queue.isEmpty) {
        if (!isEnd && !thread.isJoined && !this.#isFull()) {
          this.#needed = next;
          return;
        }
        this.#block(thread, next, isAbsent);
      } else if (this.#follow(thread, next) && !isEnd && !thread.isJoined && !this.#isFull()) {
        this.#needed = next;
        return;
      }
    }
  }

  #block(thread: Thread, number: number, why: number): void {
    thread.blocked = why;
    this.#ready[number] = Infinity;
  }

  #unblock(thread: Thread, number: number): void {
    thread.blocked = runs;
    this.#ready[number] = this.clocks[number]!;
  }

  /** Runs a thread's events while it is the earliest; true when only its next event is needed to go on. */
  #follow(thread: Thread, number: number): boolean {
    this.#changed = false;
    do this.#step(thread, number);
    while (!thread.queue.isEmpty && this.#isNext(thread, number));
    if (hasEnded(thread)) {
      this.#wake(thread.joiner, this.clocks[number]!);
      thread.joiner = -1;
    }
    this.#now = this.clocks[number]!;
    if (thread.blocked === runs) this.#ready[number] = this.#now;
    return this.#isNext(thread, number);
  }

  #isNext(thread: Thread, number: number): boolean {
    if (this.#changed || thread.blocked !== runs) return false;
    // Of equal clocks the lower number comes first.
    const clock = this.clocks[number]!;
    return clock < this.#until || (clock === this.#until && number < this.#second);
  }

  /** No more events are held to find the one that is needed. */
  #isFull(): boolean {
    return this.#pushed - this.#run >= this.#parts.readAhead;
  }

  /** Runs a thread's next event, or blocks the thread in front of it. */
  #step(thread: Thread, number: number): void {
    const { queue } = thread;
    const at = queue.next & queue.mask;
    const event = queue.event[at]!;
    if (event === events.block) this.#execute(thread, number, queue.code[at]!, queue.size[at]!);
    else if (event === events.read || event === events.write) this.#access(thread, number, at);
    else if (event === events.lock) this.#lock(thread, number, queue.code[at]!, queue.address[at]!);
    else if (event === events.unlock) this.#unlock(thread, number, queue.address[at]!);
    else if (event === events.create) this.#start(thread, number, queue.address[at]!);
    else this.#join(thread, number, queue.address[at]!);
  }

  #done(thread: Thread): void {
    thread.queue.next++;
    // Only a transaction may have to go back.
    if (thread.state === outside || thread.state === locked) thread.queue.first = thread.queue.next;
    this.#run++;
  }

  #spend(thread: Thread, number: number, part: number, cycles: number): void {
    thread.open[part]! += cycles;
    this.clocks[number]! += cycles;
  }

  /** A thread goes on, at the earliest at a time. */
  #wake(number: number, time: number): void {
    const thread = this.threads[number]!;
    this.#changed = true;
    const late = time - this.clocks[number]!;
    if (late > 0) {
      thread.open[parts.waiting]! += late;
      this.clocks[number] = time;
    }
    this.#unblock(thread, number);
  }

  #start(thread: Thread, number: number, other: number): void {
    if (this.threads[other]!.blocked === waitsForCreation) {
      this.clocks[other] = this.clocks[number]!;
      this.#unblock(this.threads[other]!, other);
      this.#changed = true;
    }
    this.#done(thread);
  }

  #join(thread: Thread, number: number, other: number): void {
    const ending = this.threads[other];
    if (ending !== undefined && ending !== thread) {
      if (!ending.queue.isEmpty && !this.#isCycle(number, other)) {
        ending.joiner = number;
        thread.awaited = other;
        this.#block(thread, number, waitsForEnd);
        return;
      }
      if (ending.queue.isEmpty) this.#wake(number, this.clocks[other]!);
    }
    this.#done(thread);
  }

  /**
   * Whether the thread `other` waits, perhaps through others, for the thread `number`, which is about to wait for it. The recorded execution had another order, or
   * only tried to take a lock: then the wait is left out.
   */
  #isCycle(number: number, other: number): boolean {
    for (let at = other; at !== number;) {
      const thread = this.threads[at]!;
      if (thread.blocked === waitsForEnd) at = thread.awaited;
      else if (thread.blocked === waitsForLock) at = this.#locks[thread.awaited]!.holder;
      else return false;
    }
    this.skippedWaits++;
    return true;
  }

  #acquire(thread: Thread, number: number, index: number): boolean {
    const lock = this.#locks[index]!;
    if (lock.holder < 0) lock.holder = number;
    if (lock.holder === number || this.#isCycle(number, lock.holder)) return true;
    lock.waiting.push(number);
    thread.awaited = index;
    this.#block(thread, number, waitsForLock);
    return false;
  }

  /** The first that waits has the lock. */
  #release(number: number, lock: Lock): void {
    if (lock.holder !== number) return;
    const next = lock.waiting.shift();
    lock.holder = next ?? -1;
    if (next !== undefined) this.#wake(next, this.clocks[number]!);
  }

  /** A lock is taken, not elided: transactions that elide it cannot commit any more. */
  #take(thread: Thread, number: number, lock: Lock): void {
    lock.taken = ++this.#commits;
    this.#spend(thread, number, parts.lock, this.#parts.costs.lockCycles);
  }

  #execute(thread: Thread, number: number, place: number, count: number): void {
    const { costs, traits } = this.#parts;
    const isCached = (this.#codeBits[place]! & code.cached) !== 0;
    if (thread.state === entering || thread.state === transaction) {
      if (!isCached && !traits.fills) {
        if (!this.#miss(thread, number, place)) return;
      } else if (thread.state === entering && !this.#begin(thread, number)) return;
    }
    if (thread.state !== outside) {
      thread.open[counters.blocks]!++;
      if (isCached) thread.open[counters.coveredBlocks]!++;
    }
    const cycles = count * costs.instructionCycles;
    this.#spend(thread, number, parts.compute, cycles);
    if (traits.translated) {
      this.#spend(thread, number, parts.dispatch, cycles * (costs.dispatchFactor - 1));
      // The instrumented block and the plain one are translated each by itself.
      const bit = thread.state === transaction ? code.cached : code.seen;
      if ((this.#codeBits[place]! & bit) === 0) {
        this.#codeBits[place]! |= bit;
        this.#spend(thread, number, parts.translation, count * costs.translationCycles);
      }
    }
    this.#done(thread);
  }

  #access(thread: Thread, number: number, at: number): void {
    const { queue, open } = thread;
    const { costs, traits, removing, isShared, granuleBytes } = this.#parts;
    if (thread.state === entering && !this.#begin(thread, number)) return;
    if (traits.tracks) this.#spend(thread, number, parts.tracking, costs.trackingCycles);
    if (thread.state === outside) {
      this.#done(thread);
      return;
    }
    const bits = this.#codeBits[queue.code[at]!]!;
    const onStack = (bits & code.stack) !== 0;
    open[onStack ? counters.stackAccesses : bits & code.trained ? counters.privateAccesses : counters.otherAccesses]!++;
    if (thread.state === locked) {
      this.#done(thread);
      return;
    }
    const address = queue.address[at]!;
    const size = Math.max(1, queue.size[at]!);
    if ((bits & removing) !== 0) {
      const byStack = onStack && (removing & code.stack) !== 0;
      open[byStack ? counters.removedByStack : counters.removedByTraining]!++;
      if (isShared?.(address, size) === true) open[byStack ? counters.unsoundByStack : counters.unsoundByTraining]!++;
      this.#done(thread);
      return;
    }
    const isWrite = queue.event[at] === events.write;
    open[isWrite ? counters.writeBarriers : counters.readBarriers]!++;
    this.#spend(thread, number, parts.barrier, isWrite ? costs.writeBarrierCycles : costs.readBarrierCycles);
    const last = Math.floor((address + size - 1) / granuleBytes);
    for (let granule = Math.floor(address / granuleBytes); granule <= last; granule++) {
      const index = this.#memory.granule(granule);
      if (this.#memory.version(index) > thread.began) {
        this.#abort(thread, number, index);
        return;
      }
      thread.set.add(index, isWrite);
    }
    this.#done(thread);
  }

  #lock(thread: Thread, number: number, place: number, address: number): void {
    const { traits, attempts } = this.#parts;
    const index = this.#lockIndex.of(address);
    const lock = (this.#locks[index] ??= { address, holder: -1, taken: 0, eliding: 0, waiting: [] });
    if (thread.state === outside && thread.section < 0) this.#enter(thread, number, this.#code.keyOf(place), lock);
    if (
      thread.state === locked ||
      (thread.state === outside && (!traits.transactions || thread.attempts >= attempts))
    ) {
      if (!this.#acquire(thread, number, index)) return;
      this.#take(thread, number, lock);
      thread.state = locked;
    } else if (thread.state === transaction) {
      if (!this.#elide(thread, number, index)) return;
    } else thread.state = entering;
    thread.held.push(index);
    this.#done(thread);
  }

  /** A critical section's lock is called for, for the first time. */
  #enter(thread: Thread, number: number, pc: number, lock: Lock): void {
    flush(thread);
    thread.enteredAt = this.clocks[number]!;
    thread.section = this.#sectionIndex.of(pc);
    const profile = (this.profiler.sections[thread.section] ??= new SectionProfile(pc, lock.address));
    if (lock.eliding > 0 || lock.holder >= 0) profile.lockConflicts++;
  }

  /** A transaction begins once its locks are free. */
  #begin(thread: Thread, number: number): boolean {
    for (const index of thread.held) if (!this.#elide(thread, number, index)) return false;
    thread.set.clear();
    thread.began = this.#commits;
    thread.state = transaction;
    this.#spend(thread, number, parts.begin, this.#parts.costs.beginCycles);
    return true;
  }

  /** A lock that is to be elided must not be held; from here on the transaction watches it. */
  #elide(thread: Thread, number: number, index: number): boolean {
    if (thread.elided.includes(index)) return true;
    const lock = this.#locks[index]!;
    if (!this.#acquire(thread, number, index)) return false;
    this.#release(number, lock);
    lock.eliding++;
    thread.elided.push(index);
    return true;
  }

  /**
   * A block is not in the cache: the locks are taken, what was done so far is committed, and the rest of the section runs in the original
   * code. False when it must wait or was aborted.
   */
  #miss(thread: Thread, number: number, place: number): boolean {
    for (const index of thread.held) if (!this.#acquire(thread, number, index)) return false;
    if (thread.state === transaction && !this.#commit(thread, number)) return false;
    for (const index of thread.held) this.#take(thread, number, this.#locks[index]!);
    this.#spend(thread, number, parts.miss, this.#parts.costs.missCycles);
    const pc = this.#code.keyOf(place);
    this.missed.set(pc, (this.missed.get(pc) ?? 0) + 1);
    this.profiler.sections[thread.section]!.misses++;
    thread.state = locked;
    return true;
  }

  #unlock(thread: Thread, number: number, address: number): void {
    const index = this.#lockIndex.find(address);
    const { held } = thread;
    const at = index < 0 ? -1 : held.lastIndexOf(index);
    if (at < 0)
      throw new SimulationError(
        "hybrid-rewriting",
        `thread ${number} releases lock 0x${address.toString(16)}, which it does not hold`,
      );
    if (thread.state === entering && !this.#begin(thread, number)) return;
    if (thread.state === transaction && held.length === 1 && !this.#commit(thread, number)) return;
    held.copyWithin(at, at + 1);
    held.pop();
    if (thread.state === locked) {
      this.#spend(thread, number, parts.lock, this.#parts.costs.unlockCycles);
      if (!held.includes(index)) this.#release(number, this.#locks[index]!);
    }
    if (held.length === 0) {
      const profile = this.profiler.sections[thread.section]!;
      profile.count++;
      profile.cycles += this.clocks[number]! - thread.enteredAt;
      thread.state = outside;
      thread.section = -1;
      thread.attempts = 0;
      flush(thread);
    }
    this.#done(thread);
  }

  /** Commits a transaction, or aborts it. */
  #commit(thread: Thread, number: number): boolean {
    const { set, section } = thread;
    for (const index of thread.elided)
      if (this.#locks[index]!.taken > thread.began) {
        this.#abort(thread, number, -1);
        return false;
      }
    if (this.#commits !== thread.began)
      for (let at = 0; at < set.size; at++)
        if (this.#memory.version(set.granules[at]!) > thread.began) {
          this.#abort(thread, number, set.granules[at]!);
          return false;
        }
    if (set.writes > 0) {
      this.#commits++;
      for (let at = 0; at < set.size; at++)
        if ((set.kinds[at]! & 2) !== 0) this.#memory.write(set.granules[at]!, this.#commits, section);
    }
    const { commitCycles, writeBackCycles } = this.#parts.costs;
    this.#spend(thread, number, parts.commit, commitCycles + set.writes * writeBackCycles);
    const profile = this.profiler.sections[section]!;
    profile.transactions++;
    profile.readSetSum += set.reads;
    profile.readSetMost = Math.max(profile.readSetMost, set.reads);
    profile.writeSetSum += set.writes;
    profile.writeSetMost = Math.max(profile.writeSetMost, set.writes);
    this.#leave(thread);
    flush(thread);
    return true;
  }

  /** Undoes a transaction, because of a granule or (-1) a lock that was taken, and goes back to its first lock. */
  #abort(thread: Thread, number: number, granule: number): void {
    const { open, queue, section } = thread;
    const profile = this.profiler.sections[section]!;
    if (granule < 0) profile.lockAborts++;
    else {
      const cause: AbortCause = this.#memory.ownVersion(granule) > thread.began ? "data" : "false";
      if (cause === "data") profile.dataAborts++;
      else profile.falseAborts++;
      const address = this.#memory.numberOf(granule) * this.#parts.granuleBytes;
      this.profiler.conflict(address, section, this.#memory.writer(granule), cause);
    }
    for (let part = 0; part < ledgerLength; part++) {
      if (part === parts.translation || part === parts.waiting || part === parts.aborted) continue;
      if (part < partCount) open[parts.aborted]! += open[part]!;
      open[part] = 0;
    }
    this.#spend(thread, number, parts.aborted, this.#parts.costs.abortCycles);
    for (const index of thread.held) this.#release(number, this.#locks[index]!);
    thread.held.length = 0;
    this.#leave(thread);
    thread.attempts++;
    thread.state = outside;
    this.#run -= queue.next - queue.first;
    queue.next = queue.first;
  }

  /** A transaction watches its locks no more. */
  #leave(thread: Thread): void {
    for (const index of thread.elided) this.#locks[index]!.eliding--;
    thread.elided.length = 0;
  }
}

/** Whether another thread waits for this one and nothing is left to do. */
const hasEnded = (thread: Thread): boolean => thread.joiner >= 0 && thread.queue.isEmpty;

/** What an attempt did is done for good. */
function flush(thread: Thread): void {
  for (let at = 0; at < ledgerLength; at++) {
    thread.ledger[at]! += thread.open[at]!;
    thread.open[at] = 0;
  }
}
