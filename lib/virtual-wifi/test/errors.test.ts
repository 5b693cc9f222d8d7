import { describe, expect, it } from "vitest";
import {
  aloneFramesPerS,
  bianchi,
  contend,
  type ContendOptions,
  exchange,
  type Phy,
  phy11a,
  phy11b,
  poisson,
  saturated,
  type Station,
} from "../index.ts";

const up = saturated({ packetBytes: 1500 });
const station: Station = { rateMbps: 54, up };
const options: ContendOptions = { phy: phy11a, seconds: 0.01 };

describe("errors are one sentence", () => {
  it.each<[string, readonly unknown[], object]>([
    ["stations: expected a list of 1 to 2007 stations, got []", [], {}],
    ["stations[1]: expected traffic, up or down, got an object with rateMbps", [station, { rateMbps: 54 }], {}],
    ['stations[0]: expected only rateMbps, aggregate, up, down, away, got "upp"', [{ rateMbps: 54, upp: up }], {}],
    ["stations[0].rateMbps: expected one of 6, 9, 12, 18, 24, 36, 48, 54, got 11", [{ ...station, rateMbps: 11 }], {}],
    [
      "stations[0].up: expected traffic, as saturated(…), poisson(…) or tcp(…) gives, got null",
      [{ rateMbps: 54, up: null }],
      {},
    ],
    [
      "stations[0].up.packetBytes: expected a whole number from 1 to 2296, got 2297",
      [{ rateMbps: 54, up: saturated({ packetBytes: 2297 }) }],
      {},
    ],
    [
      "stations[0].down.packetsPerS: expected Infinity, or from 1e-6 to 1e7, got 20000000",
      [{ rateMbps: 54, down: { ...up, packetsPerS: 2e7 } }],
      {},
    ],
    [
      "stations[0].up.packetsPerS: expected a finite number, got NaN",
      [{ rateMbps: 54, up: { ...up, packetsPerS: NaN } }],
      {},
    ],
    ["stations[0].up: expected traffic, or a list of 1 to 256, got []", [{ rateMbps: 54, up: [] }], {}],
    ["stations[0].up[1]: expected traffic, as", [{ rateMbps: 54, up: [up, 1] }], {}],
    ["stations[0].away: expected a list of intervals, got 1", [{ ...station, away: 1 }], {}],
    [
      "stations[0].away[1].fromNs: expected a whole number >= 10, got 9",
      [
        {
          ...station,
          away: [
            { fromNs: 0, untilNs: 9 },
            { fromNs: 9, untilNs: 12 },
          ],
        },
      ],
      {},
    ],
    [
      "stations[0].away[0].untilNs: expected a whole number >= 8, got 7",
      [{ ...station, away: [{ fromNs: 7, untilNs: 7 }] }],
      {},
    ],
    ["options: expected only phy, seconds,", [station], { retries: 7 }],
    ['phy: expected a physical layer, as phy11a, got "11a"', [station], { phy: "11a" }],
    [
      "phy.slotNs: expected a whole number from 1 to 1000000000, got 0.5",
      [station],
      { phy: { ...phy11a, slotNs: 0.5 } },
    ],
    [
      "phy.ratesMbps: expected rates above 0, ascending, got [54, 6]",
      [station],
      { phy: { ...phy11a, ratesMbps: [54, 6] } },
    ],
    ["phy.mandatoryMbps: expected one of 6, 9", [station], { phy: { ...phy11a, mandatoryMbps: [5] } }],
    [
      "phy.busyCounts: expected one of no slot, one slot, got true",
      [station],
      { phy: { ...phy11a, busyCounts: true } },
    ],
    ["phy.frameNs: expected a function, got 1", [station], { phy: { ...phy11a, frameNs: 1 } }],
    [
      "phy.frameNs(1536, 54): expected a whole number from 16384 to 1000000000, got 0.5",
      [station],
      { phy: { ...phy11a, frameNs: () => 0.5 } },
    ],
    ["seconds: expected a finite number > 0, got 0", [station], { seconds: 0 }],
    ["seconds: expected at most 100000, got 1000000", [station], { seconds: 1e6 }],
    ["cwMin: expected a whole number from 0 to 32767, got -1", [station], { cwMin: -1 }],
    ["cwMax + 1: expected a power of two, got 1001", [station], { cwMax: 1000 }],
    ["cwMin: expected at most cwMax, 7, got 15", [station], { cwMax: 7 }],
    ["attempts: expected a whole number >= 1, got 0", [station], { attempts: 0 }],
    ["ackRateMbps: expected one of 6, 9, 12, 18, 24, 36, 48, 54, got 2", [station], { ackRateMbps: 2 }],
    ['afterCollision: expected one of EIFS, DIFS, got "SIFS"', [station], { afterCollision: "SIFS" }],
    ["busyCounts: expected one of no slot, one slot, got 1", [station], { busyCounts: 1 }],
    ["queueFrames: expected a whole number from 1 to 10000, got 0", [station], { queueFrames: 0 }],
    ["seed: expected a whole number or a text, got 0.5", [station], { seed: 0.5 }],
  ])("%s", (sentence, stations, more) => {
    expect(() => contend(stations as Station[], { ...options, ...more })).toThrow(sentence);
  });

  it("of values and closed forms", () => {
    expect(() => saturated({ packetBytes: 0 })).toThrow("packetBytes: expected a whole number >= 1, got 0");
    expect(() => poisson({ packetBytes: 1, packetsPerS: 0 })).toThrow(
      "packetsPerS: expected a finite number > 0, got 0",
    );
    expect(() => exchange({ phy: phy11b, rateMbps: 54, packetBytes: 1 })).toThrow(
      "rateMbps: expected one of 1, 2, 5.5, 11",
    );
    const late: Phy = { ...phy11a, mandatoryMbps: [12] };
    expect(() => exchange({ phy: late, rateMbps: 6, packetBytes: 1 })).toThrow(
      "rateMbps: expected at least 12, the lowest mandatory rate, got 6",
    );
    const times = { window: 16, stages: 6, slotNs: 9, successNs: 9, collisionNs: 9 };
    expect(() => bianchi(0, times)).toThrow("stations: expected a whole number >= 1, got 0");
    expect(() => bianchi(1, { ...times, stages: 31 })).toThrow("stages: expected a whole number from 0 to 30, got 31");
    expect(() => bianchi(1, { ...times, collisionNs: 0 })).toThrow("collisionNs: expected a finite number > 0, got 0");
    expect(() => aloneFramesPerS({ ...times, window: 0 })).toThrow("window: expected a whole number >= 1, got 0");
  });
});
