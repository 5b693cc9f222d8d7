import { OptionError, SimulationError } from "../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions, positive } from "../core/options.ts";
import { random } from "../core/random.ts";
import { checkCode, checkGuests, type Code, type Guest, MOST_EXACT } from "./code.ts";
import { checkCosts, costs2011, type ProfilingCosts } from "./costs.ts";
import { checkCounters, type Counter } from "./counters.ts";
import { checkExits, type ExitReason, measuredExits } from "./exit-reasons.ts";
import { Machine } from "./machine.ts";
import { Places } from "./places.ts";
import { Pmu } from "./pmu.ts";
import type { Profiler } from "./profiler.ts";
import { type ProfileResult, resultOf } from "./result.ts";
import { SampleLog } from "./sample-log.ts";
import { Vcpu } from "./vcpu.ts";

/**
 * Options of {@link profile}.
 *
 * @example
 * ```ts
 * import { guestWide, type ProfileOptions } from "veelab/vm-profiling";
 *
 * const options: ProfileOptions = { profiler: guestWide({ accounting: "CPU switch" }), counters: [{ event: "cycles", period: 100_000 }] };
 * console.log(options.profiler.label); // guest-wide, CPU switch
 * ```
 */
export interface ProfileOptions {
  /** Who profiles, see {@link Profiler}. */
  readonly profiler: Profiler;
  /** What is counted and sampled, at most 31. */
  readonly counters: readonly Counter[];
  /** What exits and profiling cost; {@link costs2011} when not given. */
  readonly costs?: ProfilingCosts;
  /** The exit reasons that segments name; {@link measuredExits} when not given. */
  readonly exits?: readonly ExitReason[];
  /** Processors; one when not given. Virtual CPUs take turns on them, in the order in which they became ready. */
  readonly pcpus?: number;
  /** Time that a virtual CPU may have while others are ready, ms, from when its guest executes; 10 when not given. */
  readonly sliceMs?: number;
  /** What an idle processor executes while it polls; without it, it halts, and nothing counts. */
  readonly idle?: Code;
  /** Counters that the processor has; more than these are multiplexed. 4 when not given. */
  readonly hardwareCounters?: number;
  /** How long counters keep the hardware when multiplexed, ms of counted time; 4 when not given (assumption). */
  readonly rotateMs?: number;
  /** Cycles from an overflow to its interrupt; 0 when not given. */
  readonly skidCycles?: number;
  /** Of the jitter of periods; 1 when not given. */
  readonly seed?: number | string;
  /** Keep the samples as a table. */
  readonly record?: readonly "samples"[];
}

/** The registers that a processor of the model has unless told otherwise: those of Nehalem for programs' choice (recalled, high). */
const HARDWARE_COUNTERS = 4;

/**
 * Runs virtual machines on a machine with a PMU under a profiler, after Du, Sehrawat and Zwaenepoel (VEE 2011), until all of their
 * segments have been executed. Counters stand still while a profiler works, and it takes its time: the profile is of the programs, the
 * overhead is beside it. With one virtual CPU on a processor that halts when idle the profile does not depend on its price; where
 * several share a processor, slices end, and virtual CPUs wake, at other points of their programs.
 *
 * Deterministic. Constant time in the counters for each event; memory for places × counters and a batch of each virtual CPU, whatever the
 * length of the segments.
 *
 * @param guests - at least one, see {@link Guest}
 * @throws OptionError for an option out of range
 * @throws SimulationError for a segment that names no place or exit reason, or a run too long to count exactly
 *
 * @example
 * ```ts
 * import { guestWide, measuredExits, profile, repeat } from "veelab/vm-profiling";
 *
 * const io = 1 + measuredExits.findIndex(({ label }) => label === "IO_INSTRUCTION");
 * const code = [{ stack: "app;compute" }, { stack: "app;write" }];
 * const vcpus = [repeat([{ code: 0, cycles: 90_000 }, { code: 1, cycles: 10_000, exit: io }], 1000)];
 * const counters = [{ event: "cycles", period: 50_021 }];
 * const run = (accounting: "CPU switch" | "domain switch") =>
 *   profile([{ label: "guest", code, vcpus }], { profiler: guestWide({ accounting }), counters });
 * const share = ({ functions }: Awaited<ReturnType<typeof run>>) => functions.getChild("share")?.get(1);
 * console.log(share(await run("CPU switch")), share(await run("domain switch"))); // about 0.1, and 0.37
 * ```
 */
