import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import { recordOf } from "../ownership.ts";
import { costs2011, costsToday, type ExecutionBatch, executionEvents as events, sharing, simulate } from "../index.ts";
import { naive, type NaiveEvent } from "./naive.ts";

const block = fc.record({
  event: fc.constant("block" as const),
  pc: fc.integer({ min: 1, max: 12 }).map((number) => 1000 * number),
  address: fc.constant(0),
  size: fc.integer({ min: 1, max: 40 }),
});
const access = fc.record({
  event: fc.constantFrom("read" as const, "write" as const),
  pc: fc.integer({ min: 1, max: 30 }),
  address: fc.integer({ min: 0, max: 40 }).map((word) => 0x5000 + 4 * word),
  size: fc.constantFrom(1, 4, 8, 16),
});
const events2 = fc.array(fc.oneof(block, access), { maxLength: 8 });
const everyBlock = Array.from({ length: 12 }, (_, at) => 1000 * (at + 1));
const lockAddress = fc.integer({ min: 0, max: 2 }).map((number) => 0x9000 + 64 * number);
const mark = (event: "lock" | "unlock", address: number, pc: number): NaiveEvent => ({ event, pc, address, size: 0 });

/** A section, with another one nested in it now and then; locks are nested in one order, so that no wait is endless. */
const section = fc
  .tuple(lockAddress, fc.integer({ min: 100, max: 103 }), events2, fc.boolean(), events2)
  .map(([address, pc, before, isNested, after]): NaiveEvent[] => {
    const inner = 0x9000 + 64 * 3;
    const middle = isNested ? [mark("lock", inner, 104), ...after, mark("unlock", inner, 105)] : after;
    return [mark("lock", address, pc), ...before, ...middle, mark("unlock", address, 106)];
  });
const program = fc
  .array(fc.tuple(fc.array(block, { maxLength: 3 }), section), { minLength: 1, maxLength: 6 })
  .map((list) => list.flatMap(([outside, inside]): NaiveEvent[] => [...outside, ...inside]));
/** At least one block, since an execution without instructions is refused. */
const programs = fc
  .tuple(block, fc.array(program, { minLength: 1, maxLength: 4 }))
  .map(([first, [main, ...others]]): NaiveEvent[][] => [[first, ...main!], ...others]);

/** The threads' events in some recorded order, in batches of some length. */
function executionOf(threads: readonly (readonly NaiveEvent[])[], seed: number, rows: number): ExecutionBatch[] {
  const list: [number, number, number, number, number][] = threads
    .slice(1)
    .map((_, index) => [0, events.create, 1, index + 1, 0]);
  const places = threads.map(() => 0);
  let state = seed;
  while (places.some((place, thread) => place < threads[thread]!.length)) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const thread = (state >>> 8) % threads.length;
    const next = threads[thread]![places[thread]!];
    if (next === undefined) continue;
    places[thread]!++;
    list.push([thread, events[next.event], next.pc, next.address, next.size]);
  }
  const batches: ExecutionBatch[] = [];
  for (let from = 0; from < list.length; from += rows) {
    const part = list.slice(from, from + rows);
    batches.push({
      thread: Uint16Array.from(part, ([thread]) => thread),
      event: Uint8Array.from(part, ([, event]) => event),
      pc: Float64Array.from(part, ([, , pc]) => pc),
      address: Float64Array.from(part, ([, , , address]) => address),
      size: Uint16Array.from(part, ([, , , , size]) => size),
    });
  }
  return batches;
}

