import type { Table } from "apache-arrow";
import { fromRows } from "../core/table.ts";
import { profileDistance, rankAgreement } from "./agreement.ts";
import { type Guest, HOST_OWNERS } from "./code.ts";
import type { ProfilingCosts } from "./costs.ts";
import type { Counter } from "./counters.ts";
import type { Machine } from "./machine.ts";
import { OTHER, type Place, type Places, UNRESOLVED, VMM } from "./places.ts";
import type { Pmu } from "./pmu.ts";
import type { Profiler } from "./profiler.ts";
import type { SampleLog } from "./sample-log.ts";

/**
 * A profiled run in one row. Cycles are those of all processors together.
 *
 * @example
 * ```ts
 * import type { ProfileRow } from "veelab/vm-profiling";
 *
 * const perSample = (row: ProfileRow): number => row.profilerCycles / row.samples;
 * console.log(typeof perSample);
 * ```
 */
export type ProfileRow = {
  /** The profiler's label. */
  readonly profiler: string;
  /** The costs' label. */
  readonly costs: string;
  /** From the start until all segments have been executed, s. */
  readonly seconds: number;
  /** In guest code. */
  readonly guestCycles: number;
  /** In the VMM for a guest. */
  readonly vmmCycles: number;
  /** In the host's other work, idling that polls included. */
  readonly otherCycles: number;
  /** In a processor without work. */
  readonly idleCycles: number;
  /** In profiling: interrupts, injections, register accesses, exchanges. */
  readonly profilerCycles: number;
  /** The same, % of the work (guest, VMM and other). */
  readonly overheadPct: number;
  /** VM exits, those of the profiler's interrupts not among them. */
  readonly exits: number;
  /** How often a processor took up another virtual CPU. */
  readonly switches: number;
  /** Interrupts of the PMU that were handled. */
  readonly interrupts: number;
  /** Overflows, of all counters. */
  readonly overflows: number;
  /** Samples, of all counters. */
  readonly samples: number;
  /** Overflows without a sample: their counter's interrupt before was still on its way, or the run ended first. */
  readonly lost: number;
  /** Rotations of multiplexed counters. */
  readonly rotations: number;
  /** Events of the simulation. */
  readonly events: number;
  /** L1 distance of the first sampling counter's samples of guest code from the true profile of the guests; null without such samples. */
  readonly guestError: number | null;
  /** L1 distance of all of its samples from the true profile of the whole machine; null without samples. */
  readonly machineError: number | null;
  /** Kendall's tau-b of the first with the true profile; null without an order. */
  readonly guestRank: number | null;
};

/**
 * The result of `profile`.
 *
 * @example
 * ```ts
 * import { flameGraph } from "veelab/traces";
 * import { native, profile, repeat } from "veelab/vm-profiling";
 *
 * const guest = { label: "vm", code: [{ stack: "app;a" }], vcpus: [repeat([{ code: 0, cycles: 1e6 }], 10)] };
 * const { folded } = await profile([guest], { profiler: native(), counters: [{ event: "cycles", period: 10_007 }] });
 * console.log((await flameGraph(folded)).samples);
 * ```
 */
export interface ProfileResult {
  /** The summary. */
  readonly row: ProfileRow;
  /**
   * A row for each place and counter: `place` (its number), `stack`, `process`, `name` (the function), `owner` (a guest, VMM, other, unresolved), `event`, true
   * `events` and `cycles`, `samples`, `estimate` (samples × period), `share` of the counter's samples, `trueShare` of its events (null for nothing).
   */
  readonly functions: Table;
  /**
   * A row for each set (a virtual CPU's or a processor's) and counter: `set`, `event`, `counted` events, `running` (the share of time that it had the
   * hardware; null where nothing counted), `estimate` (counted ÷ running), `overflows`.
   */
  readonly counters: Table;
  /** The profile of the first sampling counter as `stack` and `weight`, for flame graphs and exports: a row for each place with samples. */
  readonly folded: Table;
  /** The true profile of the same event in the same form. */
  readonly truth: Table;
  /** `timeNs`, `process`, `event`, `weight`, `stack`, `pc`, where `record` asked for them. */
  readonly samples?: Table;
}

