import { describe, expect, it } from "vitest";
import { exits2011, exitsToday } from "../../hardware/index.ts";
import { handlingS, meanWaitS, poissonExits, simulate, utilization } from "../index.ts";

const CLOCK_HZ = 2.5e9;
// Fixed before the first run. Waits are correlated over some 1/(1 − ρ)² exits: at 0.8, 200,000 of them are like a few thousand independent ones, whose mean has a
// standard error of about 2 %.
const TOLERANCE = 0.05;

describe("the simulator beside the closed form", () => {
  it.each([0.2, 0.5, 0.8].flatMap((load) => [exits2011, exitsToday].map((costs) => [costs, load] as const)))(
    "$label, utilisation %d",
    async (costs, load) => {
      const serviceS = handlingS(costs, CLOCK_HZ);
      const ratePerS = load / utilization(1, serviceS);
      const row = await simulate(poissonExits({ ratePerS, exits: 200_000, seed: "analytic" }), {
        ...{ costs, clockHz: CLOCK_HZ },
      });
      expect(Math.abs(row.utilization / load - 1)).toBeLessThan(TOLERANCE);
      expect(Math.abs(row.meanWaitS / meanWaitS(ratePerS, serviceS) - 1)).toBeLessThan(TOLERANCE);
    },
  );

  it("is that of M/M/1 and M/D/1 where these are known", () => {
    // M/D/1 waits half as long as M/M/1: ρ S / (2 (1 − ρ)).
    expect(meanWaitS(0.8, [1])).toBeCloseTo(2, 12);
    expect(utilization(0.8, [1])).toBe(0.8);
    expect(meanWaitS(2, [1])).toBe(Infinity);
    expect(() => meanWaitS(1, [])).toThrow("serviceS: expected at least one time");
    expect(() => meanWaitS(0, [1])).toThrow("ratePerS: expected a finite number > 0, got 0");
  });
});
