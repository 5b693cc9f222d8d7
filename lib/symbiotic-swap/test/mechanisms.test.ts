import { describe, expect, it } from "vitest";
import { singly } from "../../hardware/index.ts";
import * as system from "../index.ts";

const { cachedDisk, costs2011, costsToday, exactLru, hostSwap, hotSet, noSwap, ramDisk, swap, swapBypass, zswap } =
  system;
const [pages, frames, hot] = [400, 200, 100];
const given = { frames, slots: 4 * pages, reclaim: exactLru(), costs: costs2011 };

describe("the baselines", () => {
  const trace = () => system.gups({ pages, references: 20_000, writes: true });

  it("a guest with enough memory has first touches only", async () => {
    const row = await swap(trace(), { ...given, mechanism: noSwap({ frames: pages }), slots: 0 });
    expect([row.minorFaults, row.majorFaults, row.pagesOut, row.diskS, row.transferS]).toEqual([pages, 0, 0, 0, 0]);
  });

  it("zswap gives frames away, and makes no request while the pool has room", async () => {
    const row = await swap(trace(), { ...given, mechanism: zswap({ poolShare: 0.5, ratio: 3 }) });
    const shape = zswap({ poolShare: 0.5, ratio: 3 }).create(frames, given.slots);
    expect(shape).toEqual({ frames: 100, cachePages: 300, bypass: false, forgets: true });
    // The 300 swapped-out pages just fit, as the guest tells its pool of freed slots. But a write makes room before it is known that one is freed.
    expect(row.residentPages).toBe(100);
    expect(row.diskWrites).toBeGreaterThan(0);
    const roomy = await swap(trace(), { ...given, mechanism: zswap({ poolShare: 0.5, ratio: 3.02 }) });
    expect([roomy.diskReads, roomy.diskWrites]).toEqual([0, 0]);
    const { compressCycles, decompressCycles, clockHz } = costs2011;
    const packed = (roomy.pagesOut * compressCycles + roomy.pagesIn * decompressCycles) / clockHz;
    expect(roomy.transferS).toBeCloseTo(packed, 9);
    // A fault that the pool answers does not sleep: it costs what a minor one does; one for which the disk reads does.
    const { roundTripCycles, handlingCycles } = costs2011.exits;
    const minor = roundTripCycles + handlingCycles.guestFault + costs2011.minorFaultCycles;
    const guestS = (of: system.SwapRow): number =>
      ((of.minorFaults + of.majorFaults) * minor +
        of.diskReads * (costs2011.majorFaultCycles - costs2011.minorFaultCycles) +
        (of.pagesOut + of.cleanEvictions) * costs2011.reclaimCycles) /
      clockHz;
    expect(roomy.guestS).toBeCloseTo(guestS(roomy), 9);
    const small = await swap(trace(), { ...given, mechanism: zswap({ poolShare: 0.5, ratio: 1 }) });
    expect([small.diskReads > 0, small.diskReads < small.majorFaults]).toEqual([true, true]);
    expect(small.guestS).toBeCloseTo(guestS(small), 9);
  });

  it("the host swaps the same pages without the guest's handler and exits for requests", async () => {
    const guest = await swap(trace(), { ...given, mechanism: cachedDisk({ cachePages: 0 }) });
    const host = await swap(trace(), { ...given, mechanism: hostSwap() });
    for (const name of ["majorFaults", "pagesIn", "pagesOut", "diskReads", "diskWrites", "diskS"] as const)
      expect(host[name]).toBe(guest[name]);
    expect(host.seconds).toBeLessThan(guest.seconds);
  });

  it.each([1, 8])("of the host's faults the guest sees first touches, %i slots read at a fault", async (readAhead) => {
    const { exits, clockHz, ...c } = costs2011;
    // Read, so that pages keep their slots, and then written to.
    const program = [true, false].flatMap((reads) => [
      ...system.gups({ pages, references: 8000, writes: !reads, seed: 1 + Number(reads) }),
    ]);
    const row = await swap(program, { ...given, mechanism: hostSwap(), readAhead, referencesPerRootLoad: 1000 });
    expect(row.minorFaults).toBeGreaterThan(pages);
    const x = exits.roundTripCycles;
    const of = exits.handlingCycles;
    const later = row.minorFaults - pages;
    // The trace has no INVLPG of its own. Each fault of the host fills the shadow in the same exit.
    const shadow =
      (row.hiddenFaults - row.majorFaults - later) * (x + of.hiddenFault) +
      row.dirtyFaults * (x + of.dirtyFault) +
      row.rootLoads * (x + of.rootLoad);
    expect(row.shadowS).toBeCloseTo(shadow / clockHz, 12);
    expect(row.guestS).toBeCloseTo((pages * (x + of.guestFault + c.minorFaultCycles)) / clockHz, 12);
    const host =
      row.majorFaults * (x + of.hiddenFault + c.majorFaultCycles) +
      later * (x + of.hiddenFault + c.minorFaultCycles) +
      (row.pagesOut + row.cleanEvictions) * c.reclaimCycles;
    expect(row.transferS).toBeCloseTo(host / clockHz, 12);
  });

  it("times add up, and symcalls mask interrupts for as long as they take", async () => {
    const row = await swap(trace(), {
      ...given,
      mechanism: swapBypass({ cachePages: 4 * pages }),
      referencesPerRootLoad: 100,
    });
    const { computeS, shadowS, guestS, transferS, symcallS, diskS, seconds, maskedS } = row;
    expect(computeS + shadowS + guestS + transferS + symcallS + diskS).toBeCloseTo(seconds, 12);
    expect(maskedS).toBeGreaterThan(0);
    expect(maskedS).toBeLessThan(symcallS);
    // Each costs an exit, saving and the look-up: 2000 + 2000 + 1500 cycles.
    expect(maskedS).toBeCloseTo((row.symcalls * 5500) / 2.8e9, 12);
  });
});

