import { expect, it } from "vitest";
import { exits2011, exitsToday } from "../../hardware/index.ts";
import { poissonExits, simulate, type SimulateRow } from "../index.ts";

// Rows that were looked at once and must not change unnoticed; by column, in the golden file (written anew by vitest -u).
it("golden rows, both costs at four rates", async () => {
  const rows: SimulateRow[] = [];
  for (const costs of [exits2011, exitsToday])
    for (const ratePerS of [50_000, 200_000, 350_000, 500_000])
      rows.push(await simulate(poissonExits({ ratePerS, exits: 10_000, seed: "golden" }), { costs, clockHz: 2.5e9 }));
  const columns = Object.keys(rows[0]!).map((name) => {
    // Twelve digits: the order of a sum is not part of the result.
    const values = rows.map((row) => row[name as keyof SimulateRow]);
    return `${name}: ${values.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)).join(", ")}\n`;
  });
  await expect(columns.join("")).toMatchFileSnapshot("golden/rows.txt");
});
