import type * as arrow from "apache-arrow";
import { traceRows } from "../../formats/rows.ts";
import { AccessPieces } from "../plugin/access-pieces.ts";
import { PluginRecords } from "../plugin/plugin-records.ts";

/** Kinds of records of `threads/plugin.c`. */
const [fetch, read, write] = [0, 1, 2];

/** What a row is, by the number in its `event` column. */
const events = { block: 0, read: 1, write: 2, lock: 3, unlock: 4 } as const;

const layout = { thread: "uint16", event: "uint8", pc: "float64", address: "float64", size: "uint16" } as const;

/** Addresses of `locks.c` in a program. */
export interface LockFunctions {
  /** The function that locks, from its first byte to the one behind its last. */
  readonly lock: readonly [start: number, end: number];
  /** The instruction that reads the mutex when it is held. */
  readonly taken: number;
  /** The function that unlocks; its first instruction reads the mutex. */
  readonly unlock: number;
}

interface Thread {
  readonly open: readonly [read: AccessPieces, write: AccessPieces];
  /** The instruction that wrote last, which after a call is the call; 0 when the block has written nothing. */
  lastWrite: number;
  /** The block that runs, as a place to call from where no call was seen. */
  block: number;
  /** The call of the lock function under way, and the mutex once it is held. */
  locking: { readonly call: number; mutex: number | undefined } | undefined;
  /** A block of the unlock function whose row waits for the mutex's address. */
  unlocking: { readonly call: number; readonly start: number; readonly instructions: number } | undefined;
}

const newThread = (): Thread => ({
  open: [new AccessPieces(), new AccessPieces()],
  ...{ lastWrite: 0, block: 0, locking: undefined, unlocking: undefined },
});

/** Totals of an execution. */
export interface ExecutionTotals {
  readonly rows: number;
  readonly threads: number;
  readonly instructions: number;
  readonly blocks: number;
  readonly reads: number;
  readonly writes: number;
  readonly criticalSections: number;
}

const batchRows = 65_536;
const mostBytes = 0xffff;

/**
 * Makes the plugin's records the rows of an execution: each block, each read and write, and where a mutex was taken and its release begins. The
 * pieces in which the translator makes one access (a vector's halves, the iterations of a string instruction) are one row. A lock
 * stands where its caller goes on, so that what the lock function executes stands before it; an unlock stands where it is called.
 */
export class ExecutionRecords {
  readonly #rows = traceRows(layout, batchRows);
  readonly #threads: (Thread | undefined)[] = [];
  readonly #locks: LockFunctions;
  readonly #totals = { instructions: 0, blocks: 0, reads: 0, writes: 0, criticalSections: 0 };
  #taken = 0;
  #batch = 0;
  readonly #records = new PluginRecords("execution");

  constructor(locks: LockFunctions) {
    this.#locks = locks;
  }

  /** Takes what has come of the pipe, and hands out the batches that are full. */
  *add(bytes: Uint8Array): Generator<arrow.RecordBatch, void> {
    const words = this.#records.words(bytes);
    for (let at = 0; at < words.length; at += 4) {
      this.#record(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
      // A record gives two rows at most.
      if (this.#rows.count > batchRows - 2) yield this.#take();
    }
  }

  /** What is left. */
  *end(): Generator<arrow.RecordBatch, void> {
    this.#records.end();
    if (this.#rows.count > 0) yield this.#take();
  }

  /** Totals so far. */
  totals(): ExecutionTotals {
    const threads = this.#threads.filter((thread) => thread !== undefined).length;
    return { rows: this.#taken + this.#rows.count, threads, ...this.#totals };
  }

  #take(): arrow.RecordBatch {
    this.#taken += this.#rows.count;
    this.#batch += 1;
    return this.#rows.take();
  }

  #record(low: number, high: number, pcLow: number, pcHigh: number): void {
    const kind = (high >>> 16) & 15;
    const number = pcHigh >>> 16;
    const thread = (this.#threads[number] ??= newThread());
    const address = (high & 0xffff) * 0x1_0000_0000 + low;
    if (kind === fetch) this.#block(number, thread, address, pcLow & 0xffff);
    else if (kind === read || kind === write) {
      const pc = (pcHigh & 0xffff) * 0x1_0000_0000 + pcLow;
      this.#access(number, thread, kind, pc, address, 2 ** ((high >>> 20) & 15));
    }
  }

  #block(number: number, thread: Thread, start: number, instructions: number): void {
    const { lock, unlock } = this.#locks;
    const call = thread.lastWrite === 0 ? thread.block : thread.lastWrite;
    for (const open of thread.open) open.close();
    thread.lastWrite = 0;
    thread.block = start;
    this.#totals.instructions += instructions;
    this.#totals.blocks += 1;
    if (start === lock[0]) thread.locking = { call, mutex: undefined };
    else if (thread.locking?.mutex !== undefined && (start < lock[0] || start >= lock[1])) {
      this.#row(number, events.lock, thread.locking.call, thread.locking.mutex, 0);
      this.#totals.criticalSections += 1;
      thread.locking = undefined;
    }
    if (start === unlock) thread.unlocking = { call, start, instructions };
    else this.#row(number, events.block, start, 0, instructions);
  }

  #access(number: number, thread: Thread, kind: number, pc: number, address: number, bytes: number): void {
    if (thread.unlocking !== undefined) {
      const { call, start, instructions } = thread.unlocking;
      thread.unlocking = undefined;
      this.#row(number, events.unlock, call, address, 0);
      this.#row(number, events.block, start, 0, instructions);
    }
    if (pc === this.#locks.taken && thread.locking !== undefined) thread.locking.mutex = address;
    if (kind === write) thread.lastWrite = pc;
    const open = thread.open[kind === read ? 0 : 1];
    const { size } = this.#rows.columns;
    if (open.isFollowedBy(this.#batch, pc, address) && size[open.row]! + bytes <= mostBytes) {
      size[open.row]! += bytes;
      open.add(bytes);
      return;
    }
    if (kind === read) this.#totals.reads += 1;
    else this.#totals.writes += 1;
    open.start(this.#batch, this.#rows.count, pc, address, bytes);
    this.#row(number, kind === read ? events.read : events.write, pc, address, bytes);
  }

  #row(thread: number, event: number, pc: number, address: number, size: number): void {
    const { columns, count } = this.#rows;
    columns.thread[count] = thread;
    columns.event[count] = event;
    columns.pc[count] = pc;
    columns.address[count] = address;
    columns.size[count] = size;
    this.#rows.count += 1;
  }
}