describe("break-even", () => {
  it.each([costs2011, costsToday])("over intervals is where the closed form has it ($label)", async (costs) => {
    const after = async (mechanism: system.Mechanism, intervals: number): Promise<number> => {
      const time = async (rounds: number): Promise<number> => {
        const load = { referencesPerRootLoad: hot };
        // W is a whole number of intervals, so that loads fall between rounds.
        return (
          await swap(hotSet({ pages, hot, references: pages + rounds * hot }), { ...given, costs, mechanism, ...load })
        ).seconds;
      };
      return (await time(intervals)) - (await time(0));
    };
    const cache = { cachePages: 4 * pages };
    const n = system.breakEvenIntervals(system.eventCosts(costs), 0);
    const [below, above] = [Math.floor(n), Math.ceil(n)];
    // Exact but for rounding: the simulator crosses between the same two whole numbers.
    expect(await after(swapBypass(cache), below)).toBeLessThan(await after(ramDisk(), below));
    expect(await after(swapBypass(cache), above)).toBeGreaterThan(await after(ramDisk(), above));
    // Solved for the disk, at twice as many intervals: the disk's time for a read and a write.
    const diskS = system.breakEvenDiskS(system.eventCosts(costs), 2 * above);
    for (const [factor, sign] of [
      [0.99, 1],
      [1.01, -1],
    ] as const) {
      const accessMs = ((factor * diskS) / 2) * 1e3 - 4096 / 1e15;
      const slow = { ...costs, disk: { label: "disk", accessMs, sequentialMBps: 1e12, latencyMs: 0 } };
      const time = async (mechanism: system.Mechanism, rounds: number): Promise<number> =>
        (
          await swap(hotSet({ pages, hot, references: pages + rounds * hot }), {
            ...given,
            costs: slow,
            mechanism,
            referencesPerRootLoad: hot,
          })
        ).seconds;
      const of = async (mechanism: system.Mechanism): Promise<number> =>
        (await time(mechanism, 2 * above)) - (await time(mechanism, 0));
      // 1 % of the disk's time to either side.
      expect(Math.sign((await of(swapBypass(cache))) - (await of(cachedDisk({ cachePages: 0 }))))).toBe(sign);
    }
  });
});

