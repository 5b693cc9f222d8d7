import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { naiveCell } from "../../bench/reference/naive-wifi.ts";
import { toRows } from "../../core/table.ts";
import { type Access, Cell } from "../cell.ts";
import {
  contend,
  type ContendOptions,
  phy11a,
  phy11g,
  phy11n,
  poisson,
  saturated,
  type Station,
  tcp,
  type Traffic,
} from "../index.ts";
import { flowsOf } from "../station.ts";

const traffic: fc.Arbitrary<Traffic> = fc.oneof(
  fc.record({ packetBytes: fc.integer({ min: 1, max: 2296 }) }).map(saturated),
  fc
    .record({ packetBytes: fc.integer({ min: 1, max: 2296 }), packetsPerS: fc.constantFrom(1, 50, 400, 3000) })
    .map(poisson),
);
const size = fc.integer({ min: 1, max: 2296 });
const recorded: fc.Arbitrary<Traffic> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3000 }), size, fc.option(fc.constantFrom(6, 24), { nil: undefined })), {
    minLength: 1,
  })
  .map((packets) => {
    let us = 0;
    return {
      ...{ label: "recorded", packetBytes: 2296, packetsPerS: 1 },
      recorded: packets.map(([gapUs, packetBytes, rate]) => ({
        ...{ timeNs: (us += gapUs) * 1000, packetBytes },
        ...(rate === undefined ? {} : { rateMbps: rate }),
      })),
    };
  });
const windowed: fc.Arbitrary<Traffic> = fc
  .record({
    ...{ packetBytes: size, windowPackets: fc.integer({ min: 1, max: 60 }), initialPackets: fc.constant(1) },
    ...{ ackEvery: fc.integer({ min: 1, max: 3 }), ackDelayMs: fc.constantFrom(0.3, 1, 5) },
    minTimeoutMs: fc.constantFrom(0.5, 3, 200),
  })
  .map(tcp);
const rateMbps = fc.constantFrom(...phy11a.ratesMbps);
const any = fc.oneof({ weight: 3, arbitrary: traffic }, recorded, { weight: 2, arbitrary: windowed });
const addresses = fc.oneof(any, fc.array(any, { minLength: 1, maxLength: 3 }));
// Whole µs, so that stations leave and come back when frames end, too.
const away = fc
  .uniqueArray(fc.integer({ min: 0, max: 30_000 }), { maxLength: 12 })
  .map((us) => us.sort((a, b) => a - b))
  .map((us) =>
    Array.from({ length: us.length >> 1 }, (_, at) => ({
      fromNs: us[2 * at]! * 1000,
      untilNs: us[2 * at + 1]! * 1000,
    })),
  );
const presence = fc.option(away, { nil: undefined }).map((given) => (given === undefined ? {} : { away: given }));
const station: fc.Arbitrary<Station> = fc
  .tuple(
    fc.oneof(
      fc.record({ rateMbps, up: addresses }),
      fc.record({ rateMbps, down: addresses }),
      fc.record({ rateMbps, up: addresses, down: addresses }),
    ),
    presence,
    fc.constantFrom(1, 2, 7, 64),
  )
  .map(([of, when, aggregate]) => ({ ...of, ...when, aggregate }));
// 802.11a's rates, and aggregates.
const aggregating = { ...phy11a, aggregation: phy11n({}).aggregation! };
const stations = fc.array(station, { minLength: 1, maxLength: 6 });
const windows = fc.constantFrom([0, 0], [0, 7], [1, 3], [15, 1023]);
const seed = fc.integer();

