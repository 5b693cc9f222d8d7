import { describe, expect, it } from "vitest";
import { mean } from "../../core/stats.ts";
import { exits2011, exitsToday } from "../../hardware/index.ts";
import { handlingS, poissonExits, simulate } from "../index.ts";
import { naiveWaits } from "./naive.ts";

describe("the simulator beside a second implementation", () => {
  it.each([
    [exits2011, 100_000],
    [exits2011, 700_000],
    [exitsToday, 400_000],
  ])("has the same mean wait: $label, %d exits a second", async (costs, ratePerS) => {
    const exits = [...poissonExits({ ratePerS, exits: 5000, seed: ratePerS })];
    const row = await simulate(exits, { costs, clockHz: 2.5e9 });
    const waits = naiveWaits(exits[0]!, handlingS(costs, 2.5e9));
    expect(waits).toHaveLength(5000);
    // The sums are made in another order: the last digits may differ.
    expect(Math.abs(row.meanWaitS / mean(waits) - 1)).toBeLessThan(1e-9);
  });
});