describe("interleaved processes", () => {
  it("take turns, with their own pages and a load of CR3 at each", async () => {
    const parts: string[] = [];
    const one = [{ page: Uint32Array.of(5, 6), count: Uint32Array.of(3, 1), kind: Uint8Array.of(1, 2) }];
    for await (const { page, count, kind, rootLoad } of system.interleave([one, [singly([5, 9])]], {
      quantumReferences: 2,
    }))
      parts.push([page.join(), count.join(), kind.join(), String(rootLoad)].join(" "));
    // 5 is page 0 of all, the other's 5 and 9 are 1 and 2, 6 is 3.
    expect(parts).toEqual(["0 2 1 false", "1,2 1,1 1,1 true", "0,3 1,1 1,2 true"]);
  });

  it("end in as many references as they have", async () => {
    const trace = (seed: number) => system.gups({ pages: 50, references: 70_000, seed });
    const row = await swap(system.interleave([trace(1), trace(2), trace(3)], { quantumReferences: 999 }), {
      ...{ ...given, frames: 100, mechanism: swapBypass({ cachePages: 1600 }) },
    });
    expect([row.references, row.residentPages + row.swappedPages]).toEqual([210_000, 150]);
    expect(row.rootLoads).toBe(3 * Math.ceil(70_000 / 999) - 1);
  });

  it("load no CR3 while one process is left", async () => {
    const loads: (boolean | undefined)[] = [];
    const two = [singly([1, 2, 3, 4, 5, 6, 7])];
    for await (const { rootLoad } of system.interleave([two, [singly([1, 2, 3])]], { quantumReferences: 2 }))
      loads.push(rootLoad);
    // Two of the first, two of the other, two, one, and then the first alone: two and one more.
    expect(loads).toEqual([false, true, true, true, true, false]);
    const alone: (boolean | undefined)[] = [];
    for await (const { rootLoad } of system.interleave([two], { quantumReferences: 2 })) alone.push(rootLoad);
    expect(alone).toEqual([false, false, false, false]);
    // A process without a reference is never switched to.
    const none: (boolean | undefined)[] = [];
    for await (const { rootLoad } of system.interleave([[], two], { quantumReferences: 4 })) none.push(rootLoad);
    expect(none).toEqual([false, false]);
  });
});

describe("options", () => {
  const trace = [singly([1])];
  const good = { ...given, mechanism: ramDisk() };
  it.each([
    [{ ...good, frames: 0 }, "frames: expected a whole number from 1 to 67108864, got 0"],
    [{ ...good, slots: -1 }, "slots: expected a whole number from 0 to 268435456, got -1"],
    [{ ...good, readAhead: 64 }, "readAhead: expected 1, or at most a quarter of the 200 frames, got 64"],
    [{ ...good, referencesPerRootLoad: 0.5 }, "referencesPerRootLoad: expected a whole number >= 1, got 0.5"],
    [{ ...good, shadow: "none" }, 'shadow: expected one of emptied, kept, got "none"'],
    [{ ...good, reclaim: "lru" }, 'reclaim: expected a plain value, as exactLru() gives, got "lru"'],
    [{ ...good, costs: { ...costs2011, copyCycles: -1 } }, "costs.copyCycles: expected a finite number >= 0, got -1"],
  ])("out of range are refused", async (options, message) => {
    await expect(swap(trace, options as system.SwapOptions)).rejects.toThrow(message);
  });

  it("a trace without references is exhausted", async () => {
    await expect(swap([], good)).rejects.toThrow("symbiotic-swap: the trace has no references");
    await expect(swap(7 as never, good)).rejects.toThrow(/^trace: expected an Arrow table/);
  });

  it("of mechanisms and programs, too", () => {
    expect(() => zswap({ poolShare: 1, ratio: 2 })).toThrow("poolShare: expected a share above 0 and below 1, got 1");
    expect(() => swapBypass({ cachePages: 1.5 })).toThrow(
      "cachePages: expected a whole number from 0 to 1073741824, got 1.5",
    );
    expect(() => hotSet({ pages: 2, hot: 3, references: 1 })).toThrow(
      "hot: expected a whole number from 1 to 2, got 3",
    );
  });
});
