import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toRows } from "../../../core/table.ts";
import {
  contend,
  exchange,
  phy11a,
  phy11g,
  phy11n,
  poisson,
  saturated,
  type Station,
  type Traffic,
} from "../../index.ts";
import { flowsOf } from "../../station.ts";
import { Channel, type ChannelAccess } from "../channel.ts";

const packetBytes = fc.integer({ min: 1, max: 2296 });
const traffic: fc.Arbitrary<Traffic> = fc.oneof(
  fc.record({ packetBytes }).map(saturated),
  fc.record({ packetBytes, packetsPerS: fc.constantFrom(1, 50, 400, 3000) }).map(poisson),
);
const cells = fc.constantFrom(phy11a, phy11g, phy11n({ widthMHz: 40, streams: 2 })).chain((phy) => {
  const rateMbps = fc.constantFrom(...phy.ratesMbps);
  const aggregate = fc.constantFrom(1, 3, 32);
  const station: fc.Arbitrary<Station> = fc.oneof(
    fc.record({ rateMbps, aggregate, up: traffic }),
    fc.record({ rateMbps, aggregate, down: traffic }),
    fc.record({ rateMbps, aggregate, up: fc.tuple(traffic, traffic), down: traffic }),
  );
  return fc.tuple(fc.constant(phy), fc.array(station, { minLength: 1, maxLength: 6 }));
});

describe("the channel, step by step", () => {
  it("does what the cell does, to the nanosecond", () => {
    const how = fc.record({
      ...{ attempts: fc.constantFrom(1, 2, 7), queueFrames: fc.constantFrom(1, 2, 50), seed: fc.integer() },
      ms: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(cells, how, ([phy, stations], { ms, ...rest }) => {
        const { slotNs, cwMin, cwMax } = phy;
        const countsBusy = phy.busyCounts === "one slot";
        const access: ChannelAccess = { slotNs, cwMin, cwMax, countsBusy, ...rest };
        const queues = flowsOf(stations, phy, undefined).map(({ traffic: of, ...flow }) => ({
          ...{ ...flow, stream: null, packetsPerS: of.packetsPerS },
        }));
        const channel = new Channel(queues, access);
        while (channel.nextNs < ms * 1e6) channel.step();
        channel.close();
        const timeNs = Math.max(ms * 1e6, channel.takenNs);
        while (channel.nextNs < timeNs) channel.step();
        const { row, flows } = contend(stations, { phy, seconds: ms / 1000, ...rest });
        expect([timeNs, channel.counts(true)]).toEqual([
          row.timeNs,
          { attempts: row.attempts, collided: row.collided },
        ]);
        const waiting = toRows(flows).map((flow) => Number(flow["waiting"]));
        expect(channel.waiting()).toEqual(waiting);
      }),
      { numRuns: 200 },
    );
  });
});

describe("by hand", () => {
  // No backoffs: 248 + 16 + 28 = 292 µs, and DIFS 34.
  const exchanges = [exchange({ phy: phy11a, rateMbps: 54, packetBytes: 1500 })];
  const access: ChannelAccess = {
    ...{ slotNs: 9000, cwMin: 0, cwMax: 0, attempts: 7, countsBusy: false, queueFrames: 2, seed: 1 },
  };
  const queue = { station: 0, address: 0, exchanges, packetsPerS: 0 } as const;
  const log = (): { channel: Channel; done: string[] } => {
    const channel = new Channel(
      [
        { ...queue, direction: "up", stream: 5 },
        { ...queue, direction: "down", stream: 6 },
      ],
      access,
    );
    const done: string[] = [];
    channel.onDone = (stream, isDelivered, nowNs) => done.push(`${stream} ${isDelivered} ${nowNs / 1000}`);
    return { channel, done };
  };
  const until = (channel: Channel, us: number): void => {
    while (channel.nextNs < 1000 * us) channel.step();
  };

  it("frames from outside: one at once, two in the queue, no third; the radio's and the access point's collide without a backoff", () => {
    const { channel, done } = log();
    channel.join(0);
    expect([channel.offer(0, 10_000), channel.offer(0, 10_000), channel.offer(0, 10_000)]).toEqual([true, true, false]);
    // 10 to 302; from 336 on the second, to 628.
    until(channel, 630);
    expect(done).toEqual(["5 true 302", "5 true 628"]);
    // 662: both begin. The collision is over at 910, EIFS 94; again and again, seven times in all: 662 + 7 · 342 − 94 = 2962.
    channel.offer(0, 650_000);
    channel.offer(1, 650_000);
    until(channel, 3100);
    expect(done.slice(2)).toEqual(["5 false 2962", "6 false 2962"]);
    expect(channel.counts(true)).toEqual({ attempts: 2 + 14, collided: 14 });
  });

  it("away: what is under way is completed, the access point keeps the rest; back again after DIFS", () => {
    const { channel, done } = log();
    channel.join(0);
    channel.offer(0, 0);
    channel.offer(0, 0);
    until(channel, 100);
    channel.leave();
    channel.offer(1, 150_000);
    until(channel, 5000);
    expect(done).toEqual(["5 true 292"]);
    // The grid is from 326 on in steps of 9; 5034 is the first that hears DIFS from 5000 on: 326 + 524 · 9 = 5042. The access point has heard it
    // all along and sends at once, from 5000 to 5292; then the radio, 5326 to 5618, whose slots have not passed.
    channel.join(5_000_000);
    until(channel, 6000);
    expect(done.slice(1)[0]).toBe("6 true 5292");
    expect(done).toHaveLength(3);
    expect(channel.counts(true).collided).toBe(0);
  });
});