/** What a result is made of. */
export interface ResultParts {
  readonly guests: readonly Guest[];
  readonly profiler: Profiler;
  readonly counters: readonly Counter[];
  readonly costs: ProfilingCosts;
  readonly places: Places;
  readonly rates: Float64Array;
  readonly pmu: Pmu;
  readonly machine: Machine;
  readonly endCycles: number;
  readonly log: SampleLog | undefined;
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** The result of a run that has ended. */
export function resultOf(parts: ResultParts): ProfileResult {
  const { guests, profiler, counters, costs, places, rates, pmu, machine, endCycles, log } = parts;
  const { all } = places;
  const { cycles } = machine;
  const { samples } = machine.sampler;
  const cyclesOf = (owns: (place: Place) => boolean): number =>
    sum(all.map((place, at) => (owns(place) && at !== places.idle ? cycles[at]! : 0)));
  const events = (place: number, counter: number): number => cycles[place]! * rates[place * counters.length + counter]!;
  const ofCounter = (counter: number): Float64Array =>
    samples.subarray(counter * all.length, (counter + 1) * all.length);
  const named = (owner: number): string => (owner >= 0 ? guests[owner]!.label : HOST_OWNERS[-1 - owner]!);
  const functions = counters.flatMap(({ event, period }, counter) => {
    const of = ofCounter(counter);
    const found = sum(of);
    const trueEvents = all.map((_, place) => events(place, counter));
    const total = sum(trueEvents);
    return all.map(({ stack, owner }, place) => {
      const frames = stack.split(";");
      return {
        ...{ place, stack, process: frames[0]!, name: frames.at(-1)!, owner: named(owner), event },
        ...{ cycles: cycles[place]!, events: trueEvents[place]!, samples: of[place]! },
        estimate: period === undefined ? null : of[place]! * period,
        share: found === 0 ? null : of[place]! / found,
        trueShare: total === 0 ? null : trueEvents[place]! / total,
      };
    });
  });
  const sets = Array.from(pmu.counted, (counted, at) => {
    const set = Math.floor(at / pmu.count);
    const enabled = pmu.enabled[set]!;
    const running = enabled === 0 ? null : pmu.running[at]! / enabled;
    return {
      ...{ set, event: counters[at % pmu.count]!.event, counted, running },
      estimate: running === null || running === 0 ? null : counted / running,
      overflows: pmu.overflows[at]!,
    };
  });
  const first = counters.findIndex(({ period }) => period !== undefined);
  const shown = Math.max(0, first);
  const found = ofCounter(shown);
  const truth = all.map((_, place) => events(place, shown));
  const ofGuests = (values: ArrayLike<number>): number[] =>
    all.flatMap(({ owner }, place) => (owner >= 0 ? [values[place]!] : []));
  const [foundInGuests, trueInGuests] = [ofGuests(found), ofGuests(truth)];
  const comparable = sum(foundInGuests) > 0 && sum(trueInGuests) > 0;
  const guestCycles = cyclesOf(({ owner }) => owner >= 0);
  const vmmCycles = cyclesOf(({ owner }) => owner === VMM);
  const otherCycles = cyclesOf(({ owner }) => owner === OTHER) + (places.polls ? cycles[places.idle]! : 0);
  const row: ProfileRow = {
    ...{ profiler: profiler.label, costs: costs.label, seconds: endCycles / costs.clockHz },
    ...{ guestCycles, vmmCycles, otherCycles, idleCycles: places.polls ? 0 : cycles[places.idle]! },
    profilerCycles: machine.profilerCycles,
    overheadPct: (100 * machine.profilerCycles) / (guestCycles + vmmCycles + otherCycles),
    ...{ exits: machine.exits, switches: machine.switches, interrupts: machine.sampler.interrupts },
    ...{ overflows: sum(pmu.overflows), samples: sum(samples), lost: pmu.lost, rotations: machine.rotations },
    events: machine.events,
    guestError: comparable ? profileDistance(foundInGuests, trueInGuests) : null,
    machineError: sum(found) > 0 ? profileDistance(found, truth) : null,
    guestRank: comparable ? rankAgreement(foundInGuests, trueInGuests) : null,
  };
  const folded = (weights: ArrayLike<number>): Table =>
    fromRows(all.flatMap(({ stack }, place) => (weights[place]! > 0 ? [{ stack, weight: weights[place]! }] : [])));
  const period = counters[shown]!.period ?? 0;
  return {
    row,
    functions: fromRows(functions.filter(({ owner, samples: count }) => owner !== named(UNRESOLVED) || count > 0)),
    counters: fromRows(sets),
    folded: folded(found.map((count) => count * period)),
    truth: folded(truth),
    ...(log === undefined ? {} : { samples: log.table(counters, all, costs.clockHz) }),
  };
}