export async function profile(guests: readonly Guest[], options: ProfileOptions): Promise<ProfileResult> {
  onlyOptions(options, [
    ...["profiler", "counters", "costs", "exits", "pcpus", "sliceMs", "idle", "hardwareCounters", "rotateMs"],
    ...["skidCycles", "seed", "record"],
  ]);
  checkGuests(guests);
  const { profiler, counters, costs = costs2011, exits = measuredExits, idle, record = [] } = options;
  if (typeof profiler !== "object" || (profiler as unknown) === null)
    throw new OptionError("profiler", "a profiler", profiler);
  checkCounters(counters);
  checkCosts(costs);
  checkExits(exits);
  if (idle !== undefined) checkCode("idle", idle);
  record.forEach((series, index) => oneOf(`record[${index}]`, series, ["samples"]));
  const pcpus = integer("pcpus", options.pcpus ?? 1, { min: 1, max: 1024 });
  const perMs = costs.clockHz / 1000;
  const places = new Places(guests, exits, idle);
  const perNs = costs.clockHz / 1e9;
  const vcpus = guests.flatMap((guest, index) =>
    guest.vcpus.map((segments, number) => ({ guest, index, segments, name: `${guest.label}, vCPU ${number}` })),
  );
  const virtual = vcpus.map(
    ({ guest, index, segments, name }, at) =>
      new Vcpu(segments, {
        ...{ index: at, guest: index, name, reasons: exits.length, expansion: profiler.expansion },
        ...{ base: places.ofGuest[index]!, codes: guest.code.length },
      }),
  );
  const rates = places.rates(counters);
  const log = record.includes("samples") ? new SampleLog() : undefined;
  const pmu = new Pmu({
    ...{ counters, rates, sets: profiler.counters === "vcpu" ? virtual.length : pcpus },
    vcpus: virtual.length,
    hardware: integer("hardwareCounters", options.hardwareCounters ?? HARDWARE_COUNTERS, { min: 1 }),
    rotateCycles: Math.max(1, Math.round(positive("rotateMs", options.rotateMs ?? 4) * perMs)),
    stream: random(options.seed ?? 1).split("periods"),
  });
  const machine = new Machine({
    ...{ places, vcpus: virtual, pcpus, pmu, profiler, costs, log },
    handlingCycles: Float64Array.from(exits, ({ handlingNs }) => Math.round(handlingNs * perNs)),
    blockCycles: Float64Array.from(exits, ({ blockNs = 0 }) => Math.round(blockNs * perNs)),
    sliceCycles: Math.max(1, Math.round(positive("sliceMs", options.sliceMs ?? 10) * perMs)),
    skidCycles: Math.round(nonNegative("skidCycles", options.skidCycles ?? 0)),
  });
  try {
    for (let vcpu = machine.run(); vcpu !== undefined; vcpu = machine.run()) await vcpu.load();
  } finally {
    for (const vcpu of virtual) await vcpu.close();
  }
  const endCycles = machine.finish();
  checkExact(machine, counters, rates);
  return resultOf({ guests, profiler, counters, costs, places, rates, pmu, machine, endCycles, log });
}

/** Refuses a run whose cycles, of all processors and their profilers, or events of a counter are too many to be exact. */
function checkExact({ cycles, profilerCycles }: Machine, counters: readonly Counter[], rates: Float64Array): void {
  const refuse = (total: number, event: string): void => {
    if (total >= MOST_EXACT)
      throw new SimulationError(
        "vm-profiling",
        `a run of ${total} ${event} is too long to count exactly, expected fewer than ${MOST_EXACT}`,
      );
  };
  refuse(
    cycles.reduce((sum, count) => sum + count, profilerCycles),
    "cycles",
  );
  counters.forEach(({ event }, counter) => {
    refuse(
      cycles.reduce((sum, count, place) => sum + count * rates[place * counters.length + counter]!, 0),
      event,
    );
  });
}
