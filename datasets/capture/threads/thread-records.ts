import type * as arrow from "apache-arrow";
import { TraceFormatError } from "../../errors.ts";
import { codes, optional } from "../../formats/layout.ts";
import { traceRows } from "../../formats/rows.ts";
import { AccessPieces } from "../plugin/access-pieces.ts";
import { PluginRecords } from "../plugin/plugin-records.ts";

/**
 * What a row of a trace with threads is; the code of each is its place here. `lock-shared` is a read-write lock taken to read.
 *
 * @example
 * ```ts
 * import { threadEvents } from "veelab/datasets";
 *
 * console.log(threadEvents.indexOf("lock")); // 3
 * ```
 */
export const threadEvents: readonly string[] = [
  "fetch",
  "read",
  "write",
  "lock",
  "lock-shared",
  "unlock",
  "create",
  "join",
];

const fetch = 0;
const read = 1;
const write = 2;
const lock = 3;
const lockShared = 4;
const unlock = 5;
const create = 6;
const join = 7;

const layout = {
  thread: "uint16",
  kind: codes(threadEvents),
  pc: optional("uint64"),
  address: optional("uint64"),
  sizeBytes: optional("uint32"),
  count: "uint32",
  stack: "bool",
  other: optional("uint16"),
} as const;

/** Totals of a recording. */
export interface ThreadTotals {
  /** Threads that did anything. */
  readonly threads: number;
  /** Instructions executed. */
  readonly instructions: number;
  readonly reads: number;
  readonly writes: number;
  /** Locks taken by threads that held none. */
  readonly criticalSections: number;
  /** Instructions, and accesses, of threads that held a lock. */
  readonly instructionsInside: number;
  readonly accessesInside: number;
  /** Different 8-byte words that were touched. */
  readonly words: number;
  /** Of these, touched by more than one thread. */
  readonly sharedWords: number;
  /** Of these, also written. */
  readonly sharedWrittenWords: number;
  readonly rows: number;
}

interface Thread {
  readonly number: number;
  /** Locks held. */
  held: number;
  /** Two numbers a word: the even one when it was read, the odd one when it was written. */
  readonly touched: Set<number>;
  /** The rows of a read and of a write that the next iteration of a string instruction goes on with. */
  readonly open: readonly [read: AccessPieces, write: AccessPieces];
  /** What was not given a row since the last lock, unlock, create or join: fetches, reads, writes. */
  readonly rest: [fetches: number, reads: number, writes: number];
}

const newThread = (number: number): Thread => ({
  number,
  held: 0,
  touched: new Set(),
  open: [new AccessPieces(), new AccessPieces()],
  rest: [0, 0, 0],
});

const batchRows = 65_536;

/**
 * Reduces the plugin's records. While a thread holds a lock, each of its blocks, reads and writes is a row. While it holds none,
 * its first read and its first write of each 8-byte word are rows, unless it did the same before; everything else is counted, in rows
 * without an address, one for each kind where the thread next does something with a lock or a thread. The accesses of a string
 * instruction (`rep stos`) are one row, where its first stands.
 *
 * **What stays exact.** Which words, and so which lines and pages, which threads touch and write, and in which order these are
 * touched first; everything inside critical sections; the totals of each thread between its events.
 */
export class ThreadRecords {
  readonly #rows = traceRows(layout, batchRows);
  readonly #threads: (Thread | undefined)[] = [];
  readonly #totals = { instructions: 0, reads: 0, writes: 0, criticalSections: 0 };
  #instructionsInside = 0;
  #accessesInside = 0;
  #taken = 0;
  #batch = 0;
  readonly #records = new PluginRecords("threads");

  constructor() {
    this.#rows.metadata.set("veelab.format", "threads");
  }

  /** Takes what has come of the pipe, and hands out the batches that are full. */
  *add(bytes: Uint8Array): Generator<arrow.RecordBatch, void> {
    const words = this.#records.words(bytes);
    for (let at = 0; at < words.length; at += 4) {
      this.#record(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
      // A record gives four rows at most.
      if (this.#rows.count > batchRows - 4) yield this.#take();
    }
  }

  /** What is left; also the counts of every thread since its last event. */
  *end(): Generator<arrow.RecordBatch, void> {
    this.#records.end();
    for (const thread of this.#all()) {
      this.#close(thread);
      if (this.#rows.count > batchRows - 4) yield this.#take();
    }
    if (this.#rows.count > 0) yield this.#take();
  }

  #all(): readonly Thread[] {
    return this.#threads.filter((thread) => thread !== undefined);
  }

  #take(): arrow.RecordBatch {
    this.#taken += this.#rows.count;
    this.#batch += 1;
    return this.#rows.take();
  }

  #record(low: number, high: number, pcLow: number, pcHigh: number): void {
    const kind = (high >>> 16) & 15;
    if (kind > join) throw new TraceFormatError({ file: "threads" }, `expected a kind from 0 to ${join}, got ${kind}`);
    const number = pcHigh >>> 16;
    const thread = (this.#threads[number] ??= newThread(number));
    // Between the iterations of a string instruction its thread does nothing else; other loops enter a block.
    if (kind !== read && kind !== write) for (const open of thread.open) open.close();
    if (kind > write) this.#event(thread, kind, low, high);
    else if (kind === fetch) this.#block(thread, low, high, pcLow);
    else this.#access(thread, kind, low, high, pcLow, pcHigh);
  }

  #event(thread: Thread, kind: number, low: number, high: number): void {
    // Counts stand before the event that ends them; what is counted was done without a lock.
    this.#close(thread);
    if (kind === lock || kind === lockShared) {
      if (thread.held === 0) this.#totals.criticalSections += 1;
      thread.held += 1;
    } else if (kind === unlock) thread.held = Math.max(0, thread.held - 1);
    const { columns, count } = this.#rows;
    this.#start(thread, kind, 1);
    this.#rows.setNull("pc");
    this.#rows.setNull("sizeBytes");
    if (kind === create || kind === join) {
      columns.other[count] = low;
      this.#rows.setNull("address");
    } else {
      this.#rows.setNull("other");
      this.#address(low, high);
    }
    this.#rows.count += 1;
  }

