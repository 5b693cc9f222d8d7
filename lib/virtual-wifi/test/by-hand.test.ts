import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { toRows } from "../../core/table.ts";
import { contend, type ContendOptions, exchange, phy11a, phy11b, phy11g, poisson, saturated } from "../index.ts";

const us = (time: number): number => 1000 * time;
const station = { rateMbps: 54, up: saturated({ packetBytes: 1500 }) };
const two = [station, station];
// Data of 248 µs, SIFS 16, ACK 28, DIFS 34: an exchange of 326. After a collision EIFS 94: 342. A slot is 9.
const options: ContendOptions = { phy: phy11a, seconds: 2.4e-3, cwMin: 3, cwMax: 7, seed: 1 };

describe("times on the air", () => {
  it("802.11a: 20 µs, then symbols of 4 µs", () => {
    // 1536 bytes are 12,310 bits with service and tail: 57 symbols of 216 at 54 Mbps, 513 of 24 at 6. 134 bits of an ACK: 2 of 96, 6 of 24.
    expect(exchange({ phy: phy11a, rateMbps: 54, packetBytes: 1500 })).toEqual({
      ...{ dataNs: us(248), ackNs: us(28), difsNs: us(34), eifsNs: us(94), successNs: us(326) },
    });
    expect(exchange({ phy: phy11a, rateMbps: 6, packetBytes: 1500 })).toMatchObject({
      ...{ dataNs: us(2072), ackNs: us(44) },
    });
    // 9 Mbps: no acknowledgement at 9, but at 6.
    expect(exchange({ phy: phy11a, rateMbps: 9, packetBytes: 1500 }).ackNs).toBe(us(44));
    expect(exchange({ phy: phy11a, rateMbps: 18, packetBytes: 1500 }).ackNs).toBe(us(32));
  });

  it("802.11g: 6 µs more a frame, 6 less of SIFS, the same exchange", () => {
    const [a, g] = [phy11a, phy11g].map((phy) => exchange({ phy, rateMbps: 54, packetBytes: 1500 }));
    expect(g).toMatchObject({ dataNs: us(254), ackNs: us(34), difsNs: us(28), successNs: a!.successNs });
    expect(g!.dataNs + g!.eifsNs).toBe(a!.dataNs + a!.eifsNs);
  });

  it("802.11b: 192 µs, then bits", () => {
    // 12,288 bits at 11 Mbps: 1117.1, so 1118 µs. 112 bits at 2 Mbps: 56, at 1 Mbps 112. DIFS 50, EIFS 10 + 304 + 50.
    expect(exchange({ phy: phy11b, rateMbps: 11, packetBytes: 1500 })).toEqual({
      ...{ dataNs: us(1310), ackNs: us(248), difsNs: us(50), eifsNs: us(364), successNs: us(1618) },
    });
    expect(exchange({ phy: phy11b, rateMbps: 1, packetBytes: 1500, ackRateMbps: 2 }).ackNs).toBe(us(248));
    expect(exchange({ phy: phy11b, rateMbps: 1, packetBytes: 1500 }).ackNs).toBe(us(304));
  });
});

