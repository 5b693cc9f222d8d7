import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ledgerLength, partCount } from "../ledger.ts";
import { code, Machine } from "../machine.ts";
import { traitsOf } from "../modes.ts";
import {
  costs2011,
  costsToday,
  type Mode,
  sharing,
  simulate,
  type SimulateOptions,
  type SimulationRow,
  syntheticExecution,
  type SyntheticOptions,
} from "../index.ts";

const modes: readonly Mode[] = ["native", "manual", "static", "dynamic", "active", "passive"];
const program: fc.Arbitrary<SyntheticOptions> = fc.record({
  threads: fc.integer({ min: 1, max: 4 }),
  sections: fc.integer({ min: 1, max: 12 }),
  locks: fc.integer({ min: 1, max: 3 }),
  sites: fc.integer({ min: 1, max: 3 }),
  hotBlocks: fc.integer({ min: 1, max: 4 }),
  rareBlocks: fc.integer({ min: 0, max: 4 }),
  rareProbability: fc.constantFrom(0.1, 0.5),
  blockAccesses: fc.integer({ min: 0, max: 4 }),
  outsideBlocks: fc.integer({ min: 0, max: 3 }),
  strayProbability: fc.constantFrom(0, 0.1),
  sharedWords: fc.constantFrom(1, 8, 1024),
  seed: fc.nat(),
});
const asserted = { numRuns: 60, seed: 8 };

describe("in any execution", () => {
  it("each thread's clock is the sum of where its cycles went, in every mode", () => {
    fc.assert(
      fc.property(program, fc.constantFrom(...modes), fc.integer({ min: 1, max: 3 }), (options, mode, attempts) => {
        const { batches, blocks } = syntheticExecution(options);
        const traits = traitsOf[mode];
        const cached = new Set(traits.cache === "all" ? blocks : blocks.slice(0, traits.cache === "none" ? 0 : 3));
        const machine = new Machine({
          ...{ traits, costs: costs2011, removing: 0, granuleBytes: 8, records: undefined, attempts, readAhead: 1000 },
          codeAt: (pc) => (cached.has(pc) ? code.cached : 0),
        });
        for (const { thread, event, pc, address, size } of batches())
          for (let row = 0; row < event.length; row++)
            machine.push(thread[row]!, event[row]!, pc[row]!, address[row]!, size[row]!);
        machine.end();
        for (const [number, thread] of machine.threads.entries()) {
          const spent = thread!.ledger.subarray(0, partCount).reduce((sum, part) => sum + part, 0);
          // Sums of the factor 1.3 are rounded.
          expect(Math.abs(spent - machine.clocks[number]!)).toBeLessThan(1e-6);
          expect(thread!.open).toEqual(new Float64Array(ledgerLength));
        }
      }),
      asserted,
    );
  });

  it("every access of a complete cache has a barrier or an analysis that took it; both analyses take their union", async () => {
    await fc.assert(
      fc.asyncProperty(program, async (options) => {
        const { batches, blocks, stackRelative } = syntheticExecution(options);
        const trained = await sharing(batches()).catch(() => undefined);
        if (trained === undefined) return;
        const row = async (privacy: SimulateOptions["privacy"]): Promise<SimulationRow> => {
          const given = {
            mode: "passive",
            costs: costsToday,
            cache: blocks,
            stackRelative,
            trained,
            actual: trained,
            attempts: 1000,
          } as const;
          return (await simulate(batches(), { ...given, ...(privacy === undefined ? {} : { privacy }) })).row;
        };
        const [none, byStack, byTraining, both] = [
          await row("none"),
          await row("static"),
          await row("dynamic"),
          await row("both"),
        ];
        for (const found of [none, byStack, byTraining, both]) {
          const inside = found.stackAccesses + found.privateAccesses + found.otherAccesses;
          const removed = found.removedByStack + found.removedByTraining;
          expect(found.readBarriers + found.writeBarriers + removed).toBe(inside);
          expect([found.unsoundByStack, found.unsoundByTraining, found.misses]).toEqual([0, 0, 0]);
          expect(found.sections).toBe(options.threads * options.sections);
        }
        expect(none.removedByStack + none.removedByTraining).toBe(0);
        expect(byStack.removedByStack).toBe(byStack.stackAccesses);
        expect(byTraining.removedByTraining).toBeGreaterThanOrEqual(both.removedByTraining);
        expect(both.removedByStack).toBe(byStack.removedByStack);
        expect(both.readBarriers + both.writeBarriers).toBeLessThanOrEqual(
          Math.min(byStack.readBarriers + byStack.writeBarriers, byTraining.readBarriers + byTraining.writeBarriers),
        );
      }),
      asserted,
    );
  });

  it("of one thread: native <= manual <= passive with privacy <= without <= dynamic <= active", async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.constantFrom(costs2011, costsToday), async (options, costs) => {
        const { batches, blocks, stackRelative } = syntheticExecution({ ...options, threads: 1, blockAccesses: 3 });
        const trained = await sharing(batches());
        const cycles = async (mode: Mode, privacy: SimulateOptions["privacy"] & string): Promise<number> => {
          const cache = mode === "passive" ? blocks : [];
          const given = { mode, costs, cache, privacy, stackRelative, trained, actual: trained, attempts: 1000 };
          return (await simulate(batches(), given)).row.cycles;
        };
        const order = [
          ...[await cycles("native", "none"), await cycles("manual", "none"), await cycles("passive", "both")],
          ...[await cycles("passive", "none"), await cycles("dynamic", "none"), await cycles("active", "none")],
        ];
        for (const [at, later] of order.slice(1).entries()) expect(order[at]).toBeLessThanOrEqual(later);
      }),
      asserted,
    );
  });

  it("an active run fills the cache with what a passive run of the same needs", async () => {
    await fc.assert(
      fc.asyncProperty(program, async (options) => {
        const { batches } = syntheticExecution(options);
        const { cache } = await simulate(batches(), { mode: "active", costs: costs2011, cache: [], attempts: 1000 });
        const { row, cache: kept } = await simulate(batches(), { mode: "passive", costs: costs2011, cache });
        expect([row.misses, row.coveredBlocks]).toEqual([0, row.blocks]);
        expect(kept).toEqual(cache);
      }),
      asserted,
    );
  });

  it("more ownership records than granules change nothing but hash collisions, none of which is a true conflict", async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.constantFrom(1, 16, 2 ** 20), async (options, records) => {
        const { batches, blocks } = syntheticExecution(options);
        const given = { mode: "passive", costs: costs2011, cache: blocks } as const;
        const { row } = await simulate(batches(), { ...given, records });
        const exact = (await simulate(batches(), given)).row;
        expect(exact.falseAborts).toBe(0);
        if (row.falseAborts === 0) expect(row).toEqual(exact);
      }),
      asserted,
    );
  });
});
