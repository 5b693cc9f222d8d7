import type { ComparisonInput } from "../core/compare.ts";
import { OptionError } from "../core/errors.ts";

/**
 * A published overhead of KVM's virtual PMU, see {@link kvmOverheads}.
 *
 * @example
 * ```ts
 * import { kvmOverheads, type KvmOverhead } from "veelab/vm-profiling";
 *
 * const highest = (rows: readonly KvmOverhead[]): number => Math.max(...rows.map(({ overheadPct }) => overheadPct));
 * console.log(highest(kvmOverheads)); // 79.32
 * ```
 */
export interface KvmOverhead {
  /** `emulated`: accesses trap. `mediated`: the guest has the registers; `filtered`: mediated, but selectors trap for a filter of events. */
  readonly pmu: "emulated" | "mediated" | "filtered";
  /** Events that were sampled, `perf record -F 1000`. */
  readonly events: 6 | 10;
  /** Overhead in the guest, %. */
  readonly overheadPct: number;
}

/** Where {@link kvmOverheads} stand. */
const KVM_SOURCE = "Linux merge kvm-x86-pmu-6.20 [found]";

/**
 * Overheads from the message of the Linux merge kvm-x86-pmu-6.20: SPECint 2017 on Sapphire Rapids with 56 cores, basic sampling with 6 events and
 * multiplexed sampling with 10. Not the paper's: what became of its CPU switch.
 *
 * @example
 * ```ts
 * import { kvmOverheads } from "veelab/vm-profiling";
 *
 * console.log(kvmOverheads.length); // 6
 * ```
 */
export const kvmOverheads: readonly KvmOverhead[] = [
  { pmu: "emulated", events: 6, overheadPct: 33.62 },
  { pmu: "mediated", events: 6, overheadPct: 4.24 },
  { pmu: "filtered", events: 6, overheadPct: 6.21 },
  { pmu: "emulated", events: 10, overheadPct: 79.32 },
  { pmu: "mediated", events: 10, overheadPct: 7.34 },
  { pmu: "filtered", events: 10, overheadPct: 10.45 },
];

/**
 * The paper's example of a profile from the host alone: share of cycles in `vmx_vcpu_run` (kvm-intel.ko), %. From its slides; the
 * workload is not known.
 *
 * @example
 * ```ts
 * import { entrySharePct } from "veelab/vm-profiling";
 *
 * console.log(entrySharePct); // 98.5529
 * ```
 */
export const entrySharePct = 98.5529;

/**
 * A row for a published overhead of {@link kvmOverheads}.
 *
 * @throws OptionError for a pair that is not among them
 *
 * @example
 * ```ts
 * import { compare } from "veelab";
 * import { kvmComparison } from "veelab/vm-profiling";
 *
 * const row = kvmComparison("mediated", 6, 4.2, { tolerance: { relative: 0.2 }, reason: "registers not known" });
 * console.log(compare({ title: "KVM" }, [row]).counts.agrees); // 1
 * ```
 */
export function kvmComparison(
  pmu: KvmOverhead["pmu"],
  events: KvmOverhead["events"],
  reproduced: number,
  given: Pick<ComparisonInput, "tolerance" | "reason" | "role" | "analytic">,
): ComparisonInput {
  const found = kvmOverheads.find((row) => row.pmu === pmu && row.events === events);
  if (found === undefined)
    throw new OptionError("events", "a published pair: 6 or 10 with emulated, mediated or filtered", events);
  const quantity = `${pmu} vPMU, ${events} events: overhead in the guest`;
  return {
    quantity,
    unit: "%",
    published: found.overheadPct,
    source: KVM_SOURCE,
    relation: "about",
    reproduced,
    ...given,
  };
}
