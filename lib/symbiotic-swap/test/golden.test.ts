import { describe, expect, it } from "vitest";
import * as system from "../index.ts";

// Rows that were looked at once and must not change unnoticed; by column, in the golden file.
describe("golden rows", () => {
  it("of every mechanism and policy on one trace", async () => {
    const {
      cachedDisk,
      clock,
      costs2011,
      costsToday,
      exactLru,
      gups,
      hostSwap,
      ramDisk,
      swap,
      swapBypass,
      twoLists,
      zswap,
    } = system;
    const mechanisms = [
      ...[cachedDisk({ cachePages: 40 }), swapBypass({ cachePages: 40 }), swapBypass({ cachePages: 400 }), ramDisk()],
      ...[zswap({ poolShare: 0.25, ratio: 3 }), hostSwap()],
    ];
    const rows: system.SwapRow[] = [];
    for (const mechanism of mechanisms)
      for (const reclaim of [exactLru(), clock(), twoLists()])
        for (const [costs, readAhead] of [
          [costs2011, 1],
          [costsToday, 8],
        ] as const)
          rows.push(
            await swap(gups({ pages: 200, references: 5000, writes: readAhead === 1, seed: 4 }), {
              ...{ frames: 100, slots: 399, mechanism, reclaim, costs, readAhead, referencesPerRootLoad: 300 },
            }),
          );
    const columns = Object.keys(rows[0]!).map((name) => {
      // Twelve digits: the order of a sum is not part of the result.
      const values = rows.map((row) => row[name as keyof system.SwapRow]);
      return `${name}: ${values.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)).join(", ")}\n`;
    });
    await expect(columns.join("")).toMatchFileSnapshot("golden/rows.txt");
  });
});
