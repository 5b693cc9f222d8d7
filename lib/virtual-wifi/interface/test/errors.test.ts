import { describe, expect, it } from "vitest";
import {
  devicePaths,
  interfaceCosts2011,
  multiplex,
  type MultiplexOptions,
  phy11a,
  poisson,
  saturated,
  tcp,
  type WirelessGuest,
} from "../../index.ts";

const guest: WirelessGuest = { rateMbps: 54, up: saturated({ packetBytes: 1500 }) };
const options: MultiplexOptions = { phy: phy11a, seconds: 0.1, path: devicePaths.emulated, costs: interfaceCosts2011 };
const withOptions =
  (more: object): (() => unknown) =>
  () =>
    multiplex([guest], { ...options, ...more });
const withGuest =
  (more: object): (() => unknown) =>
  () =>
    multiplex([{ ...guest, ...more }], options);

describe("one sentence", () => {
  it.each<[() => unknown, string]>([
    [withOptions({ path: undefined }), "path: expected a path, as devicePaths.emulated, got undefined"],
    [withOptions({ costs: undefined }), "costs: expected costs, as interfaceCosts2011, got undefined"],
    [withOptions({ second: 1 }), 'got "second"'],
    [withOptions({ seconds: 0 }), "seconds: expected a finite number > 0, got 0"],
    [withOptions({ seconds: 1e6 }), "seconds: expected at most 100000, got 1000000"],
    [withOptions({ phy: null }), "phy: expected a physical layer, as phy11a, got null"],
    [withOptions({ ringFrames: 0 }), "ringFrames: expected a whole number from 1 to 10000, got 0"],
    [withOptions({ ringFrames: 8, wakeFrames: 9 }), "wakeFrames: expected a whole number from 1 to 8, got 9"],
    [withOptions({ switchMs: -1 }), "switchMs: expected a finite number >= 0, got -1"],
    [withOptions({ sliceMs: 0 }), "sliceMs: expected a finite number > 0, got 0"],
    [withOptions({ stayMs: 0 }), "stayMs: expected a finite number > 0, got 0"],
    [withOptions({ attempts: 0 }), "attempts: expected a whole number >= 1, got 0"],
    [withOptions({ others: [{ rateMbps: 54 }] }), "others[0]: expected traffic, up or down, got"],
    [() => multiplex([], options), "guests: expected a list of 1 to 64 guests, got"],
    [
      () => multiplex([guest, guest], { ...options, path: devicePaths.passthrough }),
      "guests: expected one, as passthrough has one virtual MAC, got 2",
    ],
    [
      () => multiplex([guest, { ...guest, channel: 6 }], { ...options, sliceMs: { 1: 50 } }),
      "sliceMs: expected a slice for channel 6, got",
    ],
    [
      () => multiplex([guest, { ...guest, channel: 6 }], { ...options, sliceMs: 0.1 }),
      "sliceMs: expected longer than null frames take, 0.1735 ms, got 0.1",
    ],
    [withGuest({ rateMbps: 55 }), "guests[0].rateMbps: expected one of 6, 9, 12, 18, 24, 36, 48, 54, got 55"],
    [withGuest({ channel: 0 }), "guests[0].channel: expected a whole number from 1 to 233, got 0"],
    [withGuest({ wakeMs: 0.2 }), "guests[0].wakeMs: expected at least 1, or null, got 0.2"],
    [withGuest({ up: [guest.up] as never }), "guests[0].up: expected one traffic: a guest has one address, got"],
    [withGuest({ up: undefined }), "guests[0]: expected traffic: up, down or echo, got"],
    [
      withGuest({ up: { ...guest.up, packetBytes: 3000 } }),
      "guests[0].up.packetBytes: expected a whole number from 1 to 2296, got 3000",
    ],
    [
      withGuest({ echo: saturated({ packetBytes: 84 }) }),
      'guests[0].echo: expected requests at random times, got "saturated"',
    ],
    [withGuest({ scansAtS: [2, 1] }), "guests[0].scansAtS[1]: expected at least 2, the one before, got 1"],
    [
      withGuest({ mac: 1 }),
      'guests[0]: expected only rateMbps, aggregate, channel, up, down, echo, wakeMs, scansAtS, got "mac"',
    ],
    [withGuest({ aggregate: 0 }), "guests[0].aggregate: expected a whole number >= 1, got 0"],
    [withOptions({ path: "shared" }), 'path: expected a path, as devicePaths.emulated, got "shared"'],
    [withOptions({ costs: 2011 }), "costs: expected costs, as interfaceCosts2011, got 2011"],
    [
      withGuest({ echo: tcp({ packetBytes: 1500 }) }),
      'guests[0].echo: expected traffic as saturated(…) or poisson(…) gives, got "TCP"',
    ],
    [
      withGuest({ up: tcp({ packetBytes: 1500, ackBytes: 3000 }) }),
      "guests[0].up.window.ackBytes: expected a whole number from 1 to 2296, got 3000",
    ],
    [
      withGuest({
        down: { ...saturated({ packetBytes: 1500 }), label: "capture", recorded: [{ timeNs: 0, packetBytes: 100 }] },
      }),
      'guests[0].down: expected traffic as saturated(…) or poisson(…) gives, got "capture"',
    ],
    [
      withOptions({ others: [{ rateMbps: 54, up: tcp({ packetBytes: 1500 }) }] }),
      'others[0].up: expected traffic as saturated(…) or poisson(…) gives, got "TCP"',
    ],
    [
      // The first is on another channel.
      withOptions({
        others: [
          { rateMbps: 54, channel: 2, up: saturated({ packetBytes: 1500 }) },
          { rateMbps: 54, down: [saturated({ packetBytes: 1500 }), tcp({ packetBytes: 1500 })] },
        ],
      }),
      'others[1].down[1]: expected traffic as saturated(…) or poisson(…) gives, got "TCP"',
    ],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });

  it("nothing is wrong with a guest that only answers to pings", () => {
    expect(multiplex([{ rateMbps: 6, echo: poisson({ packetBytes: 84, packetsPerS: 10 }) }], options).row.guests).toBe(
      1,
    );
  });
});
