import { describe, expect, it } from "vitest";
import { bianchi, contend, exchange, ns3Saturation, phy11a, phy11b, phy11g, saturated } from "../index.ts";

// Conventions: 11a's W = 16, m = 6; 11b's W = 32, m = 5, long preamble, acknowledgements at 2 Mbps; 36 bytes around a packet of 1500; frames are sent until
// they arrive; all wait for EIFS, or all for DIFS, after a collision. Tolerance 3 %, as fixed for the closed form; with 10^5 frames a run's own
// error is below 0.5 %.
const cells = await ns3Saturation();

it("the table has 40 cells", () => {
  expect(cells).toHaveLength(40);
});

describe.each(cells)("$standard $rateMbps Mbps, $stations stations, $afterCollision", (given) => {
  const { standard, rateMbps, stations, afterCollision, throughputMbps } = given;
  const phy = standard === "11b" ? phy11b : phy11a;
  const ackRateMbps = standard === "11b" ? { ackRateMbps: 2 } : {};
  const up = saturated({ packetBytes: 1500 });

  it("the simulator within 3 %", () => {
    const { row } = contend(
      Array.from({ length: stations }, () => ({ rateMbps, up })),
      { phy, afterCollision, ...ackRateMbps, attempts: Infinity, seconds: 1800 / rateMbps },
    );
    expect(Math.abs(row.throughputMbps / throughputMbps - 1)).toBeLessThan(0.03);
  });

  it("Bianchi within 3 %", () => {
    const { successNs, dataNs, difsNs, eifsNs } = exchange({ phy, rateMbps, packetBytes: 1500, ...ackRateMbps });
    const collisionNs = dataNs + (afterCollision === "EIFS" ? eifsNs : difsNs);
    const window = phy.cwMin + 1;
    const times = { window, stages: Math.log2(1024 / window), slotNs: phy.slotNs, successNs, collisionNs };
    expect(Math.abs((bianchi(stations, times).framesPerS * 12_000) / 1e6 / throughputMbps - 1)).toBeLessThan(0.03);
  });
});

it.each(["EIFS", "DIFS"] as const)(
  "802.11g has 802.11a's cells, %s: each frame ends 6 µs later, and SIFS is 6 µs less",
  (afterCollision) => {
    const up = saturated({ packetBytes: 1500 });
    const stations = [54, 54, 24, 6].map((rateMbps) => ({ rateMbps, up }));
    const [a, g] = [phy11a, phy11g].map((phy) => {
      const { row } = contend(stations, { phy, afterCollision, seconds: 5 });
      const { timeNs, idleNs, successNs, collisionNs, delivered, attempts, collisions } = row;
      return { timeNs, idleNs, successNs, collisionNs, delivered, attempts, collisions };
    });
    expect(a!.collisions).toBeGreaterThan(100);
    expect(g).toEqual(a);
  },
);
