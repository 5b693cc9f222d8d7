import { describe, expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import {
  type Costs,
  costs2011,
  type ExecutionBatch,
  executionEvents as events,
  sharing,
  simulate,
  type SimulateOptions,
} from "../index.ts";

/** Prices whose digits tell where a time comes from. */
const costs: Costs = {
  ...{ label: "digits", clockHz: 1e9, instructionCycles: 1, lockCycles: 10, unlockCycles: 5, dispatchFactor: 2 },
  ...{ translationCycles: 100, trackingCycles: 3, beginCycles: 20, readBarrierCycles: 7, writeBarrierCycles: 9 },
  ...{ commitCycles: 30, writeBackCycles: 4, abortCycles: 50, missCycles: 1000 },
};

type Event = readonly [thread: number, event: keyof typeof events, pc: number, address?: number, size?: number];

function executionOf(list: readonly Event[]): ExecutionBatch[] {
  return [
    {
      thread: Uint16Array.from(list, ([thread]) => thread),
      event: Uint8Array.from(list, ([, event]) => events[event]),
      pc: Float64Array.from(list, ([, , pc]) => pc),
      address: Float64Array.from(list, ([, , , address]) => address ?? 0),
      size: Uint16Array.from(list, ([, event, , , size]) => size ?? (event === "read" || event === "write" ? 8 : 0)),
    },
  ];
}
const block = (thread: number, pc: number, instructions: number): Event => [thread, "block", pc, 0, instructions];
const run = (list: readonly Event[], options: Partial<SimulateOptions> = {}) =>
  simulate(executionOf(list), { mode: "passive", costs, cache: [100, 200], ...options });

// One thread: 50 instructions outside; a section of two blocks (10 and 6 instructions) that reads the stack and a word, and writes the word twice.
const one: readonly Event[] = [
  block(0, 40, 50),
  [0, "lock", 90, 4096],
  block(0, 100, 10),
  [0, "read", 101, 80_000],
  [0, "read", 102, 64],
  block(0, 200, 6),
  [0, "write", 201, 64],
  [0, "write", 202, 64],
  [0, "unlock", 95, 4096],
];

describe("one thread", () => {
  it("native: 66 instructions, a lock and an unlock", async () => {
    const { row } = await run(one, { mode: "native" });
    expect(row.cycles).toBe(66 + 10 + 5);
    expect(row).toMatchObject({ instructions: 66, sections: 1, transactions: 0, readBarriers: 0 });
  });

  it("passive: begin, two read barriers, two write barriers, commit, one granule written back", async () => {
    const { row } = await run(one);
    expect(row.cycles).toBe(66 + 20 + 2 * 7 + 2 * 9 + 30 + 4);
    expect(row).toMatchObject({
      readBarriers: 2,
      writeBarriers: 2,
      transactions: 1,
      misses: 0,
      blocks: 2,
      coveredBlocks: 2,
    });
  });

  it("static privacy takes the stack's barrier, dynamic all in a program of one thread", async () => {
    const both = { stackRelative: [101], trained: await sharing(executionOf(one)) };
    const row = async (privacy: "static" | "dynamic" | "both") => (await run(one, { ...both, privacy })).row;
    expect(await row("static")).toMatchObject({
      cycles: 66 + 20 + 7 + 18 + 30 + 4,
      removedByStack: 1,
      removedByTraining: 0,
    });
    expect(await row("dynamic")).toMatchObject({ cycles: 66 + 20 + 30, removedByStack: 0, removedByTraining: 4 });
    expect(await row("both")).toMatchObject({ cycles: 66 + 20 + 30, removedByStack: 1, removedByTraining: 3 });
  });

  it("dynamic: twice the instructions, each block translated once", async () => {
    const { row, cache } = await run(one, { mode: "dynamic" });
    expect(row.cycles).toBe(2 * 66 + 100 * 66 + 20 + 14 + 18 + 30 + 4);
    expect([row.dispatchCycles, row.translationCycles, cache.size]).toEqual([66, 6600, 0]);
  });

  it("active: the same, follows four accesses, and fills the cache, whose blocks need no translation later", async () => {
    const first = await run(one, { mode: "active", cache: [] });
    expect(first.row.cycles).toBe(2 * 66 + 100 * 66 + 4 * 3 + 20 + 14 + 18 + 30 + 4);
    expect([...first.cache].sort()).toEqual([100, 200]);
    const second = await run(one, { mode: "active", cache: first.cache });
    expect(first.row.cycles - second.row.cycles).toBe(100 * 16);
  });

  it("a miss in the middle: what was done is committed, the lock is taken, the rest has no barriers", async () => {
    const { row, missed, sections } = await run(one, { cache: [100] });
    expect(row.cycles).toBe(66 + 20 + 2 * 7 + 30 + (1000 + 10) + 5);
    expect(row).toMatchObject({
      misses: 1,
      transactions: 1,
      readBarriers: 2,
      writeBarriers: 0,
      blocks: 2,
      coveredBlocks: 1,
    });
    expect(toRows(missed)).toEqual([{ block: 200, misses: 1 }]);
    expect(toRows(sections)[0]).toMatchObject({
      section: 90,
      lock: 4096,
      count: 1,
      misses: 1,
      cycles: row.cycles - 50,
    });
  });

  it("a miss at the entry: no transaction begins", async () => {
    const { row } = await run(one, { cache: [200] });
    expect(row.cycles).toBe(66 + 1000 + 10 + 5);
    expect(row).toMatchObject({ misses: 1, transactions: 0, readBarriers: 0 });
  });

  it("nested locks are one section, and hand over hand too", async () => {
    const nested: readonly Event[] = [
      [0, "lock", 90, 4096],
      [0, "lock", 91, 4160],
      block(0, 100, 10),
      [0, "unlock", 92, 4096],
      [0, "lock", 93, 4224],
      [0, "unlock", 94, 4160],
      [0, "unlock", 95, 4224],
    ];
    expect((await run(nested, { mode: "native" })).row).toMatchObject({ cycles: 10 + 3 * 15, sections: 1 });
    expect((await run(nested)).row).toMatchObject({ cycles: 20 + 10 + 30, sections: 1, transactions: 1 });
    // The block is missing: both locks that are held by then are taken, and the third later.
    expect((await run(nested, { cache: [] })).row).toMatchObject({ cycles: 1000 + 10 + 3 * 15, misses: 1 });
  });

  it("an access across two granules is one barrier and two granules", async () => {
    const { row, sections } = await run([
      [0, "lock", 90, 4096],
      block(0, 100, 1),
      [0, "write", 101, 68, 8],
      [0, "unlock", 95, 4096],
    ]);
    expect(row.cycles).toBe(20 + 1 + 9 + 30 + 2 * 4);
    expect(toRows(sections)[0]).toMatchObject({ meanWriteSet: 2, meanReadSet: 0 });
  });
});

// Two threads begin a section at once: thread 0 writes word 64 after 10 instructions and commits; thread 1 has read it and goes on longer.
const section = (thread: number, first: Event, then: Event, instructions: number): readonly Event[] => [
  [thread, "lock", 90 + thread, 4096],
  block(thread, 100, 10),
  first,
  block(thread, 200, instructions),
  then,
  [thread, "unlock", 95, 4096],
];
const short = section(0, [0, "write", 101, 64], [0, "read", 102, 72], 1);
const long = section(1, [1, "read", 103, 64], [1, "read", 104, 80], 100);

const together = (...lists: readonly (readonly Event[])[]): readonly Event[] => [[0, "create", 80, 1], ...lists.flat()];

describe("two threads", () => {
  it("native: the second waits for the first", async () => {
    const { row } = await run(together(short, long), { mode: "native" });
    // Thread 0: 10 + 11 + 5 = 26; thread 1 then takes the lock: 10 + 110 + 5.
    expect(row).toMatchObject({ cycles: 26 + 125, waitingCycles: 26, lockConflicts: 1 });
  });

  it("a reader is aborted at its commit by what was written since it began, and is done again", async () => {
    const { row, sections, conflicts } = await run(together(short, long));
    // Thread 1: 20 begin, 10, 7, 100, 7 = 144, where word 64 is found newer: 50; then 144 and 30 once more.
    expect(row.cycles).toBe(144 + 50 + 144 + 30);
    expect(row).toMatchObject({
      dataAborts: 1,
      abortedCycles: 144 + 50,
      transactions: 2,
      sections: 2,
      readBarriers: 3,
      lockConflicts: 1,
    });
    expect(toRows(conflicts)).toEqual([{ address: 64, section: 91, writer: 90, cause: "data", count: 1 }]);
    expect(toRows(sections)).toMatchObject([
      { section: 90, dataAborts: 0, transactions: 1 },
      { section: 91, dataAborts: 1, transactions: 1, cycles: row.cycles },
    ]);
  });

  it("an access of what was written since aborts at once", async () => {
    // Thread 1 reads word 64 only at the end, when thread 0 has committed.
    const late = section(1, [1, "read", 103, 80], [1, "read", 104, 64], 100);
    const { row } = await run(together(short, late));
    expect(row.cycles).toBe(144 + 50 + 144 + 30);
    expect(row.abortedCycles).toBe(194);
  });

  it("granules: words apart conflict in a line of 64 bytes, and through one ownership record", async () => {
    const apart = section(1, [1, "read", 103, 88], [1, "read", 104, 96], 100);
    expect((await run(together(short, apart))).row).toMatchObject({ dataAborts: 0, falseAborts: 0 });
    expect((await run(together(short, apart), { granuleBytes: 64 })).row).toMatchObject({
      dataAborts: 1,
      falseAborts: 0,
    });
    expect((await run(together(short, apart), { records: 1 })).row).toMatchObject({ dataAborts: 0, falseAborts: 1 });
  });

  it("a lock that is taken aborts those who elide it, and holds up those who would", async () => {
    // Thread 0 misses in its second block, when thread 1 is in the middle of its transaction.
    const missing = [...short.slice(0, 3), block(0, 300, 40), ...short.slice(4)];
    const apart = section(1, [1, "read", 103, 88], [1, "read", 104, 96], 100);
    const { row } = await run(together(missing, apart));
    // Thread 0: 20, 10, 9; commit 34, miss 1010, 40 instructions; 5. Thread 1 ends its transaction at 144 in vain, waits from 194 on, and begins again.
    const held = 39 + 34 + 1010 + 40 + 5;
    expect(row).toMatchObject({ lockAborts: 1, misses: 1, cycles: held + 144 + 30, waitingCycles: held - 194 });
  });

  it("after so many aborts the lock is taken", async () => {
    const { row } = await run(together(short, long), { attempts: 1 });
    expect(row).toMatchObject({ dataAborts: 1, transactions: 1, cycles: 144 + 50 + 10 + 110 + 5 });
  });

  it("a thread starts when it is created and is waited for when it is joined", async () => {
    const { row } = await run([
      block(0, 40, 30),
      [0, "create", 41, 1],
      block(0, 42, 5),
      block(1, 43, 70),
      [0, "join", 44, 1],
      block(0, 45, 2),
    ]);
    expect(row).toMatchObject({ cycles: 30 + 70 + 2, waitingCycles: 65 });
  });

  it("a wait that would never end is left out", async () => {
    // As recorded, thread 1 had the lock before thread 0 took it and joined it; in simulated order thread 0 comes first.
    const { row } = await run(
      [
        [0, "create", 1, 1],
        block(1, 43, 70),
        [1, "lock", 90, 4096],
        [1, "unlock", 95, 4096],
        [0, "lock", 91, 4096],
        [0, "join", 44, 1],
        [0, "unlock", 96, 4096],
      ],
      { mode: "native" },
    );
    expect(row).toMatchObject({ skippedWaits: 1, sections: 2 });
  });

  it("a thread without an event among the next ones goes on when the others have come as far", async () => {
    const rest = Array.from({ length: 20 }, () => block(1, 43, 10));
    const list = together([block(0, 40, 5), block(1, 43, 1), ...rest, block(0, 40, 7)]);
    expect((await run(list)).row.cycles).toBe(201);
    const { row } = await run(list, { readAhead: 4 });
    expect(row.cycles).toBeGreaterThan(201);
    expect(row.waitingCycles).toBeGreaterThan(190);
  });
});

describe("privacy", () => {
  it("an instruction is private until a word that it touched is touched by another thread, whenever", async () => {
    const found = await sharing(
      executionOf([
        [0, "write", 1, 64], // word 8 is thread 0's
        [0, "read", 2, 64],
        [0, "read", 3, 72],
        [1, "read", 4, 128],
        [1, "read", 5, 68, 8], // words 8 and 9: 8 becomes shared, and so do 1, 2 and 5; 9 too, and so does 3
        [0, "read", 6, 64],
        [0, "read", 7, 200],
      ]),
    );
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(found.classOf)).toEqual([
      ...["shared", "shared", "shared", "private", "shared", "shared", "private", "unknown"],
    ]);
    expect(found).toMatchObject({ words: 4, sharedWords: 2, instructions: 7, privateInstructions: 2 });
    expect([found.isShared(71, 1), found.isShared(60, 8), found.isShared(128, 8), found.isShared(56, 8)]).toEqual([
      ...[true, true, false, false],
    ]);
  });

  it("what is first shared after training is accessed without a barrier, and counted", async () => {
    const trained = await sharing(
      executionOf(together(short, section(1, [1, "read", 103, 88], [1, "read", 104, 96], 100))),
    );
    const actual = await sharing(executionOf(together(short, long)));
    const { row } = await run(together(short, long), { privacy: "dynamic", trained, actual });
    // Word 64 is thread 0's in training, and read by thread 1 in the test: both accesses.
    expect(row).toMatchObject({ unsoundByTraining: 2, unsoundByStack: 0, dataAborts: 0, removedByTraining: 4 });
    const sound = await run(together(short, long), { privacy: "dynamic", trained: actual, actual });
    expect(sound.row).toMatchObject({ unsoundByTraining: 0, removedByTraining: 2, dataAborts: 1 });
  });

  it("the programmer leaves out what is private in this execution", async () => {
    const actual = await sharing(executionOf(together(short, long)));
    const { row } = await run(together(short, long), { mode: "manual", costs: costs2011, actual });
    expect(row).toMatchObject({ removedByTraining: 2, readBarriers: 1, writeBarriers: 1 });
  });
});