describe("a cell", () => {
  it("does what an object an event does, to the nanosecond", () => {
    const access = fc.record({
      ...{ cw: windows, attempts: fc.constantFrom(1, 2, 7, Infinity), after: fc.constantFrom("difsNs", "eifsNs") },
      ...{
        countsBusy: fc.boolean(),
        queueFrames: fc.constantFrom(1, 2, 50),
        seed,
        ms: fc.integer({ min: 1, max: 60 }),
      },
    });
    fc.assert(
      fc.property(stations, access, (given, { cw, after, ms, ...rest }) => {
        const flows = flowsOf(given, aggregating, undefined);
        const [cwMin, cwMax] = cw as [number, number];
        const afterCollisionNs = flows[0]!.times[after];
        const how: Access = { slotNs: 9000, cwMin, cwMax, afterCollisionNs, ...rest };
        const cell = new Cell(flows, how);
        cell.run(ms * 1e6);
        const { timeNs, idleNs, successNs, collisionNs } = cell;
        const counts = flows.map((_, flow) => ({
          ...{ offered: cell.offered[flow], delivered: cell.delivered[flow], attempts: cell.attempts[flow] },
          ...{ collided: cell.collided[flow], retryDrops: cell.retryDrops[flow], queueDrops: cell.queueDrops[flow] },
          ...{ waiting: cell.waiting[flow], delaySumNs: cell.delaySumNs[flow], delayMaxNs: cell.delayMaxNs[flow] },
        }));
        expect({ counts, timeNs, idleNs, successNs, collisionNs }).toEqual(naiveCell(flows, how, ms * 1e6));
      }),
      { numRuns: 300 },
    );
  });

  it("keeps two connections of a station apart, whether or not they are of one value", () => {
    const window = tcp({ packetBytes: 1000 });
    const both = (up: Traffic, down: Traffic): object => {
      const { row, flows } = contend([{ rateMbps: 54, up, down }], { phy: phy11a, seconds: 1 });
      return { row, flows: toRows(flows) };
    };
    expect(both(window, window)).toEqual(both(window, { ...window }));
  });

  it("loses no frame and no time", () => {
    const how = fc.record({
      cw: windows,
      attempts: fc.constantFrom(1, 3, 7),
      queueFrames: fc.constantFrom(1, 20),
      seed,
    });
    fc.assert(
      fc.property(stations, how, (given, { cw, ...rest }) => {
        const options: ContendOptions = { phy: phy11g, seconds: 0.1, cwMin: cw[0], cwMax: cw[1], ...rest };
        const { row, flows } = contend(given, options);
        const all = flowsOf(given, phy11g, undefined);
        const times = all.map((flow) => flow.times);
        let exchangesNs = 0;
        for (const [flow, counts] of [...toRows(flows), row].entries()) {
          const of = (name: string): number => Number((counts as Record<string, unknown>)[name]);
          expect(of("offered")).toBe(of("delivered") + of("retryDrops") + of("queueDrops") + of("waiting"));
          expect(of("attempts")).toBe(of("delivered") + of("collided"));
          if (of("delivered") > 0) {
            expect(of("medianDelayNs")).toBeLessThanOrEqual(of("p99DelayNs"));
            expect(of("p99DelayNs")).toBeLessThanOrEqual(of("maxDelayNs"));
          }
          if (flow < times.length) exchangesNs += of("delivered") * times[flow]!.successNs;
        }
        if (all.every((flow) => flow.traffic.recorded === undefined)) expect(row.successNs).toBe(exchangesNs);
        expect(row.idleNs + row.successNs + row.collisionNs).toBe(row.timeNs);
        expect(row.timeNs).toBeGreaterThanOrEqual(0.1e9);
        const sum = toRows(flows).reduce((all, { throughputMbps }) => all + Number(throughputMbps), 0);
        expect(sum).toBeCloseTo(row.throughputMbps, 9);
      }),
      { numRuns: 100 },
    );
  });

  it("obeys Little's law in every queue: what waits is what delays add up to", () => {
    let empty = 0;
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 5 }), (given, count) => {
        const light = poisson({ packetBytes: 1000, packetsPerS: 100 });
        const flows = flowsOf(
          Array.from({ length: count }, () => ({ rateMbps: 24, up: light, down: light })),
          phy11a,
          undefined,
        );
        const afterCollisionNs = flows[0]!.times.eifsNs;
        const access = { slotNs: 9000, cwMin: 15, cwMax: 1023, attempts: Infinity, afterCollisionNs };
        const cell = new Cell(flows, { ...access, countsBusy: false, queueFrames: 500, seed: given });
        cell.run(1e9);
        flows.forEach((_, flow) => {
          if (cell.waiting[flow] === 0) {
            empty += 1;
            expect(cell.waitedNs[flow]).toBe(cell.delaySumNs[flow]);
          } else expect(cell.waitedNs[flow]).toBeGreaterThanOrEqual(cell.delaySumNs[flow]!);
        });
      }),
      { numRuns: 30 },
    );
    expect(empty).toBeGreaterThan(30);
  });

  it("is the same for the same seed, and another for another", () => {
    fc.assert(
      fc.property(stations, seed, (given, number) => {
        const run = (of: number | string): object => {
          const { row, flows } = contend(given, { phy: phy11a, seconds: 0.05, seed: of });
          return { row, flows: toRows(flows) };
        };
        expect(run(number)).toEqual(run(number));
      }),
      { numRuns: 30 },
    );
    const idle = ["a", "b"].map(
      (of) =>
        contend([{ rateMbps: 54, up: saturated({ packetBytes: 100 }) }], { phy: phy11a, seconds: 1, seed: of }).row
          .idleNs,
    );
    expect(idle[0]).not.toBe(idle[1]);
  });
});
