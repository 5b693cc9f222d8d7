import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import {
  binaryTranslation,
  type Code,
  codeCache,
  type ExitReason,
  free,
  type Guest,
  guestWide,
  hostOnly,
  native,
  profile,
  type ProfileResult,
  type Profiler,
  repeat,
  type Segment,
  systemWide,
} from "../index.ts";
import { naiveCounts } from "./naive.ts";

const rate = fc.integer({ min: 0, max: 4000 });
const code: fc.Arbitrary<readonly Code[]> = fc
  .array(rate, { minLength: 1, maxLength: 4 })
  .map((rates) => rates.map((misses, at) => ({ stack: `app;f${at}`, perKilocycle: { misses } })));
const exits: fc.Arbitrary<readonly ExitReason[]> = fc
  .array(
    fc.record({ handlingNs: fc.integer({ min: 0, max: 900 }), misses: rate, blockNs: fc.constantFrom(0, 0, 1500) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((reasons) =>
    reasons.map(({ misses, ...rest }, at) => ({
      ...{ label: `R${at}`, stack: `vcpu;r${at}`, perKilocycle: { misses } },
      ...rest,
    })),
  );

/** Segments that are read several times. */
const program = (codes: number, reasons: number): fc.Arbitrary<readonly Segment[]> =>
  fc.array(
    fc.record({
      code: fc.integer({ min: 0, max: codes - 1 }),
      cycles: fc.integer({ min: 0, max: 3000 }),
      exit: fc.integer({ min: 0, max: reasons }),
    }),
    { minLength: 1, maxLength: 12 },
  );

const machine = fc
  .tuple(code, exits, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
  .chain(([codes, reasons, vcpus, pcpus]) =>
    fc.record({
      codes: fc.constant(codes),
      reasons: fc.constant(reasons),
      pcpus: fc.constant(pcpus),
      programs: fc.array(program(codes.length, reasons.length), { minLength: vcpus, maxLength: vcpus }),
      period: fc.integer({ min: 100, max: 3000 }),
      jitter: fc.constantFrom(0, 0.5),
      skidCycles: fc.constantFrom(0, 130),
      roundTripCycles: fc.integer({ min: 0, max: 300 }),
      hardwareCounters: fc.integer({ min: 1, max: 3 }),
    }),
  );
type Case = typeof machine extends fc.Arbitrary<infer T> ? T : never;

const guestsOf = ({ codes, programs }: Case): readonly Guest[] =>
  programs.map((segments, at) => ({ label: `g${at}`, code: codes, vcpus: [repeat(segments, 3)] }));

const counters = ({ period, jitter }: Case) => [
  { event: "cycles", period, jitter },
  { event: "misses", period: 2 * period },
  { event: "misses" },
];

const run = (given: Case, profiler: Profiler, enough = true, prices: object = {}): Promise<ProfileResult> =>
  profile(guestsOf(given), {
    ...{ profiler, counters: counters(given), exits: given.reasons, pcpus: given.pcpus, skidCycles: given.skidCycles },
    ...{ sliceMs: 0.0011, hardwareCounters: enough ? 3 : given.hardwareCounters, rotateMs: 0.0007 },
    costs: { ...free(1e9), roundTripCycles: given.roundTripCycles, switchCycles: 40, interruptCycles: 60, ...prices },
  });

/** Counted events of a counter, all sets together. */
const counted = ({ counters: table }: ProfileResult, at: number): number =>
  toRows(table).reduce((sum, row, index) => sum + (index % 3 === at ? Number(row["counted"]) : 0), 0);
/** True events of the counter by owner. */
const trueEvents = ({ functions }: ProfileResult, event: string, owns: (owner: string) => boolean): number => {
  const rows = toRows(functions);
  const own = rows.filter((row) => row["event"] === event && owns(String(row["owner"])));
  // `misses` has two counters.
  return own.reduce((sum, row) => sum + Number(row["events"]), 0) / (event === "misses" ? 2 : 1);
};

const all: readonly Profiler[] = [
  native(),
  guestWide({ accounting: "CPU switch" }),
  guestWide({ accounting: "domain switch" }),
  systemWide(),
  systemWide({ delivery: "next entry" }),
  systemWide({ delegate: false }),
  hostOnly(),
  binaryTranslation({ expansion: 3 }),
  binaryTranslation({ mapBack: false, expansion: 3 }),
];

describe("properties", () => {
  it("counts what a plain implementation counts from the segments", async () => {
    await fc.assert(
      fc.asyncProperty(machine, async (given) => {
        const naive = naiveCounts(given.programs, given.codes, given.reasons, given.roundTripCycles, 3);
        const result = await run(given, guestWide({ accounting: "CPU switch" }));
        expect([counted(result, 0), counted(result, 2)]).toEqual([naive.guestCycles, naive.guestMisses]);
        const alone = { ...given, programs: given.programs.slice(0, 1), pcpus: 1 };
        const one = naiveCounts(alone.programs, given.codes, given.reasons, given.roundTripCycles, 3);
        const domain = await run(alone, guestWide({ accounting: "domain switch" }));
        expect(counted(domain, 0)).toBe(one.guestCycles + one.vmmCycles);
        expect(counted(domain, 2)).toBe(one.guestMisses + one.vmmMisses);
      }),
      { numRuns: 60 },
    );
  });

  it("domain switch − CPU switch = the VMM's events for the guests, exactly", async () => {
    await fc.assert(
      fc.asyncProperty(machine, async (given) => {
        const cpu = await run(given, guestWide({ accounting: "CPU switch" }));
        const domain = await run(given, guestWide({ accounting: "domain switch" }));
        for (const [at, event] of [
          [0, "cycles"],
          [2, "misses"],
        ] as const)
          expect(counted(domain, at) - counted(cpu, at)).toBe(trueEvents(domain, event, (owner) => owner === "VMM"));
      }),
      { numRuns: 60 },
    );
  });

  it("system-wide is the disjoint union of guests, VMM and the rest", async () => {
    await fc.assert(
      fc.asyncProperty(machine, async (given) => {
        const wide = await run(given, systemWide());
        const cpu = await run(given, guestWide({ accounting: "CPU switch" }));
        for (const [at, event] of [
          [0, "cycles"],
          [2, "misses"],
        ] as const) {
          const rest = trueEvents(wide, event, (owner) => owner === "VMM" || owner === "other");
          expect(counted(wide, at)).toBe(counted(cpu, at) + rest);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("has a sample or a loss for each overflow, and the overflows that the counts make", async () => {
    await fc.assert(
      fc.asyncProperty(machine, fc.constantFrom(...all), async (given, profiler) => {
        const { row, counters: table } = await run(given, profiler, false);
        expect(row.samples + row.lost).toBe(row.overflows);
        for (const [index, { overflows, counted: events }] of toRows(table).entries()) {
          const periods = Number(events) / (index % 3 === 0 ? given.period : 2 * given.period);
          if (index % 3 === 2) expect(overflows).toBe(0);
          else if (index % 3 === 1 || given.jitter === 0) expect(overflows).toBe(Math.floor(periods));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("does not depend on its price with one virtual CPU", async () => {
    await fc.assert(
      fc.asyncProperty(
        machine,
        fc.constantFrom(...all),
        fc.integer({ min: 1, max: 5000 }),
        async (given, profiler, price) => {
          const alone = { ...given, programs: given.programs.slice(0, 1), pcpus: 1 };
          const cheap = await run(alone, profiler, false);
          const dear = await run(alone, profiler, false, {
            handlerCycles: price,
            registerCycles: price,
            injectCycles: price,
          });
          expect(toRows(dear.functions)).toEqual(toRows(cheap.functions));
          expect(toRows(dear.counters)).toEqual(toRows(cheap.counters));
          if (cheap.row.samples > 0) expect(dear.row.profilerCycles).toBeGreaterThan(cheap.row.profilerCycles);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("does not depend on how segments come in batches, and repeats itself", async () => {
    await fc.assert(
      fc.asyncProperty(machine, fc.constantFrom(...all), async (given, profiler) => {
        const options = {
          profiler,
          counters: counters(given),
          exits: given.reasons,
          pcpus: given.pcpus,
          sliceMs: 0.0011,
        };
        const single = (segments: readonly Segment[]) =>
          (async function* () {
            for (let round = 0; round < 3; round += 1)
              for (const segment of segments) yield* repeat([segment], await Promise.resolve(1));
          })();
        const split = given.programs.map((segments, at) => ({
          label: `g${at}`,
          code: given.codes,
          vcpus: [single(segments)],
        }));
        const [whole, parts] = [await profile(guestsOf(given), options), await profile(split, options)];
        expect(parts.row).toEqual(whole.row);
        expect(toRows(parts.functions)).toEqual(toRows(whole.functions));
      }),
      { numRuns: 40 },
    );
  });

  it("takes as long with free profiling, whoever profiles", async () => {
    await fc.assert(
      fc.asyncProperty(machine, async (given) => {
        // Round trips of samples are a profiler's cost: without them all see the same execution.
        const virtual = all.filter((profiler) => profiler.virtual && !profiler.translated);
        const times = await Promise.all(
          virtual.map(async (profiler) => (await run({ ...given, roundTripCycles: 0 }, profiler, false)).row.seconds),
        );
        expect(new Set(times).size).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it("maps program counters of the code cache back, one to one", () => {
    const block = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 80 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (blocks, base) => {
          const cache = codeCache(base);
          const guest: number[] = [];
          let pc = 0x1000;
          for (const instructions of blocks.toReversed()) {
            cache.translate(
              pc,
              instructions.map(([bytes]) => bytes),
              instructions.map(([, bytes]) => bytes),
            );
            for (const [bytes, length] of instructions) {
              guest.push(pc);
              const start = cache.toCache(pc)!;
              expect(cache.toGuest(start)).toBe(pc);
              expect(cache.toGuest(start + length - 1)).toBe(pc);
              pc += bytes;
            }
            pc += 7;
          }
          expect(new Set(guest.map((at) => cache.toCache(at))).size).toBe(cache.instructions);
        },
      ),
    );
  });
});
