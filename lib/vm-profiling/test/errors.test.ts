import { describe, expect, it } from "vitest";
import { fromRows } from "../../core/table.ts";
import {
  binaryTranslation,
  codeCache,
  codeOf,
  costs2011,
  exitsOf,
  free,
  type Guest,
  guestWide,
  native,
  profile,
  profileDistance,
  type ProfileOptions,
  type Profiler,
  program,
  repeat,
  type SegmentBatch,
  toSpeedscope,
} from "../index.ts";

const code = [{ stack: "app;f" }];
const guest = (vcpu: Iterable<SegmentBatch> = repeat([{ code: 0, cycles: 10 }], 1)): Guest => ({
  label: "g",
  code,
  vcpus: [vcpu],
});
const options: ProfileOptions = { profiler: native(), counters: [{ event: "cycles", period: 1000 }] };
const batch = (place: number, cycles: number, exit: number): SegmentBatch[] => [
  { code: Uint32Array.of(place), cycles: Float64Array.of(cycles), exit: Uint8Array.of(exit) },
];

describe("errors are one sentence", () => {
  it.each<[string, readonly Guest[], Partial<ProfileOptions>]>([
    ["guests: expected at least one", [], {}],
    ["guests[1].label: expected a label of its own", [guest(), guest()], {}],
    ["guests[0].label: expected a label other than VMM, other, unresolved", [{ ...guest(), label: "VMM" }], {}],
    ["profiler: expected a profiler, got null", [guest()], { profiler: null as unknown as Profiler }],
    ["guests[0].code[1].stack: expected a stack of its own", [{ ...guest(), code: [...code, ...code] }], {}],
    ["guests[0].vcpus: expected at least one", [{ ...guest(), vcpus: [] }], {}],
    [
      "guests[0].code[0].perKilocycle.misses: expected at most 16000",
      [{ ...guest(), code: [{ stack: "f", perKilocycle: { misses: 16_001 } }] }],
      {},
    ],
    ["counters: expected a list of 1 to 31 counters", [guest()], { counters: [] }],
    [
      "counters[0].period: expected a whole number from 100",
      [guest()],
      { counters: [{ event: "cycles", period: 99 }] },
    ],
    ["counters[0].jitter: expected a number from 0 to 1", [guest()], { counters: [{ event: "cycles", jitter: 2 }] }],
    ["costs.handlerCycles: expected a finite number >= 0", [guest()], { costs: { ...costs2011, handlerCycles: -1 } }],
    ["pcpus: expected a whole number", [guest()], { pcpus: 0 }],
    ["sliceMs: expected a finite number > 0", [guest()], { sliceMs: 0 }],
    ["exits[0].handlingNs", [guest()], { exits: [{ label: "X", stack: "x", handlingNs: -1 }] }],
    ["g, vCPU 0, batch 0, row 0: code: expected a place below 1, got 1", [guest(batch(1, 5, 0))], {}],
    ["g, vCPU 0, batch 0, row 0: exit: expected at most 8", [guest(batch(0, 5, 9))], {}],
    ["g, vCPU 0, batch 0, row 0: cycles: expected a whole number >= 0, got -1", [guest(batch(0, -1, 0))], {}],
    ["g, vCPU 0, batch 0, row 0: cycles: expected a whole number >= 0, got 0.5", [guest(batch(0, 0.5, 0))], {}],
    [
      "g, vCPU 0, batch 0: expected columns of equal length, got 1, 2 and 1",
      [guest([{ code: Uint32Array.of(0), cycles: Float64Array.of(1, 2), exit: Uint8Array.of(0) }])],
      {},
    ],
    [
      "a run of 274877906944 cycles is too long to count exactly",
      [guest(batch(0, 2 ** 38, 0))],
      { counters: [{ event: "cycles" }] },
    ],
    [
      // Half of what two processors can count together is too much for each.
      "a run of 137438953472 cycles is too long to count exactly",
      [{ ...guest(), vcpus: [batch(0, 2 ** 36, 0), batch(0, 2 ** 36, 0)] }],
      { counters: [{ event: "cycles" }], pcpus: 2 },
    ],
    [
      "a run of 137438954472 cycles is too long to count exactly",
      [guest(batch(0, 1000, 0))],
      { costs: { ...free(1e9), handlerCycles: 2 ** 37 } },
    ],
    [
      "misses is too long to count exactly, expected fewer than 137438953472",
      [{ label: "g", code: [{ stack: "f", perKilocycle: { misses: 15_999.99 } }], vcpus: [batch(0, 2 ** 36 + 1, 0)] }],
      { counters: [{ event: "misses" }] },
    ],
  ])("%s", async (sentence, guests, more) => {
    await expect(profile(guests, { ...options, ...more })).rejects.toThrow(sentence);
  });

  it("of values and inputs", async () => {
    expect(() => guestWide({ accounting: "cpu" as "CPU switch" })).toThrow(
      "accounting: expected one of CPU switch, domain switch",
    );
    expect(() => binaryTranslation({ expansion: 0 })).toThrow("expansion: expected a whole number from 1");
    expect(() => program({ shares: [0], segments: 1 })).toThrow("shares: expected at least one above 0");
    expect(() => program({ shares: [1], segments: 1, exits: [{ reason: 0, perMegacycle: 60 }] })).toThrow(
      "exits: expected at most one exit",
    );
    expect(() => repeat([], 1)).toThrow("segments: expected at least one");
    expect(() => profileDistance([1], [1, 2])).toThrow("found: expected 2 weights, got 1");
    const cache = codeCache(0);
    cache.translate(0x10, [4], [8]);
    expect(() => {
      cache.translate(0x10, [4], [8]);
    }).toThrow("instruction 0x10 is translated twice");
    expect(() => cache.toGuest(8)).toThrow("0x8 lies outside of the code cache");
    const weightless = fromRows([{ stack: "f", weight: 0 }]);
    const sentence = 'trace: expected a profile, at least one sample with weight, got "none"';
    await expect(codeOf(weightless)).rejects.toThrow(sentence);
    await expect(toSpeedscope(weightless, { name: "none" })).rejects.toThrow(sentence);
    await expect(exitsOf(fromRows([{ stack: "f", weight: 1 }]))).rejects.toThrow(
      "trace: expected a trace with a column reason",
    );
    // Summed up, a reason that did not happen has no time.
    await expect(exitsOf(fromRows([{ event: "HLT", value: 0, meanNs: 0 }]))).rejects.toThrow(
      'trace: expected VM exits with their times, got "none"',
    );
  });

  it("a source is ended when the run fails", async () => {
    let ended = false;
    const source = (function* () {
      try {
        yield* batch(7, 1, 0);
      } finally {
        ended = true;
      }
    })();
    await expect(profile([guest(source)], options)).rejects.toThrow("expected a place below 1");
    expect(ended).toBe(true);
  });
});
