import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { toRows } from "../../core/table.ts";
import {
  type Costs,
  conflictProbability,
  costs2011,
  costsToday,
  coverageOverRuns,
  elisionSpeedup,
  type ExecutionBatch,
  executionEvents as events,
  executionsOfShare,
  expectedCoverage,
  expectedMisses,
  passiveCycles,
  type PassiveEvents,
  sectionBlocks,
  simulate,
  type SimulationRow,
  syntheticExecution,
  translatedCycles,
  translationShare,
  unseenBlocks,
} from "../index.ts";

/** Counts a passive run of one thread from its events alone. */
function countsOf(
  execution: Iterable<ExecutionBatch>,
  cache: ReadonlySet<number>,
  isPrivate: (pc: number) => boolean,
): PassiveEvents {
  const counts = {
    instructions: 0,
    transactions: 0,
    readBarriers: 0,
    writeBarriers: 0,
    writtenGranules: 0,
    misses: 0,
    locks: 0,
  };
  let where: "outside" | "entry" | "cache" | "original" = "outside";
  let written = new Set<number>();
  const end = (): void => {
    counts.writtenGranules += written.size;
    written = new Set();
  };
  for (const { event, pc, address, size } of execution)
    for (let row = 0; row < event.length; row++)
      switch (event[row]) {
        case events.lock:
          where = "entry";
          break;
        case events.unlock:
          end();
          where = "outside";
          break;
        case events.block:
          counts.instructions += size[row]!;
          if ((where === "entry" || where === "cache") && !cache.has(pc[row]!)) {
            end();
            counts.misses++;
            counts.locks++;
            where = "original";
          } else if (where === "entry") {
            counts.transactions++;
            where = "cache";
          }
          break;
        default:
          if (where !== "cache" || isPrivate(pc[row]!)) break;
          if (event[row] === events.write) {
            counts.writeBarriers++;
            written.add(address[row]!);
          } else counts.readBarriers++;
      }
  return counts;
}