describe("two stations, step by step", () => {
  it("their draws are these", () => {
    const draws = [0, 1].map((number) => {
      const { bits } = random(1).split(`backoff ${number}`);
      return Array.from({ length: 8 }, () => bits() & 7);
    });
    // With a window of 4, the remainder by 4.
    expect(draws).toEqual([
      [1, 5, 3, 4, 0, 4, 2, 4],
      [2, 5, 1, 0, 0, 3, 6, 7],
    ]);
  });

  // A 1, B 2. 9: A sends, until 301; slots count from 335. A 1, B 2 − 1.
  // 344: both send, until 592; with EIFS slots count from 686. Windows of 8: A 3, B 5.
  // 713: A until 1005; from 1039: A 0 (window of 4), B 2. 1039: A until 1331. From 1365 and from 1691: A 0.
  // 1691: A until 1983. From 2017: A 2, B 2. 2035: both send, until 2283; from 2377: A 4, B 1 (the window is 8 still).
  // 2386: B until 2678; the run ends with DIFS at 2712.
  it("with EIFS", () => {
    const { row, flows } = contend(two, options);
    expect(row).toMatchObject({
      ...{ timeNs: us(2712), idleNs: us(9 + 9 + 27 + 18 + 9), successNs: us(6 * 326), collisionNs: us(2 * 342) },
      ...{ offered: 8, delivered: 6, waiting: 2, attempts: 10, collided: 4, collisions: 2, collisionShare: 0.4 },
      // The other waits from 301 to 1005.
      ...{ throughputMbps: 72_000 / 2712, meanDelayNs: us(301 + 704 + 3 * 326 + 2678) / 6, maxDelayNs: us(2678) },
    });
    expect(toRows(flows)).toMatchObject([
      { station: 0, direction: "up", delivered: 5, attempts: 7, maxDelayNs: us(704), meanWaiting: 1 },
      { station: 1, direction: "up", delivered: 1, attempts: 3, maxDelayNs: us(2678), meanWaiting: 1 },
    ]);
    // Of five delays (301, 326, 326, 326, 704) the median is in the bin from 323,584 to 327,680 ns.
    expect(toRows(flows)[0]).toMatchObject({ medianDelayNs: 325_632 });
  });

  it("with DIFS after collisions: 60 µs less for each", () => {
    const { row } = contend(two, { ...options, afterCollision: "DIFS" });
    expect(row).toMatchObject({ timeNs: us(2592), collisionNs: us(2 * 282), delivered: 6, collisions: 2 });
  });

  it("where the transmission of another counts as a slot", () => {
    // A 1, B 2. 9: A sends, until 301; from 335: A 1, B 2 − 1 − 1. 335: B, then A 0, B 1. 661: A, then A 3, B 0. 987: B, then A 2, B 1.
    // 1322: B until 1614; A 2 − 1 − 1, B 0. From 1648 the run is over.
    const { row, flows } = contend(two, { ...options, seconds: 1.5e-3, busyCounts: "one slot" });
    expect(row).toMatchObject({ timeNs: us(1648), idleNs: us(18), successNs: us(5 * 326), collisionNs: 0 });
    expect(toRows(flows).map(({ delivered }) => delivered)).toEqual([2, 3]);
    // 1648: both, until 1896, EIFS until 1990.
    expect(contend(two, { ...options, seconds: 1.7e-3, busyCounts: "one slot", queueFrames: 1 }).row).toMatchObject({
      timeNs: us(1990),
      collisions: 1,
    });
  });

  it("a frame is dropped after so many attempts", () => {
    // No backoff: they collide again and again.
    const { row, flows } = contend(two, { ...options, cwMin: 0, cwMax: 0, attempts: 3, seconds: 1e-3 });
    expect(row).toMatchObject({
      ...{ timeNs: us(3 * 342), idleNs: 0, offered: 4, retryDrops: 2, delivered: 0, waiting: 2, attempts: 6 },
      ...{ collisionShare: 1, throughputMbps: 0, meanDelayNs: null, medianDelayNs: null, maxDelayNs: null },
    });
    expect(toRows(flows).map(({ retryDrops }) => retryDrops)).toEqual([1, 1]);
  });

  it("a dropped frame's successor begins with the first window", () => {
    // Sent once at most, the window never grows: A 1, B 2 and at 344 the collision as above; then from 686 A 3, B 5 mod 4 = 1.
    // 695: B until 987.
    const { row, flows } = contend(two, { ...options, attempts: 1, seconds: 0.7e-3 });
    expect(row).toMatchObject({ timeNs: us(1021), retryDrops: 2, delivered: 2 });
    expect(toRows(flows).map(({ delivered }) => delivered)).toEqual([1, 1]);
  });

  it("the longer frame of a collision counts", () => {
    // At 6 Mbps 2072 µs instead of 248.
    const slow = { ...station, rateMbps: 6 };
    expect(contend([station, slow], { ...options, cwMin: 0, cwMax: 0, seconds: 1e-3 }).row.timeNs).toBe(us(2072 + 94));
  });
});

describe("who comes to an idle channel", () => {
  it("sends at once", () => {
    // One packet a second: each finds the channel idle and its backoff over. 248 + 16 + 28 µs.
    const one = { rateMbps: 54, up: poisson({ packetBytes: 1500, packetsPerS: 1 }) };
    const { row } = contend([one], { phy: phy11a, seconds: 60 });
    expect(row.delivered).toBeGreaterThan(30);
    expect(row).toMatchObject({ meanDelayNs: us(292), maxDelayNs: us(292), collided: 0, waiting: 0 });
    expect(row.timeNs).toBe(60e9);
  });

  it("a full queue drops", () => {
    // A queue of one, 100,000 packets a second: while one is sent, none is taken in.
    const one = { rateMbps: 54, up: poisson({ packetBytes: 1500, packetsPerS: 100_000 }) };
    const { row } = contend([one], { phy: phy11a, seconds: 1, queueFrames: 1, cwMin: 0 });
    expect(row.queueDrops).toBe(row.offered - row.delivered - row.waiting);
    expect(row.queueDrops / row.offered).toBeGreaterThan(0.95);
    // Never longer than a whole exchange's wait: it comes after the last ACK, waits for DIFS and is sent.
    expect(row.maxDelayNs).toBeLessThanOrEqual(us(326));
    expect(row.maxDelayNs).toBeGreaterThan(us(292));
  });
});

