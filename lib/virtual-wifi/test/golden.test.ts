import { expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import { contend, phy11a, phy11b, phy11g, poisson, saturated } from "../index.ts";

// Rows that were looked at once and must not change unnoticed; by column, in the golden file.
it("of cells with every kind of traffic, direction and option", async () => {
  const bulk = saturated({ packetBytes: 1500 });
  const calls = poisson({ packetBytes: 200, packetsPerS: 50 });
  const load = poisson({ packetBytes: 1000, packetsPerS: 400 });
  const cells = [phy11a, phy11b, phy11g].flatMap((phy) =>
    (
      [
        {},
        {
          attempts: 2,
          afterCollision: "DIFS",
          busyCounts: "one slot",
          cwMin: 7,
          cwMax: 31,
          queueFrames: 20,
          seed: "x",
        },
      ] as const
    ).map((more) => {
      const [slow, fast] = [phy.ratesMbps[0]!, phy.ratesMbps.at(-1)!];
      const stations = [
        { rateMbps: fast, up: bulk, down: calls },
        { rateMbps: fast, up: calls, down: bulk },
        { rateMbps: slow, up: load },
        { rateMbps: fast, down: load },
      ];
      return contend(stations, { phy, seconds: 5, ...more });
    }),
  );
  const rows = cells.flatMap(({ row, flows }) => [row, ...toRows(flows)]);
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = [...names].map((name) => {
    // Twelve digits: the order of a sum is not part of the result.
    const values = rows.map((row) => (row as Record<string, number | string | null>)[name] ?? "");
    return `${name}: ${values.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)).join(", ")}\n`;
  });
  await expect(columns.join("")).toMatchFileSnapshot("golden/rows.txt");
});
