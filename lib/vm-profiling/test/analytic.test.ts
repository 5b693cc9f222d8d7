import { describe, expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import {
  aliasedShares,
  chiSquare,
  chiSquareQuantile,
  costs2011,
  costsToday,
  exchangeCycles,
  type ExitReason,
  free,
  guestOverhead,
  guestWide,
  inflation,
  native,
  profile,
  type ProfileResult,
  type Profiler,
  program,
  repeat,
  type Segments,
  shareError,
  systemWide,
} from "../index.ts";

const code = Array.from({ length: 12 }, (_, at) => ({ stack: `app;f${at}`, bytes: 4 * (at + 1) }));
const shares = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 19].map((percent) => percent / 100);
const io: ExitReason = { label: "IO", stack: "vcpu;io", handlingNs: 4000 };
const cpu = guestWide({ accounting: "CPU switch" });
const domain = guestWide({ accounting: "domain switch" });

const run = (segments: Segments, profiler: Profiler, options: object = {}): Promise<ProfileResult> =>
  profile([{ label: "g", code, vcpus: [segments] }], {
    profiler,
    counters: [{ event: "cycles", period: 100_003, jitter: 0.5 }],
    costs: free(1e9),
    exits: [io],
    ...options,
  });
const samplesOf = ({ functions }: ProfileResult): number[] =>
  toRows(functions)
    .slice(0, code.length)
    .map(({ samples }) => Number(samples));

