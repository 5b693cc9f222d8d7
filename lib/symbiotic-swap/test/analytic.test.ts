import { describe, expect, it } from "vitest";
import { cyclicSweep, exactLru, gups, type Mechanism, swap, type SwapOptions, type SwapRow } from "../index.ts";
import { cachedDisk, clock, costs2011, ramDisk, swapBypass, swapCache, twoLists } from "../index.ts";
import { random } from "../../core/random.ts";
import { bypassable, cacheHitRatio, sweepFaults, symcallsPerInterval, uniformFaultRate } from "../analytic.ts";

const [W, M] = [600, 400];
const options = (mechanism: Mechanism, more: Partial<SwapOptions> = {}): SwapOptions => ({
  ...{ frames: M, slots: 4 * W, mechanism, reclaim: exactLru(), costs: costs2011 },
  ...more,
});
const all = { cachePages: 4 * W + 1 };
/** What the rounds after the first ones bring. */
async function later(rounds: number, skipped: number, given: SwapOptions): Promise<SwapRow> {
  const row = (n: number): Promise<SwapRow> => swap(cyclicSweep({ pages: W, references: n * W }), given);
  return difference(await row(rounds + skipped), await row(skipped));
}

function difference(long: SwapRow, short: SwapRow): SwapRow {
  return Object.fromEntries(
    Object.entries(long).map(([name, value]) => [
      name,
      typeof value === "number" ? value - Number(short[name as keyof SwapRow]) : value,
    ]),
  ) as SwapRow;
}

describe("a cyclic sweep under LRU", () => {
  it("faults on every page of every round without bypassing", async () => {
    const row = await later(3, 1, options(cachedDisk(all)));
    expect(row.majorFaults).toBe(3 * sweepFaults(W, M)); // exact: LRU is deterministic
    expect((await later(3, 1, options(cachedDisk(all), { frames: W }))).majorFaults).toBe(0);
  });

  it("with bypassing, W - M symcalls in the first round after the set-up, none later", async () => {
    const first = await later(1, 1, options(swapBypass(all)));
    expect([first.symcalls, first.majorFaults]).toEqual([bypassable(W, M), 0]);
    const next = await later(5, 2, options(swapBypass(all)));
    expect([next.symcalls, next.majorFaults]).toEqual([0, 0]);
  });

  it("with a load of CR3 each round, W - M a round; with f a round, at most f times that", async () => {
    const each = await later(5, 2, options(swapBypass(all), { referencesPerRootLoad: W }));
    expect(each.symcalls).toBe(5 * bypassable(W, M));
    // Two a round: each half meets its own pages only, so again W - M a round.
    const two = await later(5, 2, options(swapBypass(all), { referencesPerRootLoad: W / 2 }));
    expect(two.symcalls).toBeGreaterThanOrEqual(5 * bypassable(W, M));
    expect(two.symcalls).toBeLessThanOrEqual(2 * 5 * bypassable(W, M));
  });
});

describe("random references", () => {
  it("make B (1 - (1 - 1/W)^k) symcalls between loads of CR3", async () => {
    for (const k of [100, 600, 3000]) {
      const intervals = 400;
      const given = options(swapBypass(all), { referencesPerRootLoad: k });
      // Both runs end at a load of CR3, the shorter one after the set-up.
      const setUp = Math.ceil(W / k) * k;
      const run = (references: number): Promise<SwapRow> => swap(gups({ pages: W, references, seed: k }), given);
      const { symcalls } = difference(await run(setUp + intervals * k), await run(setUp));
      const expected = symcallsPerInterval({ pages: W, bypassable: bypassable(W, M), references: k });
      // An interval's number deviates by less than the root of its mean (distinct ones vary less than a binomial): four standard errors.
      expect(Math.abs(symcalls / intervals - expected)).toBeLessThan(4 * Math.sqrt(expected / intervals));
    }
  });

  it.each([exactLru(), clock(), twoLists()])("fault at the rate 1 - M/W under $label", async (reclaim) => {
    const n = 200_000;
    const given = options(cachedDisk(all), { reclaim });
    const row = await swap(gups({ pages: W, references: W + n, seed: 3 }), given);
    const rate = uniformFaultRate(W, M);
    // Faults of a full memory are independent with that probability: four standard errors.
    expect(Math.abs(row.majorFaults / n - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / n));
  });
});

