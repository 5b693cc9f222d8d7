import { expect, it } from "vitest";
import { toRows } from "../../../core/table.ts";
import {
  devicePaths,
  interfaceCosts2011,
  interfaceCostsToday,
  multiplex,
  phy11a,
  phy11g,
  poisson,
  saturated,
} from "../../index.ts";

// Rows that were looked at once and must not change unnoticed; by column, in the golden file.
it("of guests on one and two channels, by every path, then and today", async () => {
  const bulk = {
    rateMbps: 54,
    up: saturated({ packetBytes: 1500 }),
    echo: poisson({ packetBytes: 84, packetsPerS: 10 }),
  };
  const calls = {
    rateMbps: 24,
    channel: 6,
    up: poisson({ packetBytes: 200, packetsPerS: 50 }),
    down: poisson({ packetBytes: 200, packetsPerS: 50 }),
  };
  const others = [
    { rateMbps: 54, down: saturated({ packetBytes: 1000 }) },
    { rateMbps: 6, channel: 6, up: poisson({ packetBytes: 300, packetsPerS: 100 }) },
  ];
  const runs = Object.values(devicePaths).flatMap((path) =>
    [interfaceCosts2011, interfaceCostsToday].map((costs) => {
      const guests = path.deviceModel === "none" ? [bulk] : [bulk, { ...calls, scansAtS: [0.5] }];
      return multiplex(guests, { phy: path.deviceModel === "user" ? phy11a : phy11g, seconds: 2, path, costs, others });
    }),
  );
  const rows = runs.flatMap(({ row, guests, streams }) => [row, ...toRows(guests), ...toRows(streams)]);
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = [...names].map((name) => {
    // Twelve digits: the order of a sum is not part of the result.
    const values = rows.map((row) => (row as Record<string, number | string | null>)[name] ?? "");
    return `${name}: ${values.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)).join(", ")}\n`;
  });
  await expect(columns.join("")).toMatchFileSnapshot("golden/rows.txt");
});
