import type { Mode } from "./mode.ts";
import { type IntervalRow, rowColumns } from "./structural-counts.ts";

/** One interval as it was, or would have been, run. */
export interface RunInterval {
  readonly mode: Mode | "native";
  readonly row: IntervalRow;
  /** Whether the mode was changed before it. */
  readonly switched: boolean;
}

/** What a chain of intervals adds up to, with the chain itself where it is recorded. */
export interface Plan {
  readonly cycles: number;
  readonly sums: IntervalRow;
  readonly intervals: number;
  readonly switches: number;
  readonly switchCycles: number;
  readonly shadowCycles: number;
  readonly last?: Link;
}

interface Link {
  readonly interval: RunInterval;
  readonly before: Link | undefined;
}

function columns(value: (name: keyof IntervalRow) => number): IntervalRow {
  return Object.fromEntries(rowColumns.map((name) => [name, value(name)])) as Record<keyof IntervalRow, number>;
}

export const nothing: Plan = {
  cycles: 0,
  sums: columns(() => 0),
  intervals: 0,
  switches: 0,
  switchCycles: 0,
  shadowCycles: 0,
};

/** A plan with one interval more; a change of mode costs `switchCost` cycles. The plan it goes on from stays as it is. */
export function extended(plan: Plan, interval: RunInterval, switchCost: number, record: boolean): Plan {
  const { mode, row, switched } = interval;
  const switchCycles = switched ? switchCost : 0;
  const cycles = row.cycles + switchCycles;
  return {
    cycles: plan.cycles + cycles,
    sums: columns((name) => plan.sums[name] + row[name]),
    intervals: plan.intervals + 1,
    switches: plan.switches + (switched ? 1 : 0),
    switchCycles: plan.switchCycles + switchCycles,
    shadowCycles: plan.shadowCycles + (mode === "SP" ? cycles : 0),
    ...(record ? { last: { interval, before: plan.last } } : {}),
  };
}

/** The recorded intervals, the first one first. */
export function intervalsOf(plan: Plan): RunInterval[] {
  const backwards: RunInterval[] = [];
  for (let link = plan.last; link !== undefined; link = link.before) backwards.push(link.interval);
  return backwards.reverse();
}

/**
 * The cheaper way to have run an interval under HAP or SP, given both: the best plans that end in either mode. A change
 * of mode costs its fixed part only, because both modes were simulated throughout and the shadow is never emptied: so
 * this is a bound below what any policy can reach.
 */
export function betterPlans(
  plans: Readonly<Record<Mode, Plan>>,
  rows: Readonly<Record<Mode, IntervalRow>>,
  switchCost: number,
  record: boolean,
): Record<Mode, Plan> {
  const into = (mode: Mode, other: Mode): Plan => {
    const switched = plans[other].intervals > 0 && plans[other].cycles + switchCost < plans[mode].cycles;
    return extended(plans[switched ? other : mode], { mode, row: rows[mode], switched }, switchCost, record);
  };
  return { HAP: into("HAP", "SP"), SP: into("SP", "HAP") };
}