describe("closed forms", () => {
  it("samples of a function are binomial: the 95 % band holds in about 95 % of cells", async () => {
    // 60 programs × 12 functions = 720 cells. If each is outside with 5 %, 36 are, standard deviation 5.8 (cells of one program are all but
    // independent); 19 to 54 outside is three of these either way. Programs are segments of 2000 cycles drawn by share, 50 a period,
    // so samples are independent draws. The χ² of each program has 11 degrees of freedom.
    let outside = 0;
    let beyond = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const found = samplesOf(
        await run(program({ shares, segments: 50_000, meanCycles: 2000, seed }), native(), { seed }),
      );
      const total = found.reduce((sum, count) => sum + count, 0);
      found.forEach((count, at) => {
        if (Math.abs(count / total - shares[at]!) > 1.96 * shareError(shares[at]!, total)) outside += 1;
      });
      if (chiSquare(found, shares) > chiSquareQuantile(0.95, 11)) beyond += 1;
    }
    expect(outside).toBeGreaterThanOrEqual(19);
    expect(outside).toBeLessThanOrEqual(54);
    // 3 of 60 expected, standard deviation 1.7: at most 8.
    expect(beyond).toBeLessThanOrEqual(8);
  });

  it("without exits CPU switch, domain switch, system-wide and native profiles are one", async () => {
    const segments = program({ shares, segments: 20_000 });
    const [first, ...rest] = await Promise.all(
      [native(), cpu, domain, systemWide()].map((profiler) => run(segments, profiler)),
    );
    for (const result of rest) expect(samplesOf(result)).toEqual(samplesOf(first!));
  });

  it("a domain switch counts 1/(1 − x) times as much, and the surplus is the exiting function's", async () => {
    // Only f3 exits: each of its segments ends in the VMM for 4000 cycles.
    const segments = [...program({ shares, segments: 40_000, exits: [{ reason: 0, perMegacycle: 20, code: 3 }] })];
    const [inGuest, inDomain] = [await run(segments, cpu), await run(segments, domain)];
    const { guestCycles, vmmCycles } = inDomain.row;
    const counted = ({ counters }: ProfileResult): number => Number(toRows(counters)[0]!["counted"]);
    // Exact, but for the last bits of the division.
    expect(counted(inDomain) / counted(inGuest)).toBeCloseTo(inflation(vmmCycles / (guestCycles + vmmCycles)), 12);
    // Samples: f3's surplus is the VMM's cycles over the period. Two sampled profiles differ by chance: three standard errors, at most √N each.
    const [a, b] = [samplesOf(inGuest), samplesOf(inDomain)];
    const surplus = b.map((count, at) => count - a[at]!);
    const expected = vmmCycles / 100_003;
    expect(Math.abs(surplus[3]! - expected)).toBeLessThan(3 * Math.sqrt(a[3]! + b[3]!));
    expect(expected).toBeGreaterThan(20); // so that it is seen
    surplus.forEach((more, at) => {
      if (at !== 3) expect(Math.abs(more)).toBeLessThan(3.5 * Math.sqrt(a[at]! + b[at]!)); // eleven cells
    });
  });

  it("overhead is linear in the sampling rate and in the exit rate", async () => {
    // The simulator's samples and exits are counted, so the closed form is met but for rounding to whole cycles: 1e-9.
    for (const costs of [costs2011, costsToday])
      for (const profiler of [cpu, domain, guestWide({ accounting: "CPU switch", registers: "trapped" })])
        for (const period of [50_021, 200_087, 2 ** 36])
          for (const perMegacycle of [0, 10, 40]) {
            const segments = program({ shares, segments: 10_000, exits: [{ reason: 0, perMegacycle }] });
            const { row } = await run(segments, profiler, { costs, counters: [{ event: "cycles", period }] });
            const seconds = (row.guestCycles + row.vmmCycles) / costs.clockHz;
            const accounting = profiler.exchange === "exit" ? "CPU switch" : "domain switch";
            const held = accounting === "domain switch" && perMegacycle > 0;
            const expected = guestOverhead({
              ...{ accounting, registers: profiler.trapped ? "trapped" : "direct", counters: 1, costs },
              samplesPerS: row.samples / seconds,
              exchangesPerS: (accounting === "CPU switch" ? row.exits : row.switches) / seconds,
            });
            // A sample that waits in the VMM needs no exit of its own: the closed form is an upper bound there, by at most a round trip a sample.
            const spared = (row.samples * costs.roundTripCycles) / (row.guestCycles + row.vmmCycles);
            const difference = expected - row.overheadPct / 100;
            if (held) expect(difference).toBeGreaterThan(-1e-9);
            expect(Math.abs(difference)).toBeLessThanOrEqual(held ? spared + 1e-9 : 1e-9);
            // No samples: what is left is the floor of exchanges.
            if (period === 2 ** 36) {
              expect(row.samples).toBe(0);
              const floor = accounting === "CPU switch" ? row.exits * exchangeCycles(1, costs) : 0;
              expect(row.profilerCycles).toBe(floor);
            }
          }
  });

  it("a period that divides the loop shows one function alone; a jitter cures it", async () => {
    const lengths = [999, 1, 500, 1500]; // a loop of 3000
    const loop = (times: number) =>
      repeat(
        lengths.map((cycles, at) => ({ code: at, cycles })),
        times,
      );
    const sampled = async (period: number, jitter: number): Promise<number[]> => {
      const found = samplesOf(
        await run(loop(60_060), native(), { counters: [{ event: "cycles", period, jitter }] }),
      ).slice(0, 4);
      const total = found.reduce((sum, count) => sum + count, 0);
      return found.map((count) => count / total);
    };
    const truth = lengths.map((cycles) => cycles / 3000);
    for (const period of [3000, 1000, 6000, 1500, 2000, 1001]) {
      const found = await sampled(period, 0);
      const expected = aliasedShares(lengths, period);
      // 180,180,000 cycles are whole rounds of loop and period together, so shares are exact but for rounding.
      found.forEach((share, at) => {
        expect(Math.abs(share - expected[at]!)).toBeLessThan(1e-12);
      });
    }
    expect(aliasedShares(lengths, 1000)).toEqual([0, 1 / 3, 0, 2 / 3]);
    // With periods drawn from 500 to 1500 about 180,000 samples are all but independent: within four standard errors.
    (await sampled(1000, 1)).forEach((share, at) => {
      expect(Math.abs(share - truth[at]!)).toBeLessThan(4 * shareError(truth[at]!, 180_000));
    });
  });

  it("estimates of multiplexed counters are right on average", async () => {
    // 6 counters of one event in 2 registers: each has a third of the time, and its estimate the true count within 2 %: some
    // 250 turns of 4 ms, each with about 200 segments of random code. Rates go with the square of the function's number, so they vary by
    // c = 0.52 of their mean; of N = 50,000 segments of exponential length a counter sees n = N / 3, so its estimate has the standard error
    // c √(2/n · (1 − n/N)) = 0.46 %: 2 % is four of these.
    const varied = code.map((place, at) => ({ ...place, perKilocycle: { misses: 10 * (at + 1) ** 2 } }));
    const counters = Array.from({ length: 6 }, () => ({ event: "misses" }));
    const { functions, counters: table } = await profile(
      [{ label: "g", code: varied, vcpus: [program({ shares, segments: 50_000 })] }],
      { profiler: native(), counters, costs: free(1e9), exits: [io], hardwareCounters: 2 },
    );
    const truth = toRows(functions).reduce((sum, row) => sum + Number(row["events"]), 0) / counters.length;
    const estimates = toRows(table).map(({ estimate }) => Number(estimate));
    // A counter has two turns of six, so at most two more or fewer of all than a third.
    for (const { running } of toRows(table)) expect(Math.abs(Number(running) - 1 / 3)).toBeLessThan(2 / 250);
    for (const estimate of estimates) expect(Math.abs(estimate / truth - 1)).toBeLessThan(0.02);
    // Counters see different stretches, so they do not agree.
    expect(new Set(estimates).size).toBeGreaterThan(1);
  });
});
