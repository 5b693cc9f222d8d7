import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toRows } from "../../../core/table.ts";
import {
  type DevicePath,
  interfaceCosts2011,
  interfaceCostsToday,
  multiplex,
  type MultiplexOptions,
  phy11a,
  phy11g,
  poisson,
  saturated,
  tcp,
  type WirelessGuest,
} from "../../index.ts";

const packetBytes = fc.constantFrom(100, 700, 1500);
const load = fc.record({ packetBytes, packetsPerS: fc.constantFrom(20, 300, 2000) }).map(poisson);
const traffic = fc.oneof(
  load,
  packetBytes.map((bytes) => saturated({ packetBytes: bytes })),
  fc.record({ packetBytes, windowPackets: fc.constantFrom(1, 44), ackEvery: fc.constantFrom(1, 2) }).map(tcp),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const given = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
const guest: fc.Arbitrary<WirelessGuest> = fc
  .record({
    ...{ rateMbps: fc.constantFrom(...phy11a.ratesMbps), channel: fc.constantFrom(1, 1, 6, 11), up: traffic },
    ...{ down: maybe(traffic), echo: maybe(load), wakeMs: maybe(fc.constantFrom(20, 50)) },
    scansAtS: fc
      .uniqueArray(fc.constantFrom(0, 0.01, 0.05, 0.1), { maxLength: 2 })
      .map((times) => times.sort((a, b) => a - b)),
  })
  .map((record) => given(record) as WirelessGuest);
const path: fc.Arbitrary<DevicePath> = fc.record({
  ...{
    label: fc.constant("any"),
    deviceModel: fc.constantFrom("user", "kernel"),
    exitsPerKick: fc.constantFrom(0, 1, 3),
  },
  ...{
    kickFrames: fc.constantFrom(1, 4, 64),
    exitsPerInterrupt: fc.constantFrom(0, 4),
    copies: fc.constantFrom(0, 1, 2),
  },
  ...{ coalesceFrames: fc.constantFrom(1, 3, 1000), coalesceUs: fc.constantFrom(0, 50, 3000) },
});
const options: fc.Arbitrary<MultiplexOptions> = fc.record({
  ...{ phy: fc.constantFrom(phy11a, phy11g), seconds: fc.constantFrom(0.05, 0.2), path },
  // A processor that is too slow for all of it among them.
  costs: fc.constantFrom(interfaceCosts2011, interfaceCostsToday, { ...interfaceCosts2011, clockHz: 1e8 }),
  others: fc.constantFrom(
    [],
    [{ rateMbps: 24, up: saturated({ packetBytes: 1000 }) }],
    [
      {
        rateMbps: 54,
        channel: 6,
        up: poisson({ packetBytes: 500, packetsPerS: 100 }),
        down: saturated({ packetBytes: 500 }),
      },
    ],
  ),
  ...{
    sliceMs: fc.constantFrom(15, 40),
    switchMs: fc.constantFrom(0, 1),
    scanMs: fc.constantFrom(0, 30),
    stayMs: fc.constant(8),
  },
  ...{ ringFrames: fc.constantFrom(1, 8, 256), queueFrames: fc.constantFrom(5, 300), attempts: fc.constantFrom(1, 7) },
  seed: fc.integer(),
});
const guests = fc.array(guest, { minLength: 1, maxLength: 4 });
const of = (row: Readonly<Record<string, unknown>>, name: string): number => Number(row[name]);

describe("whatever guests, path and channels", () => {
  it("no frame is lost or made up, no instant is spent twice", () => {
    fc.assert(
      fc.property(guests, options, (machines, how) => {
        const { row, guests: byGuest, streams, radio, delays } = multiplex(machines, how);
        for (const stream of toRows(streams)) {
          const lost = ["socketDrops", "airDrops", "retryDrops", "ringDrops"].map((name) => of(stream, name));
          expect(of(stream, "offered")).toBe(
            lost.reduce((sum, each) => sum + each, of(stream, "delivered") + of(stream, "waiting")),
          );
          if (stream["direction"] === "up") expect([lost[1], lost[3]]).toEqual([0, 0]);
          if (of(stream, "delivered") === 0) continue;
          expect(of(stream, "medianDelayNs")).toBeLessThanOrEqual(of(stream, "p99DelayNs"));
          expect(of(stream, "p99DelayNs")).toBeLessThanOrEqual(of(stream, "maxDelayNs") * 1.008);
          expect(of(stream, "meanDelayNs")).toBeLessThanOrEqual(of(stream, "maxDelayNs"));
        }
        // Answers: one for each request that arrived.
        const echoes = toRows(streams).filter(({ kind }) => kind === "echo");
        for (let at = 0; at < echoes.length; at += 2)
          expect(of(echoes[at + 1]!, "offered")).toBe(of(echoes[at]!, "delivered"));
        // Time slices: one after the other, without gap or overlap, each on a channel that a guest asked for.
        let before = 0;
        for (const interval of toRows(radio)) {
          expect(of(interval, "fromNs")).toBe(before);
          before = of(interval, "untilNs");
          if (interval["state"] === "on") expect(machines.map(({ channel }) => channel)).toContain(interval["channel"]);
        }
        expect(before).toBe(Math.ceil(1e9 * how.seconds));
        // One processor.
        expect(row.processorShare).toBeLessThanOrEqual(1 + 1e-12);
        const spent = toRows(byGuest).reduce(
          (sum, each) => sum + of(each, "guestNs") + of(each, "vmmNs") + of(each, "hostNs"),
          0,
        );
        expect(spent / row.timeNs).toBeCloseTo(row.processorShare, 9);
        expect(toRows(byGuest).reduce((sum, each) => sum + of(each, "throughputMbps"), 0)).toBeCloseTo(
          row.throughputMbps,
          9,
        );
        expect(delays.numRows).toBe(14 * streams.numRows);
      }),
      { numRuns: 80 },
    );
  });

  it("is the same again", () => {
    fc.assert(
      fc.property(guests, options, (machines, how) => {
        const run = (): object => {
          const { row, streams, radio } = multiplex(machines, how);
          return { row, streams: toRows(streams), radio: toRows(radio) };
        };
        expect(run()).toEqual(run());
      }),
      { numRuns: 10 },
    );
  });
});
