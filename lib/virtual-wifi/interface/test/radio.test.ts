import { describe, expect, it } from "vitest";
import { toRows } from "../../../core/table.ts";
import {
  devicePaths,
  interfaceCosts2011,
  multiplex,
  type MultiplexOptions,
  phy11a,
  poisson,
  type WirelessGuest,
} from "../../index.ts";
import { radioSchedule, type RadioTimes, type TimedCommand } from "../radio-schedule.ts";

describe("by hand", () => {
  // Slices of 100, 20 to switch, 50 to scan, null frames of 3 and 4.
  const times: RadioTimes = { sliceNs: () => 100, switchNs: 20, scanNs: 50, stayNs: 10, nullNs: [3, 4] };
  const channel = (machine: number, atNs: number, number: number): TimedCommand => ({
    ...{ machine, atNs },
    command: { kind: "channel", channel: number },
  });
  const plan = (commands: readonly TimedCommand[], endNs: number, machines = 2): string[] =>
    radioSchedule(machines, commands, times, endNs).map(
      ({ fromNs, untilNs, state, channel: on }) => `${fromNs}-${untilNs} ${state}${on === null ? "" : ` ${on}`}`,
    );

  it("nothing, then one channel, then another for both", () => {
    const moves = [channel(0, 10, 1), channel(1, 30, 1), channel(1, 60, 6), channel(0, 60, 6)];
    // At 60 both leave for 6: null frames of both before, and after the switch.
    expect(plan(moves, 120)).toEqual([
      "0-10 off",
      "10-30 on 1",
      "30-60 on 1",
      "60-67 power save 1",
      "67-87 switch",
      "87-94 power save 6",
      "94-120 on 6",
    ]);
  });

  it("two channels take turns; a slice has its null frames in it", () => {
    // 6's guest has null frames of 4.
    expect(plan([channel(0, 0, 1), channel(1, 0, 6)], 300)).toEqual([
      ...["0-97 on 1", "97-100 power save 1", "100-120 switch", "120-124 power save 6", "124-216 on 6"],
      ...["216-220 power save 6", "220-240 switch", "240-243 power save 1", "243-300 on 1"],
    ]);
  });

  it("a scan waits for the slice's end, and the request that comes meanwhile is another", () => {
    const scan = (machine: number, atNs: number): TimedCommand => ({ machine, atNs, command: { kind: "scan" } });
    expect(plan([channel(0, 0, 1), scan(0, 40), scan(1, 50)], 200)).toEqual([
      // One channel: at once. The second request begins its own when the first is over; the access point has been told already.
      ...["0-40 on 1", "40-43 power save 1", "43-93 scan", "93-143 scan", "143-146 power save 1", "146-200 on 1"],
    ]);
    expect(plan([channel(0, 0, 1), channel(1, 0, 6), scan(0, 40)], 200)).toEqual([
      ...["0-97 on 1", "97-100 power save 1", "100-150 scan", "150-170 switch", "170-174 power save 6", "174-200 on 6"],
    ]);
  });

  it("sleeps while all allow it, for the shorter of their intervals", () => {
    const power = (machine: number, atNs: number, wakeMs: number): TimedCommand => ({
      machine,
      atNs,
      command: { kind: "power", wakeMs },
    });
    const commands = [channel(0, 0, 1), power(0, 0, 2), power(1, 100, 1)];
    expect(plan(commands, 2_000_100)).toEqual([
      ...["0-100 on 1", "100-110 on 1", "110-1000100 asleep", "1000100-1000110 on 1", "1000110-2000100 asleep"],
    ]);
  });
});

describe("in a machine", () => {
  const calls: WirelessGuest = { rateMbps: 54, down: poisson({ packetBytes: 200, packetsPerS: 20 }) };
  const options: MultiplexOptions = { phy: phy11a, seconds: 20, path: devicePaths.kernel, costs: interfaceCosts2011 };

  it("one that sleeps gets its frames once it wakes, and another's refusal keeps the radio awake", () => {
    const asleep = multiplex([{ ...calls, wakeMs: 100 }], options);
    expect(asleep.row.awayShare).toBeCloseTo(0.9, 3);
    const [row] = toRows(asleep.streams);
    expect(Number(row!["maxDelayNs"])).toBeGreaterThan(80e6);
    expect(Number(row!["maxDelayNs"])).toBeLessThan(92e6);
    expect(multiplex([{ ...calls, wakeMs: 100 }, calls], options).row.awayShare).toBe(0);
    // Poisson arrivals see the time's share: those that wait do so for 45 ms on average.
    expect(Number(row!["meanDelayNs"]) / 40.5e6).toBeGreaterThan(0.9);
    expect(Number(row!["meanDelayNs"]) / 40.5e6).toBeLessThan(1.1);
  });

  it("one guest's scan stops all", () => {
    const { streams, row } = multiplex([{ ...calls, scansAtS: [1, 5] }, calls], { ...options, scanMs: 300 });
    expect(row.awayShare).toBeCloseTo(0.6 / 20, 3);
    for (const stream of toRows(streams)) expect(Number(stream["maxDelayNs"])).toBeGreaterThan(200e6);
  });
});