describe("the cache", () => {
  it("answers C/S of reads of random slots, once each slot was written equally often", () => {
    const [slots, pages, reads] = [1000, 250, 100_000];
    const { int } = random(8);
    const cache = swapCache(pages, slots);
    for (let write = 0; write < 10 * slots; write++) cache.write(int(slots));
    let hits = 0;
    for (let read = 0; read < reads; read++) {
      hits += cache.has(int(slots)) ? 1 : 0;
      cache.write(int(slots));
    }
    const ratio = cacheHitRatio(pages, slots);
    // As a write makes room before it looks, a full cache holds C or C - 1 slots: 1/S less at most; and four standard errors.
    const tolerance = 1 / slots + 4 * Math.sqrt((ratio * (1 - ratio)) / reads);
    expect(Math.abs(hits / reads - ratio)).toBeLessThan(tolerance);
  });

  it("answers 1 - (1 - 1/B)^(C - 1) of reads in the simulator, where a slot that is read is free", async () => {
    // All writes, so that no slot is kept, and each fault reads one of the B = W - M swapped-out pages at random: the j-th fault after its
    // page-out with (1 - 1/B)^(j - 1) / B. Each fault writes a page out before it reads, so that the page is j writes old then, and among the
    // last C writes if j < C. Slots are taken in turn, 4 W of them: none is written again while it is in the cache.
    const B = bypassable(W, M);
    const C = B / 2;
    const run = (references: number): Promise<SwapRow> =>
      swap(gups({ pages: W, references, writes: true, seed: 5 }), options(cachedDisk({ cachePages: C })));
    // After 20,000 references, 6667 faults, no page is left that was written in the set-up's order: B (1 - 1/B)^6667 < 1e-12.
    const { cacheHits, pagesIn } = difference(await run(W + 2_000_000), await run(W + 20_000));
    const expected = 1 - (1 - 1 / B) ** (C - 1);
    // Four standard errors, 0.0024; one page of the cache more or less would be 0.003.
    expect(Math.abs(cacheHits / pagesIn - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / pagesIn));
  });
});

describe("degenerate settings", () => {
  it("SwapBypass without a cache is the plain disk, in all but its name", async () => {
    const trace = () => gups({ pages: W, references: 20_000, writes: true });
    const none = { cachePages: 0 };
    const { mechanism, ...bypass } = await swap(trace(), options(swapBypass(none)));
    expect(mechanism).toBe("SwapBypass");
    expect(await swap(trace(), options(cachedDisk(none)))).toEqual({ ...bypass, mechanism: "cached disk" });
  });

  it("a cache of one page more than the slots is a RAM disk; of as many, it is not once it is full", async () => {
    const trace = () => gups({ pages: W, references: 20_000, writes: true });
    const { mechanism, ...ram } = await swap(trace(), options(ramDisk()));
    expect(mechanism).toBe("RAM disk");
    expect(await swap(trace(), options(cachedDisk(all)))).toEqual({ ...ram, mechanism: "cached disk" });
    expect([ram.diskReads, ram.diskWrites, ram.diskS]).toEqual([0, 0, 0]);
    // Slots are taken in turn, so all were written after 4 W page-outs; from then on each write makes room.
    const full = await swap(trace(), options(cachedDisk({ cachePages: 4 * W })));
    expect(full.diskWrites).toBe(full.pagesOut - 4 * W);
  });

  it("with a RAM disk the gap is handlers, requests and shadowing against symcalls", async () => {
    const plain = await later(4, 2, options(ramDisk()));
    const bypass = await later(4, 2, options(swapBypass(all), { referencesPerRootLoad: W }));
    const { exits, clockHz, ...c } = costs2011;
    const x = exits.roundTripCycles;
    const of = exits.handlingCycles;
    const request = c.requestExits * (x + c.requestExitCycles) + c.copyCycles;
    // A swap-in of a page that was only read: fault, reclaim without writing, INVLPG, request, hidden fault.
    const swapIn =
      x + of.guestFault + c.majorFaultCycles + c.reclaimCycles + x + c.invalidateCycles + request + x + of.hiddenFault;
    const lookUp = x + of.hiddenFault + x + c.symcallCycles + c.lookUpCycles + c.noteCycles;
    const rounds = 4;
    const computeS = rounds * W * 1e-9;
    // Relative 1e-9: sums in another order.
    expect(plain.seconds / (computeS + (rounds * W * swapIn) / clockHz)).toBeCloseTo(1, 9);
    const refill = M * (x + of.hiddenFault) + x + of.rootLoad;
    expect(bypass.seconds / (computeS + (rounds * ((W - M) * lookUp + refill)) / clockHz)).toBeCloseTo(1, 9);
  });
});
