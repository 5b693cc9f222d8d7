import { type Accumulator, characterise, type Characteristic, type Trace } from "./source.ts";
import { type Group, grouped } from "./grouped.ts";

/** What {@link exitReasons} finds: for each reason the exits (`rows`) and the nanoseconds of their handling (`total`). */
export interface ExitReasons extends Characteristic {
  /** A group for each reason, the most time first. */
  readonly groups: readonly Group[];
}

/**
 * VM exits by reason: how many, and how long their handling took in all and on average. The table has a row for each
 * reason: `name`, `rows`, `total` and `mean` (ns), the most time first. One pass; memory for the reasons.
 *
 * @example
 * ```ts
 * import { exitReasons, vmExits } from "veelab/traces";
 *
 * const reasons = { HLT: { ratePerS: 10, medianNs: 1000 }, EPT_VIOLATION: { ratePerS: 10, medianNs: 20_000 } };
 * const { groups } = await exitReasons(vmExits({ exits: 100, reasons }));
 * console.log(groups[0]?.name); // EPT_VIOLATION
 * ```
 */
export function exitReasons(trace: Trace): Promise<ExitReasons> {
  return characterise(trace, "VM exits", exitReasonsOf());
}

/** The accumulator of {@link exitReasons}. */
export const exitReasonsOf = (): Accumulator<ExitReasons> =>
  grouped({
    title: "VM exits by reason",
    by: { field: "reason", title: "reason" },
    sum: "durationNs",
    unitSize: 1e6,
    y: { title: "time of handling", unit: "ms" },
    subtitle: (groups) => `${groups.reduce((sum, { rows }) => sum + rows, 0).toLocaleString("en")} exits`,
  });
