import fc from "fast-check";
import { expect, it } from "vitest";
import { type IntervalRow, rowColumns } from "../structural-counts.ts";
import { betterPlans, intervalsOf, nothing } from "../structural-plan.ts";

const rowOf = (cycles: number): IntervalRow =>
  ({ ...Object.fromEntries(rowColumns.map((name) => [name, 1])), cycles }) as IntervalRow;

it("the best plan is the cheapest of all sequences of modes, tried one by one", () => {
  const costs = fc.array(fc.record({ HAP: fc.nat(50), SP: fc.nat(50) }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(costs, fc.nat(40), (intervals, switchCost) => {
      let plans = { HAP: nothing, SP: nothing };
      for (const { HAP, SP } of intervals)
        plans = betterPlans(plans, { HAP: rowOf(HAP), SP: rowOf(SP) }, switchCost, true);
      const sequences = Array.from({ length: 2 ** intervals.length }, (_, bits) =>
        intervals.map((__, index) => ((bits >> index) & 1 ? ("SP" as const) : ("HAP" as const))),
      );
      const price = (modes: readonly ("HAP" | "SP")[]): number =>
        modes.reduce(
          (sum, mode, index) =>
            sum + intervals[index]![mode] + (index > 0 && modes[index - 1] !== mode ? switchCost : 0),
          0,
        );
      const best = plans.SP.cycles < plans.HAP.cycles ? plans.SP : plans.HAP;
      expect(best.cycles).toBe(Math.min(...sequences.map(price)));
      const modes = intervalsOf(best).map(({ mode }) => mode as "HAP" | "SP");
      expect(price(modes)).toBe(best.cycles);
      expect(modes).toHaveLength(intervals.length);
      expect(best.sums.instructions).toBe(intervals.length);
      expect(best.switches * switchCost).toBe(best.switchCycles);
    }),
  );
});