describe("closed forms", () => {
  it.each([0, 4, 20])("one thread, passive, %d of 20 rare blocks in the cache: exactly", async (kept) => {
    const { batches, blocks, stackRelative } = syntheticExecution({
      ...{ threads: 1, sections: 3000, rareBlocks: 20, rareProbability: 0.05, seed: kept },
    });
    const cache = new Set(blocks.slice(0, blocks.length - 20 + kept));
    const isStack = new Set(stackRelative);
    const counts = countsOf(batches(), cache, (pc) => isStack.has(pc));
    expect(counts.misses > 0).toBe(kept < 20);
    for (const costs of [costs2011, costsToday]) {
      const { row } = await simulate(batches(), { mode: "passive", costs, cache, privacy: "static", stackRelative });
      expect(row.cycles).toBe(passiveCycles(counts, costs));
      expect(row).toMatchObject({ misses: counts.misses, transactions: counts.transactions });
    }
  });

  it("passive is native without its locks, plus what the STM adds: exactly", async () => {
    const { batches, blocks } = syntheticExecution({ threads: 1, sections: 500 });
    const native = (await simulate(batches(), { mode: "native", costs: costs2011 })).row;
    const passive = (await simulate(batches(), { mode: "passive", costs: costs2011, cache: blocks })).row;
    const { beginCycles, commitCycles, lockCycles, unlockCycles } = costs2011;
    expect(passive.cycles - native.cycles).toBe(
      500 * (beginCycles + commitCycles - lockCycles - unlockCycles) +
        passive.barrierCycles +
        (passive.commitCycles - 500 * commitCycles),
    );
  });

  it("dynamic: dispatch and translation within 1e-12, and the translation's share falls as 1 / run length", async () => {
    const withoutSections: Costs = {
      ...{
        ...costs2011,
        beginCycles: 0,
        commitCycles: 0,
        readBarrierCycles: 0,
        writeBarrierCycles: 0,
        writeBackCycles: 0,
      },
    };
    const shares: number[] = [];
    for (const sections of [10, 100, 1000]) {
      const { batches } = syntheticExecution({ threads: 1, sections });
      const { row } = await simulate(batches(), { mode: "dynamic", costs: withoutSections });
      // 6 blocks inside and 10 outside, of 8 instructions.
      const run = { instructions: sections * 128, newInstructions: 128 };
      // The factor is no binary fraction: products and sums differ in the last bits.
      expect(Math.abs(row.cycles / translatedCycles(run, withoutSections) - 1)).toBeLessThan(1e-12);
      const share = row.translationCycles / (row.translationCycles + row.dispatchCycles);
      expect(share).toBeCloseTo(translationShare(sections, withoutSections), 12);
      shares.push(share);
    }
    expect(shares[0]! > 0.9 && shares[2]! > 0.75).toBe(true);
    for (const share of [0.25, 0.9])
      expect(translationShare(executionsOfShare(share, costsToday), costsToday)).toBeCloseTo(share, 12);
  });

  it("coverage after k runs and misses, within four standard errors of 2000 samples", () => {
    const probabilities = Array.from({ length: 60 }, (_, block) => 1 / (1 + block));
    const { float } = random(3);
    const runOf = (): Map<number, number> =>
      new Map(probabilities.flatMap((f, block): [number, number][] => (float() < f ? [[block, 1]] : [])));
    const samples = 2000;
    const [misses, singletons] = [new Float64Array(6), new Float64Array(6)];
    const squares = new Float64Array(6);
    for (let sample = 0; sample < samples; sample++)
      for (const [k, row] of toRows(coverageOverRuns(Array.from({ length: 6 }, runOf))).entries()) {
        misses[k]! += Number(row["missing"]) / samples;
        squares[k]! += Number(row["missing"]) ** 2 / samples;
        singletons[k]! += Number(row["unseen"]) / samples;
      }
    for (let k = 0; k < 6; k++) {
      const error = Math.sqrt((squares[k]! - misses[k]! ** 2) / samples);
      expect(Math.abs(misses[k]! - expectedMisses(probabilities, k))).toBeLessThan(4 * error);
      // Good and Turing's estimate from k + 1 runs is unbiased for what the last of them had new.
      expect(Math.abs(singletons[k]! - expectedMisses(probabilities, k))).toBeLessThan(4 * error);
    }
    // What is not covered of a run is what it misses.
    const all = probabilities.reduce((sum, f) => sum + f, 0);
    expect(expectedCoverage(probabilities, 3)).toBeCloseTo(1 - expectedMisses(probabilities, 3) / all, 12);
  });

  it("the share of blocks that k drawn runs leave in the cache, within four standard errors of a binomial count", async () => {
    // A rare block is in a run of s sections with probability 1 - (1 - p)^s, and in the cache of k runs with 1 - (1 - f)^k; blocks and runs are drawn
    // independently, so those of all samples that are there are a binomial count.
    const given = {
      threads: 1,
      sections: 30,
      rareBlocks: 50,
      rareProbability: 0.01,
      outsideBlocks: 0,
      blockAccesses: 0,
    };
    const f = 1 - (1 - given.rareProbability) ** given.sections;
    const samples = 40;
    const cached = new Float64Array(5);
    for (let sample = 0; sample < samples; sample++) {
      const seen = new Set<number>();
      for (const [k] of cached.entries()) {
        const { batches, blocks } = syntheticExecution({ ...given, run: 5 * sample + k, seed: 17 });
        for (const block of (await sectionBlocks(batches())).keys()) seen.add(block);
        cached[k]! += blocks.slice(6).filter((block) => seen.has(block)).length;
      }
    }
    const count = samples * given.rareBlocks;
    for (const [k, there] of cached.entries()) {
      const share = expectedCoverage([f], k + 1);
      expect(Math.abs(there - count * share)).toBeLessThan(4 * Math.sqrt(count * share * (1 - share)));
    }
  });

  it("Good and Turing's estimate is the mean of what each run has that the others have not: exactly", async () => {
    const runs: ReadonlyMap<number, number>[] = [];
    for (let run = 0; run < 5; run++)
      runs.push(
        await sectionBlocks(
          syntheticExecution({ threads: 2, sections: 40, rareBlocks: 200, rareProbability: 0.004, run }).batches(),
        ),
      );
    const own = runs.map(
      (blocks, at) =>
        [...blocks.keys()].filter((block) => runs.every((other, index) => index === at || !other.has(block))).length,
    );
    const last = toRows(coverageOverRuns(runs)).at(-1)!;
    const singletons = own.reduce((sum, count) => sum + count, 0);
    expect(singletons).toBeGreaterThan(5);
    expect(last["singletons"]).toBe(singletons);
    expect(last["unseen"]).toBe(unseenBlocks({ singletons, runs: 5 }));
  });

  // Two threads that do nothing but sections, of random words.
  const pairs = async (given: { sharedWords: number; records?: number; accesses: number; writeShare: number }) => {
    const { row } = await simulate(
      syntheticExecution({
        ...{ threads: 2, sections: 8000, outsideBlocks: 0, hotBlocks: 1, stackShare: 0, privateShare: 0, locks: 2 },
        ...{ blockAccesses: given.accesses, writeShare: given.writeShare, sharedWords: given.sharedWords, seed: 11 },
      }).batches(),
      {
        ...{ mode: "passive", costs: costs2011, cache: [0x400000], attempts: 1000 },
        ...(given.records === undefined ? {} : { records: given.records }),
      },
    );
    return row;
  };

  it("conflicts of random accesses: true ones as the birthday bound, false ones as 1 / records", async () => {
    const truly: number[] = [];
    for (const sharedWords of [1024, 2048, 4096])
      truly.push((await pairs({ sharedWords, accesses: 8, writeShare: 1 })).dataAborts);
    // Expected to halve; four standard errors of a Poisson count.
    for (const [at, count] of truly.slice(1).entries())
      expect(Math.abs(2 * count - truly[at]!)).toBeLessThan(4 * Math.sqrt(4 * count + truly[at]!));
    const falsely: number[] = [];
    for (const records of [4096, 8192, 16_384])
      falsely.push((await pairs({ sharedWords: 2 ** 20, records, accesses: 8, writeShare: 1 })).falseAborts);
    for (const [at, count] of falsely.slice(1).entries())
      expect(Math.abs(2 * count - falsely[at]!)).toBeLessThan(4 * Math.sqrt(4 * count + falsely[at]!));
    expect(Math.min(...truly, ...falsely)).toBeGreaterThan(30);
  });

  it("two transactions that overlap once conflict as often as the birthday bound says, within four standard errors", async () => {
    const [places, footprint, trials] = [256, 12, 3000];
    const { int } = random(9);
    let conflicts = 0;
    for (let trial = 0; trial < trials; trial++) {
      const draw = (): number[] => {
        const chosen = new Set<number>();
        while (chosen.size < footprint) chosen.add(int(places));
        return [...chosen];
      };
      // Thread 0 writes and commits while thread 1, which has read, is still computing.
      const list: [number, number, number, number, number][] = [
        [0, events.create, 1, 1, 0],
        [0, events.lock, 1, 64, 0],
        [1, events.lock, 2, 64, 0],
        [0, events.block, 3, 0, 1],
        [1, events.block, 3, 0, 60_000],
        ...draw().map((word): [number, number, number, number, number] => [0, events.write, 4, 4096 + 8 * word, 8]),
        ...draw().map((word): [number, number, number, number, number] => [1, events.read, 5, 4096 + 8 * word, 8]),
        [0, events.unlock, 6, 64, 0],
        [1, events.unlock, 7, 64, 0],
      ];
      const { row } = await simulate(
        [
          {
            thread: Uint16Array.from(list, ([thread]) => thread),
            event: Uint8Array.from(list, ([, event]) => event),
            pc: Float64Array.from(list, ([, , pc]) => pc),
            address: Float64Array.from(list, ([, , , address]) => address),
            size: Uint16Array.from(list, ([, , , , size]) => size),
          },
        ],
        { mode: "passive", costs: costs2011, cache: [3] },
      );
      conflicts += row.dataAborts;
    }
    // The F accesses are different here: 1 − C(N − W, F) / C(N, F), which the bound comes close to.
    let none = 1;
    for (let at = 0; at < footprint; at++) none *= (places - footprint - at) / (places - at);
    const error = Math.sqrt((none * (1 - none)) / trials);
    expect(Math.abs(conflicts / trials - (1 - none))).toBeLessThan(4 * error);
    expect(Math.abs(conflictProbability({ places, writes: footprint, footprint }) - (1 - none))).toBeLessThan(0.02);
  });

  it("eliding locks gains at most what Amdahl allows", async () => {
    const free: Costs = {
      ...{
        ...costs2011,
        beginCycles: 0,
        commitCycles: 0,
        readBarrierCycles: 0,
        writeBarrierCycles: 0,
        writeBackCycles: 0,
      },
      ...{ lockCycles: 0, unlockCycles: 0, abortCycles: 0 },
    };
    for (const outsideBlocks of [2, 6, 20, 60]) {
      const threads = 4;
      const { batches, blocks } = syntheticExecution({ threads, sections: 2000, outsideBlocks, sharedWords: 2 ** 20 });
      const run = async (mode: "native" | "passive"): Promise<SimulationRow> =>
        (await simulate(batches(), { mode, costs: free, cache: blocks })).row;
      const [native, elided] = [await run("native"), await run("passive")];
      // One lock: the time in sections is the sum of the sections' instructions.
      const sectionShare = (threads * 2000 * 48) / native.cycles;
      const bound = elisionSpeedup({ sectionShare: Math.min(1, sectionShare), threads });
      // 0.5 %: at the ends of the run not all threads are busy.
      expect(native.cycles / elided.cycles).toBeLessThan(bound * 1.005);
      if (outsideBlocks === 2) expect(native.cycles / elided.cycles).toBeGreaterThan(2.5);
    }
  });
});