  #block(thread: Thread, low: number, high: number, size: number): void {
    const instructions = size & 0xffff;
    this.#totals.instructions += instructions;
    if (thread.held === 0) {
      this.#count(thread, 0, instructions);
      return;
    }
    this.#instructionsInside += instructions;
    this.#start(thread, fetch, instructions);
    this.#address(low, high);
    this.#pc(low, high);
    this.#rows.columns.sizeBytes[this.#rows.count] = size >>> 16;
    this.#rows.setNull("other");
    this.#rows.count += 1;
  }

  #access(thread: Thread, kind: number, low: number, high: number, pcLow: number, pcHigh: number): void {
    const bytes = 2 ** ((high >>> 20) & 15);
    if (kind === read) this.#totals.reads += 1;
    else this.#totals.writes += 1;
    const at = (high & 0xffff) * 0x1_0000_0000 + low;
    const last = Math.floor((at + bytes - 1) / 8);
    const before = thread.touched.size;
    for (let word = Math.floor(at / 8); word <= last; word += 1) thread.touched.add(2 * word + (kind - read));
    if (thread.held > 0) this.#accessesInside += 1;
    const open = thread.open[kind === read ? 0 : 1];
    const pc = (pcHigh & 0xffff) * 0x1_0000_0000 + pcLow;
    if (open.isFollowedBy(this.#batch, pc, at)) {
      this.#rows.columns.sizeBytes[open.row]! += bytes;
      this.#rows.columns.count[open.row]! += 1;
      open.add(bytes);
      return;
    }
    if (thread.held === 0 && thread.touched.size === before) {
      this.#count(thread, kind === read ? 1 : 2, 1);
      return;
    }
    open.start(this.#batch, this.#rows.count, pc, at, bytes);
    this.#start(thread, kind, 1);
    this.#address(low, high);
    this.#pc(pcLow, pcHigh);
    this.#rows.columns.sizeBytes[this.#rows.count] = bytes;
    this.#rows.columns.stack[this.#rows.count] = (high >>> 24) & 1;
    this.#rows.setNull("other");
    this.#rows.count += 1;
  }

  #count(thread: Thread, kind: 0 | 1 | 2, times: number): void {
    // A row's count has 32 bits.
    if (thread.rest[kind] + times > 0xffff_ffff) this.#close(thread);
    thread.rest[kind] += times;
  }

  /** Rows for what a thread did without one. */
  #close(thread: Thread): void {
    for (const kind of [0, 1, 2] as const) {
      const count = thread.rest[kind];
      if (count === 0) continue;
      thread.rest[kind] = 0;
      this.#start(thread, kind, count);
      for (const name of ["pc", "address", "sizeBytes", "other"] as const) this.#rows.setNull(name);
      this.#rows.count += 1;
    }
  }

  #start(thread: Thread, kind: number, times: number): void {
    const { columns, count } = this.#rows;
    columns.thread[count] = thread.number;
    columns.kind[count] = kind;
    columns.count[count] = times;
    columns.stack[count] = 0;
  }

  #address(low: number, high: number): void {
    this.#rows.columns.address[2 * this.#rows.count] = low;
    this.#rows.columns.address[2 * this.#rows.count + 1] = high & 0xffff;
  }

  #pc(low: number, high: number): void {
    this.#rows.columns.pc[2 * this.#rows.count] = low;
    this.#rows.columns.pc[2 * this.#rows.count + 1] = high & 0xffff;
  }

  /** Totals so far; takes time and memory by the number of words. */
  totals(): ThreadTotals {
    // 1: touched by one thread, 2: by more; 4: written.
    const words = new Map<number, number>();
    for (const { touched } of this.#all()) {
      const own = new Set<number>();
      for (const key of touched) {
        const word = Math.floor(key / 2);
        const old = words.get(word) ?? 0;
        const threads = old === 0 ? 1 : own.has(word) ? old & 3 : 2;
        own.add(word);
        words.set(word, threads | (old & 4) | (key % 2 === 1 ? 4 : 0));
      }
    }
    const states = [...words.values()];
    return {
      ...this.#totals,
      threads: this.#all().length,
      instructionsInside: this.#instructionsInside,
      accessesInside: this.#accessesInside,
      words: words.size,
      sharedWords: states.filter((state) => (state & 3) === 2).length,
      sharedWrittenWords: states.filter((state) => state === 6).length,
      rows: this.#taken + this.#rows.count,
    };
  }
}
