import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandClasses, type GuestCommand, hostDriver } from "../../index.ts";

describe("by hand", () => {
  it("three guests come up, scan, roam and sleep", () => {
    const driver = hostDriver(3);
    const local = { class: "local", forwarded: false, changesRadio: false };
    const own = { class: "own", forwarded: true, changesRadio: false };
    const shared = (changesRadio: boolean): object => ({ class: "shared", forwarded: true, changesRadio });
    // The device model alone answers.
    for (const kind of ["register", "EEPROM", "initialise"] as const)
      expect(driver.command(0, { kind })).toEqual(local);
    // The virtual MAC's own matters.
    expect(driver.command(0, { kind: "associate", peer: "a" })).toEqual(own);
    expect(driver.command(0, { kind: "key", peer: "a" })).toEqual(own);
    // Channels: the first tunes the radio, an equal one is the same, another one has to take turns.
    expect(driver.command(0, { kind: "channel", channel: 1 })).toEqual(shared(true));
    expect(driver.radio().channels).toEqual([{ channel: 1, vmacs: [0] }]);
    driver.command(2, { kind: "channel", channel: 1 });
    expect(driver.command(2, { kind: "channel", channel: 1 })).toEqual(shared(false));
    driver.command(1, { kind: "channel", channel: 6 });
    expect(driver.radio().channels).toEqual([
      { channel: 1, vmacs: [0, 2] },
      { channel: 6, vmacs: [1] },
    ]);
    // Rates are each guest's own, by peer.
    expect(driver.command(0, { kind: "rate", peer: "a", rateMbps: 54 })).toEqual(shared(false));
    driver.command(1, { kind: "associate", peer: "a" });
    driver.command(1, { kind: "rate", peer: "a", rateMbps: 6 });
    expect([0, 1, 2].map((vm) => driver.rateMbps(vm, "a"))).toEqual([54, 6, null]);
    // Joining again forgets what belonged to the peer before.
    driver.command(0, { kind: "associate", peer: "b" });
    expect(driver.rateMbps(0, "a")).toBe(null);
    // Scans: 1 begins; 0 and 2 ask meanwhile and share the next; all get each one's results.
    expect(driver.command(1, { kind: "scan" })).toEqual(shared(true));
    expect(driver.command(0, { kind: "scan" })).toEqual(shared(false));
    driver.command(2, { kind: "scan" });
    expect(driver.endScan()).toEqual({ asked: [1], told: [0, 1, 2], another: true });
    expect(driver.radio().scanning).toBe(true);
    expect(driver.endScan()).toEqual({ asked: [0, 2], told: [0, 1, 2], another: false });
    expect(driver.radio().scanning).toBe(false);
    // Power: the radio sleeps once the last allows it, for the shortest interval; one that wakes up wakes it.
    driver.command(0, { kind: "power", wakeMs: 300 });
    expect(driver.command(1, { kind: "power", wakeMs: 100 })).toEqual(shared(false));
    expect(driver.radio().wakeMs).toBe(null);
    expect(driver.command(2, { kind: "power", wakeMs: 200 })).toEqual(shared(true));
    expect(driver.radio().wakeMs).toBe(100);
    driver.command(1, { kind: "power", wakeMs: null });
    expect(driver.radio().wakeMs).toBe(null);
  });
});

const command: fc.Arbitrary<GuestCommand> = fc.oneof(
  fc.constantFrom<GuestCommand>(
    ...([
      { kind: "register" },
      { kind: "EEPROM" },
      { kind: "initialise" },
      { kind: "scan" },
      { kind: "associate", peer: "a" },
    ] as const),
  ),
  fc.constantFrom(1, 6, 11).map((channel): GuestCommand => ({ kind: "channel", channel })),
  fc.constantFrom(null, 50, 100).map((wakeMs): GuestCommand => ({ kind: "power", wakeMs })),
);

describe("whatever guests do", () => {
  it("each guest with a channel is on one, no two channels are equal, and each request for a scan is answered once", () => {
    const step = fc.record({ vm: fc.integer({ min: 0, max: 3 }), given: command, scanEnds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const driver = hostDriver(4);
        const last = new Map<number, number>();
        const wakes: (number | null)[] = [null, null, null, null];
        // Who asked for the scan that runs, and who asks for the next.
        let running = new Set<number>();
        let waiting = new Set<number>();
        const begin = (): void => {
          if (running.size > 0) return;
          running = waiting;
          waiting = new Set();
        };
        const end = (): void => {
          const { asked, told, another } = driver.endScan();
          expect([asked, told]).toEqual([[...running].sort(), [0, 1, 2, 3]]);
          running = new Set();
          begin();
          expect(another).toBe(running.size > 0);
        };
        for (const { vm, given, scanEnds } of steps) {
          if (scanEnds && running.size > 0) end();
          const before = driver.radio();
          const reply = driver.command(vm, given);
          expect(reply.class).toBe(commandClasses[given.kind]);
          expect(reply.forwarded).toBe(reply.class !== "local");
          expect(reply.changesRadio).toBe(JSON.stringify(driver.radio()) !== JSON.stringify(before));
          if (reply.class !== "shared") expect(reply.changesRadio).toBe(false);
          if (given.kind === "channel") last.set(vm, given.channel);
          if (given.kind === "power") wakes[vm] = given.wakeMs;
          if (given.kind === "scan") {
            waiting.add(vm);
            begin();
          }
          const { channels, wakeMs, scanning } = driver.radio();
          expect(scanning).toBe(running.size > 0);
          expect(new Set(channels.map(({ channel }) => channel)).size).toBe(channels.length);
          const on = channels.flatMap(({ channel, vmacs }) => vmacs.map((mac) => [mac, channel] as const));
          expect(new Map(on)).toEqual(last);
          expect(on).toHaveLength(last.size);
          expect(wakeMs).toBe(wakes.includes(null) ? null : Math.min(...(wakes as number[])));
        }
        while (running.size > 0) end();
        expect(driver.radio().scanning).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe("errors", () => {
  const driver = hostDriver(2);
  it.each<[() => unknown, string]>([
    [() => hostDriver(0), "vmacs: expected a whole number from 1 to 64, got 0"],
    [() => driver.command(2, { kind: "scan" }), "vm: expected a whole number from 0 to 1, got 2"],
    [
      () => driver.command(0, { kind: "reset" } as never),
      'command.kind: expected one of register, EEPROM, initialise, associate, key, rate, channel, scan, power, got "reset"',
    ],
    [() => driver.command(0, undefined as never), "command: expected a command with its kind, got undefined"],
    [() => driver.command(0, { kind: "scan", channel: 1 } as never), 'command: expected only kind, got "channel"'],
    [
      () => driver.command(0, { kind: "key", peer: "x" }),
      'command.peer: expected a peer that the guest is associated with, got "x"',
    ],
    [() => driver.command(0, { kind: "associate", peer: "" }), 'command.peer: expected an address, got ""'],
    [
      () => driver.command(0, { kind: "channel", channel: 0 }),
      "command.channel: expected a whole number from 1 to 233, got 0",
    ],
    [() => driver.command(0, { kind: "power", wakeMs: 0.5 }), "command.wakeMs: expected at least 1, or null, got 0.5"],
    [() => driver.endScan(), 'endScan: expected a scan that runs, got "none"'],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });
});
