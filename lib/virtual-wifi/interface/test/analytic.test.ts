import { describe, expect, it } from "vitest";
import { devicePaths, interfaceCosts2011, interfaceCostsToday, packetWork, sliceShares } from "../../index.ts";

describe("a packet's work, by hand", () => {
  // At 1 GHz a cycle is a nanosecond.
  const costs = { ...interfaceCosts2011, clockHz: 1e9 };

  it("with a device model in user space", () => {
    // Up: stack 8000, completion 1000, interrupt 3000. A kick of one exit, 28,000, a copy of 1500 / 1.5, an interrupt of four exits and its
    // injection. The host's interrupt and driver.
    expect(packetWork(devicePaths.emulated, costs, { direction: "up", packetBytes: 1500 })).toEqual({
      ...{ guestNs: 12_000, vmmNs: 28_000 + 1000 + 4 * 28_000 + 2000, hostNs: 6000 },
    });
    expect(packetWork(devicePaths.emulated, costs, { direction: "down", packetBytes: 1500 })).toEqual({
      ...{ guestNs: 13_000, vmmNs: 1000 + 4 * 28_000 + 2000, hostNs: 6000 },
    });
  });

  it("with all mitigations: 6000 an exit, shared by 16 frames; no copy", () => {
    const { guestNs, vmmNs, hostNs } = packetWork(devicePaths.shared, costs, { direction: "up", packetBytes: 1500 });
    expect([guestNs, vmmNs, hostNs]).toEqual([9000 + 3000 / 16, 6000 / 16 + (24_000 + 2000) / 16, 6000]);
    // Fewer share one where they come one by one.
    const alone = packetWork(devicePaths.shared, costs, {
      ...{ direction: "up", packetBytes: 1500, kickFrames: 1, interruptFrames: 1 },
    });
    expect(alone.vmmNs).toBe(6000 + 26_000);
  });

  it("native and passthrough: no host, no copy, exits of the interrupt alone", () => {
    const of = (path: (typeof devicePaths)["native"]): object =>
      packetWork(path, costs, { direction: "down", packetBytes: 1500 });
    expect(of(devicePaths.native)).toEqual({ guestNs: 13_000, vmmNs: 0, hostNs: 0 });
    expect(of(devicePaths.posted)).toEqual(of(devicePaths.native));
    expect(of(devicePaths.passthrough)).toEqual({ guestNs: 13_000, vmmNs: 2 * 6000 + 2000, hostNs: 0 });
  });
});

it("each mitigation takes work away, then and today", () => {
  for (const era of [interfaceCosts2011, interfaceCostsToday])
    for (const direction of ["up", "down"] as const) {
      const totals = (["emulated", "kernel", "batched", "coalesced", "shared", "native"] as const).map((name) => {
        const { guestNs, vmmNs, hostNs } = packetWork(devicePaths[name], era, { direction, packetBytes: 1500 });
        return guestNs + vmmNs + hostNs;
      });
      // Kicks are of what is sent.
      if (direction === "down") expect(totals[2]).toBe(totals[1]);
      const falling = totals.filter((_, at) => direction === "up" || at !== 2);
      falling.slice(1).forEach((total, at) => {
        expect(total).toBeLessThan(falling[at]!);
      });
    }
});

describe("errors", () => {
  it.each<[() => unknown, string]>([
    [() => sliceShares([50], 1), "slicesMs: expected two slices or more, got"],
    [() => sliceShares([50, 0], 1), "slicesMs[1]: expected a finite number > 0, got 0"],
    [() => sliceShares([50, 50], -1), "switchMs: expected a finite number >= 0, got -1"],
    [
      () => packetWork(devicePaths.native, interfaceCosts2011, { direction: "out" as never, packetBytes: 1 }),
      'direction: expected one of up, down, got "out"',
    ],
    [
      () =>
        packetWork({ ...devicePaths.native, kickFrames: 0 }, interfaceCosts2011, { direction: "up", packetBytes: 1 }),
      "path.kickFrames: expected a whole number from 1 to 1000, got 0",
    ],
    [
      () => packetWork(devicePaths.native, { ...interfaceCosts2011, clockHz: 0 }, { direction: "up", packetBytes: 1 }),
      "costs.clockHz: expected a finite number > 0, got 0",
    ],
    [
      () =>
        packetWork({ ...devicePaths.native, fast: true } as never, interfaceCosts2011, {
          direction: "up",
          packetBytes: 1,
        }),
      'path: expected only label, deviceModel, kickFrames, coalesceFrames, coalesceUs, exitsPerKick, exitsPerInterrupt, copies, got "fast"',
    ],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });
});
