import { describe, expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import {
  binaryTranslation,
  type ExitReason,
  free,
  type Guest,
  guestWide,
  hostOnly,
  native,
  profile,
  type ProfileOptions,
  type ProfileResult,
  repeat,
  systemWide,
} from "../index.ts";

const code = [{ stack: "app;compute" }, { stack: "app;send" }];
/** 300 cycles of work in the VMM at 1 GHz. */
const io: ExitReason = { label: "IO", stack: "vcpu;io", handlingNs: 300 };
const halt: ExitReason = { label: "HLT", stack: "vcpu;halt", handlingNs: 100, blockNs: 2000 };
const costs = { ...free(1e9), roundTripCycles: 200 };
// compute 1000 cycles, send 500, exit: in the VMM 100 + 300 + 100; twice.
const guest: Guest = {
  label: "g",
  code,
  vcpus: [
    repeat(
      [
        { code: 0, cycles: 1000 },
        { code: 1, cycles: 500, exit: 1 },
      ],
      2,
    ),
  ],
};
const every = (period: number) => [{ event: "cycles", period }];
const run = (options: Partial<ProfileOptions> & Pick<ProfileOptions, "profiler">, guests: readonly Guest[] = [guest]) =>
  profile(guests, { counters: every(400), costs, exits: [io, halt], ...options });
const samplesOf = ({ functions }: ProfileResult): Readonly<Record<string, unknown>> =>
  Object.fromEntries<unknown>(
    toRows(functions)
      .filter(({ samples }) => Number(samples) > 0)
      .map(({ name, samples }) => [String(name), samples]),
  );

describe("by hand", () => {
  it("counts native programs alone", async () => {
    // 3000 cycles; overflows at 400, 800 (compute), 1200 (send), 1600, 2000, 2400 (compute: 1500 to 2500), 2800 (send).
    const result = await run({ profiler: native() });
    expect(samplesOf(result)).toEqual({ compute: 5, send: 2 });
    expect(result.row).toMatchObject({ guestCycles: 3000, vmmCycles: 0, exits: 0, profilerCycles: 0, lost: 0 });
  });

  it("charges an exit's cycles to the function that caused it under a domain switch", async () => {
    // In the VM's own time: compute 0-1000, send -1500, VMM -2000, compute -3000, send -3500, VMM -4000.
    // Overflows at 400, 800: compute; 1200: send; 1600, 2000: both in the VMM, the second while the first is on its way: lost;
    // the one is recorded where the guest resumes, in send; 2400, 2800: compute; 3200: send; 3600: VMM, to send; 4000: lost.
    const result = await run({ profiler: guestWide({ accounting: "domain switch" }) });
    expect(samplesOf(result)).toEqual({ compute: 4, send: 4 });
    expect(result.row).toMatchObject({
      guestCycles: 3000,
      vmmCycles: 1000,
      exits: 2,
      overflows: 10,
      samples: 8,
      lost: 2,
    });
  });

  it("counts guest code alone under a CPU switch", async () => {
    const result = await run({ profiler: guestWide({ accounting: "CPU switch" }) });
    expect(samplesOf(result)).toEqual({ compute: 5, send: 2 });
    expect(toRows(result.counters)).toMatchObject([
      { set: 0, event: "cycles", counted: 3000, overflows: 7, running: 1 },
    ]);
  });

  it("tells the VMM's samples from the guest's when system-wide", async () => {
    // As under the domain switch, but those in the VMM are its own: 1600 ends the exit (1500-1600), the handler is 1600-1900: the
    // overflow in the last cycle of the exit is the entry instruction's; 2000 is the last cycle of the entry.
    // 3600: likewise; 4000 likewise.
    const result = await run({ profiler: systemWide() });
    expect(samplesOf(result)).toEqual({ compute: 4, send: 2, vmx_vcpu_run: 4 });
    expect(result.row.lost).toBe(0);
  });

  it("collapses guests into one function seen from the host", async () => {
    expect(samplesOf(await run({ profiler: hostOnly() }))).toEqual({ vmx_vcpu_run: 10 });
    expect(samplesOf(await run({ profiler: systemWide({ delegate: false }) }))).toEqual({
      "[guest g]": 6,
      vmx_vcpu_run: 4,
    });
  });

  it("moves a sample by its skid into what executes then", async () => {
    // Skid 250: 400 → 650, 800 → 1050 (send), 1200 → 1450 (send), 1600 → 1850 (compute, 1500 to 2500), 2000 → 2250, 2400 → 2650 (send), 2800 → 3050: ended.
    const result = await run({ profiler: native(), skidCycles: 250 });
    expect(samplesOf(result)).toEqual({ compute: 3, send: 3 });
    expect(result.row.lost).toBe(1);
    // System-wide: 1200 → 1450 send, 1600 (VMM) → 1850: the handler; 2000 → 2250 compute …, 3200 → 3450, 3600 → 3850 handler, 4000: ended.
    const wide = await run({ profiler: systemWide(), skidCycles: 250 });
    expect(samplesOf(wide)).toEqual({ compute: 3, send: 4, io: 2 });
  });

  it("gives a sample whose skid ends with a segment to the next", async () => {
    // Skid 200: 800 → 1000, the first cycle of send; 1600 → 1800, compute; 2400 → 2600, send.
    const result = await run({ profiler: native(), counters: every(800), skidCycles: 200 });
    expect(samplesOf(result)).toEqual({ compute: 1, send: 2 });
  });

  it("holds interrupts until the next entry without synchronous injection", async () => {
    // Of 400, 800 and 1200 the first waits and the others are lost; it is recorded in send at 2000. 1600 and 2000 are the VMM's, when nothing
    // waits for the entry; here the counter's own interrupt does, so they are lost, too. Then the same from 2400.
    const result = await run({ profiler: systemWide({ delivery: "next entry" }) });
    expect(samplesOf(result)).toEqual({ send: 2 });
    expect(result.row.lost).toBe(8);
  });

  it("runs programs of a binary translator slower and finds their functions", async () => {
    // Twice as long: 3000 → 6000 cycles of guest code, no round trips, 2 × 300 of handling: 6600 / 400 = 16 overflows.
    // compute 0-2000: 5 overflows (400 … 2000), send -3000: 2400, 2800; io -3300: 3200; compute -5300: 3600 … 5200: 5;
    // send -6300: 5600, 6000; io -6600: 6400.
    const result = await run({ profiler: binaryTranslation({ expansion: 2 }) });
    expect(samplesOf(result)).toEqual({ compute: 10, send: 4, io: 2 });
    const lost = await run({ profiler: binaryTranslation({ expansion: 2, mapBack: false }) });
    expect(samplesOf(lost)).toEqual({ "[code cache]": 14, io: 2 });
    // 400 cycles in the code cache are 200 of the guest's: its instruction 200 % 64 of compute.
    const { samples } = await run({ profiler: binaryTranslation({ expansion: 2 }), record: ["samples"] });
    expect(toRows(samples!)[0]).toMatchObject({ timeNs: 400, pc: 0x40_0000 + 4 * (200 % 64) });
    // 401 cycles are in the second of the two instructions that the guest's 200th became; compute is first in the cache.
    const cached = await run({
      profiler: binaryTranslation({ expansion: 2, mapBack: false }),
      counters: every(401),
      record: ["samples"],
    });
    expect(toRows(cached.samples!)[0]).toMatchObject({ timeNs: 401, pc: 0x7f00_0000_0000 + 4 * (2 * (200 % 64) + 1) });
  });

  it("compares with the truth of the first counter that samples, and estimates nothing of one that never ran", async () => {
    // 5 and 2 of 7 samples for 2000 and 1000 of 3000 cycles: |5/7 − 2/3| twice. The turn of the first two counters, 4 ms, is longer than the run.
    const counters = [{ event: "misses" }, ...every(400), { event: "cycles" }];
    const { row, truth, counters: table } = await run({ profiler: native(), counters, hardwareCounters: 2 });
    expect(row.guestError).toBeCloseTo(2 / 21, 12);
    expect(toRows(truth).map(({ weight }) => weight)).toEqual([2000, 1000]);
    expect(toRows(table).map(({ estimate }) => estimate)).toEqual([0, 3000, null]);
  });

  it("has one interrupt for overflows within a skid, when the first's ends", async () => {
    // Overflows at 400 and 450, the interrupt at 500, 100 after the first. No rows of places that nobody was charged to.
    const counters = [...every(400), ...every(450)];
    const given = { profiler: native(), counters, skidCycles: 100, record: ["samples"] } as const;
    const { samples, functions } = await run(given);
    expect(
      toRows(samples!)
        .slice(0, 2)
        .map(({ timeNs, weight }) => [timeNs, weight]),
    ).toEqual([
      [500, 400],
      [500, 450],
    ]);
    expect(toRows(functions).map(({ owner }) => owner)).not.toContain("unresolved");
  });

  it("charges the taking up of a virtual CPU to the scheduler, before its guest begins, too", async () => {
    // A 0-500, the scheduler -1500, B -2000: overflows at 400; 800, 1200; 1600, 2000.
    const vcpus = [0, 1].map((place) => repeat([{ code: place, cycles: 500 }], 1));
    const result = await run({ profiler: systemWide(), costs: { ...free(1e9), switchCycles: 1000 } }, [
      { label: "g", code, vcpus },
    ]);
    expect(samplesOf(result)).toEqual({ compute: 1, schedule: 2, send: 2 });
  });

  it("spends all of an odd round trip", async () => {
    // Two exits of 201 + 300 cycles.
    const { row } = await run({
      profiler: systemWide(),
      counters: [{ event: "cycles" }],
      costs: { ...free(1e9), roundTripCycles: 201 },
    });
    expect(row).toMatchObject({ vmmCycles: 1002, seconds: 4002e-9 });
  });

  it("lets virtual CPUs take turns", async () => {
    // Two with 5000 cycles each on one processor, slices of 2000 cycles, no costs: A 0-2000, B -4000, A -6000, B -8000, A -9000, B -10000.
    // A leaves at 2000, B at 4000, A at 6000; at 8000 B, at 9000 A ends; 5 switches, 4 exits by the slice's end.
    const vcpus = [repeat([{ code: 0, cycles: 5000 }], 1), repeat([{ code: 1, cycles: 5000 }], 1)];
    const options = { profiler: guestWide({ accounting: "CPU switch" }), costs: free(1e9), sliceMs: 0.002 };
    const result = await run(options, [{ label: "g", code, vcpus }]);
    expect(result.row).toMatchObject({ guestCycles: 10_000, switches: 5, exits: 4, seconds: 1e-5 });
    // Each has counters of its own: 5000 / 400 = 12 overflows.
    expect(toRows(result.counters).map(({ overflows }) => overflows)).toEqual([12, 12]);
    expect(samplesOf(result)).toEqual({ compute: 12, send: 12 });
  });

  it("idles while a virtual CPU waits", async () => {
    // 1000 cycles, exit 100, halting 100 (HLT), 2000 idle, entry 100; twice: 2 × 3300. Of the counted 2600 cycles the overflows at 400, 800, 1600
    // and 2000 are in the guest: interrupts that take a round trip, 4 × 200.
    const waits: Guest = { label: "g", code, vcpus: [repeat([{ code: 0, cycles: 1000, exit: 2 }], 2)] };
    const halted = await run({ profiler: systemWide() }, [waits]);
    expect(halted.row).toMatchObject({
      seconds: 7400e-9,
      idleCycles: 4000,
      otherCycles: 0,
      vmmCycles: 600,
      overflows: 6,
    });
    const polls = await run({ profiler: systemWide(), idle: { stack: "host;poll" } }, [waits]);
    // 6600 / 400 = 16 overflows, of which the idle polling has 2 × 5: 1200-3200 (1200, on the edge, is the handler's last) and 4500-6500.
    expect(polls.row).toMatchObject({ otherCycles: 4000, idleCycles: 0, overflows: 16 });
    expect(samplesOf(polls)).toMatchObject({ poll: 10 });
  });

  it("is polling whatever is counted", async () => {
    const waits: Guest = { label: "g", code, vcpus: [repeat([{ code: 0, cycles: 1000, exit: 2 }], 2)] };
    const idle = { stack: "host;poll" };
    const { row } = await run({ profiler: systemWide(), idle, counters: [{ event: "misses" }] }, [waits]);
    expect(row).toMatchObject({ otherCycles: 4000, idleCycles: 0 });
  });

  it("takes a handler's time from polling, not from the guest's", async () => {
    // 1000 cycles, then 2000 of waiting, then 500; overflows at 900 (guest), 1800 (800 cycles into polling). Each handler takes 700: the first
    // ends at 1600, the guest at 1700; it wakes at 3700. Polling goes on from 1700 to 2500, when the handler takes until 3200, then until
    // 3700: 800 + 500 cycles. The guest's 500 are 2300 to 2800 of the counted: the overflow at 2700 is in them.
    const waits: Guest = {
      label: "g",
      code,
      vcpus: [
        repeat(
          [
            { code: 0, cycles: 1000, exit: 1 },
            { code: 1, cycles: 500 },
          ],
          1,
        ),
      ],
    };
    const options = {
      ...{ profiler: hostOnly(), idle: { stack: "host;poll" }, counters: every(900) },
      costs: { ...free(1e9), handlerCycles: 700 },
      exits: [{ label: "HLT", stack: "vcpu;halt", handlingNs: 0, blockNs: 2000 }],
    };
    const { row } = await run(options, [waits]);
    expect(row).toMatchObject({
      guestCycles: 1500,
      otherCycles: 1300,
      samples: 3,
      profilerCycles: 2100,
      seconds: 4900e-9,
    });
    // A handler of 3000 goes on beyond the wake-up: from 4800, 800 into polling, to 7800; the guest waits for it. 1500 + 800 cycles: 2 overflows.
    const slow = await run({ ...options, costs: { ...options.costs, handlerCycles: 3000 } }, [waits]);
    expect(slow.row).toMatchObject({ guestCycles: 1500, otherCycles: 800, samples: 2, seconds: 8300e-9 });
  });

  it("ends with the work, though a handler of a polling processor goes on", async () => {
    // The guest has 1000 cycles on the first of three processors, the others poll as long. Each counter's period is a draw from 500 to 1500:
    // an overflow within 1000 cycles has a handler of 50,000, which ends after the guest.
    for (let seed = 0; seed < 20; seed += 1) {
      const { row, functions } = await run(
        {
          ...{ profiler: hostOnly(), idle: { stack: "host;poll" }, pcpus: 3, seed },
          ...{
            counters: [{ event: "cycles", period: 1000, jitter: 1 }],
            costs: { ...free(1e9), handlerCycles: 50_000 },
          },
        },
        [{ label: "g", code, vcpus: [repeat([{ code: 0, cycles: 1000 }], 1)] }],
      );
      expect(row.profilerCycles).toBe(50_000 * row.samples);
      for (const { cycles } of toRows(functions)) expect(cycles).toBeGreaterThanOrEqual(0);
      // Polling lasts until the guest ends, unless a handler cuts it short at its overflow, after 500 to 1500 cycles. Where the guest has a sample
      // and ends at 51,000, polling may go on after a handler that began before 1000, until then.
      const endCycles = Math.round(row.seconds * 1e9);
      expect(endCycles === 1000 || endCycles === 51_000).toBe(true);
      expect(row.otherCycles).toBeGreaterThanOrEqual(2 * 500);
      expect(row.otherCycles).toBeLessThanOrEqual(2 * (endCycles === 1000 ? 1000 : 1500));
    }
  });

  it("gives an overflow that waits for the entry to the virtual CPU that it was in", async () => {
    // One processor, slices of 3000 cycles, exits of 200 + 300 cycles' work (the VMM's 100 + 300 + 100). A has an overflow at 900, in its 3000 cycles,
    // which waits; those at 1800 and 2700 are lost. At 3400 its handler has ended and so has its slice: B runs 30 cycles, exits at
    // 3430, and enters at 3930 (an overflow at 3600 in its handler, the VMM's). B's next 30 cycles end, then A enters with its own sample.
    const guests = [
      { label: "a", code: [{ stack: "a;f" }], vcpus: [repeat([{ code: 0, cycles: 3000, exit: 1 }], 1)] },
      {
        label: "b",
        code: [{ stack: "b;g" }],
        vcpus: [
          repeat(
            [
              { code: 0, cycles: 30, exit: 1 },
              { code: 0, cycles: 30 },
            ],
            1,
          ),
        ],
      },
    ];
    const options = { profiler: systemWide({ delivery: "next entry" }), counters: every(900), sliceMs: 0.003 };
    const result = await run(options, guests);
    expect(samplesOf(result)).toEqual({ f: 1, io: 1 });
    expect(result.row).toMatchObject({ overflows: 4, samples: 2, lost: 2 });
  });

  it("charges what profiling takes", async () => {
    const prices = { ...costs, handlerCycles: 1000, injectCycles: 50, registerCycles: 10, accessesPerSample: 3 };
    // Native: 7 samples of 1000 + 3 × 10.
    expect((await run({ profiler: native(), costs: prices })).row.profilerCycles).toBe(7 * 1030);
    // CPU switch, one counter: saving reads it and stops (2), loading writes it, its selector, the control (3): 50 cycles for each of 2
    // exits; a sample: round trip 200, exchange 50, injection 50, handler 1030.
    const cpu = await run({ profiler: guestWide({ accounting: "CPU switch" }), costs: prices });
    expect(cpu.row.profilerCycles).toBe(2 * 50 + 7 * (200 + 50 + 50 + 1030));
    // The control alone is free.
    const control = guestWide({ accounting: "CPU switch", exchanged: "control" });
    expect((await run({ profiler: control, costs: prices })).row.profilerCycles).toBe(7 * (200 + 50 + 1030));
    // Domain switch: no switches; 6 samples with a round trip, 2 that waited without.
    const domain = await run({ profiler: guestWide({ accounting: "domain switch" }), costs: prices });
    expect(domain.row.profilerCycles).toBe(6 * (200 + 50 + 1030) + 2 * (50 + 1030));
    // Trapped registers: 3 × (200 + 500) in place of 3 × 10.
    const trapped = guestWide({ accounting: "CPU switch", exchanged: "control", registers: "trapped" });
    const emulated = await run({ profiler: trapped, costs: { ...prices, trapCycles: 500 } });
    expect(emulated.row.profilerCycles).toBe(7 * (200 + 50 + 1000 + 2100));
    expect(emulated.row.overheadPct).toBeCloseTo((100 * 7 * 3350) / 4000, 12);
  });

  it("multiplexes counters by turns", async () => {
    // Three counters, two registers, turns of 1000 cycles: {0,1}, {1,2}, {2,0}: each runs 2000 of 3000 cycles.
    const counters = [{ event: "cycles" }, { event: "cycles" }, { event: "cycles" }];
    const result = await run({ profiler: native(), counters, hardwareCounters: 2, rotateMs: 0.001 });
    expect(toRows(result.counters).map(({ counted, estimate }) => [counted, estimate])).toEqual([
      [2000, 3000],
      [2000, 3000],
      [2000, 3000],
    ]);
  });

  it("records where samples were taken", async () => {
    const { samples } = await run({ profiler: native(), counters: every(1300), record: ["samples"] });
    // At 1300, 300 cycles into send, and 2600, 100 into send: its 64 instructions start behind compute's 64, 4 bytes each.
    const send = 0x40_0000 + 256;
    expect(toRows(samples!).map(({ timeNs, pc }) => [timeNs, pc])).toEqual([
      [1300, send + 4 * (300 % 64)],
      [2600, send + 4 * (100 % 64)],
    ]);
  });
});