describe("against the STM with objects", () => {
  it("is equal in every clock, abort, conflict and miss of random executions", async () => {
    const total = { aborts: 0, misses: 0, lockAborts: 0, falseAborts: 0 };
    await fc.assert(
      fc.asyncProperty(
        programs,
        fc.record({
          seed: fc.nat(),
          rows: fc.integer({ min: 1, max: 50 }),
          missing: fc.constantFrom(0, 0, 1000, 5000),
          bits: fc.constantFrom(undefined, 0, 2, 4),
          granuleBytes: fc.constantFrom(4, 8, 64),
          attempts: fc.integer({ min: 1, max: 4 }),
          costs: fc.constantFrom(costs2011, costsToday),
          isNative: fc.boolean(),
        }),
        async (threads, { seed, rows, missing, bits, granuleBytes, attempts, costs, isNative }) => {
          const cache = new Set(everyBlock.filter((pc) => pc !== missing));
          const expected = naive(threads, {
            ...{ costs, cache, granuleBytes, attempts, transactions: !isNative },
            isPrivate: (pc) => pc <= 5,
            recordOf: (granule) => (bits === undefined ? granule : recordOf(granule, bits)),
          });
          const found = await simulate(executionOf(threads, seed, rows), {
            ...{ mode: isNative ? "native" : "passive", costs, cache, granuleBytes, attempts, privacy: "static" },
            stackRelative: [1, 2, 3, 4, 5],
            ...(bits === undefined ? {} : { records: 2 ** bits }),
          });
          expect(found.row.cycles).toBe(Math.max(...expected.clocks));
          const rowsOf = toRows(found.sections);
          expect(rowsOf).toHaveLength(expected.sections.size);
          for (const row of rowsOf) expect(row).toMatchObject({ ...expected.sections.get(Number(row["section"])) });
          expect(
            toRows(found.conflicts)
              .map((row) => [row["address"], row["section"], row["writer"], row["cause"], row["count"]].join(" "))
              .sort(),
          ).toEqual([...expected.conflicts].map(([key, count]) => `${key} ${count}`).sort());
          total.aborts += found.row.dataAborts;
          total.falseAborts += found.row.falseAborts;
          total.lockAborts += found.row.lockAborts;
          total.misses += found.row.misses;
        },
      ),
      { numRuns: 400, seed: 5 },
    );
    // The executions do what is compared.
    expect(Math.min(...Object.values(total))).toBeGreaterThan(50);
  });
});

describe("against an oracle of sharing", () => {
  it("classes and shared bytes are those of all pairs of accesses, and training on the test is sound", async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.nat(), fc.constantFrom(4, 8, 32), async (threads, seed, wordBytes) => {
        const execution = executionOf(threads, seed, 30);
        const touches = threads.flatMap((list, thread) =>
          list
            .filter(({ event }) => event === "read" || event === "write")
            .map(({ pc, address, size }) => ({ thread, pc, address, size })),
        );
        if (touches.length === 0) return;
        const meet = (a: { address: number; size: number }, b: { address: number; size: number }): boolean =>
          Math.floor(a.address / wordBytes) <= Math.floor((b.address + b.size - 1) / wordBytes) &&
          Math.floor(b.address / wordBytes) <= Math.floor((a.address + a.size - 1) / wordBytes);
        // A word at a time: an access that reaches into two words may share one of them only.
        const words = (touch: { address: number; size: number }): number[] => {
          const first = Math.floor(touch.address / wordBytes);
          const last = Math.floor((touch.address + touch.size - 1) / wordBytes);
          return Array.from({ length: last - first + 1 }, (_, at) => first + at);
        };
        const isSharedWord = (word: number): boolean =>
          new Set(
            touches.filter((touch) => meet(touch, { address: word * wordBytes, size: 1 })).map(({ thread }) => thread),
          ).size > 1;
        const found = await sharing(execution, { wordBytes });
        for (const pc of new Set(touches.map((touch) => touch.pc))) {
          const isShared = touches.some((touch) => touch.pc === pc && words(touch).some(isSharedWord));
          expect(found.classOf(pc)).toBe(isShared ? "shared" : "private");
        }
        for (const touch of touches)
          expect(found.isShared(touch.address, touch.size)).toBe(words(touch).some(isSharedWord));
        const { row } = await simulate(execution, {
          ...{
            mode: "passive",
            costs: costs2011,
            cache: everyBlock,
            privacy: "dynamic",
            trained: found,
            actual: found,
          },
        });
        expect(row.unsoundByTraining).toBe(0);
      }),
      { numRuns: 150, seed: 6 },
    );
  });
});