describe("the access point", () => {
  it("serves its stations in turn, and a slow one slows all", () => {
    const down = saturated({ packetBytes: 1500 });
    const fast = { rateMbps: 54, down };
    // Alternately 326 µs and 2072 + 16 + 44 + 34 = 2166 µs, without a backoff: 4 of each in 9968 µs.
    const { row, flows } = contend([fast, { rateMbps: 6, down }], {
      ...{ phy: phy11a, seconds: 9.9e-3, cwMin: 0, cwMax: 0 },
    });
    expect(row.timeNs).toBe(us(4 * (326 + 2166)));
    expect(toRows(flows).map(({ direction, delivered }) => [direction, delivered])).toEqual([
      ["down", 4],
      ["down", 4],
    ]);
  });

  it("is one contender, whatever it sends", () => {
    const down = saturated({ packetBytes: 1500 });
    const alone = { ...options, seconds: 1 };
    const many = contend(
      [1, 2, 3].map(() => ({ rateMbps: 54, down })),
      alone,
    ).row;
    const one = contend([{ rateMbps: 54, down }], alone).row;
    expect([many.timeNs, many.delivered, many.collisions]).toEqual([one.timeNs, one.delivered, 0]);
  });
});

describe("a station with several addresses", () => {
  it("is one contender, which serves them in turn", () => {
    const { up } = station;
    const alone = contend([station], { ...options, seconds: 1 }).row;
    const { row, flows } = contend([{ rateMbps: 54, up: [up, up, up] }], { ...options, seconds: 1 });
    expect([row.timeNs, row.delivered, row.collisions]).toEqual([alone.timeNs, alone.delivered, 0]);
    const rows = toRows(flows);
    expect(rows.map(({ station: number, address }) => [number, address])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    const delivered = rows.map((flow) => Number(flow["delivered"]));
    expect(delivered[0]! - delivered[2]!).toBeLessThanOrEqual(1);
    expect(delivered[0]).toBe(Math.ceil(row.delivered / 3));
  });
});

describe("a station that is away", () => {
  const away = [{ fromNs: us(400), untilNs: us(1000) }];

  it("completes what is under way, and waits for DIFS when it is back", () => {
    // No backoffs. 0: until 292, and 326: until 618, the channel's slots count from 652. Back at 1000, DIFS is over at 1034: 43 slots, 1039.
    const { row } = contend([{ ...station, away }], { ...options, cwMin: 0, seconds: 1.1e-3 });
    expect(row).toMatchObject({ timeNs: us(1039 + 326), delivered: 3, idleNs: us(387) });
    expect(row.maxDelayNs).toBe(us(1039 + 292 - 618));
  });

  it("keeps its backoff", () => {
    // A 1, B 2, of windows of 4. 9: A until 301; slots from 335, A 1, B 1. B goes at 340 (no slot has passed) and is back at 600.
    // 344: A alone, until 636; from 670: A 3, B 1, for DIFS of B is over before. 679: B until 971.
    const gone = [{ fromNs: us(340), untilNs: us(600) }];
    const { row, flows } = contend([station, { ...station, away: gone }], { ...options, seconds: 0.7e-3 });
    expect(row).toMatchObject({ timeNs: us(1005), delivered: 3, collisions: 0 });
    expect(toRows(flows).map(({ delivered, maxDelayNs }) => [delivered, maxDelayNs])).toEqual([
      [2, us(335)],
      [1, us(971)],
    ]);
  });

  it("is kept its frames by the access point, which serves the others", () => {
    const down = saturated({ packetBytes: 1500 });
    // 0, 326: a frame to each. Away from 400: until 1000 all to the other (652, 978, and 1304, which is chosen at 978's end, when the return
    // is heard), then in turn: 1630.
    const { flows } = contend(
      [
        { rateMbps: 54, down, away },
        { rateMbps: 54, down },
      ],
      { ...options, cwMin: 0, seconds: 1.7e-3 },
    );
    expect(toRows(flows).map(({ delivered }) => delivered)).toEqual([2, 4]);
  });

  it("has the share of its slices: Ti / (T1 + T2 + 2 Ts)", () => {
    // Slices of 30 and 65 ms, 2.5 ms for each change: tolerance of an exchange (2.2 ms) a slice, here 1 % on average of 100.
    const period = 100_000;
    const up = saturated({ packetBytes: 1500 });
    const all = contend([{ rateMbps: 54, up }], { phy: phy11a, seconds: 10 }).row.throughputMbps;
    const shares = [
      [0, 30_000],
      [32_500, 65_000],
    ].map(([from, lasts]) => {
      const intervals = Array.from({ length: 101 }, (_, at) => ({
        fromNs: us(Math.max(0, (at - 1) * period + from! + lasts!)),
        untilNs: us(at * period + from!),
      })).filter(({ fromNs, untilNs }) => fromNs < untilNs);
      const { row } = contend([{ rateMbps: 54, up, away: intervals }], { phy: phy11a, seconds: 10 });
      return row.throughputMbps / all;
    });
    expect(Math.abs(shares[0]! / 0.3 - 1)).toBeLessThan(0.01);
    expect(Math.abs(shares[1]! / 0.65 - 1)).toBeLessThan(0.01);
  });
});
