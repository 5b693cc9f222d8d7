import { describe, expect, it } from "vitest";
import { random } from "../../core/random.ts";
import { toRows } from "../../core/table.ts";
import {
  contend,
  type ContendOptions,
  exchange,
  phy11a,
  phy11ax,
  phy11b,
  phy11g,
  phy11n,
  poisson,
  saturated,
  tcp,
} from "../index.ts";

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
    // Of five delays: 301, 326, 326, 326, 704.
    expect(toRows(flows)[0]).toMatchObject({ medianDelayNs: us(326), p99DelayNs: us(704) });
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

  it("where it counts as a slot by the layer, as with 802.11n and ax, and by the option's word before the layer's", () => {
    expect([phy11n({}), phy11ax({})].map(({ busyCounts }) => busyCounts)).toEqual(["one slot", "one slot"]);
    const counted = { ...options, seconds: 1.5e-3, phy: { ...options.phy, busyCounts: "one slot" } as const };
    expect(contend(two, counted).row).toMatchObject({ timeNs: us(1648), idleNs: us(18), delivered: 5 });
    expect(contend(two, { ...counted, busyCounts: "no slot", seconds: 2.7e-3 }).row.timeNs).toBe(us(2712));
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

describe("aggregates", () => {
  const phy = phy11n({});
  const times = (aggregate: number): object => exchange({ phy, rateMbps: 65, packetBytes: 1500, aggregate });

  it("are on the air with a delimiter a frame", () => {
    // Alone 1538 bytes: 12,326 bits with service and tail, 48 symbols of 260 after 36 µs; AIFS is 16 + 3 · 9.
    expect(times(1)).toMatchObject({ dataNs: us(228), ackNs: us(28), difsNs: us(43), successNs: us(315) });
    // Of four: three of 1544 and one of 1542 bytes, 49,414 bits: 191 symbols. A block acknowledgement of 32 bytes: 278 bits, 3 symbols of 96.
    expect(times(4)).toMatchObject({ dataNs: us(800), ackNs: us(32), successNs: us(891) });
  });

  it("are limited in time, bytes and frames", () => {
    // 28 frames: 345,834 bits, 1331 symbols, 5360 µs; of 29 5548 µs, more than 5484.
    expect(times(28)).toMatchObject({ dataNs: us(5360) });
    expect(() => times(29)).toThrow("aggregate: expected at most 28 frames of this size and rate, got 29");
    const wide = phy11n({ widthMHz: 40, streams: 2, guardNs: 400 });
    // 42 · 1544 + 1542 = 66,390 bytes: one too many for 65,535; 41 and one are 64,846.
    expect(() => exchange({ phy: wide, rateMbps: 300, packetBytes: 1500, aggregate: 43 })).toThrow("at most 42 frames");
    expect(() => exchange({ phy: wide, rateMbps: 300, packetBytes: 40, aggregate: 65 })).toThrow("at most 64 frames");
    expect(() => exchange({ phy: phy11a, rateMbps: 54, packetBytes: 40, aggregate: 2 })).toThrow("at most 1 frames");
  });

  it("802.11ax: symbols of 13.6 µs", () => {
    // Two streams of 80 MHz, MCS 11: 16,333 bits. 44 + 2 · 7.2 − 8 µs before: 36 + 14.4. 12,326 bits: 1 symbol.
    const today = phy11ax({});
    expect(exchange({ phy: today, rateMbps: 1201, packetBytes: 1500 }).dataNs).toBe(64_000);
    expect(phy11ax({ widthMHz: 20, streams: 1 }).ratesMbps).toEqual([
      ...[6, 8.6, 12, 17.2, 24, 25.8, 34.4, 51.6, 68.8, 77.4, 86, 103.2, 114.7, 129, 143.4],
    ]);
    expect(phy.ratesMbps).toEqual([6, 6.5, 12, 13, 19.5, 24, 26, 39, 52, 58.5, 65]);
    expect(phy11n({ widthMHz: 40, streams: 4, guardNs: 400 }).ratesMbps.at(-1)).toBe(600);
  });

  it("collide and are sent again as wholes", () => {
    // As two stations above, with DIFS of 34. 9: A until 857; from 891 A 1, B 1. 900: both until 1700; from 1794 A 3, B 5. 1821: A until 2669.
    const four = { ...station, rateMbps: 65, aggregate: 4 };
    const given: ContendOptions = { ...options, phy: { ...phy, aifsn: 2 }, seconds: 2.5e-3 };
    const { row, flows } = contend([four, four], { ...given, busyCounts: "no slot" });
    expect(row).toMatchObject({
      ...{ timeNs: us(2703), delivered: 8, attempts: 16, transmissions: 4, collided: 8, collisions: 1 },
      ...{ offered: 10, waiting: 2, meanDelayNs: us(857 + 1812) / 2, maxDelayNs: us(1812) },
      throughputMbps: 96_000 / 2703,
    });
    expect(toRows(flows).map(({ delivered, collided }) => [delivered, collided])).toEqual([
      [8, 4],
      [0, 4],
    ]);
    // By the layer's own rule: 9: A until 857; from 891 A 1, B 2 − 1 − 1. 891: B until 1739; A 1 − 1, B 1. 1773: A until 2621.
    expect(contend([four, four], given).row).toMatchObject({
      ...{ timeNs: us(2655), idleNs: us(9), delivered: 12, transmissions: 3, collisions: 0 },
      meanDelayNs: us(857 + 1739 + 2621 - 857) / 3,
    });
  });

  it("have what waits: a window of four packets, and two acknowledgements", () => {
    // 0: four until 848, two acknowledgements; from 882 both in one: 96 and 94 bytes, 1542 bits, 6 symbols: 60 µs, until 990. From 1024 again.
    const up = tcp({ packetBytes: 1500, windowPackets: 4, initialPackets: 4 });
    const { row, flows } = contend([{ rateMbps: 65, aggregate: 4, up }], {
      ...{ phy: { ...phy, aifsn: 2 }, cwMin: 0, seconds: 10 * 1024e-6 },
    });
    expect(row).toMatchObject({ timeNs: us(10 * 1024), idleNs: 0, transmissions: 20 });
    expect(toRows(flows)).toMatchObject([
      { traffic: "TCP", direction: "up", delivered: 40, transmissions: 10, maxDelayNs: us(1024 - 990 + 848) },
      {
        traffic: "TCP acknowledgements",
        direction: "down",
        delivered: 20,
        transmissions: 10,
        maxDelayNs: us(990 - 848),
      },
    ]);
  });
});

describe("a window", () => {
  it("starts slowly, is halved by a loss, and sends again", () => {
    // No backoffs, a queue of four, an acknowledgement each: 0 is sent (292 µs of data, then 130 of acknowledgement: 48 + 16 + 28 + DIFS 34). Windows 1, 2, 3, 4 …
    // grow until the queue does not take what an acknowledgement lets go; then half.
    const up = tcp({ packetBytes: 1500, windowPackets: 64, initialPackets: 1, ackEvery: 1 });
    const { flows } = contend([{ rateMbps: 54, up }], { phy: phy11a, seconds: 0.02, queueFrames: 4 });
    const [data, acks] = toRows(flows);
    expect(data).toMatchObject({ timeouts: 0 });
    expect(Number(data!["queueDrops"])).toBeGreaterThan(0);
    // Each packet that came is acknowledged, or its acknowledgement waits.
    expect(data!["delivered"]).toBe(acks!["offered"]);
  });

  it("whose packet nothing answers begins again after its timeout", () => {
    // Sent once, with no backoff, beside a station that has no backoff either: they collide, always. 1 s, then 2 s.
    const up = tcp({ packetBytes: 1500, windowPackets: 1 });
    const { flows } = contend([{ rateMbps: 54, up }, station], {
      ...{ phy: phy11a, cwMin: 0, cwMax: 0, attempts: 1, seconds: 3.5 },
    });
    expect(toRows(flows)[0]).toMatchObject({ offered: 3, retryDrops: 3, timeouts: 2, delivered: 0 });
  });

  it("holds one acknowledgement back for a second packet, or 40 ms", () => {
    const up = tcp({ packetBytes: 1500, windowPackets: 1 });
    // 0: data until 292; acknowledgement at 40,292, at once: 88 bytes, 726 bits, 4 symbols: 36 + 16 + 28, until 40,372.
    const { flows } = contend([{ rateMbps: 54, up }], { phy: phy11a, cwMin: 0, seconds: 0.0404 });
    expect(toRows(flows)).toMatchObject([
      { delivered: 1, offered: 2 },
      { delivered: 1, offered: 1, maxDelayNs: us(36 + 16 + 28) },
    ]);
  });
});

describe("recorded packets", () => {
  it("come when they came, with their sizes and rates, one by one", () => {
    // 0: 1500 bytes at 54 Mbps until 292. 100: 1500 at 6 Mbps, from 326: 2072 + 16 + 44, until 2458. 5000: 14 bytes at 54, at once: 50 bytes, 422 bits,
    // 2 symbols: 28 + 16 + 28.
    const recorded = [
      { timeNs: 0, packetBytes: 1500 },
      { timeNs: us(100), packetBytes: 1500, rateMbps: 6 },
      { timeNs: us(5000), packetBytes: 14 },
    ];
    const up = { label: "capture", packetBytes: 1500, packetsPerS: 1, recorded };
    const { row } = contend([{ rateMbps: 54, up }], { phy: phy11a, cwMin: 0, seconds: 0.01 });
    expect(row).toMatchObject({
      ...{ offered: 3, delivered: 3, waiting: 0, maxDelayNs: us(2358), meanDelayNs: us(292 + 2358 + 72) / 3 },
      throughputMbps: (8 * 3014) / 10_000,
    });
  });
});
